from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

from andon.llm.redaction import pseudonyms
from andon.llm.redaction.pseudonyms import PSEUDONYM, Pseudonyms


def test_names_say_the_kind_and_nothing_of_the_value():
    name = Pseudonyms(b"key").issue("email", "alice@example.com")
    assert PSEUDONYM.fullmatch(name) and name.startswith("[[email-") and "alice" not in name


def test_names_depend_on_the_key_the_kind_and_the_value():
    names = {
        Pseudonyms(key).issue(kind, v) for key in (b"a", b"b") for kind in ("email", "user") for v in "xy"
    }
    assert len({name.split("-")[1] for name in names}) == 8


def test_order_and_threads_do_not_matter():
    values = [f"person{number}@example.com" for number in range(500)]
    alone = Pseudonyms(b"key")
    expected = {value: alone.issue("email", value) for value in values}
    shared = Pseudonyms(b"key")
    drawn = random.Random(7).choices(values, k=5_000)
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda value: shared.issue("email", value), drawn))
    assert names == [expected[value] for value in drawn]
    assert shared.counts == {"email": len(set(drawn))}


def test_a_taken_name_grows(monkeypatch):
    monkeypatch.setattr(pseudonyms, "DIGITS", 1)
    monkeypatch.setattr(pseudonyms, "MORE_DIGITS", 1)
    issued = Pseudonyms(b"key")
    names = [issued.issue("email", str(number)) for number in range(200)]
    assert len(set(names)) == 200
    assert [issued.issue("email", str(number)) for number in range(200)] == names
    assert [issued.shown(name) for name in names] == [str(number) for number in range(200)]


def test_secrets_are_not_kept():
    issued = Pseudonyms(b"key")
    name = issued.issue("secret", "hunter2hunter2")
    assert issued.issued(name) and issued.shown(name) is None
    assert "hunter2" not in repr(vars(issued))


def test_lone_surrogates_have_names():
    assert Pseudonyms(b"key").issue("email", "\ud800")
