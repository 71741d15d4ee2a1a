"""The page that lists every system: made of what the connectors say of themselves.

`python tests/docs/connect_page.py` writes it.
"""

from __future__ import annotations

from pathlib import Path

from andon.app.source_entries import kinds

__all__ = ["PAGE", "page", "page_of"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "connect" / "README.md"

_HEAD = """# Connect your systems

```sh
andon sources add metrics prometheus url=http://localhost:9090
andon sources add audit cloudtrail 'scope.accounts=["111122223333"]' 'scope.regions=[eu-central-1]'
andon sources check        # what works, how far back, and which permission is missing
andon investigate "checkout is slow"
```

Everything is read-only. What may be read is the `scope` of each source; secrets are named, never written. Keys that all systems
share are in [settings](../../reference/settings.md). Nothing here may stand in the way of an investigation: a system that is
slow or down makes the report partial, and its coverage says so.

Two kinds of proof are told apart: a *real server* that the tests start, and an *imitation* that speaks the wire format,
executes the queries that andon sends and enforces the documented limits.

| kind | system | what is read | proved against |
|---|---|---|---|
"""
_TAIL = """
Telemetry can also be pushed: [OTLP over HTTP and gRPC, and a webhook for changes](otlp.md). Accounts of AWS: [scope and roles](aws.md).
Another system: [how to write a connector](../write-a-connector.md).
"""


_ELSEWHERE = {"cloudtrail-lake": "cloudtrail", "received": "otlp"}


def page_of(kind: str) -> str:
    """The file that tells of a kind."""
    return f"{_ELSEWHERE.get(kind, kind)}.md"


def page() -> str:
    """The whole page."""
    rows = [
        f"| [`{one.kind}`]({page_of(one.kind)}) | {one.title} | {', '.join(one.signals)} | {one.proved} |"
        for one in kinds()
    ]
    return _HEAD + "\n".join(rows) + "\n" + _TAIL


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
