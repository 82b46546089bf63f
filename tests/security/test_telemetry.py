"""What an operator sees, and what must not be seen."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog
from litestar import get
from litestar.exceptions import InternalServerException
from prometheus_client.parser import text_string_to_metric_families

from api.app import litestar_app
from api.telemetry.log import configure_logging
from tests.journal.entries import new_entry
from tests.serving import DECISION, Service, StartService


class Output(io.BytesIO):
    """What was logged."""

    def lines(self) -> list[str]:
        return self.getvalue().decode().splitlines()

    def close(self) -> None:
        """Stay readable when the handler that wrote here is let go."""


@pytest.fixture
def output() -> Iterator[Output]:
    handlers = list(logging.getLogger().handlers)
    yield Output()
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = handlers


def samples(text: str, name: str) -> dict[str, float]:
    """Return the samples of a metric by their labels."""
    found = re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", text, re.MULTILINE)
    return {labels: float(value) for labels, value in found}


async def test_metrics_count_requests_verdicts_rules_and_commits(service: Service) -> None:
    client = await service.client()
    decisions = [(await client.post("/v1/decisions", json=DECISION)).json() for _ in range(3)]
    await client.post("/v1/decisions?record=false", json=DECISION)
    await client.get("/nowhere")
    await client.get(f"/v1/decisions/{decisions[0]['decision_id']}")
    text = (await client.get("/metrics")).text
    requests = samples(text, "preclear_requests_total")
    assert requests['method="POST",route="/v1/decisions",status="200"'] == 4
    assert requests['method="GET",route="other",status="404"'] == 1
    assert requests['method="GET",route="/v1/decisions/{decision_id}",status="200"'] == 1
    verdict = decisions[0]["verdict"]
    assert samples(text, "preclear_decisions_total") == {f'verdict="{verdict}"': 4}
    outcomes = samples(text, "preclear_rule_outcomes_total")
    for finding in decisions[0]["findings"]:
        assert outcomes[f'outcome="{finding["outcome"]}",rule="{finding["rule"]}"'] >= 4
    assert samples(text, "preclear_journal_entries_total") == {'result="stored"': 3}
    assert samples(text, "preclear_journal_commit_seconds_count") == {"": 3}
    assert samples(text, "preclear_request_seconds_count")['method="POST",route="/v1/decisions"'] == 4
    assert samples(text, "preclear_release_age_seconds")[""] >= 0


async def test_failed_commits_are_counted(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await service.client()
    await client.post("/v1/decisions", json=DECISION)
    with service.holding_the_journal(), monkeypatch.context() as impatient:
        impatient.setattr("data.journal.database.LOCK_SECONDS", 0.1)
        assert (await client.post("/v1/decisions", json=DECISION)).status_code == 503
    text = (await client.get("/metrics")).text
    assert samples(text, "preclear_journal_entries_total") == {'result="stored"': 1, 'result="failed"': 1}


async def test_entries_are_counted_once_by_what_became_of_each(service: Service) -> None:
    client = await service.client()
    named = {"Idempotency-Key": "order-1"}
    for leverage in ("5", "5", "4"):
        await client.post("/v1/decisions", json={**DECISION, "leverage": leverage}, headers=named)
    text = (await client.get("/metrics")).text
    assert samples(text, "preclear_journal_entries_total") == {
        'result="stored"': 1,
        'result="replayed"': 1,
        'result="conflict"': 1,
    }
    assert samples(text, "preclear_journal_batch_entries_sum") == {"": 3}


async def test_entries_beside_a_bad_one_are_counted_once(service: Service) -> None:
    entry = new_entry("dec_1")
    outcomes = await asyncio.gather(
        *(service.services.journal.record(one) for one in (entry, new_entry("dec_2"), entry)), return_exceptions=True
    )
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 1
    text = (await (await service.client()).get("/metrics")).text
    assert samples(text, "preclear_journal_entries_total") == {'result="stored"': 2, 'result="failed"': 1}
    assert samples(text, "preclear_journal_commit_seconds_count") == {"": 3}


async def test_no_label_names_a_client_a_key_or_a_trade(service: Service) -> None:
    key = service.make_key("admin")
    client = await service.client(key)
    await client.post("/v1/decisions", json=DECISION, headers={"Idempotency-Key": "order-4711"})
    await client.get("/v1/decisions?residence=US-NY")
    families = text_string_to_metric_families((await client.get("/metrics")).text)
    labels = {value for family in families for sample in family.samples for value in sample.labels.values()}
    assert "/v1/decisions" in labels
    for secret in ("US-NY", "BTCUSDT", "31000", "order-4711", key, key.split("_")[1], "dec_"):
        assert not any(secret in label for label in labels)


async def test_a_request_is_one_line_of_json_without_client_data(start: StartService, output: Output) -> None:
    configure_logging("json", stream=output)
    service = await start()
    key = service.make_key("admin")
    client = await service.client(key)
    headers = {"X-Request-Id": "trace-00000001", "Idempotency-Key": "order-4711"}
    await client.post("/v1/decisions?record=true", json=DECISION, headers=headers)
    await client.get("/v1/decisions?residence=US-NY")
    await client.get("/health/live")
    lines = [json.loads(line) for line in output.lines()]
    first, second = [line for line in lines if line["event"] == "request"]
    assert first["request_id"] == "trace-00000001"
    assert (first["method"], first["path"], first["status"]) == ("POST", "/v1/decisions", 200)
    assert first["key_id"] == key.split("_")[1]
    assert first["ms"] > 0
    assert (second["path"], second["level"]) == ("/v1/decisions", "info")
    everything = "\n".join(output.lines())
    for secret in ("US-NY", "BTCUSDT", key, key.split("_")[2], "order-4711"):
        assert secret not in everything


async def test_the_log_names_the_key_of_a_request_that_is_refused(start: StartService, output: Output) -> None:
    configure_logging("json", stream=output)
    service = await start()
    key = service.make_key("read")
    client = await service.client(key)
    assert (await client.post("/v1/decisions", json=DECISION)).status_code == 403
    (line,) = [line for line in map(json.loads, output.lines()) if line["event"] == "request"]
    assert (line["status"], line["key_id"]) == (403, key.split("_")[1])


async def test_a_request_is_one_line_of_text(start: StartService, output: Output) -> None:
    configure_logging("console", stream=output)
    client = await (await start()).client()
    await client.get("/nowhere")
    (line,) = [line for line in output.lines() if " request " in line]
    assert "method=GET" in line
    assert "status=404" in line


async def test_a_path_cannot_write_a_line_of_its_own(start: StartService, output: Output) -> None:
    configure_logging("console", stream=output)
    client = await (await start()).client()
    await client.get("/nowhere%0A2026-01-01T00:00:00Z info request forged=1%1B[31m")
    (line,) = [line for line in output.lines() if "forged" in line]
    assert "path=/nowhere\\n2026" in line
    assert "\x1b" not in line


async def test_a_quieter_log_leaves_requests_out(start: StartService, output: Output) -> None:
    configure_logging("json", "warning", output)
    client = await (await start()).client()
    await client.get("/nowhere")
    assert output.lines() == []


def test_other_programs_warnings_come_in_the_same_form(output: Output) -> None:
    configure_logging("json", stream=output)
    logging.getLogger("some.library").warning("look out: %s", "a hole")
    structlog.get_logger("preclear").error("failed", request_id="r-1", exc_info=ValueError("broken"))
    first, second = [json.loads(line) for line in output.lines()]
    assert (first["event"], first["level"]) == ("look out: a hole", "warning")
    assert second["request_id"] == "r-1"
    assert "ValueError: broken" in second["exception"]


async def test_a_failure_is_told_without_detail_and_logged_with_it(
    start: StartService, output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure_logging("json", stream=output)
    service = await start()

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(service.services, "decide", broken)
    client = await service.client()
    reply = await client.post("/v1/decisions", json=DECISION)
    assert reply.status_code == 500
    assert "secret" not in reply.text
    assert reply.json()["instance"] == reply.headers["x-request-id"]
    (failure,) = [line for line in map(json.loads, output.lines()) if line["level"] == "error"]
    assert "the secret inside" in failure["exception"]
    assert failure["request_id"] == reply.headers["x-request-id"]


async def test_a_failure_of_the_framework_is_told_and_logged_as_any_other(output: Output) -> None:
    configure_logging("json", stream=output)

    @get("/broken")
    async def broken() -> None:
        raise InternalServerException("the secret inside")

    transport = httpx.ASGITransport(app=litestar_app([broken], []))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        reply = await client.get("/broken")
    assert reply.status_code == 500
    assert "secret" not in reply.text
    (failure,) = [line for line in map(json.loads, output.lines()) if line["level"] == "error"]
    assert "the secret inside" in failure["exception"]


async def test_a_head_request_is_counted_under_its_route(service: Service) -> None:
    client = await service.client()
    assert (await client.head("/v1/venues")).status_code == 200
    requests = samples((await client.get("/metrics")).text, "preclear_requests_total")
    assert requests == {'method="HEAD",route="/v1/venues",status="200"': 1}
