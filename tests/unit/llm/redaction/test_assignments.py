from __future__ import annotations

import pytest

from andon.llm.redaction.assignments import find_assignments


def found(text):
    return [text[span.start : span.end] for span in find_assignments(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("login with password=hunter2 failed", "hunter2"),
        ("pwd: hunter2", "hunter2"),
        ("password=hunter2, user=bob", "hunter2"),
        ("password=hun,ter;2&x user=bob", "hun,ter;2&x"),
        ("Password=hun;ter2;Connect Timeout=3", "hun;ter2"),
        ("?token=hunter2&limit=3", "hunter2"),
        ("connect(password='hun ter2')", "hun ter2"),
        ('{"password": "hun\\"ter2", "port": 1}', 'hun\\"ter2'),
        ('{\\"password\\":\\"hunter2\\",\\"port\\":1}', "hunter2"),
        ("{password=hunter2}", "hunter2"),
        ("“use token=hunter2”", "hunter2"),
        ("‘token=hunter2’.", "hunter2"),
        ("«token=hunter2», then", "hunter2"),
        ("‹token=hunter2›", "hunter2"),
        ("「token=hunter2」", "hunter2"),
        ("(“token=hunter2”)", "hunter2"),
        ("“token=hunter2”\\n", "hunter2"),
        ("token=“hunter2”", "hunter2"),
        ("password: „hun ter2“ again", "hun ter2"),
        ("password=‘hun’ter2’", "hun’ter2"),
        ("password=hun’ter2", "hun’ter2"),
        ("password=hun›!ter2", "hun›!ter2"),
        ("(token=hunter(2))", "hunter(2)"),
        ("'api_key' => 'hunter2',", "hunter2"),
        ("API key: hunter2", "hunter2"),
        ("<db:password>hunter2</db:password>", "hunter2"),
        ("- name: DB_PASSWORD\n  value: hunter2", "hunter2"),
        ('{"key":"db.password","value":{"stringValue":"hunter2"}}', "hunter2"),
        ('<property name="password" value="hunter2"/>', "hunter2"),
        ("password: |\n    hunter2\nnext: 1", "hunter2"),
        ("tool --password hunter2 --verbose", "hunter2"),
        ("IDENTIFIED BY 'hunter2'", "hunter2"),
        ("CREATE USER x PASSWORD 'hunter2'", "hunter2"),
        ("the password is hunter2", "hunter2"),
        ("machine h login bob password hunter", "hunter"),
        ("?sv=2020&sig=abcDEF%2Fghijkl%3D&se=1", "abcDEF%2Fghijkl%3D"),
        ("password: 12345", "12345"),
        ("token=123456", "123456"),
        ("cvv=123", "123"),
        ("//host/:_auth=aHVudGVyMg==", "aHVudGVyMg=="),
    ],
)
def test_values_of_names_that_announce_secrets(text, value):
    assert found(text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "Failed password for root from 10.0.0.1",
        "the password is incorrect",
        "Unexpected token: in",
        "max_tokens: 4096",
        "line 3, token 5",
        "token=5",
        "password_file=/run/secrets/db",
        "password: ${DB_PASSWORD}",
        "password=<*>",
        'secret "checkout-tls" not found',
        "secret:\n  name: checkout",
        "signature: handle(int)",
        "secret::Manager",
        "monkey=banana",
        "arn:aws:secretsmanager:eu-west-1:1:secret:prod/db-AbCdEf",
    ],
)
def test_other_things_stay(text):
    assert found(text) == []


def test_letters_that_grow_when_lowered_shift_nothing():
    assert found("\u0130\u0130 password=hunter2") == ["hunter2"]
