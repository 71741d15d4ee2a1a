"""Reading every record of a query, page by page: none lost and none twice, however many share one instant.

In a point in time Elasticsearch adds a tiebreaker to what it sorts by (`_shard_doc`, since 7.12), and the next page
follows the last record. Where there is none, a page's last instant may go on behind the page: its records are
dropped and the next page begins with that instant.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from andon.connectors.elasticsearch.answers import Gap, gaps, hits, view_lost
from andon.connectors.elasticsearch.refusals import Refused, ask
from andon.connectors.elasticsearch.views import View
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status

__all__ = ["WIDEST", "Broken", "Pages", "read"]

WIDEST = 10_000
"""The most documents that one answer may hold unless an index was given another `max_result_window`."""
_LAST_OF_ALL = 2**63 - 1
_MISSING_VIEW = "search_context_missing_exception"


@dataclass(slots=True)
class Pages:
    """What was read: documents in ascending time, the size in bytes and number of documents of each answer, what is lacking."""

    hits: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[int, int]] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


class Broken(Exception):
    """The reading broke off; what came before is in `pages`."""

    def __init__(self, pages: Pages) -> None:
        super().__init__()
        self.pages = pages


def read(view: View, body: dict[str, Any], most: int) -> Pages:
    """All documents that the search `body` finds, and no more than about `most`. Raises Broken."""
    reader = _Reader(view, body, most)
    try:
        view.open()
        reader.run()
    except Unanswered as gap:
        reader.pages.gaps.append(Gap(gap.status, gap.message, gap.hint))
        raise Broken(reader.pages) from gap
    finally:
        view.close()
    return reader.pages


class _Reader:
    def __init__(self, view: View, body: dict[str, Any], most: int) -> None:
        self.view = view
        self.body = body
        self.most = most
        self.pages = Pages()
        self.restarted = False

    def run(self) -> None:
        usual: int = self.body["size"]
        after, size = None, usual
        while len(self.pages.hits) < self.most:
            answer = self._search(after, size)
            if answer is None:
                after = self._border()
                continue
            found = hits(answer)
            self.pages.hits += found
            if not found or (len(found) < size and answer.get("timed_out") is not True):
                return
            last = found[-1]["sort"]
            if len(last) > 1:
                after = last
            elif found[0]["sort"] != last:
                after, size = self._border(), usual
            elif len(found) < size:
                after, size = last, usual
            elif size < WIDEST:
                del self.pages.hits[-len(found) :]
                size = WIDEST
            else:
                self._overfull()
                after, size = last, usual
        self.pages.gaps.append(
            Gap(Status.TRUNCATED, f"stopped after {len(self.pages.hits):,} records, more than were expected")
        )

    def _search(self, after: list[Any] | None, size: int) -> dict[str, Any] | None:
        """One answer, noted; None when the view was lost and another one was opened in its place."""
        path, body = self.view.aimed(self.body | {"size": size})
        try:
            answer, reply = ask(
                self.view.wire,
                "POST",
                path,
                json=body | ({"search_after": after} if after else {}),
                fresh=True,
            )
        except Refused as refused:
            if _MISSING_VIEW not in refused.kinds or self.restarted:
                raise
            answer = None
        if answer is None or (view_lost(answer) and not self.restarted):
            self.restarted = True
            self.view.open()
            return None
        self.view.moved(answer)
        self.pages.gaps += gaps(answer)
        self.pages.answers.append((reply.size, len(hits(answer))))
        return answer

    def _border(self) -> list[Any] | None:
        """Drops the records of the last instant, and returns what leads to them again."""
        read = self.pages.hits
        if not read:
            return None
        last = read[-1]["sort"][0]
        while read and read[-1]["sort"][0] == last:
            read.pop()
        if not read:
            return None
        before = read[-1]["sort"]
        return [before[0], *[_LAST_OF_ALL] * (len(before) - 1)]

    def _overfull(self) -> None:
        self.pages.gaps.append(
            Gap(
                Status.TRUNCATED,
                f"more than {WIDEST:,} records at one instant, of which the others were left",
                "a field of type date_nanos tells more instants apart",
            )
        )
