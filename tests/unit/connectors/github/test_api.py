import time

import pytest

from andon.connectors import Session, Unanswered, open_class
from andon.connectors.github import GitHubConnector
from andon.connectors.github.api import next_page
from andon.telemetry import Status
from andon.testing.imitations.github import GitHubImitation, GitHubRepository

HELD = {"shop/api": GitHubRepository()}
PATH = "/repos/shop/api/deployments"


def api(server, session):
    options = {"url": server.url, "scope": {"repositories": ["shop/api"]}, "limits": {"retries": 0}}
    return open_class(GitHubConnector, "code", options, session)._api


def test_the_hourly_limit_is_busy_and_not_denied():
    with GitHubImitation(HELD, used=60) as server, Session(5.0) as session:
        with pytest.raises(Unanswered, match="no requests left for us until") as caught:
            api(server, session).get(PATH)
        assert caught.value.status is Status.FAILED
        assert len(server.asked) == 1


def test_a_limit_that_ends_soon_is_waited_for():
    with GitHubImitation(HELD, bursts=1, retry_after="1") as server, Session(10.0) as session:
        began = time.monotonic()
        assert api(server, session).get(PATH).status == 200
        assert time.monotonic() - began >= 1.0 and len(server.asked) == 2


def test_a_secondary_limit_without_a_time_is_busy():
    with GitHubImitation(HELD, bursts=1, retry_after="") as server, Session(5.0) as session:
        with pytest.raises(Unanswered, match="rate limit") as caught:
            api(server, session).get(PATH)
        assert caught.value.status is Status.FAILED


def test_what_is_hidden_is_denied():
    with GitHubImitation({}) as server, Session(5.0) as session:
        with pytest.raises(Unanswered, match="hidden from us") as caught:
            api(server, session).get(PATH)
        assert caught.value.status is Status.DENIED


@pytest.mark.parametrize(
    ("link", "page"),
    [
        ('<https://h/x?page=1>; rel="first", <https://h/x?per_page=100&page=3>; rel="next"', "3"),
        ('<https://h/x?page=3>; rel="prev", <https://h/x?page=9>; rel="last"', None),
        ("", None),
        ("<<>>; rel=next", None),
    ],
)
def test_the_next_page_is_found(link, page):
    assert dict(next_page({"link": link})).get("page") == page


def test_a_next_page_elsewhere_is_asked_of_the_same_server():
    many = GitHubRepository(
        deployments=[{"id": i, "sha": "a", "created_at": "2026-06-19"} for i in range(150)]
    )

    class Elsewhere(GitHubImitation):
        def _link(self, asked, page, more):
            return (
                {"link": f'<http://evil.example/x?page={page + 1}&per_page=100>; rel="next"'} if more else {}
            )

    with Elsewhere({"shop/api": many}) as server, Session(5.0) as session:
        pages = [len(items) for items, _ in api(server, session).pages(PATH)]
        assert pages == [100, 50]
        assert {asked.path for asked in server.asked} == {PATH}
