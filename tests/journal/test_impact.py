"""What a candidate would change in what was decided."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import msgspec
import pytest

import api.routes.impact as routes_impact
from api.app import framed
from api.replays.impact import MAX_EXAMPLES, Counts, Example, Progress
from api.replays.impact_worker import _findings
from rules.decision import Verdict
from tests.serving import DECISION, Service, StartService


async def decide(session: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    reply = await session.post("/v1/decisions", json={**DECISION, **changes})
    assert reply.status_code == 200, reply.text
    decision: dict[str, Any] = reply.json()
    return decision


async def impact(session: httpx.AsyncClient, **question: Any) -> dict[str, Any]:
    reply = await session.post("/v1/impact", json=question)
    assert reply.status_code == 200, reply.text
    result: dict[str, Any] = reply.json()
    return result


async def test_an_impact_is_what_deciding_again_would_say(service: Service) -> None:
    session = await service.client()
    changed: dict[str, tuple[str, str]] = {}
    for venue in ("binance", "bybit", "okx"):
        for leverage in ("2", "20", "50"):
            who = {"residence": "AE-AZ", "client_class": "professional"}
            made = await decide(session, venue=venue, instrument="BTC/USDT:USDT", client=who, leverage=leverage)
            url = f"/v1/decisions/{made['decision_id']}/replay"
            replayed = (await session.post(url, json={"policy": "law_only"})).json()["replayed"]["verdict"]
            if replayed != made["verdict"]:
                changed[made["decision_id"]] = (made["verdict"], replayed)
    result = await impact(session, policy="law_only")
    assert (result["total"], result["evaluated"], result["not_replayable"]) == (9, 9, 0)
    assert result["changed"] == len(changed)
    assert len(changed) > 0
    examples = {each["decision_id"]: (each["recorded"], each["candidate"]) for each in result["examples"]}
    assert examples == changed
    assert all(each["rules"] for each in result["examples"])
    assert sum(each["count"] for each in result["by_verdict"]) == len(changed)
    assert sum(each["changed"] for each in result["by_venue"]) == len(changed)
    stop = next(each for each in result["by_rule"] if each["rule"] == "risk.stop_present")
    assert stop["no_longer_failing"] == len(changed)


async def test_the_recorded_terms_change_nothing(service: Service) -> None:
    session = await service.client()
    for leverage in ("2", "20", "100"):
        await decide(session, leverage=leverage)
    for question in ({}, {"policy": "standard"}, {"release": "latest"}):
        result = await impact(session, **question)
        assert (result["evaluated"], result["changed"], result["examples"]) == (3, 0, [])


async def test_a_filter_narrows_what_is_looked_at(service: Service) -> None:
    session = await service.client()
    await decide(session, policy="law_only")
    await decide(session, venue="bybit", policy="law_only")
    await decide(session, venue="bybit", policy="law_only", client={"residence": "AE", "client_class": "retail"})
    for filters, total in [
        ({"venue": ["bybit"]}, 2),
        ({"residence": ["AE"]}, 1),
        ({"venue": ["binance", "bybit"], "residence": ["US-NY"]}, 2),
        ({"key": [""]}, 3),
    ]:
        assert (await impact(session, policy="standard", filter=filters))["total"] == total
    assert (await impact(session, policy="standard", since="2026-01-01", until="2126-01-01"))["total"] == 3


async def test_progress_is_streamed(service: Service) -> None:
    session = await service.client()
    for _ in range(3):
        await decide(session)
    reply = await session.post("/v1/impact", json={"policy": "law_only"}, headers={"Accept": "application/x-ndjson"})
    lines = [msgspec.json.decode(line) for line in reply.content.splitlines()]
    assert [line["kind"] for line in lines] == ["progress"] * (len(lines) - 1) + ["result"]
    assert lines[-2] == {"kind": "progress", "done": 3, "total": 3}
    assert lines[-1]["total"] == 3


@pytest.mark.parametrize(
    ("question", "status", "pointer"),
    [
        ({"policy": "standard"}, 422, "/filter"),
        ({"policy": "standard", "filter": {"venue": ["okx"]}}, 422, "/filter"),
        ({"policy": "standard", "filter": {"venue": ["nowhere"]}}, 422, "/filter/venue"),
        ({"policy": "nobody's"}, 422, "/policy"),
        ({"policy": {"name": "x", "max_leverage": "-1"}}, 422, "/policy/max_leverage"),
        ({"release": "rel_000000000000"}, 404, None),
        ({"since": "yesterday", "until": "tomorrow"}, 422, "/since"),
        ({"filter": {"verdict": ["maybe"]}}, 422, "/filter/verdict/0"),
        ({"filters": {}}, 422, "/filters"),
    ],
)
async def test_questions_that_cannot_be_answered(
    service: Service, question: dict[str, Any], status: int, pointer: str | None
) -> None:
    session = await service.client()
    reply = await session.post("/v1/impact", json=question)
    assert reply.status_code == status, reply.text
    if pointer is not None:
        assert pointer in [error["pointer"] for error in reply.json()["errors"]]


async def test_masked_decisions_are_counted_apart(start: StartService) -> None:
    session = await (await start(mask_client="drop")).client()
    await decide(session)
    result = await impact(session, policy="law_only")
    assert (result["total"], result["evaluated"], result["not_replayable"], result["changed"]) == (1, 0, 1, 0)


async def test_two_runs_at_once_are_one_too_many(service: Service) -> None:
    session = await service.client()
    await decide(session)
    async with service.services.impact_runs.one():
        for media_type in ("application/json", "application/x-ndjson"):
            reply = await session.post("/v1/impact", json={"policy": "law_only"}, headers={"Accept": media_type})
            assert reply.status_code == 503
            assert int(reply.headers["retry-after"]) > 0
    assert (await impact(session, policy="law_only"))["total"] == 1


@pytest.mark.parametrize("media_type", ["application/json", "application/x-ndjson"])
async def test_of_two_runs_asked_for_in_the_same_instant_one_is_refused(service: Service, media_type: str) -> None:
    session = await service.client()
    await decide(session)
    asked = (session.post("/v1/impact", json={"policy": "law_only"}, headers={"Accept": media_type}) for _ in range(2))
    assert sorted(reply.status_code for reply in await asyncio.gather(*asked)) == [200, 503]


@pytest.mark.parametrize("media_type", ["application/json", "application/x-ndjson"])
async def test_a_key_revoked_in_the_middle_of_a_run_ends_it(
    start: StartService, monkeypatch: pytest.MonkeyPatch, media_type: str
) -> None:
    service = await start()
    key = service.make_key("decide", "audit")
    session = await service.client(key)
    await decide(session)

    async def run(_job: object, total: int) -> AsyncGenerator[Progress, None]:
        yield Progress(done=0, total=total)
        service.revoke(key)
        yield Progress(done=total, total=total)

    monkeypatch.setattr(routes_impact, "run", run)
    reply = await session.post("/v1/impact", json={"policy": "law_only"}, headers={"Accept": media_type})
    assert reply.status_code == (200 if media_type.endswith("ndjson") else 401)
    last = msgspec.json.decode(reply.content.splitlines()[-1])
    assert (last["status"], last["detail"]) == (401, "The key was revoked.")
    assert not service.services.impact_runs.all_taken()


async def test_a_run_ends_with_the_client_that_waits_for_it(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    session = await service.client()
    await decide(session)
    started, ended = asyncio.Event(), asyncio.Event()

    async def run(_job: object, total: int) -> AsyncGenerator[Progress, None]:
        try:
            started.set()
            yield Progress(done=0, total=total)
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr(routes_impact, "run", run)
    body, messages = b"{}", list[Any]()

    async def receive() -> Any:
        if not messages:
            messages.append("body")
            return {"type": "http.request", "body": body, "more_body": False}
        await started.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        messages.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/impact",
        "raw_path": b"/v1/impact",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"content-length", b"2")],
        "client": ("127.0.0.1", 5),
        "server": ("localhost", 80),
    }
    async with asyncio.timeout(60):
        await framed(service.app)(scope, receive, send)
    assert ended.is_set()
    assert not service.services.impact_runs.all_taken()


def test_an_answer_altered_beyond_text_has_no_findings() -> None:
    finding = b'{"findings":[{"rule":"risk.stop\xff","effect":"deny","outcome":"pass"}]}'
    assert _findings(finding) is None
    assert _findings(finding.replace(b"\xff", b"s")) is not None


async def test_too_many_values_of_a_filter_are_refused_unread(service: Service) -> None:
    session = await service.client()
    for name in ("rule", "venue"):
        reply = await session.post("/v1/impact", json={"filter": {name: [f"x{n}" for n in range(5_000)]}})
        assert reply.status_code == 422, reply.text
        assert reply.json()["errors"] == [{"pointer": f"/filter/{name}", "detail": "at most 50 values"}]


def test_counts_of_several_processes_add_up() -> None:
    def example(number: int) -> Example:
        return Example(
            decision_id=f"dec_{number:03}",
            venue="binance",
            as_of="2026-11-21",
            recorded=Verdict.DENY,
            candidate=Verdict.ALLOW,
            rules=(),
        )

    one = Counts(
        done=5,
        verdicts={"deny>allow": 2},
        rules={"a": {"fail>pass": 1, "fail>unknown": 1}},
        evaluated={"binance": 5},
        changed={"binance": 2},
        examples=[example(number) for number in range(0, 40, 2)],
    )
    other = Counts(
        done=7,
        not_replayable=1,
        verdicts={"deny>allow": 1, "allow>deny": 4},
        rules={"a": {"fail>pass": 1}, "b": {"pass>fail": 4}},
        evaluated={"binance": 2, "bybit": 4},
        changed={"binance": 1, "bybit": 4},
        examples=[example(number) for number in range(1, 41, 2)],
    )
    one.add(other)
    result = one.result(total=12)
    assert (result.evaluated, result.changed, result.not_replayable) == (11, 7, 1)
    assert [(each.recorded, each.candidate, each.count) for each in result.by_verdict] == [
        (Verdict.ALLOW, Verdict.DENY, 4),
        (Verdict.DENY, Verdict.ALLOW, 3),
    ]
    assert [(each.rule, each.count, each.newly_failing, each.no_longer_failing) for each in result.by_rule] == [
        ("b", 4, 4, 0),
        ("a", 3, 0, 3),
    ]
    assert [(each.venue, each.changed, each.evaluated) for each in result.by_venue] == [
        ("bybit", 4, 4),
        ("binance", 3, 7),
    ]
    assert [each.decision_id for each in result.examples] == [f"dec_{number:03}" for number in range(MAX_EXAMPLES)]
