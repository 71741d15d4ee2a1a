"""What works on a server, and the privilege or setting that is missing where something does not."""

from __future__ import annotations

import time
from collections.abc import Callable

from andon.connectors.connector import Check, CheckState
from andon.connectors.elasticsearch import answers, queries
from andon.connectors.elasticsearch.client import SearchClient
from andon.connectors.elasticsearch.fields import Fields
from andon.connectors.elasticsearch.refusals import STRANGE, ask
from andon.connectors.unanswered import Unanswered
from andon.errors import ConfigError
from andon.telemetry import Window, isoformat

__all__ = ["fields_check", "history_check", "logs_check", "paging_check", "reach_check", "times_check"]

_HOUR = 3600.0


def reach_check(client: SearchClient, distribution: str) -> Check:
    """The version. A role that may read documents and not the server's name is enough."""

    def version() -> Check:
        answer, _ = ask(client.wire, "GET", "/", fresh=True)
        stated = answer.get("version")
        if not isinstance(stated, dict) or not isinstance(stated.get("number"), str):
            raise Unanswered(STRANGE)
        its = str(stated.get("distribution", ""))
        title = "OpenSearch" if its == "opensearch" else "Elasticsearch"
        told = f"{title} {stated['number']}"
        if its != distribution:
            hint = f"state `kind: {title.lower()}` for this source"
            return Check("reach", CheckState.WARNING, told, hint)
        return Check("reach", CheckState.OK, told)

    check = _answered("reach", version)
    if check.state is CheckState.FAILED and "(403)" in check.found:
        return Check("reach", CheckState.WARNING, f"answers, but not which version it is: {check.found}")
    return check


def fields_check(client: SearchClient) -> tuple[Check, Fields | None]:
    """Which field is taken for what; without fields nothing else can be asked."""
    held: list[Fields] = []

    def mapped() -> Check:
        held.append(client.fields())
        return _roles(held[0])

    check = _answered("fields", mapped)
    return check, held[0] if held else None


def logs_check(client: SearchClient, fields: Fields) -> Check:
    """How many records the last hour holds, by the server's own clock."""

    def lately() -> Check:
        now = time.time() + (client.wire.skew or 0.0)
        query = queries.every(fields, [Window(now - _HOUR, now)], ())
        named = {"services": {"cardinality": {"field": fields.service[0].indexed}}} if fields.service else {}
        answer, _ = client.count(query, named)
        told = f"{answers.total(answer):,} records in the last hour"
        if services := answers.measured(answer, "services"):
            told += f", of {services:.0f} services"
        if lacking := answers.gaps(answer):
            return Check("logs", CheckState.WARNING, f"{told}; {lacking[0].message}", lacking[0].hint)
        return Check("logs", CheckState.OK, told)

    return _answered("logs", lately)


def history_check(client: SearchClient, fields: Fields) -> Check:
    """How far back the records go; `min` of a date is milliseconds, whatever the index keeps."""

    def since() -> Check:
        answer, _ = client.count({"match_all": {}}, {"oldest": {"min": {"field": fields.time}}})
        oldest = answers.measured(answer, "oldest")
        try:
            told = "no record yet" if oldest is None else f"since {isoformat(oldest / 1000)}"
        except (ValueError, OverflowError, OSError):
            told = "a record whose time lies outside of all calendars"
        return Check("history", CheckState.OK, told)

    return _answered("history", since)


def times_check(client: SearchClient, fields: Fields) -> Check:
    """How many documents have no time: no window holds them, so they are never read."""

    def timeless() -> Check:
        number = answers.total(client.count(queries.timeless(fields))[0])
        told = f"{number:,} documents without {fields.time}"
        if number:
            return Check("times", CheckState.WARNING, told, "they belong to no window and are not read")
        return Check("times", CheckState.OK, told)

    return _answered("times", timeless)


def paging_check(client: SearchClient) -> Check:
    """Whether points in time are allowed; without them pages of an index that changes may differ."""
    view = client.view()

    def opened() -> Check:
        try:
            view.open()
        finally:
            view.close()
        if view.refused:
            hint = f"allow {view.dialect.permission}; until then pages are read without a fixed view"
            return Check("paging", CheckState.WARNING, view.refused, hint)
        return Check("paging", CheckState.OK, "in a point in time")

    return _answered("paging", opened)


def _roles(fields: Fields) -> Check:
    first = {
        "time": fields.time,
        "message": next(iter(fields.message), ""),
        "level": next((term.path for term in fields.level), ""),
        "service": next((term.path for term in fields.service), ""),
        "trace": next(iter(fields.trace), ""),
    }
    told = ", ".join(f"{role} {name}" for role, name in first.items() if name)
    lacking = [role for role in ("message", "level", "service") if not first[role]]
    if lacking:
        hint = f"name them: {', '.join(f'fields.{role}' for role in lacking)}"
        return Check("fields", CheckState.WARNING, f"{told}; no {' and no '.join(lacking)}", hint)
    return Check("fields", CheckState.OK, told)


def _answered(what: str, ask_it: Callable[[], Check]) -> Check:
    try:
        return ask_it()
    except (Unanswered, ConfigError) as gap:
        return Check(what, CheckState.FAILED, gap.message, gap.hint)
