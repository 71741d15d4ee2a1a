"""To keep runs: list them, show their report, check it again, move them to another store."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from andon.config import Settings
from andon.errors import StorageError
from andon.investigation.report import Report
from andon.investigation.verification import Failure, verify
from andon.storage import Ledger, Observation, RunSummary, Store

__all__ = ["export_run", "import_run", "list_runs", "open_store", "read_bundle", "report_of", "verify_run"]

_REPORT = TypeAdapter(Report)
_LARGEST = 2**30


@contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """The store of runs, closed afterwards."""
    store = Store(settings.home)
    try:
        yield store
    finally:
        store.close()


def list_runs(settings: Settings) -> tuple[RunSummary, ...]:
    """All runs, newest first."""
    with open_store(settings) as store:
        return store.runs()


def report_of(prefix: str, settings: Settings) -> Report:
    """The last report of a run. Raises RunNotFound, or StorageError for a run without one."""
    with open_store(settings) as store:
        return _report(store, store.find(prefix))


def _report(store: Store, run: RunSummary) -> Report:
    written = [event for event in store.events(run.id) if event.type == "report"]
    if not written:
        raise StorageError(
            f"run {run.id} has no report: it is {run.state}",
            hint=f"`andon investigate --continue {run.id}` goes on with it",
        )
    report: Report = _REPORT.validate_python(written[-1].payload)
    return report


def verify_run(prefix: str, settings: Settings) -> tuple[Report, tuple[Failure, ...]]:
    """The report with every claim computed again from the ledger, and the claims that fail."""
    with open_store(settings) as store:
        run = store.find(prefix)
        return verify(_report(store, run), Ledger(store, run.id))


def export_run(prefix: str, path: Path, settings: Settings) -> RunSummary:
    """Writes the run as a bundle that replays elsewhere: its journal, its observations, its report."""
    with open_store(settings) as store:
        run = store.find(prefix)
        try:
            with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as bundle:
                bundle.writestr("run.json", orjson.dumps(asdict(run)))
                events = (orjson.dumps([e.type, e.payload]) for e in store.events(run.id))
                bundle.writestr("journal.jsonl", b"\n".join(events))
                for observation in store.observations(run.id):
                    packed = orjson.dumps(store.packed(observation))
                    bundle.writestr(f"observations/{observation.id}.json", packed)
        except OSError as error:
            raise StorageError(f"cannot write {path}: {error.strerror}") from error
        return run


def import_run(path: Path, settings: Settings) -> RunSummary:
    """Takes a run from a bundle into the store. Raises StorageError when it is none, or is here already."""
    run, events, observations = read_bundle(path)
    with open_store(settings) as store:
        store.adopt(run, events, observations)
        return run


def read_bundle(path: Path) -> tuple[RunSummary, list[tuple[str, Mapping[str, Any]]], list[Observation]]:
    """The run, the journal and the observations that a bundle holds. Raises StorageError when it is none."""
    try:
        with zipfile.ZipFile(path) as bundle:
            if sum(entry.file_size for entry in bundle.infolist()) > _LARGEST:
                raise StorageError(f"{path} unpacks to more than 1 GiB")
            run = RunSummary(**orjson.loads(bundle.read("run.json")))
            events = [orjson.loads(line) for line in bundle.read("journal.jsonl").splitlines() if line]
            names = [name for name in bundle.namelist() if name.startswith("observations/")]
            observations = [Store.unpacked(orjson.loads(bundle.read(name))) for name in names]
            return run, [(str(type_), payload) for type_, payload in events], observations
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, ValidationError) as error:
        raise StorageError(
            f"{path} is no exported run: {error}", hint="`andon export RUN FILE` writes one"
        ) from error
