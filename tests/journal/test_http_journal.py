"""The journal over HTTP: what was decided is listed, read again, exported and replayed."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import AsyncIterator
from functools import partial
from typing import Any, NoReturn

import httpx
import msgspec
import pyarrow.parquet as pq
import pytest

from api.problems import NOT_FOUND, ProblemError
from api.representations.journal_rows import row_of
from data.journal import turn
from data.journal.database import Database
from data.journal.entry import Summary
from tests.serving import DECISION, Service, StartService

HEADER = (
    "seq",
    "previous",
    "decision_id",
    "request_sha256",
    "answer_sha256",
    "input_hash",
    "release",
    "rules_version",
    "policy_name",
    "policy_digest",
    "api_version",
    "as_of",
    "decided_at",
    "recorded_at",
    "verdict",
    "venue",
    "residence",
    "failed_rules",
    "key_id",
    "idempotency_key",
    "masked",
)
"""What an entry's digest covers, after `format`."""


async def decide(session: httpx.AsyncClient, idempotency_key: str | None = None, /, **changes: Any) -> dict[str, Any]:
    headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
    reply = await session.post("/v1/decisions", json={**DECISION, **changes}, headers=headers)
    assert reply.status_code == 200, reply.text
    decision: dict[str, Any] = reply.json()
    return decision


async def test_a_recorded_decision_is_read_again_byte_for_byte(service: Service) -> None:
    client = await service.client()
    made = await client.post("/v1/decisions", json=DECISION)
    url = f"/v1/decisions/{made.json()['decision_id']}"
    read = await client.get(url)
    assert read.content == made.content
    assert read.headers["preclear-release"] == made.headers["preclear-release"]
    assert "immutable" in read.headers["cache-control"]
    unchanged = await client.get(url, headers={"If-None-Match": read.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


async def test_a_decision_that_was_not_recorded_is_not_found(service: Service) -> None:
    client = await service.client()
    made = await client.post("/v1/decisions?record=false", json=DECISION)
    for path in ("", "/entry"):
        assert (await client.get(f"/v1/decisions/{made.json()['decision_id']}{path}")).status_code == 404
    assert (await client.post("/v1/decisions/dec_unknown/replay")).status_code == 404


async def test_an_entry_can_be_checked_without_us(service: Service) -> None:
    """The digest is that of the header as documented, in plain JSON."""
    client = await service.client()
    first, second = await decide(client), await decide(client, leverage="3")
    entries = [(await client.get(f"/v1/decisions/{d['decision_id']}/entry")).json() for d in (first, second)]
    assert [entry["seq"] for entry in entries] == [1, 2]
    assert entries[1]["previous"] == entries[0]["digest"]
    for entry, decision in zip(entries, (first, second), strict=True):
        assert entry["answer"] == decision
        header = msgspec.json.encode({"format": 1, **{name: entry[name] for name in HEADER}})
        assert entry["digest"] == "sha256:" + hashlib.sha256(header).hexdigest()


async def test_lists_filter_and_page(service: Service) -> None:
    client = await service.client()
    made = [
        await decide(client, venue=venue, client={"residence": residence, "client_class": "retail"})
        for venue in ("binance", "bybit")
        for residence in ("US-NY", "AE")
    ]
    everything = (await client.get("/v1/decisions")).json()
    assert [row["decision_id"] for row in everything["data"]] == [d["decision_id"] for d in reversed(made)]
    assert everything["meta"]["count"] == 4
    assert everything["meta"]["next_cursor"] is None
    for query, count in [
        ("venue=bybit", 2),
        ("venue=bybit&venue=binance&residence=AE", 2),
        ("verdict=deny&verdict=review&verdict=allow", 4),
        ("since=2026-01-01", 4),
        ("until=2026-01-01", 0),
        ("since=2026-01-01T00:00:00Z&until=2126-01-01T00:00:00%2B02:00", 4),
        ("key=nobody", 0),
        ("rule=risk.stop_present", sum("risk.stop_present" in failed(d) for d in made)),
    ]:
        assert (await client.get(f"/v1/decisions?{query}")).json()["meta"]["count"] == count, query
    first = (await client.get("/v1/decisions?limit=3")).json()
    second = (await client.get(f"/v1/decisions?limit=3&cursor={first['meta']['next_cursor']}")).json()
    assert [row["seq"] for row in first["data"] + second["data"]] == [4, 3, 2, 1]
    assert second["meta"]["next_cursor"] is None


def failed(decision: dict[str, Any]) -> list[str]:
    return [finding["rule"] for finding in decision["findings"] if finding["outcome"] == "fail"]


async def test_a_row_says_what_the_decision_says(service: Service) -> None:
    client = await service.client()
    made = await decide(client, "order-7")
    (row,) = (await client.get("/v1/decisions")).json()["data"]
    for name in ("decision_id", "verdict", "release", "rules_version", "as_of", "decided_at"):
        assert row[name] == made[name], name
    assert (row["policy_name"], row["policy_digest"]) == (made["policy"]["name"], made["policy"]["digest"])
    assert row["failed_rules"] == failed(made)
    assert (row["venue"], row["residence"], row["idempotency_key"]) == ("binance", "US-NY", "order-7")


async def test_a_row_says_why_the_decision_is_a_review(service: Service) -> None:
    client = await service.client()
    made = await decide(client, client={"residence": "AE-AZ", "client_class": "professional"}, policy="law_only")
    assert made["verdict"] == "review"
    unknown = [one["rule"] for one in made["findings"] if one["outcome"] == "unknown" and one["effect"] != "warn"]
    assert unknown
    (row,) = (await client.get("/v1/decisions")).json()["data"]
    assert (row["unknown_rules"], row["summary"]) == (unknown, made["summary"])
    entry = (await client.get(f"/v1/decisions/{made['decision_id']}/entry")).json()
    assert (entry["unknown_rules"], entry["summary"]) == (unknown, made["summary"])
    (line,) = (await client.get("/v1/decisions?format=ndjson")).content.splitlines()
    (cells,) = csv.DictReader(io.StringIO((await client.get("/v1/decisions?format=csv")).text))
    (cell,) = pq.read_table(io.BytesIO((await client.get("/v1/decisions?format=parquet")).content)).to_pylist()
    assert msgspec.json.decode(line)["unknown_rules"] == cell["unknown_rules"] == unknown
    assert msgspec.json.decode(cells["unknown_rules"]) == unknown
    assert cells["summary"] == cell["summary"] == made["summary"]


@pytest.mark.parametrize("answer", [b"", b"{", b"\xff", b'{"summary":"x"}'])
def test_a_row_is_listed_whose_answer_cannot_be_read(answer: bytes) -> None:
    values: dict[str, Any] = dict.fromkeys(Summary.__struct_fields__, "")
    row = row_of(Summary(**{**values, "seq": 1, "failed_rules": (), "as_of": "2026-11-21", "answer": answer}))
    assert (row["unknown_rules"], row["summary"]) == ((), None)


@pytest.mark.parametrize(
    "query",
    [
        "verdict=maybe",
        "limit=0",
        "limit=1001",
        "limit=x",
        "cursor=zzz",
        "cursor=YmVmb3JlOjA",
        "since=yesterday",
        "until=2026-13-01",
        "since=2026-01-01T00:00:00",
        "since=2026-01-01T00:00Z",
        "since=2026-W01-1",
        "since=20260101",
        "since=2026-W01-1T00:00:00Z",
        "until=2026-01-01T24:00:00Z",
        "until=٢٠٢٦-01-01",
        "since=0001-01-01T00:00:00%2B10:00",
        "unknown=1",
        "format=xml",
        "venue=",
        "limit=1&limit=2",
    ],
)
async def test_bad_queries_are_refused_by_name(service: Service, query: str) -> None:
    client = await service.client()
    reply = await client.get(f"/v1/decisions?{query}")
    assert reply.status_code == 422, reply.text
    assert reply.json()["errors"][0]["pointer"] == f"query:{query.partition('=')[0]}"


async def test_exports_hold_every_row_in_three_formats(service: Service) -> None:
    client = await service.client()
    made = [await decide(client, leverage=str(leverage)) for leverage in range(2, 9)]
    ids = [decision["decision_id"] for decision in made]
    for form, media_type in [
        ("ndjson", "application/x-ndjson"),
        ("csv", "text/csv"),
        ("parquet", "application/vnd.apache.parquet"),
    ]:
        asked = await client.get(f"/v1/decisions?format={form}")
        accepted = await client.get("/v1/decisions", headers={"Accept": media_type})
        assert asked.content == accepted.content
        assert asked.headers["content-type"].startswith(media_type)
        if form == "ndjson":
            rows = [msgspec.json.decode(line) for line in asked.content.splitlines()]
        elif form == "csv":
            rows = list(csv.DictReader(io.StringIO(asked.text)))
        else:
            rows = pq.read_table(io.BytesIO(asked.content)).to_pylist()
        assert [row["decision_id"] for row in rows] == ids
        assert {row["venue"] for row in rows} == {"binance"}
    empty = await client.get("/v1/decisions?format=csv&venue=kraken")
    assert empty.text.count("\n") == 1


async def test_a_caller_cannot_put_a_formula_into_an_auditors_sheet(service: Service) -> None:
    client = await service.client()
    keys = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "plain-1"]
    for key in keys:
        await decide(client, key)
    rows = list(csv.DictReader(io.StringIO((await client.get("/v1/decisions?format=csv")).text)))
    assert [row["idempotency_key"] for row in rows] == [*(f"'{key}" for key in keys[:4]), "plain-1"]
    exported = (await client.get("/v1/decisions?format=ndjson")).content.splitlines()
    assert [msgspec.json.decode(line)["idempotency_key"] for line in exported] == keys


async def test_a_request_has_one_idempotency_key(service: Service) -> None:
    client = await service.client()
    fields = [("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
    reply = await client.post("/v1/decisions", json=DECISION, headers=fields)
    assert reply.status_code == 422, reply.text
    assert reply.json()["errors"][0]["pointer"] == "header:Idempotency-Key"


async def test_a_replay_gives_the_same_bytes(service: Service) -> None:
    client = await service.client()
    for changes in ({}, {"as_of": "2024-02-29"}, {"policy": "conservative"}, {"release": "latest", "leverage": "125"}):
        made = await client.post("/v1/decisions", json={**DECISION, **changes})
        reply = await client.post(f"/v1/decisions/{made.json()['decision_id']}/replay")
        labelled = {"content-type": "application/json"}  # of the body that is not there, as some clients do
        again = await client.post(f"/v1/decisions/{made.json()['decision_id']}/replay", headers=labelled)
        assert again.json() == reply.json()
        assert reply.status_code == 200, reply.text
        replay = reply.json()
        assert (replay["identical"], replay["intact"], replay["differences"]) == (True, True, [])
        assert replay["decision"] == made.json()
        assert made.content in reply.content
        assert replay["recorded"] == replay["replayed"]


async def test_a_policy_given_whole_is_replayed_from_the_journal(service: Service, start: StartService) -> None:
    client = await service.client()
    whole = await decide(client, policy={"name": "mine", "max_leverage": "3"})
    restarted = await (await start()).client()
    reply = (await restarted.post(f"/v1/decisions/{whole['decision_id']}/replay", json={})).json()
    assert reply["identical"]
    assert reply["recorded"]["policy"]["name"] == "mine"


async def test_another_policy_shows_the_difference_rule_by_rule(service: Service) -> None:
    client = await service.client()
    made = await decide(client, policy="law_only")
    reply = (await client.post(f"/v1/decisions/{made['decision_id']}/replay", json={"policy": "standard"})).json()
    assert not reply["identical"]
    assert reply["recorded"]["policy"]["name"] == "law_only"
    assert reply["replayed"]["policy"]["name"] == "standard"
    rules = {each["name"]: each for each in reply["differences"] if each["what"] == "rule"}
    stop = rules["risk.stop_present"]
    assert (stop["recorded"] or {}).get("outcome") != "fail"
    assert stop["replayed"]["outcome"] == "fail"
    assert not any(each["name"] in ("/policy/name", "/digest") for each in reply["differences"])
    again = (await client.post(f"/v1/decisions/{made['decision_id']}/replay", json={"policy": "law_only"})).json()
    assert again["identical"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"policy": "nobody's"}, 422),
        ({"policy": {"name": "x", "max_leverage": "-1"}}, 422),
        ({"release": "rel_000000000000"}, 404),
        ({"releases": "latest"}, 422),
        ([], 422),
    ],
)
async def test_bad_replays_are_refused(service: Service, body: Any, status: int) -> None:
    client = await service.client()
    made = await decide(client)
    reply = await client.post(f"/v1/decisions/{made['decision_id']}/replay", json=body)
    assert reply.status_code == status, reply.text


@pytest.mark.parametrize("policy", ["nobodys", 7])
async def test_a_bad_replay_is_told_of_its_policy_and_release_at_once(service: Service, policy: Any) -> None:
    client = await service.client()
    made = await decide(client)
    asked = {"release": "rel_000000000000", "policy": policy}
    reply = await client.post(f"/v1/decisions/{made['decision_id']}/replay", json=asked)
    assert (reply.status_code, {one["pointer"] for one in reply.json()["errors"]}) == (422, {"/policy", "/release"})


async def test_a_replay_does_not_pass_over_a_body_without_a_length(service: Service) -> None:
    client = await service.client()
    made = await decide(client)

    async def parts() -> AsyncIterator[bytes]:
        yield b'{"policy": "law_only"}'

    reply = await client.post(f"/v1/decisions/{made['decision_id']}/replay", content=parts())
    assert reply.status_code == 415, reply.text


async def test_a_stored_policy_reaches_a_replay_after_it_changed(service: Service) -> None:
    client = await service.client()
    made = await decide(client, policy={"name": "desk", "max_leverage": "3"})
    await decide(client, policy={"name": "desk", "max_leverage": "50"})
    reply = (await client.post(f"/v1/decisions/{made['decision_id']}/replay")).json()
    assert reply["identical"]


async def test_idempotency_over_http(service: Service, start: StartService) -> None:
    client = await service.client()
    named = {"Idempotency-Key": "order-1"}
    first = await client.post("/v1/decisions", json=DECISION, headers=named)
    again = await client.post("/v1/decisions", json=DECISION, headers=named)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    restarted = await (await start()).client()
    assert (await restarted.post("/v1/decisions", json=DECISION, headers=named)).content == first.content
    other = await client.post("/v1/decisions", json={**DECISION, "leverage": "4"}, headers=named)
    assert other.status_code == 409
    assert first.json()["decision_id"] in other.json()["detail"]
    assert (await client.get("/v1/decisions")).json()["meta"]["count"] == 1


async def test_a_retry_under_a_key_that_was_rotated_in_is_recorded_once(service: Service) -> None:
    old = service.make_key("decide", "audit")
    named = {"Idempotency-Key": "order-1"}
    first = await (await service.client(old)).post("/v1/decisions", json=DECISION, headers=named)
    new = service.rotate(old)
    client = await service.client(new)
    again = await client.post("/v1/decisions", json=DECISION, headers=named)
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    stranger = await service.client(service.make_key("decide"))
    assert "idempotency-replayed" not in (await stranger.post("/v1/decisions", json=DECISION, headers=named)).headers
    assert (await client.get("/v1/decisions")).json()["meta"]["count"] == 2


@pytest.mark.parametrize("gone", ["release", "venue"])
async def test_what_was_answered_under_a_key_is_answered_when_it_could_not_be_asked_any_more(
    service: Service, gone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await service.client()
    named = {"Idempotency-Key": "order-1"}
    asked = {**DECISION, "release": service.services.releases.current().id}
    first = await client.post("/v1/decisions", json=asked, headers=named)
    if gone == "release":
        monkeypatch.setattr("api.deciding.release_named", _no_release)
    else:
        monkeypatch.setattr("api.deciding.unknown_names", lambda *_: [("/venue", "is not known")])
    again = await client.post("/v1/decisions", json=asked, headers=named)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["preclear-release"] == first.headers["preclear-release"]
    other = await client.post("/v1/decisions", json={**asked, "leverage": "4"}, headers=named)
    assert other.status_code == 409
    assert first.json()["decision_id"] in other.json()["detail"]
    for headers in ({}, {"Idempotency-Key": "order-2"}):
        refused = await client.post("/v1/decisions", json=asked, headers=headers)
        assert refused.status_code == (404 if gone == "release" else 422)


def _no_release(_releases: object, name: str) -> NoReturn:
    raise ProblemError(NOT_FOUND, f"There is no release {name}.")


async def test_a_rotated_key_and_another_masking_find_what_cannot_be_asked_any_more(
    start: StartService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await start()
    old = service.make_key("decide")
    named = {"Idempotency-Key": "order-1"}
    first = await (await service.client(old)).post("/v1/decisions", json=DECISION, headers=named)
    for setting in ("hash", "drop", "none"):
        service = await start(mask_client=setting)
        client = await service.client(old := service.rotate(old))
        with monkeypatch.context() as patch:
            patch.setattr("api.deciding.unknown_names", lambda *_: [("/venue", "is not known")])
            again = await client.post("/v1/decisions", json=DECISION, headers=named)
        assert (again.status_code, again.content) == (200, first.content), setting


async def test_an_answer_given_again_names_the_release_it_was_made_under(service: Service) -> None:
    client = await service.client()
    recorded = await client.post("/v1/decisions", json=DECISION, headers={"Idempotency-Key": "order-1"})
    database = Database(service.services.settings.journal)
    with database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS journal_entries_no_update")
        connection.exec_driver_sql("UPDATE journal_entries SET release = 'rel_older'")
    database.close()
    again = await client.post("/v1/decisions", json=DECISION, headers={"Idempotency-Key": "order-1"})
    assert again.content == recorded.content
    assert again.headers["preclear-release"] == "rel_older"


@pytest.mark.parametrize("method", ["hash", "drop"])
async def test_a_request_sent_again_after_masking_was_switched_is_answered_as_recorded(
    start: StartService, method: str
) -> None:
    named = {"Idempotency-Key": "before-and-after"}
    settings = [{"mask_client": "none"}, {"mask_client": method}, {"mask_client": "none"}]
    first, *later = [
        await (await (await start(**setting)).client()).post("/v1/decisions", json=DECISION, headers=named)
        for setting in settings
    ]
    for again in later:
        assert again.status_code == 200, again.text
        assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    masked = await (await start(mask_client=method)).client()
    named = {"Idempotency-Key": "masked-first"}
    made = await masked.post("/v1/decisions", json=DECISION, headers=named)
    plain = await (await start(mask_client="none")).client()
    again = await plain.post("/v1/decisions", json=DECISION, headers=named)
    assert again.json()["decision_id"] == made.json()["decision_id"]
    assert "US-NY" not in again.text
    other = {**DECISION, "client": {"residence": "AE", "client_class": "retail"}}
    assert (await plain.post("/v1/decisions", json=other, headers=named)).status_code == 409


@pytest.mark.parametrize("method", ["hash", "drop"])
async def test_masked_clients_are_not_in_the_journal(start: StartService, method: str) -> None:
    service = await start(mask_client=method)
    client = await service.client()
    made = await decide(client)
    assert made["trade"]["client"]["residence"] == "US-NY"
    url = f"/v1/decisions/{made['decision_id']}"
    read = await client.get(url)
    assert "US-NY" not in read.text
    assert read.headers["preclear-masked"].startswith(f"{method}:client.residence")
    assert "US-NY" not in (await client.get(f"{url}/entry")).text
    (row,) = (await client.get("/v1/decisions")).json()["data"]
    assert row["masked"].startswith(f"{method}:")
    refused = await client.post(f"{url}/replay")
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("/not-replayable")
    assert "client.residence" in refused.json()["detail"]
    found = (await client.get("/v1/decisions?residence=US-NY")).json()["meta"]["count"]
    assert found == (1 if method == "hash" else 0)


@pytest.mark.parametrize("method", ["hash", "drop"])
@pytest.mark.parametrize(
    ("venue", "instrument", "client", "codes"),
    [
        ("okx", "BTC-USDT-SWAP", {"residence": "AE-AZ", "client_class": "professional"}, ("AE-AZ", "AE")),
        ("binance", "BTCUSDT", {"residence": "PR", "client_class": "retail"}, ("PR", "US-PR")),
        ("kraken_futures", "PF_XBTUSD", {"residence": "DE", "client_class": "retail"}, ("DE", "EEA")),
        (
            "bybit",
            "BTCUSDT",
            {"residence": "TH", "location": "CA-ON", "nationality": "IR"},
            ("TH", "CA-ON", "CA", "IR"),
        ),
        ("binance", "BTCUSDT", {"residence": "SG", "on_sanctions_list": True, "institution": True}, ("SG",)),
    ],
)
async def test_a_masked_entry_tells_nothing_of_the_client_but_what_was_applied(
    start: StartService, method: str, venue: str, instrument: str, client: dict[str, object], codes: tuple[str, ...]
) -> None:
    session = await (await start(mask_client=method)).client()
    trade = {**DECISION, "venue": venue, "instrument": instrument, "client": client}
    asked = (await session.post("/v1/decisions?record=false", json=trade)).json()
    questions = [finding.get("question") or {} for finding in asked["findings"]]
    vouched = [question["id"] for question in questions if question.get("id")]
    vouched.append(f"law_of_{codes[0]}_permits_nothing")
    rules = (await session.get("/v1/rules?limit=1000")).json()["data"]
    titles = {rule["id"]: rule["title"] for rule in rules}
    for conditions in ([], vouched):
        made = (await session.post("/v1/decisions", json={**trade, "conditions_met": conditions})).json()
        stored = (await session.get(f"/v1/decisions/{made['decision_id']}/entry")).json()
        kept = stored["answer"]
        for finding, told in zip(kept["findings"], made["findings"], strict=True):
            assert finding["message"].split(": ", 1)[1].startswith(titles[finding["rule"]])
            assert {name: told.get(name) for name in ("rule", "outcome", "effect", "reason", "sources")} == {
                name: finding.get(name) for name in ("rule", "outcome", "effect", "reason", "sources")
            }
        finding = next(
            one for one in kept["findings"] if kept["verdict"] != "allow" and one["message"] in kept["summary"]
        )
        assert titles[finding["rule"]] in stored["summary"]
        for finding in kept["findings"]:
            del finding["message"]
        texts = json.dumps({**stored, "summary": "", "answer": {**kept, "summary": ""}})
        for code in codes:
            assert not re.search(rf"(?<![A-Za-z0-9]){code}(?![A-Za-z0-9])", texts)
        assert "on a sanctions list" not in texts
        assert len(stored["request"]["conditions_met"]) == len(conditions)


async def test_a_journal_that_cannot_be_written_answers_503_and_recovers(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await service.client()
    await decide(client)
    with service.holding_the_journal(), monkeypatch.context() as impatient:
        impatient.setattr(turn, "LOCK_SECONDS", 0.1)
        reply = await client.post("/v1/decisions", json=DECISION)
        assert reply.status_code == 503
        assert int(reply.headers["retry-after"]) > 0
        assert "nothing was decided or recorded" in reply.json()["detail"]
        ready = await client.get("/health/ready")
        assert ready.status_code == 503
        assert "locked" not in ready.text
        assert (await client.post("/v1/decisions?record=false", json=DECISION)).status_code == 200
    await decide(client)
    assert (await client.get("/health/ready")).status_code == 200
    assert (await client.get("/v1/decisions")).json()["meta"]["count"] == 2


async def test_a_stored_policy_holds_for_the_next_decision_in_every_worker(start: StartService) -> None:
    one, other = [await (await start()).client() for _ in range(2)]
    for leverage in ("3", "7"):
        policy = {"name": "desk", "max_leverage": leverage, "families": ["jurisdiction", "access", "limits", "risk"]}
        stored = await one.put("/v1/policies/desk", json=policy)
        assert stored.status_code == 200, stored.text
        for session in (one, other, one):
            made = await decide(session, policy="desk", leverage="5")
            assert made["policy"]["digest"] == stored.json()["digest"]
    unknown = await one.post("/v1/decisions", json={**DECISION, "policy": "nobodys"})
    assert unknown.status_code == 422


async def test_a_head_request_does_not_make_the_export(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await service.client()
    await decide(client)
    whole = await client.get("/v1/decisions?format=csv")

    def walk(*_: object, **__: object) -> NoReturn:
        raise AssertionError("nobody reads it")

    monkeypatch.setattr(service.services.journal, "walk", walk)
    head = await client.head("/v1/decisions?format=csv")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == whole.headers["etag"]
    page = await client.head("/v1/decisions")
    assert (page.status_code, page.content) == (200, b"")


async def test_an_export_ends_where_its_entity_tag_says(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await service.client()
    await decide(client)
    before = (await client.get("/v1/decisions?format=ndjson")).headers["etag"]
    journal = service.services.journal
    head = await journal.head()
    await decide(client)
    monkeypatch.setattr(journal, "head", partial(_always, head))
    again = await client.get("/v1/decisions?format=ndjson")
    assert (again.headers["etag"], again.content.count(b"\n")) == (before, 1)


async def _always(value: object) -> object:
    return value


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
@pytest.mark.parametrize("name", ["limit", "cursor"])
async def test_an_export_has_no_pages(service: Service, form: str, name: str) -> None:
    client = await service.client()
    for _ in range(2):
        await decide(client)
    cursor = (await client.get("/v1/decisions?limit=1")).json()["meta"]["next_cursor"]
    value = {"limit": "1", "cursor": cursor}[name]
    reply = await client.get(f"/v1/decisions?format={form}&{name}={value}")
    assert reply.status_code == 422
    assert [error["pointer"] for error in reply.json()["errors"]] == [f"query:{name}"]


async def test_a_time_that_ends_before_it_begins_is_refused(service: Service) -> None:
    client = await service.client()
    await decide(client)
    reply = await client.get("/v1/decisions?since=2026-11-02&until=2026-11-01T23:59:59Z")
    assert reply.status_code == 422
    assert [error["pointer"] for error in reply.json()["errors"]] == ["query:until"]
    assert (await client.get("/v1/decisions?since=2026-11-02&until=2026-11-02")).status_code == 200
    impact = await client.post("/v1/impact", json={"since": "2026-11-02", "until": "2026-11-01", "policy": "standard"})
    assert impact.status_code == 422
    assert [error["pointer"] for error in impact.json()["errors"]] == ["/until"]
