from collections.abc import Callable

import pytest

from andon.connectors.structurizr import Workspace, parse_dsl
from andon.errors import ParseError

Parse = Callable[[str], Workspace]


@pytest.fixture
def model() -> Parse:
    """Parses the lines of a model: line 1 of the text is line 3 of the file."""
    return lambda text: parse_dsl("workspace {\n model {\n" + text + "\n }\n}\n", file="test.dsl")


@pytest.fixture
def fault(model: Parse) -> Callable[[str], ParseError]:
    """The error that the lines of a model give."""

    def parse(text: str) -> ParseError:
        with pytest.raises(ParseError) as caught:
            model(text)
        return caught.value

    return parse
