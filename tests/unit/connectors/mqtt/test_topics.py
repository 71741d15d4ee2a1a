from __future__ import annotations

import pytest
from paho.mqtt.client import topic_matches_sub

from andon.connectors.mqtt.topics import TopicTemplate, covers


@pytest.mark.parametrize("wanted", ["#", "+/+", "a/#", "a/+/c", "a/b", "/+", "+", "a/b/#", "$SYS/#"])
@pytest.mark.parametrize("topic", ["a", "a/b", "a/b/c", "/a", "a/", "$SYS/x", "b/b"])
def test_filters_cover_what_the_library_says(wanted: str, topic: str) -> None:
    if topic.startswith("$") and wanted[:1] in ("+", "#"):
        assert not covers(wanted, topic)
    else:
        assert covers(wanted, topic) == topic_matches_sub(wanted, topic)


def test_templates_name_levels() -> None:
    assert TopicTemplate("site/{line}/+/{name}").names("site/a/x/temp") == {"line": "a", "name": "temp"}
    assert TopicTemplate("site/{name#}").names("site/a/b.c") == {"name": "a/b.c"}
    assert TopicTemplate("site/{name}").names("site/a/b") is None
    assert TopicTemplate("a.b/{x}").names("aXb/1") is None


@pytest.mark.parametrize("text", ["a{b}/c", "{a#}/b", "a/b+", "{1}"])
def test_what_is_no_template(text: str) -> None:
    with pytest.raises(ValueError, match="no level of a topic"):
        TopicTemplate(text)
