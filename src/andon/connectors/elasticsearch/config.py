"""What a source of kind `elasticsearch` or `opensearch` may state."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from andon.connectors.wire import HttpConfig

__all__ = ["FieldNames", "IndexScope", "SearchConfig"]

_PATTERN = re.compile(r"(?:[a-z0-9][\w-]*:)?[a-z0-9_][a-z0-9_.+*-]*")
"""An index, data stream or alias, `*` in it, after a remote cluster's name if need be."""
_BACKING = re.compile(r"(?:(?:partial|restored)-)?\.ds-(.+)-\d{4}\.\d\d\.\d\d-\d{6,}")
"""The hidden index in which a data stream keeps its documents."""


def _index_pattern(text: str) -> str:
    if not _PATTERN.fullmatch(text) or text == "_all" or text.startswith("_"):
        raise ValueError(
            f"{text!r} is no index pattern like `logs-*`: lower case, one name each, beginning with a letter or digit"
        )
    return text


class IndexScope(BaseModel):
    """Only these indices, data streams and aliases are asked; what came from another one is not let in.

    An alias is matched by the indices behind it, since that is what an answer names.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    indices: tuple[Annotated[str, AfterValidator(_index_pattern)], ...] = Field(
        min_length=1, description="patterns such as `logs-*`; exclusions, date math and `*` alone are refused"
    )

    @property
    def expression(self) -> str:
        """As it stands in a path."""
        return ",".join(self.indices)

    def admits(self, index: str) -> bool:
        """Whether a document that an answer says lies in this index is one of the scope."""
        cluster, colon, name = index.rpartition(":")
        backing = _BACKING.fullmatch(name)
        names = [index, f"{cluster}{colon}{backing[1]}"] if backing else [index]
        return any(fnmatchcase(one, pattern) for one in names for pattern in self.indices)


class FieldNames(BaseModel):
    """Which fields hold what, where they are not found by their usual names; the first that a document has counts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    time: str = Field("", description="a field of type date or date_nanos")
    message: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    trace: tuple[str, ...] = ()
    attributes: tuple[str, ...] = Field(
        (
            "error.type",
            "error.message",
            "error.stack_trace",
            "exception.type",
            "exception.message",
            "http.response.status_code",
            "logger",
            "log.logger",
            "kubernetes.namespace",
            "kubernetes.namespace_name",
            "kubernetes.pod.name",
            "kubernetes.pod_name",
            "host.name",
            "service.version",
        ),
        description="further fields that are kept with a record",
    )


class SearchConfig(HttpConfig):
    """The indices in scope, the fields, and how many documents one answer may hold."""

    scope: IndexScope
    fields: FieldNames = FieldNames()
    page: int = Field(
        2_000, ge=1, le=10_000, description="documents in one answer, at most `index.max_result_window`"
    )
    keep_alive: int = Field(
        60, ge=1, le=3_600, description="seconds for which the server keeps a view between two pages"
    )
