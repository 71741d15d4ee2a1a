"""Changes of the software itself: commits, deploys and feature flags in JSON.

Each is an array of records, an array under a key of that name, or JSON lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from andon.connectors.files.columns import Collected
from andon.connectors.files.fields import text_of
from andon.connectors.files.reader import FileReader
from andon.telemetry import ChangeEvent, ChangeKind

__all__ = ["parse_commits", "parse_deploys", "parse_flags"]

TIME_KEYS = ("timestamp", "time", "date", "deployed_at", "committed_at", "changed_at", "created_at", "at", "finished_at", "started_at")  # fmt: skip
SHA_KEYS = ("sha", "commit_sha", "commit", "revision", "hash", "id")
SERVICE_KEYS = ("service", "service_name", "app", "application", "component", "project")
ACTOR_KEYS = ("author", "actor", "user", "by", "deployed_by", "changed_by", "committer")
FLAG_KEYS = ("flag", "flag_key", "key", "name", "toggle")


def parse_commits(file: FileReader, into: Collected) -> None:
    """`sha`, a time, and author, message, files, diff where given; the sha is the event's id and commit."""
    for _, record, time in _timed(file, "commits"):
        sha, message = _first(record, SHA_KEYS), text_of(record.get("message") or record.get("title"))
        files = record.get("files_changed") or record.get("files") or record.get("paths")
        into.changes.append(
            ChangeEvent(
                id=sha or f"commit@{time:.3f}",
                time=time,
                kind=ChangeKind.COMMIT,
                action="commit",
                target=_first(record, SERVICE_KEYS),
                actor=_first(record, ACTOR_KEYS),
                summary=message.splitlines()[0] if message else "",
                origin=_first(record, ("repository", "repo", "branch")),
                parameters={"message": message} if "\n" in message else {},
                commit=sha,
                files=tuple(_file_names(files)),
                diff=text_of(record.get("diff") or record.get("patch")),
            )
        )


def parse_deploys(file: FileReader, into: Collected) -> None:
    """`service` and a time, and commit, version, actor where given."""
    for _, record, time in _timed(file, "deploys", "deployments", "releases"):
        service, version = (
            _first(record, SERVICE_KEYS),
            _first(record, ("version", "tag", "image", "release")),
        )
        commit = _first(record, SHA_KEYS[:-1])
        into.changes.append(
            ChangeEvent(
                id=_first(record, ("id", "deploy_id", "deployment_id"))
                or f"deploy:{service}:{version or commit}@{time:.0f}",
                time=time,
                kind=ChangeKind.DEPLOY,
                action="deploy",
                target=service,
                actor=_first(record, ACTOR_KEYS),
                summary=text_of(record.get("message")) or f"{service} {version}".strip(),
                origin=_first(record, ("environment", "cluster", "region")),
                resources=(version,) if version else (),
                parameters=_rest(record, (*TIME_KEYS, *SERVICE_KEYS, *ACTOR_KEYS)),
                error=_failure(record),
                commit=commit,
            )
        )


def parse_flags(file: FileReader, into: Collected) -> None:
    """A flag's name and a time, and service, change (`off->on`), actor where given; the target is the service if stated."""
    for _, record, time in _timed(file, "flags", "changes", "events"):
        flag, change = _first(record, FLAG_KEYS), text_of(record.get("change") or record.get("action"))
        if not change and ("old" in record or "new" in record):
            change = f"{text_of(record.get('old'))}->{text_of(record.get('new'))}"
        into.changes.append(
            ChangeEvent(
                id=_first(record, ("id", "event_id")) or f"flag:{flag}@{time:.0f}",
                time=time,
                kind=ChangeKind.FLAG,
                action=change or "changed",
                target=_first(record, SERVICE_KEYS) or flag,
                actor=_first(record, ACTOR_KEYS),
                summary=f"flag {flag}: {change}" if change else f"flag {flag}",
                origin=_first(record, ("environment",)),
                resources=(flag,),
                parameters=_rest(record, (*TIME_KEYS, *SERVICE_KEYS, *ACTOR_KEYS)),
            )
        )


def _timed(file: FileReader, *wrappers: str) -> Iterator[tuple[int, dict[str, Any], float]]:
    """Records with their time; those without a readable one are counted and left out."""
    stated = file.column("time")
    for line, record in file.records(*wrappers):
        written = (
            record.get(stated) if stated else next((record[k] for k in TIME_KEYS if record.get(k)), None)
        )
        time = file.times(written)
        if time != time:
            file.problem("record without a readable time left out", line=line)
        else:
            yield line, record, time


def _first(record: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = record.get(name)
        if isinstance(value, dict):
            value = value.get("name") or value.get("login") or value.get("sha")
        if value:
            return text_of(value)
    return ""


def _file_names(files: Any) -> Iterator[str]:
    for item in files if isinstance(files, list) else ():
        name = item.get("filename") or item.get("path") if isinstance(item, dict) else item
        if isinstance(name, str):
            yield name


def _failure(record: Mapping[str, Any]) -> str:
    status = text_of(record.get("status") or record.get("result"))
    return status if status.lower() in {"failed", "failure", "error", "rejected", "cancelled"} else ""


def _rest(record: Mapping[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in known}
