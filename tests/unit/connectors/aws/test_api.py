"""Calls over our wire: roles, throttling, refusals, and nothing sent where nothing may be."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors import Session
from andon.connectors.aws.api import AwsApi, Identity
from andon.connectors.aws.config import AwsConfig, Place
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status
from andon.testing.imitation import Asked, Told, json_told
from andon.testing.imitations.aws import AwsImitation, Call, Refusal

A, B, REGION = "111122223333", "444455556666", "eu-central-1"
ROLE = "arn:aws:iam::{account}:role/andon-read"
SECRET = "the-callers-own-secret-key"


class Echo(AwsImitation):
    """Answers every lookup with nothing, after so many times that it was asked too much."""

    busy = 0

    def operate(self, call: Call) -> Any:
        if self.busy:
            self.busy -= 1
            raise Refusal("ThrottlingException", "Rate exceeded")
        return {"Events": []}


def api_on(server: AwsImitation, session: Session, **options: Any) -> AwsApi:
    scope = {"accounts": [A, B], "regions": [REGION]}
    limits = {"retries": 2, "timeout": 5.0}
    stated = {"kind": "cloudtrail", "endpoint": server.url, "limits": limits, "scope": scope} | options
    return AwsApi(session, "trail", AwsConfig.model_validate(stated), {})


def look(api: AwsApi, account: str = A, region: str = REGION, **params: Any) -> Any:
    return api.ask(Place(account, region), "cloudtrail", "lookup_events", **params)


def test_each_account_is_entered_by_its_role_and_what_is_sent_is_signed(session: Session):
    with Echo(token=SECRET) as server:
        api = api_on(server, session, role=ROLE)
        for account in (A, B):
            assert look(api, account).items("Events") == []
        looked = [call for call in server.calls if call.operation == "LookupEvents"]
    assert [(call.account, call.region) for call in looked] == [(A, REGION), (B, REGION)]
    assert looked[1].arn == f"arn:aws:sts::{B}:assumed-role/andon-read/andon"
    assert api.identity(B, REGION).who == f"role andon-read in {B}"


def test_the_keys_of_a_session_are_hidden(session: Session):
    with Echo(token=SECRET) as server:
        identity = api_on(server, session, role=ROLE).identity(A, REGION)
    told = f"{identity.secret_key} {identity.token} {SECRET}"
    assert session.vault.hide(told) == "*** *** ***"
    assert identity.secret_key not in repr(identity) and identity.token not in repr(identity)


def test_an_external_id_is_shown_where_it_is_demanded(session: Session, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EXTERNAL_ID", "only-for-andon")
    with Echo(external_ids={B: "only-for-andon"}) as server:
        with pytest.raises(Unanswered, match="does not allow sts:AssumeRole") as refused:
            look(api_on(server, session, role=ROLE), B)
        assert refused.value.status is Status.DENIED
        with_id = api_on(server, session, role=ROLE, external_id="${env:EXTERNAL_ID}")
        assert look(with_id, B).items("Events") == []


def test_an_external_id_that_is_not_there_is_told(session: Session):
    with Echo() as server, pytest.raises(Unanswered, match="NOWHERE_SET"):
        look(api_on(server, session, role=ROLE, external_id="${env:NOWHERE_SET}"))


def test_without_a_role_only_ones_own_account_is_read(session: Session):
    with Echo() as server:
        api = api_on(server, session)
        assert look(api, A).items("Events") == []
        with pytest.raises(Unanswered, match=f"of account {A}, not {B}") as refused:
            look(api, B)
    assert refused.value.status is Status.DENIED and f"`role` for {B}" in refused.value.hint
    assert [call.account for call in server.calls if call.operation == "LookupEvents"] == [A]


def test_nothing_is_sent_to_places_outside_of_the_scope(session: Session):
    with Echo() as server:
        api = api_on(server, session)
        for account, region in (("999988887777", REGION), (A, "us-west-2")):
            with pytest.raises(Unanswered, match="outside the scope") as refused:
                look(api, account, region)
            assert refused.value.status is Status.DENIED
        assert not server.asked


def test_a_wrong_secret_is_denied(session: Session):
    with (
        Echo(token="another-secret-key") as server,
        pytest.raises(Unanswered, match="does not know us") as refused,
    ):
        look(api_on(server, session))
    assert refused.value.status is Status.DENIED


def test_no_credentials_are_told(session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Any):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    with Echo() as server:
        with pytest.raises(Unanswered, match="no AWS credentials were found") as refused:
            look(api_on(server, session))
        assert refused.value.status is Status.DENIED
        with pytest.raises(Unanswered, match="no AWS credentials") as refused:
            look(api_on(server, session, profile="nobody"))
        assert refused.value.hint == "check `profile`"
        assert not server.asked


def test_throttling_is_waited_out(session: Session):
    with Echo() as server:
        server.busy = 1
        assert look(api_on(server, session)).items("Events") == []


def test_throttling_without_end_is_told(session: Session):
    with Echo() as server:
        server.busy = 99
        with pytest.raises(Unanswered, match="too many requests") as refused:
            look(api_on(server, session, limits={"retries": 1}))
    assert refused.value.status is Status.FAILED


def test_a_missing_permission_is_named_with_who_lacks_it(session: Session):
    with Echo(denied={A: {"cloudtrail:LookupEvents"}}) as server, pytest.raises(Unanswered) as refused:
        look(api_on(server, session, role=ROLE))
    assert refused.value.status is Status.DENIED
    assert refused.value.hint == f"add cloudtrail:LookupEvents to role andon-read in {A}"


def test_the_same_question_is_sent_once_unless_it_must_be_fresh(session: Session):
    with Echo() as server:
        api = api_on(server, session)
        for fresh in (False, False, True):
            look(api, fresh=fresh, MaxResults=7)
        assert sum(call.operation == "LookupEvents" for call in server.calls) == 2


def test_a_question_that_cannot_be_written_is_our_bug(session: Session):
    with Echo() as server, pytest.raises(Exception, match="Parameter validation failed"):
        look(api_on(server, session), MaxResults="many")


def test_last_words_need_no_new_entry(session: Session):
    with Echo(token=SECRET) as server:
        api = api_on(server, session, role=ROLE)
        look(api)
        session.cancel()
        with pytest.raises(Unanswered, match="cancelled"):
            look(api, fresh=True)
        with Session(2.0) as last:
            assert look(api.on(last)).items("Events") == []
        assert sum(call.operation == "AssumeRole" for call in server.calls) == 1


class Anything(AwsImitation):
    """Answers lookups with what it is told to."""

    body: bytes = b""

    def answer(self, asked: Asked) -> Told:
        if "x-amz-target" not in asked.headers:
            return super().answer(asked)
        return Told(200, self.body, {"content-type": "application/x-amz-json-1.1"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["Events", "EventTime", "x"]), inner)
    ),
    max_leaves=8,
)


def test_any_json_is_an_answer_or_a_gap(session: Session):
    with Anything() as server:
        api = api_on(server, session)

        @settings(max_examples=60, deadline=None)
        @given(JSON)
        def answered(content: Any) -> None:
            server.body = json_told(content).body
            with contextlib.suppress(Unanswered):
                assert isinstance(look(api, fresh=True).items("Events"), list)

        answered()


def test_who_somebody_is_in_words():
    assert Identity(f"arn:aws:iam::{A}:user/x", "", "", "").who == f"user x in {A}"


def test_pages_without_end_are_told(session: Session):
    class Circle(Echo):
        def operate(self, call: Call) -> Any:
            return {"Events": [], "NextToken": "again"}

    with Circle() as server:
        pages = api_on(server, session).pages(Place(A, REGION), "cloudtrail", "lookup_events")
        assert next(pages).items("Events") == [] == next(pages).items("Events")
        with pytest.raises(Unanswered, match="again and again"):
            next(pages)
