"""The demo estate behind the systems that a team would have: a real Prometheus, and imitations of the others."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from andon.config import NamedSource, Settings
from andon.connectors.files import FilesSource
from andon.demo import run_fault
from andon.demo.inventory import ACCOUNTS, REGION
from andon.telemetry import Window
from andon.testing.imitations.aws.cloudtrail import CloudTrailImitation
from andon.testing.imitations.loki import LokiImitation
from andon.testing.imitations.tempo import TempoImitation

__all__ = ["LiveStack", "prometheus_at", "recorded", "stack_of"]

TRAIL_ACCOUNTS = (ACCOUNTS["connected-vehicle"], ACCOUNTS["customer-platform"])
"""The two accounts whose trails are asked, whatever broke."""
SCRAPE_SECONDS = 2
READY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class LiveStack:
    """The systems while they run: the settings that name them, what was recorded, and how much they hold."""

    settings: Settings
    sources: tuple[str, ...]
    window: Window
    held: Mapping[str, int]
    """Bytes that each system would send, were it asked for everything of the window."""


def recorded(fault: str, seed: int, folder: Path, *, baseline: float, incident: float, load: float) -> Path:
    """The folder of a run of the estate that a real Prometheus scraped: `bundle.zip`, its truth, and `tsdb`."""
    out = folder / f"{fault}-{seed}"
    if (out / "bundle.truth.json").is_file():
        return out
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with ExitStack() as stack:

        def scrape(port: int) -> None:
            stack.enter_context(prometheus_at(out, f"127.0.0.1:{port}"))

        bundle = out / "bundle.zip"
        run_fault(fault, seed, bundle, baseline=baseline, incident=incident, load=load, on_start=scrape)
    return out


@contextmanager
def prometheus_at(folder: Path, target: str = "") -> Iterator[str]:
    """A real Prometheus over the folder's `tsdb`, which scrapes the target if one is named; its address."""
    config = folder / "prometheus.yml"
    jobs = [{"job_name": "estate", "honor_labels": True, "static_configs": [{"targets": [target]}]}]
    stated = {"global": {"scrape_interval": f"{SCRAPE_SECONDS}s"}, "scrape_configs": jobs if target else []}
    config.write_text(json.dumps(stated), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    argv = ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'tsdb'}"]
    with (folder / "prometheus.log").open("ab") as log:
        process = subprocess.Popen([*argv, f"--web.listen-address={address}"], stdout=log, stderr=log)
    try:
        _await(f"http://{address}/-/ready", process)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(20)


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + READY_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"{url} did not become ready")


@contextmanager
def stack_of(recording: Path, home: Path) -> Iterator[LiveStack]:
    """Prometheus on what it scraped, Loki, Tempo and CloudTrail (two accounts) on what the estate said; `home` keeps runs."""
    bundle = recording / "bundle.zip"
    source = FilesSource.open(bundle)
    window = source.info().extent
    assert window is not None
    trail, architecture = _unpacked(bundle, home)
    with ExitStack() as stack:
        prometheus = stack.enter_context(prometheus_at(recording))
        loki = stack.enter_context(LokiImitation.of_logs(source.logs(window).value, compress=True))
        tempo = stack.enter_context(TempoImitation.of_spans(source.spans(window).value, compress=True))
        cloudtrail = stack.enter_context(CloudTrailImitation.of_changes(trail, now=window.end + 60))
        stack.enter_context(_signed_in())
        entries: dict[str, dict[str, Any]] = {
            "prometheus": {"kind": "prometheus", "url": prometheus},
            "loki": {"kind": "loki", "url": loki.url},
            "tempo": {"kind": "tempo", "url": tempo.url},
            "cloudtrail": {
                "kind": "cloudtrail",
                "endpoint": cloudtrail.url,
                "role": "arn:aws:iam::{account}:role/andon-read",
                "scope": {"accounts": list(TRAIL_ACCOUNTS), "regions": [REGION]},
            },
        }
        named = {name: NamedSource(name, str(e["kind"]), e, home, name) for name, e in entries.items()}
        held = {
            "prometheus": _prometheus_bytes(prometheus, window),
            "loki": loki.held_bytes(window),
            "tempo": tempo.held_bytes(window),
            "cloudtrail": sum(len(json.dumps(regions)) for regions in trail.values()),
        }
        settings = Settings(home, home / "andon.yaml", named)
        yield LiveStack(settings, (*entries, str(architecture)), window, held)


def _unpacked(bundle: Path, home: Path) -> tuple[dict[str, dict[str, list[Any]]], Path]:
    """The trails of the two accounts, and a folder with the declared architecture alone."""
    architecture = home / "architecture"
    architecture.mkdir(parents=True)
    with zipfile.ZipFile(bundle) as held:
        (architecture / "architecture.dsl").write_bytes(held.read("architecture.dsl"))
        records = json.loads(held.read("cloudtrail.json"))["Records"]
    trail = {a: {REGION: [r for r in records if r.get("recipientAccountId") == a]} for a in TRAIL_ACCOUNTS}
    return trail, architecture


def _prometheus_bytes(address: str, window: Window) -> int:
    """Every raw sample of the window, as one answer of the API would carry them."""
    query = urllib.parse.urlencode({"query": f'{{job=~".+"}}[{int(window.seconds)}s]', "time": window.end})
    with urllib.request.urlopen(f"{address}/api/v1/query?{query}") as answer:
        return len(answer.read())


@contextmanager
def _signed_in() -> Iterator[None]:
    """Credentials that mean something to the imitation only."""
    stated = {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "an-example-and-no-secret",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    before = {name: os.environ.get(name) for name in stated}
    os.environ.update(stated)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
