"""One prefix of one bucket: pages, pieces, refusals, and nothing sent about anything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from andon.connectors import Session, Unanswered
from andon.connectors.historian import HistorianConfig
from andon.connectors.historian.s3 import ACTIONS, BucketApi
from andon.connectors.wire import Reply, Wire
from andon.telemetry import Status
from andon.testing.imitation import Asked, Told
from andon.testing.imitations.s3 import HeldObject, S3Imitation

SECRET = "the-callers-own-secret-key"
HELD = {f"plant/{number:02}.csv": HeldObject(b"0123456789", 1e9) for number in range(25)}


def api_on(server: S3Imitation, session: Session, **options: Any) -> BucketApi:
    stated = {"kind": "historian", "bucket": "drops", "prefix": "plant/", "endpoint": server.url}
    limits = {"retries": 0, "timeout": 5.0}
    config = HistorianConfig.model_validate(stated | {"limits": limits} | options)
    return BucketApi(session, "drops", config.access(), config.bucket, config.prefix)


def listed(api: BucketApi, prefix: str = "plant/") -> list[str]:
    return [item["Key"] for page in api.pages_of(prefix) for item in page.value.get("Contents", ())]


def test_pages_follow_each_other(session: Session):
    with S3Imitation(HELD | {"other/x": HELD["plant/00.csv"]}, page=10, token=SECRET) as server:
        assert listed(api_on(server, session)) == sorted(HELD)
        assert len(server.asked) == 3


def test_a_list_that_goes_round_ends(session: Session):
    class Round(S3Imitation):
        def answer(self, asked: Asked) -> Told:
            return Told(200, b"<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken></ListBucketResult>")  # fmt: skip

    with Round({}) as server, pytest.raises(Unanswered, match="where its list goes on"):
        listed(api_on(server, session))


def test_pieces_of_a_version(session: Session):
    with S3Imitation(HELD) as server:
        api = api_on(server, session)
        first = api.piece("plant/00.csv", 0, 4)
        assert (first.body, first.total) == (b"0123", 10)
        assert api.piece("plant/00.csv", 4, 99, first.version).body == b"456789"
        server.objects["plant/00.csv"] = HeldObject(b"another", 1e9)
        with pytest.raises(Unanswered, match="replaced while it was read"):
            api.piece("plant/00.csv", 4, 99, first.version)


@pytest.mark.parametrize("key", ["other/x.csv", "plantx", "", "plant/../other", "plant/"])
def test_keys_outside_of_the_prefix_are_refused_before_they_are_sent(session: Session, key: str):
    with S3Imitation(HELD) as server:
        api = api_on(server, session)
        with pytest.raises(Unanswered, match="outside the scope of source drops") as refused:
            api.piece(key, 0, 1)
        assert refused.value.status is Status.DENIED
        for prefix in ("", "pla", "other/"):
            with pytest.raises(Unanswered, match="outside the scope of source drops"):
                listed(api, prefix)
        assert not server.asked


@pytest.mark.parametrize(
    ("code", "status", "words", "hint"),
    [
        ("AccessDenied", Status.DENIED, "does not allow s3:ListBucket", "add s3:ListBucket to whoever andon runs as, on arn:aws:s3:::drops for the s3:prefix plant/*"),
        ("NoSuchBucket", Status.FAILED, "there is no such bucket", "check `bucket`"),
        ("InvalidAccessKeyId", Status.DENIED, "does not know us", "AWS_ACCESS_KEY_ID"),
        ("SignatureDoesNotMatch", Status.DENIED, "does not know us", "check the credentials"),
        ("RequestTimeTooSkewed", Status.DENIED, "does not take the signature", "NTP"),
        ("SlowDown", Status.FAILED, "503", "limits.requests_at_once"),
        ("PermanentRedirect", Status.FAILED, "sends us elsewhere", "`region`"),
        ("AuthorizationHeaderMalformed", Status.FAILED, "does not take the signature", "`region`"),
        ("NotImplemented", Status.FAILED, "refused s3:ListBucket (NotImplemented", ""),
    ],
)  # fmt: skip
def test_refusals_in_words(session: Session, code: str, status: Status, words: str, hint: str):
    with S3Imitation(HELD, code=code) as server, pytest.raises(Unanswered) as refused:
        listed(api_on(server, session))
    gap = refused.value
    assert gap.status is status and words in gap.message and hint in gap.hint, (gap.message, gap.hint)
    assert SECRET not in gap.message and {asked.method for asked in server.asked} == {"GET"}


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"])
@pytest.mark.parametrize("bucket", ["drops", "drops.of.press"])
def test_buckets_of_aws_are_addressed_by_path(
    session: Session, monkeypatch: pytest.MonkeyPatch, region: str, bucket: str
):
    sent: list[str] = []

    def answer(wire: Wire, method: str, path: str, **_: Any) -> Reply:
        sent.append(f"{method} {wire.config.url} {path.split('?')[0]}")
        return Reply(200, {}, b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")

    monkeypatch.setattr(Wire, "send", answer)
    config = HistorianConfig.model_validate({"kind": "historian", "bucket": bucket, "region": region})
    assert listed(BucketApi(session, "drops", config.access(), bucket, ""), "") == []
    host = "s3" if region == "us-east-1" else f"s3.{region}"
    top = "amazonaws.com.cn" if region == "cn-north-1" else "amazonaws.com"
    assert sent == [f"GET https://{host}.{top} /{bucket}"]


def test_nobody_follows_a_bucket_into_another_region(session: Session, monkeypatch: pytest.MonkeyPatch):
    sent: list[str] = []

    def answer(wire: Wire, method: str, path: str, **_: Any) -> Reply:
        sent.append(f"{method} {wire.config.url}{path}")
        said = b"<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>"
        return Reply(400, {"content-type": "application/xml"}, said)

    monkeypatch.setattr(Wire, "send", answer)
    config = HistorianConfig.model_validate(
        {"kind": "historian", "bucket": "drops", "region": "eu-central-1"}
    )
    with pytest.raises(Unanswered, match="does not lie in eu-central-1"):
        listed(BucketApi(session, "drops", config.access(), "drops", ""), "")
    assert [one.split("?")[0] for one in sent] == ["GET https://s3.eu-central-1.amazonaws.com/drops"]


def test_the_permission_to_read_names_where(session: Session):
    with S3Imitation(HELD, denied=["s3:GetObject"]) as server, pytest.raises(Unanswered) as refused:
        api_on(server, session).piece("plant/00.csv", 0, 1)
    assert "s3:GetObject" in refused.value.hint and "arn:aws:s3:::drops/plant/*" in refused.value.hint


@pytest.mark.parametrize("body", [b"", b"<html>sign in", b"<html><body>sign in</body></html>", b"{}", b"\xff\xfe", b"<ListBucketResult><IsTruncated>maybe</IsTruncated>"])  # fmt: skip
def test_what_is_no_answer_of_s3(session: Session, body: bytes):
    class Odd(S3Imitation):
        def answer(self, asked: Asked) -> Told:
            return Told(200, body)

    with Odd({}) as server:
        api = api_on(server, session)
        with pytest.raises(Unanswered, match="not as"):
            listed(api)
        with pytest.raises(Unanswered, match="not as"):
            api.piece("plant/00.csv", 0, 1)


def test_no_keys_are_told(session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    with S3Imitation(HELD) as server, pytest.raises(Unanswered, match="no AWS credentials") as refused:
        listed(api_on(server, session))
    assert refused.value.status is Status.DENIED


def test_the_policy_in_the_documentation_allows_what_is_called():
    page = Path(__file__).parents[4] / "docs/how-to/connect/historian.md"
    policy = orjson.loads(page.read_text(encoding="utf-8").split("```json")[1].split("```")[0])
    assert sorted(one["Action"] for one in policy["Statement"]) == list(ACTIONS)
