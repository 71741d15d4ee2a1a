from __future__ import annotations

import base64
import json
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.llm.redaction import Redactor
from andon.llm.redaction.pseudonyms import PSEUDONYM
from unit.llm.redaction.ordinary import ORDINARY
from unit.llm.redaction.planted import plant, readings
from unit.llm.redaction.steps import HOSTILE, parsed, patterns, steps, unbounded
from unit.llm.redaction.texts import showable, texts, values

ROOT = Path(__file__).resolve().parents[4]
LOGS = ROOT.parent / "shared" / "data" / "loghub"
PLANTED = list(plant(seed=5))


def redactor(**options):
    return Redactor(b"a key of the run", **options)


def letters(text):
    return PSEUDONYM.sub("", text)


# What must not leave


def test_nothing_planted_leaks():
    assert len({entry.secret for entry in PLANTED}) >= 200
    hide = redactor().hide
    leaks = [
        entry for entry in PLANTED if any(reading in hide(entry.text) for reading in readings(entry.secret))
    ]
    assert leaks == []


def test_nothing_planted_leaks_from_one_long_text():
    hidden = redactor().hide("\n".join(entry.text for entry in PLANTED))
    assert [entry for entry in PLANTED if any(reading in hidden for reading in readings(entry.secret))] == []


def test_nothing_planted_leaks_when_the_text_is_quoted_again():
    for entry in PLANTED[::3]:
        for quoted in (json.dumps(entry.text), json.dumps(json.dumps({"m": entry.text}))):
            hidden = redactor().hide(quoted)
            assert not any(reading in hidden for reading in readings(entry.secret)), entry


def test_secrets_with_invisible_characters_inside():
    hide = redactor().hide
    for entry in PLANTED[:24]:
        middle = len(entry.secret) // 2
        broken = entry.secret[:middle] + "\u200b\x00" + entry.secret[middle:]
        hidden = hide(entry.text.replace(entry.secret, broken))
        assert entry.secret[:middle] not in letters(hidden) and entry.secret[middle:] not in letters(
            hidden
        ), entry


def test_known_secrets_are_hidden_in_every_spelling_and_the_list_may_grow():
    vault: list[str] = []
    shared = redactor(known=lambda: vault)
    text = "it is horse battery/staple, really"
    assert shared.hide(text) == text
    vault += ["horse battery/staple", ""]
    written = (
        "horse battery/staple",
        "horse%20battery%2Fstaple",
        "horse battery\\/staple",
        "horse+battery%2Fstaple",
        "horse%2520battery%252Fstaple",
        "h\u200borse \\u0062attery/staple",
        base64.b64encode(b"x=horse battery/staple;").decode(),
    )
    for spelling in written:
        assert "[[secret-" in shared.hide(f"it is {spelling}, really"), spelling
        assert "taple" not in shared.hide(f"it is {spelling}, really")
        assert base64.b64encode(b"battery").decode()[:8] not in shared.hide(f"it is {spelling}, really")


def test_a_secret_named_once_is_hidden_where_it_stands_bare_in_the_same_text():
    hidden = redactor().hide("DB_PASSWORD=s3cr3tPwd\nconnect(orders, s3cr3tPwd) refused")
    assert "s3cr3tPwd" not in hidden and len(set(PSEUDONYM.findall(hidden))) == 1


def test_one_secret_has_one_name_however_it_is_spelled():
    hidden = redactor().hide('password=p%40ss1! password=p@ss1! {"password": "p\\u0040ss1!"}')
    assert len(set(PSEUDONYM.findall(hidden))) == 1 and len(PSEUDONYM.findall(hidden)) == 3


def test_addresses_are_hidden_on_request_only():
    text = "from 10.0.12.34 and fe80::1"
    assert redactor().hide(text) == text
    assert [found[2:4] for found in PSEUDONYM.findall(redactor(addresses=True).hide(text))] == ["ip", "ip"]


# What must stay


@pytest.mark.parametrize("text", ORDINARY)
def test_what_operations_live_on_stays(text):
    assert redactor().hide(text) == text


def test_there_is_enough_of_it_and_it_stays_together():
    together = "\n".join(ORDINARY)
    assert len(ORDINARY) >= 80 and redactor().hide(together) == together


@pytest.mark.skipif(not LOGS.is_dir(), reason="the public log files are not here")
def test_real_log_lines_stay():
    """Of 16,000 lines none needs hiding but the ones that hold an e-mail address."""
    hide = redactor().hide
    lines = [
        line
        for file in sorted(LOGS.glob("*/*_2k.log"))
        for line in file.read_text("utf-8", "replace").splitlines()
    ]
    altered = [line for line in lines[::5] if hide(line) != line and "@" not in line]
    assert len(lines) > 10_000 and altered == []


def test_a_recorded_incident_stays():
    """Only the temporary access key ids of the control plane are hidden."""
    hide = redactor().hide
    with zipfile.ZipFile(ROOT / "examples" / "door-unlock.zip") as bundle:
        for name in bundle.namelist():
            text = bundle.read(name).decode()[:60_000]
            expected = re.sub(r"\bA[KS]IA[A-Z0-9]{16}\b", lambda found: hide(found[0]), text)
            assert hide(text) == expected, name


# What comes back


def test_personal_data_come_back_and_secrets_do_not():
    shared = redactor(addresses=True)
    text = "alice@example.com +49 170 1234567 10.0.0.1 https://bob@example.com/ and alice\\u0040example.com"
    assert not re.search("alice|170|10\\.0|bob", shared.hide(text))
    assert shared.show(shared.hide(text)) == text
    hidden = shared.hide("password=hunter2x card 4111 1111 1111 1111 ghp_" + "aB3" * 12)
    assert shared.show(hidden) == hidden


def test_what_nobody_issued_is_shown_as_it_is():
    assert (
        redactor().show("[[email-3f9a07bc]] [[secret-12345678]]") == "[[email-3f9a07bc]] [[secret-12345678]]"
    )


def test_counts():
    shared = redactor()
    shared.hide("a@example.com b@example.com a@example.com password=hunter2x")
    assert shared.counts == {"email": 2, "secret": 1}
    with pytest.raises(TypeError):
        shared.counts["email"] = 0


def test_order_and_threads_do_not_change_names():
    wanted = [entry.text for entry in PLANTED[:60]]
    alone = redactor()
    expected = [alone.hide(text) for text in wanted]
    shared = redactor()
    with ThreadPoolExecutor(4) as pool:
        backwards = list(pool.map(shared.hide, reversed(wanted)))
    assert backwards[::-1] == expected and shared.counts == alone.counts


# What an attacker writes


def test_a_forged_pseudonym_is_nobody():
    """Guessed ones come back as they were written, whoever is hidden before or after."""
    shared = redactor()
    forged = "who is [[email-3f9a]] or [[EMAIL-3f9a07bc]] or [[email-3f9a07bc]]?"
    hidden = shared.hide(forged)
    shared.hide("alice@example.com")
    assert "[[email-3f9a07bc]]" not in hidden
    assert shared.show(hidden) == forged
    assert "alice" not in shared.show(shared.hide(forged))


def test_a_pseudonym_of_another_run_is_nobody():
    other = Redactor(b"the key of another run")
    name = other.hide("alice@example.com")
    shared = redactor()
    shared.hide("alice@example.com")
    assert shared.show(shared.hide(f"tell {name} all")) == f"tell {name} all"


def test_another_kind_with_the_digits_of_a_card_is_nobody():
    shared = redactor()
    name = shared.hide("4111111111111111")
    forged = name.replace("card", "email")
    assert shared.show(forged) == forged
    assert shared.show(shared.hide(forged)) == forged


def test_what_is_shown_is_not_read_again():
    """A user name that is written as a pseudonym comes back as that text, and no further."""
    shared = redactor()
    email = shared.hide("alice@example.com")
    half = email[:-3]
    text = f"https://{half}@example.com/"
    assert "alice" not in shared.show(shared.hide(text))


def test_a_forged_pseudonym_does_not_shield_a_password():
    hidden = redactor().hide("password=hun[[email-3f9a07bc]]ter2")
    assert "hun" not in hidden and "ter2" not in hidden


def test_an_issued_pseudonym_does_not_shield_a_password():
    shared = redactor()
    name = shared.hide("alice@example.com")
    hidden = shared.hide(f"password=hun{name}ter2")
    assert "hun" not in hidden and "ter2" not in hidden


# Values


def test_values():
    shared = redactor()
    value = {
        "alice@example.com": ["password=hunter2x", 5, 4111111111111111, "4111111111111111"],
        "password": "abc",
    }
    hidden = shared.hide_value(value)
    assert not re.search('alice|hunter|"4111|abc', json.dumps(hidden))
    assert hidden[shared.hide("alice@example.com")][1:3] == [5, 4111111111111111]
    assert shared.hide_value(hidden) == hidden
    assert list(shared.show_value(hidden)) == ["alice@example.com", "password"]


def test_bytes_are_refused():
    for call in (redactor().hide_value, redactor().show_value):
        with pytest.raises(TypeError):
            call({"a": [b"x"]})


# On any text


@given(texts)
def test_hiding_twice_changes_nothing_more(text):
    shared = redactor(addresses=True, known=lambda: ["hunter2", "a:b"])
    hidden = shared.hide(text)
    assert shared.hide(hidden) == hidden
    assert (
        Redactor(b"a key of the run", addresses=True, known=lambda: ["hunter2", "a:b"]).hide(text) == hidden
    )


@given(st.text())
def test_no_text_is_refused(text):
    shared = redactor(addresses=True)
    shared.show(shared.hide(text))


@given(values)
def test_no_value_is_refused_and_hiding_twice_changes_nothing_more(value):
    shared = redactor(addresses=True)
    hidden = shared.hide_value(value)
    shared.show_value(hidden)
    assert shared.hide_value(hidden) == hidden


@given(showable)
def test_what_may_be_shown_comes_back_exactly(text):
    shared = redactor(addresses=True)
    assert shared.show(shared.hide(text)) == text


# In linear time


@pytest.mark.parametrize("unit", HOSTILE)
def test_twice_the_text_takes_about_twice_the_steps(unit):
    short, long = unit * (3_000 // len(unit)), unit * (6_000 // len(unit))
    assert steps(redactor(addresses=True), long) <= 3 * steps(redactor(addresses=True), short) + 500


@pytest.mark.parametrize("unit", ["a", "-eyJ", "a.", "password:"])
def test_a_megabyte_of_one_line_is_no_trap(unit):
    """With patterns that backtrack this would not end; the steps between them are few for each character."""
    text = unit * (1_000_000 // len(unit))
    assert steps(redactor(addresses=True), text) <= 10 * len(text)


def test_patterns_cannot_explode():
    """No repetition without bound holds another one that may give back what it took."""
    nested = [
        pattern.pattern
        for pattern in patterns()
        for inside in unbounded(parsed(pattern))
        if any(True for _ in unbounded(inside))
    ]
    assert len(list(patterns())) > 80 and nested == []
