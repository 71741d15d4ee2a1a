import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from andon.investigation.report import Coverage
from andon.reports.html import to_html
from andon.telemetry import Status
from unit.reports.sample import door_unlock, hostile, nothing_found

VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """Every element with its attributes and the visible text; unbalanced tags are an error."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.texts, self.open = [], [], []
        self.feed(page)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes another"

    def handle_data(self, data):
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())

    def of(self, tag):
        return [attributes for one, attributes in self.elements if one == tag]


@pytest.fixture(scope="module")
def page():
    return Page(to_html(door_unlock()))


def test_it_says_what_one_must_know(page):
    for part in (
        "The ingress rule from the iOS backend-for-frontend to the Remote Vehicle Management API",
        "“iOS users cannot unlock their car doors since about 10:25”",
        "86 %",
        "Network rule removed",
        "ERROR UnlockClient connect timed out after 5000 ms: rvm-api.internal:443",
        "+ for",
        "− against",
        "✗ refuted",
        "Something else, or not seen",
        "12 queries: 8 ok, 1 empty, 1 partial, 1 truncated, 1 denied",
        "declared, not seen : Remote Vehicle Management API → Audit log",
        "Dropped, not borne out: Packets were dropped",
        "iOS app, iOS backend-for-frontend, Driver",
    ):
        assert part in page.text


def test_it_fetches_nothing_and_runs_nothing(page):
    policy = [meta for meta in page.of("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy[0]["content"].startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert not {tag for tag, _ in page.elements} & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "image",
        "use",
    }
    raw = to_html(door_unlock())
    assert "://" not in raw
    assert "@import" not in raw
    assert all(
        target == "#hatch"
        for target in re.findall(r"url\(([^)]*)\)", raw)
        if not target.startswith("#arrow-")
    )


def test_every_link_leads_to_an_anchor_of_the_page(page):
    anchors = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(anchors) == len(set(anchors))
    links = [attributes["href"] for attributes in page.of("a")]
    assert any(link.startswith("#observation-") for link in links)
    assert {link.removeprefix("#") for link in links} <= set(anchors)


def test_pictures_have_names_and_scrolling_parts_take_the_focus(page):
    pictures = page.of("svg")
    assert len(pictures) == 6
    assert all(one["role"] == "img" and one["aria-label"] for one in pictures)
    scrolling = [
        attributes for _, attributes in page.elements if "scroll" in attributes.get("class", "").split()
    ]
    assert all(one["tabindex"] == "0" and one["aria-label"] for one in scrolling)


def test_hostile_text_is_shown_and_does_nothing():
    hostile_page = Page(to_html(hostile()))
    assert not {tag for tag, _ in hostile_page.elements} & {"script", "img", "iframe", "image"}
    for _, attributes in hostile_page.elements:
        assert not any(name.startswith("on") for name in attributes)
        assert attributes.get("href", "#").startswith("#")
    assert "<script>alert(1)</script>" in hostile_page.text
    assert "{{ 7*7 }}" in hostile_page.text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800]", to_html(hostile()))


def test_nothing_found_names_no_culprit():
    quiet = Page(to_html(nothing_found()))
    assert "Nothing abnormal was found in the incident window, so no cause is named." in quiet.text
    assert "Remote Vehicle" not in quiet.text
    assert "%" not in quiet.text
    assert not quiet.of("svg")


def test_long_tables_say_what_they_leave_out():
    rows = tuple(Coverage("logs", "loki", f"q{i}", Status.OK, 1, "", f"X{i}") for i in range(230))
    assert "30 more queries are not listed" in Page(to_html(replace(door_unlock(), coverage=rows))).text


def test_an_observation_outside_the_coverage_is_no_link():
    page = Page(to_html(replace(door_unlock(), coverage=())))
    assert not [one for one in page.of("a") if one["href"].startswith("#observation")]
