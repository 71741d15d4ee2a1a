"""Reports to render: the door-unlock incident, one that found nothing, and one full of hostile text."""

from __future__ import annotations

import math
from dataclasses import replace

from andon.investigation.claims import Binding
from andon.investigation.report import (
    Chart,
    Check,
    Coverage,
    Drift,
    Evidence,
    Exhibits,
    Hypothesis,
    MapEdge,
    MapNode,
    Moment,
    Refutation,
    Report,
    ServiceBinding,
    Symptom,
    SymptomKind,
    TemplateRow,
)
from andon.telemetry import Status, Window

START = 1781864700.0
"""2026-06-19 10:25:00 UTC."""

REVOKED = START - 9

HOSTILE = (
    "\x1b[31mred\x1b[0m \x9b2J \u202egnp.exe\u2066 [red]rich[/red] <script>alert(1)</script> "
    '<img src=x onerror="alert(2)"> ``` `code` | cell | [link](https://evil.example) ![i](http://evil.example/i) '
    "@everyone #1 www.evil.example {{ 7*7 }} {% raw %} \ud800 \x00 & ' \" end"
)


def evidence(claim: str, signal: str, *ids: str, supports: bool = True, quote: str = "") -> Evidence:
    bindings = {
        "n": Binding(observation=ids[0], recipe="count", args={"level": 17}, style="count", text="412")
    }
    return Evidence(claim, supports, ids, signal, claim.replace("412", "{n}"), bindings, quote)


def first_hypothesis() -> Hypothesis:
    return Hypothesis(
        component="rvm-api",
        name="Remote Vehicle Management API",
        mechanism="network-rule-removed",
        mechanism_title="Network rule removed",
        change="ct-5f0e",
        likelihood=0.86,
        statement=(
            "The ingress rule that let the iOS backend-for-frontend reach the Remote Vehicle Management API "
            "on port 443 was removed at 10:24:51. Since then every unlock request from iOS times out; "
            "Android takes another path and works."
        ),
        evidence=(
            evidence(
                "RevokeSecurityGroupIngress on sg-0a41 (tcp 443 from ios-bff) by ops-admin at 10:24:51, "
                "9 s before the onset.",
                "changes",
                "O3",
            ),
            evidence(
                "A log template that never occurred before appears 412 times in ios-bff, first at 10:25:04.",
                "logs",
                "O7",
                quote=(
                    "ERROR UnlockClient connect timed out after 5000 ms: rvm-api.internal:443\n"
                    "    at io.fleet.bff.UnlockClient.call(UnlockClient.kt:88)\n"
                    "    at io.fleet.bff.UnlockHandler.handle(UnlockHandler.kt:41)"
                ),
            ),
            evidence(
                "Successful unlock invocations from iOS fall from 41.2 to 0 per minute at 10:25:00.",
                "metrics",
                "O11",
            ),
            evidence(
                "Calls from ios-bff to rvm-api end after 5.00 s; before, 84 ms.", "traces", "O14", "O15"
            ),
            evidence("Unlock invocations from Android stay at 38 per minute.", "metrics", "O12"),
            evidence(
                "The telemetry of rvm-api itself shows no errors in the window.",
                "logs",
                "O8",
                supports=False,
            ),
        ),
        refutations=(
            Refutation(
                "If the API itself had failed, Android would fail too.",
                "Android unlocks go on at 38 per minute.",
                True,
            ),
            Refutation(
                "If timeouts had begun before the change, it could not be the cause.",
                "The first timeout is 13 s after the change.",
                True,
            ),
        ),
        next_check=Check(
            "See whether the rule is still gone.",
            "aws ec2 describe-security-group-rules --filters Name=group-id,Values=sg-0a41 "
            "--query 'SecurityGroupRules[?FromPort==`443`]'",
        ),
        remedy="Authorise tcp 443 from ios-bff on sg-0a41 again, and put the rule under version control.",
        path=("rvm-api", "ios-bff", "ios-app"),
    )


def second_hypothesis() -> Hypothesis:
    return Hypothesis(
        component="ios-bff",
        name="iOS backend-for-frontend",
        mechanism="bad-deploy",
        mechanism_title="Faulty deploy",
        change="deploy-1182",
        likelihood=0.07,
        statement="Version 4.18.0 of the iOS backend-for-frontend, deployed at 09:58:20, breaks the unlock call.",
        evidence=(
            evidence(
                "ios-bff was deployed at 09:58:20 (4.17.3 to 4.18.0), 27 min before the onset.",
                "changes",
                "O4",
            ),
            evidence("After the deploy unlocks succeeded for 26 min.", "metrics", "O11", supports=False),
            evidence("The diff of 4.18.0 touches the charging screen only.", "changes", "O5", supports=False),
        ),
        refutations=(Refutation("A faulty deploy would show at once.", "It was healthy for 26 min.", False),),
        next_check=Check(
            "Compare error rates by version.", "sum by (version) (rate(unlock_errors_total[5m]))"
        ),
        remedy="Roll back to 4.17.3.",
        path=("ios-bff", "ios-app"),
    )


def nodes() -> tuple[MapNode, ...]:
    return (
        MapNode("driver", "Driver", "person", "affected"),
        MapNode("ios-app", "iOS app", "container", "symptom", "Swift"),
        MapNode("android-app", "Android app", "container", "ok", "Kotlin"),
        MapNode("ios-bff", "iOS backend-for-frontend", "container", "affected", "Kotlin, AWS Lambda"),
        MapNode("android-bff", "Android backend-for-frontend", "container", "ok", "Kotlin, AWS Lambda"),
        MapNode("rvm-api", "Remote Vehicle Management API", "container", "cause", "Java, ECS"),
        MapNode("identity", "Identity", "container", "ok", "OpenID Connect"),
        MapNode("telematics", "Telematics gateway", "container", "ok", "MQTT"),
        MapNode("vehicle", "Vehicle", "software-system", "ok"),
        MapNode("vehicles-db", "Vehicle registry", "container", "ok", "PostgreSQL"),
        MapNode("audit", "Audit log", "container", "unseen", "Kafka"),
        MapNode("push", "Push notifications", "container", "ok", "APNs, FCM"),
    )


def edges() -> tuple[MapEdge, ...]:
    return (
        MapEdge("driver", "ios-app", "ok"),
        MapEdge("driver", "android-app", "ok"),
        MapEdge("ios-app", "ios-bff", "slow", "p95 5.1 s"),
        MapEdge("android-app", "android-bff", "ok"),
        MapEdge("ios-bff", "rvm-api", "broken", "tcp 443 times out"),
        MapEdge("android-bff", "rvm-api", "ok"),
        MapEdge("ios-bff", "identity", "ok"),
        MapEdge("android-bff", "identity", "ok"),
        MapEdge("rvm-api", "telematics", "ok"),
        MapEdge("telematics", "vehicle", "ok"),
        MapEdge("vehicle", "telematics", "ok"),
        MapEdge("rvm-api", "vehicles-db", "ok"),
        MapEdge("rvm-api", "audit", "declared-only"),
        MapEdge("rvm-api", "push", "observed-only"),
        MapEdge("push", "ios-app", "ok"),
    )


def timeline() -> tuple[Moment, ...]:
    return (
        Moment(START - 1600, "change", "deploy ios-bff 4.17.3 to 4.18.0", "ios-bff", "O4"),
        Moment(START - 700, "change", "UpdateFunctionConfiguration: memory 512 to 768", "android-bff", "O3"),
        Moment(
            REVOKED, "change", "RevokeSecurityGroupIngress sg-0a41 tcp 443", "rvm-api", "O3", suspect=True
        ),
        Moment(START, "onset", "successful unlock invocations fall to 0", "ios-app", "O11"),
        Moment(START + 4, "log", "connect timed out after 5000 ms", "ios-bff", "O7"),
        Moment(START + 20, "onset", "p95 of calls rises to 5.1 s", "ios-bff", "O14"),
        Moment(START + 180, "symptom", "first report: iOS users cannot unlock", "ios-app"),
    )


def charts() -> tuple[Chart, ...]:
    times = tuple(START - 3600 + 60 * i for i in range(90))
    wave = [4 * math.sin(i / 5) + 2 * math.sin(i * 1.7) for i in range(90)]
    ios = tuple(None if 33 <= i < 37 else max(0.0, 41 + wave[i]) if i < 60 else 0.0 for i in range(90))
    delay = tuple(84 + 6 * wave[i] if i < 60 else 5010 + wave[i] for i in range(90))
    errors = tuple(0.0 if i < 60 else 14 + wave[i] for i in range(90))
    android = tuple(38 + 0.8 * wave[i] for i in range(90))
    return (
        Chart("Successful unlock invocations, iOS", "1/min", times, ios, "O11", START, "ios-app"),
        Chart("Successful unlock invocations, Android", "1/min", times, android, "O12", None, "android-app"),
        Chart("Latency of calls to rvm-api, p95", "ms", times, delay, "O14", START + 20, "ios-bff"),
        Chart("Timeouts in the log of ios-bff", "1/min", times, errors, "O7", START + 4, "ios-bff"),
    )


def templates() -> tuple[TemplateRow, ...]:
    return (
        TemplateRow("ios-bff", "ERROR UnlockClient connect timed out after <*> ms: <*>", "new", 0, 412, 0.0,
                    13.7, START + 4, 1e-9, True,
                    "ERROR UnlockClient connect timed out after 5000 ms: rvm-api.internal:443", "O7"),
        TemplateRow("ios-bff", "INFO unlock accepted vehicle=<*> in <*> ms", "vanished", 2471, 0, 41.2, 0.0,
                    None, 1e-12, False, "INFO unlock accepted vehicle=WX12 in 84 ms", "O7"),
        TemplateRow("ios-bff", "WARN retry <*> of 3 for <*>", "more", 31, 824, 0.5, 27.5, START - 3500, 1e-7,
                    False, "WARN retry 2 of 3 for unlock", "O7"),
        TemplateRow("rvm-api", "INFO GET /unlock <*>", "fewer", 4700, 1130, 78.3, 37.7, START - 3600, 1e-5, False,
                    "INFO GET /unlock 200", "O8"),
    )  # fmt: skip


def coverage() -> tuple[Coverage, ...]:
    rows = [
        ("architecture", "workspace.dsl", "all elements and relationships", Status.OK, 27, "", "O1"),
        ("infrastructure", "cloudtrail", "control plane 09:25 to 10:55", Status.OK, 214, "", "O3"),
        ("infrastructure", "deploys", "deploys 09:25 to 10:55", Status.OK, 3, "", "O4"),
        ("infrastructure", "git", "diff 4.17.3..4.18.0", Status.OK, 1, "", "O5"),
        ("logs", "loki", "ios-bff 09:25 to 10:55", Status.OK, 18210, "", "O7"),
        ("logs", "loki", "rvm-api 09:25 to 10:55", Status.TRUNCATED, 50000, "limit of 50,000 records", "O8"),
        ("metrics", "prometheus", "unlock_invocations_total by platform", Status.OK, 180, "", "O11"),
        ("metrics", "prometheus", "unlock_invocations_total android", Status.OK, 90, "", "O12"),
        (
            "metrics",
            "cloudwatch",
            "NetworkPacketsDropped",
            Status.DENIED,
            0,
            "needs cloudwatch:GetMetricData",
            "",
        ),
        ("traces", "tempo", "ios-bff spans", Status.OK, 6120, "", "O14"),
        ("traces", "tempo", "rvm-api spans", Status.PARTIAL, 5870, "112 spans without a parent", "O15"),
        ("knowledge", "runbooks", "unlock timeout", Status.EMPTY, 0, "", "O16"),
    ]
    return tuple(Coverage(*row) for row in rows)


def door_unlock() -> Report:
    """iOS users cannot unlock their car doors: a removed ingress rule, and an innocent deploy."""
    return Report(
        run="r-0619-7f3a",
        created=START + 1860,
        question="iOS users cannot unlock their car doors since about 10:25",
        headline=(
            "The ingress rule from the iOS backend-for-frontend to the Remote Vehicle Management API "
            "was removed at 10:24:51"
        ),
        symptom=Symptom(
            SymptomKind.UNAVAILABLE,
            ("ios-app",),
            ("iOS app",),
            ("“cannot unlock” says that requests fail.", "“iOS users” names the iOS app."),
            START,
            START - 30,
            START + 30,
        ),
        incident=Window(START, START + 1800),
        baseline=Window(START - 3600, START),
        hypotheses=(first_hypothesis(), second_hypothesis()),
        something_else=0.07,
        coverage=coverage(),
        verified=True,
        checked_claims=9,
        dropped_claims=("Packets were dropped by the firewall: no observation bears this out.",),
        blast_radius=("iOS app", "iOS backend-for-frontend", "Driver"),
        drift=(
            Drift("declared-not-seen", "rvm-api", "audit", "no span in 90 min"),
            Drift("seen-not-declared", "rvm-api", "push", "1,204 calls"),
        ),
        service_bindings=(
            ServiceBinding("ios-bff", "ios-bff", "same name"),
            ServiceBinding("rvm-api-prod", "rvm-api", "property otel.service"),
        ),
        trail=("10:40:12 excluded identity: “we checked it”",),
        notes=("Clocks of cloudtrail and loki agree within 1 s.",),
        exhibits=Exhibits(nodes(), edges(), timeline(), charts(), templates()),
    )


def nothing_found() -> Report:
    """A quiet window: no hypothesis, no culprit."""
    full = door_unlock()
    return replace(
        full,
        headline="Nothing abnormal was found between 10:25 and 10:55",
        symptom=Symptom(SymptomKind.UNKNOWN, (), (), (), abnormal=False),
        hypotheses=(),
        something_else=1.0,
        coverage=full.coverage[:1],
        checked_claims=0,
        dropped_claims=(),
        blast_radius=(),
        drift=(),
        service_bindings=(),
        trail=(),
        notes=(),
        exhibits=Exhibits(),
    )


def hostile(text: str = HOSTILE) -> Report:
    """Every free text of the report is replaced by the given one."""
    full = door_unlock()
    claim = replace(
        full.hypotheses[0].evidence[0], claim=text, quote=f"{text}\n{text}", signal=text, observations=(text,)
    )
    hypothesis = replace(
        full.hypotheses[0],
        component=text,
        name=text,
        mechanism_title=text,
        statement=text,
        evidence=(claim, replace(claim, supports=False)),
        refutations=(Refutation(text, text, True), Refutation(text, text, False)),
        next_check=Check(text, text),
        remedy=text,
        path=(text, "ios-bff", "ios-app"),
    )
    exhibits = Exhibits(
        nodes=(MapNode(text, text, text, "cause", text), MapNode("b", text, text, text, text)),
        edges=(MapEdge(text, "b", "broken", text), MapEdge("b", text, text, text)),
        timeline=(Moment(START, text, text, text, text, True),),
        charts=(Chart(text, text, (START, START + 60), (1.0, None), text, START, text),),
        templates=(
            replace(full.exhibits.templates[0], service=text, template=text, change=text, sample=text),
        ),
    )
    return replace(
        full,
        run=text,
        question=text,
        headline=text,
        symptom=replace(full.symptom, components=(text,), names=(text,), understood=(text,)),
        hypotheses=(hypothesis, replace(hypothesis, likelihood=0.1)),
        coverage=(Coverage(text, text, text, Status.FAILED, 0, text, text),),
        dropped_claims=(text,),
        blast_radius=(text,),
        drift=(Drift(text, text, text, text),),
        service_bindings=(ServiceBinding(text, text, text),),
        trail=(text,),
        notes=(text,),
        exhibits=exhibits,
    )
