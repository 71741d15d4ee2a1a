from __future__ import annotations

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from andon.connectors.mistakes import mistake
from andon.errors import ConfigError


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Door(Strict):
    floor: int = 0


class Auth(Strict):
    bearer: str = ""
    username: str = ""


class House(Strict):
    url: str
    auth: Auth = Auth()
    rooms: tuple[str, ...] = ()
    match: dict[str, tuple[str, ...]] = {}
    doors: tuple[Door, ...] = ()
    spare: Door | None = None
    lit: bool = False
    high: float = 1.0


def told(**options: object) -> ConfigError:
    with pytest.raises(ValidationError) as caught:
        House.model_validate({"url": "http://h"} | options)
    return mistake(caught.value, House, "house", "sources.h")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rooms": "hall"}, "sources.h.rooms: expected a list, like [shop]"),
        ({"match": {"namespace": "shop"}}, "sources.h.match.namespace: expected a list, like [shop]"),
        ({"auth": "abc"}, "sources.h.auth: expected keys of its own, like {key: value}"),
        ({"match": 3}, "sources.h.match: expected keys of its own, like {key: value}"),
        ({"url": 5}, "sources.h.url: expected text; quotes make it that"),
        ({"lit": "abc"}, "sources.h.lit: expected true or false"),
        ({"high": "abc"}, "sources.h.high: expected a number"),
        ({"doors": [{"floor": "abc"}]}, "sources.h.doors.0.floor: expected a whole number"),
        ({"lit": "abc", "high": "abc"}, "sources.h.lit: expected true or false (and 1 more)"),
    ],
)
def test_it_is_said_what_is_expected_and_not_what_was_written(options, message):
    error = told(**options)
    assert error.message == message
    assert "abc" not in error.message + error.hint


@pytest.mark.parametrize(
    ("options", "key", "near"),
    [
        ({"uri": 1}, "uri", "url"),
        ({"uri": 1, "lit": "abc"}, "uri", "url"),
        ({"auth": {"berer": 1}}, "auth.berer", "bearer"),
        ({"bearer": 1}, "bearer", "auth.bearer"),
        ({"token": 1}, "token", "auth.bearer"),
        ({"doors": [{"flor": 1}]}, "doors.0.flor", "floor"),
        ({"spare": {"flor": 1}}, "spare.flor", "floor"),
        ({"nothing_like_it": 1}, "nothing_like_it", ""),
    ],
)
def test_an_unknown_key_is_told_with_a_near_one(options, key, near):
    meant = f", did you mean {near}?" if near else ""
    assert told(**options).message.removesuffix(" (and 1 more)") == (f"sources.h.{key}: no such key{meant}")


def test_the_keys_that_there_are_stand_in_the_hint():
    assert told(uri=1).hint.startswith("keys of `house`: url, auth, rooms")
    assert told(auth={"berer": 1}).hint == "keys of `auth`: bearer, username"
    assert told(url=None, rooms=5).hint == ""
