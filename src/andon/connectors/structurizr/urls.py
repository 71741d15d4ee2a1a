"""Fetches one text over http or https with the standard library."""

from __future__ import annotations

import urllib.request
from http.client import HTTPException, HTTPMessage
from typing import IO

__all__ = ["fetch"]


def fetch(url: str, *, timeout: float, limit: int) -> bytes:
    """At most `limit` + 1 bytes of the body; raises `OSError` or `ValueError` when it cannot be had.

    `timeout` is in seconds, for each wait on the network.
    """
    _require_http(url)
    opener = urllib.request.build_opener(_HttpRedirects)
    try:
        with opener.open(url, timeout=timeout) as response:
            body: bytes = response.read(limit + 1)
    except HTTPException as error:
        raise OSError(str(error)) from error
    return body


class _HttpRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        _require_http(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _require_http(url: str) -> None:
    if not url.lower().startswith(("http://", "https://")):
        raise ValueError("neither http nor https")
