"""Drops in a bucket: listed by prefix, and those that are to be opened brought into a private folder."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from andon.connectors.files.bundle import Bundle
from andon.connectors.historian.config import HistorianConfig
from andon.connectors.historian.copies import RAISE, Copy, copied, too_large
from andon.connectors.historian.drops import MOST_DROPS, PLAIN, Drop, Gap, Listing, Opened, day_in, may_hold
from andon.connectors.historian.keys import fits, folder_of, is_hidden, is_path
from andon.connectors.historian.s3 import BucketApi
from andon.connectors.historian.turns import written_after
from andon.connectors.session import Session
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status, Window

__all__ = ["Bucket"]


class Bucket:
    """Objects below a prefix; see `Drops`. Nothing is written to the store."""

    def __init__(self, config: HistorianConfig, source: str, session: Session) -> None:
        self.config, self.source, self.session = config, source, session
        self.place = f"s3://{config.bucket}/{config.prefix}"
        self.api = BucketApi(session, source, config.access(), config.bucket, config.prefix)
        self._got: dict[str, Copy | Unanswered] = {}
        self._home: Path | None = None

    def listed(self, pattern: str) -> Listing:
        under = self.config.prefix + folder_of(pattern)
        key = (self.source, "list", self.place, under)
        found = self.session.once(key, partial(self._list, under), lambda listing: not listing.gaps)
        drops = tuple(drop for drop in found.drops if fits(drop.path, pattern))
        return Listing(drops, found.size, found.gaps)

    def holding(self, drops: Sequence[Drop], window: Window) -> list[Drop]:
        later = written_after(drops, window)
        return [drop for drop in drops if may_hold(drop, window) and drop.path not in later]

    def fetch(self, drops: Sequence[Drop]) -> None:
        limits, tasks = self.config.limits, list[Callable[[], None]]()
        left = self.session.left(self.source, limits.bytes)
        for drop in drops:
            if isinstance(self._got.get(drop.path), Copy):
                continue
            most = min(drop.size, limits.answer_bytes)
            if most < drop.size and not self._by_line(drop):
                self._got[drop.path] = too_large(drop.size, limits.answer_bytes)
                continue
            if most > left and not (self._by_line(drop) and left > 0):
                break
            most = min(most, left)
            left -= most
            tasks.append(partial(self._keep, drop, most, self._private()))
        self.session.together(tasks, limits.requests_at_once)

    def allow(self, drop: Drop) -> None:
        if drop.path in self._got:
            return
        what = f"{drop.path} and what follows was not read"
        if not self.session.remaining():
            raise Unanswered(f"{what}: the time is over, or it was cancelled")
        most = self.config.limits.bytes
        raise Unanswered(f"{what}: more than {most:,} bytes", status=Status.TRUNCATED, hint=RAISE)

    def opened(self, drop: Drop) -> Opened:
        got = self._got[drop.path]
        if isinstance(got, Unanswered):
            raise got
        bundle = Bundle(got.folder)
        (path,) = bundle.paths
        return Opened(bundle, path, got.gaps)

    def taken(self, drop: Drop) -> int:
        got = self._got[drop.path]
        return got.size if isinstance(got, Copy) else 0

    def close(self) -> None:
        self._got.clear()
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)
            self._home = None

    def _list(self, under: str) -> Listing:
        drops: dict[str, Drop] = {}
        size, counts = 0, {"outside": 0, "odd": 0, "broken": 0}
        gaps: list[Gap] = []
        try:
            for page in self.api.pages_of(under):
                size += page.size
                for item in page.value.get("Contents") or ():
                    self._sort(item, under, drops, counts)
                if len(drops) > MOST_DROPS:
                    words = (
                        f"more than {MOST_DROPS:,} drops: those that follow in the list were not looked at"
                    )
                    gaps.append(Gap(Status.TRUNCATED, words, "narrow `prefix` or `files`"))
                    break
        except Unanswered as gap:
            if not drops:
                raise
            gaps.append(Gap(gap.status, gap.message, gap.hint))
        return Listing(tuple(drops[path] for path in sorted(drops)), size, (*gaps, *self._left_out(counts)))

    def _sort(
        self, item: Mapping[str, Any], under: str, drops: dict[str, Drop], counts: dict[str, int]
    ) -> None:
        """An item of the list among the drops, or counted as what it is."""
        key, size, changed = item.get("Key"), item.get("Size"), item.get("LastModified")
        if (
            not isinstance(key, str)
            or not isinstance(changed, datetime)
            or not isinstance(size, int)
            or size < 0
        ):
            counts["broken"] += 1
            return
        path = key.removeprefix(self.config.prefix)
        if not key.startswith(under):
            counts["outside"] += 1
        elif not path or path.endswith("/"):
            return  # How consoles mark a folder.
        elif not is_path(path):
            counts["odd"] += 1
        elif not is_hidden(path):
            version = str(item.get("ETag", ""))
            drops[path] = Drop(path, size, changed.timestamp(), day_in(path), version)

    def _left_out(self, counts: Mapping[str, int]) -> list[Gap]:
        said = {
            "outside": (
                Status.DENIED,
                f"keys outside the scope of source {self.source} were answered and left out",
            ),
            "odd": (Status.PARTIAL, "keys that are no paths were left out"),
            "broken": (Status.PARTIAL, "entries without key, size or time were left out"),
        }
        return [Gap(said[what][0], f"{count:,} {said[what][1]}") for what, count in counts.items() if count]

    def _by_line(self, drop: Drop) -> bool:
        """Whether its first lines are of use without the rest."""
        return drop.path.lower().endswith(PLAIN) or self.config.format.startswith("csv")

    def _keep(self, drop: Drop, most: int, home: Path) -> None:
        if self.session.remaining():
            try:
                self._got[drop.path] = copied(self.api, drop, most, home, by_line=self._by_line(drop))
            except Unanswered as gap:
                self._got[drop.path] = gap

    def _private(self) -> Path:
        """A folder that nobody else can enter; it is removed by `close`, or with this object."""
        if self._home is None:
            self._home = Path(tempfile.mkdtemp(prefix="andon-drops-"))
            weakref.finalize(self, shutil.rmtree, self._home, ignore_errors=True)
        return self._home
