"""Client fields that must not be stored are not, and the entry says so."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator

import msgspec
import pytest

from data.journal.chain import sha256
from data.journal.entry import Filters, NewEntry
from data.journal.errors import IdempotencyConflictError, MaskingError
from data.journal.journal import Journal, open_journal
from data.journal.masking import Masking, Method
from tests.journal.entries import keep_policy, new_entry

SECRET = b"a secret of some length"
REQUEST = (
    b'{"venue":"binance", "instrument":"BTCUSDT", "quantity":1.10, "conditions_met":["law_of_US-NY_permits"],'
    b'"client":{"residence":"US-NY","location":"DE","nationality":null,"client_class":"retail","on_sanctions_list":false}}'
)


BESIDE = "1 more rule denies or holds it; 2 rules are not known to pass."


@pytest.fixture(params=["hash", "drop"])
async def masked(address: str, request: pytest.FixtureRequest) -> AsyncIterator[Journal]:
    masking = Masking(
        method=Method(request.param), secret=SECRET, title_of=lambda _entry, rule: f"Title of {rule}, US."
    )
    journal = await open_journal(address, masking=masking)
    yield journal
    await journal.close()


async def test_masked_fields_are_gone_from_everything_stored(masked: Journal) -> None:
    answer = msgspec.json.encode(
        {
            "digest": "sha256:ab",
            "verdict": "deny",
            "summary": f"Denied: The law of US-NY (seen in DE), US. {BESIDE}",
            "notes": ["nothing asks about law_of_US-NY_permits_it or us-ny_met; DEnmark, US-NYC", "in US\nUS"],
            "trade": msgspec.Raw(REQUEST),
            "facts": [{"kind": "fee", "key": "binance|BTCUSDT|EEA|US|VIP 1|perpetual|", "source": "us.fees"}],
            "findings": [
                {
                    "rule": "us.ny_rule",
                    "outcome": "fail",
                    "message": "The law of US-NY (seen in DE), US.",
                    "observed": "US-NY",
                    "limit": "5.5",
                    "question": {"ask": "Is it in New York?", "id": "law_of_US-NY_holds", "field": "client.location"},
                    "remedy": {
                        "field": "client.institution",
                        "value": "true",
                        "alternatives": [{"field": "client.client_class", "values": ["ecp"]}],
                    },
                    "told_some_day": "in New York",
                }
            ],
            "remedies": [{"field": "client.location", "values": ["AE"]}, {"field": "venue", "values": ["okx"]}],
        }
    )
    new = new_entry("dec_1", request=REQUEST, answer=answer)
    receipt = await masked.record(new)
    assert receipt.answer == new.answer
    entry = await masked.get("dec_1")
    assert entry is not None
    for stored in (entry.request, entry.answer):
        assert b"US-NY" not in stored.replace(b"US-NYC", b"")
        assert b'"DE"' not in stored
        assert b'"client_class":"retail"' in stored
        assert b"1.10" in stored
    assert entry.residence != "US-NY"
    assert entry.input_hash != sha256(REQUEST)
    told = msgspec.json.decode(entry.answer)
    assert told["summary"] == f"Denied: Failed: Title of us.ny_rule, US. {BESIDE}"
    assert told["notes"] == [
        "nothing asks about law_of_[masked]_permits_it or [masked]_met; DEnmark, [masked]-NYC",
        "in [masked]\n[masked]",
    ]
    assert told["facts"][0]["key"] == "binance|BTCUSDT|[masked]|[masked]|VIP 1|perpetual|"
    assert told["findings"] == [
        {
            "rule": "us.ny_rule",
            "outcome": "fail",
            "message": "Failed: Title of us.ny_rule, US.",
            "observed": "[masked]",
            "limit": "5.5",
            "question": {"ask": "[masked]", "id": None, "field": "client.location"},
            "remedy": {
                "field": "client.institution",
                "value": "[masked]",
                "alternatives": [{"field": "client.client_class", "values": ["ecp"]}],
            },
            "told_some_day": "[masked]",
        }
    ]
    assert told["remedies"] == [
        {"field": "client.location", "values": ["[masked]"]},
        {"field": "venue", "values": ["okx"]},
    ]
    assert b"sha256:ab" not in entry.answer.replace(b"hmac-sha256:", b"")
    assert entry.masked.startswith(f"{masked.masking.method}:")
    assert entry.masked_fields == ("client.residence", "client.location", "client.on_sanctions_list")
    client = msgspec.json.decode(entry.request)["client"]
    assert client["nationality"] is None
    if masked.masking.method is Method.DROP:
        assert client["residence"] is None
        assert entry.residence is None
    else:
        assert client["residence"] == entry.residence == masked.masking.stored_residence("US-NY")
    await keep_policy(masked)
    assert (await masked.verify()).whole


async def test_equal_values_hash_alike_and_can_be_filtered(address: str) -> None:
    journal = await open_journal(address, masking=Masking(method=Method.HASH, secret=SECRET))
    await journal.record(new_entry("dec_1"))
    await journal.record(new_entry("dec_2", residence="AE", request=b'{"client":{"residence":"AE"}}'))
    page = await journal.find(Filters(residence=("US-NY",)))
    assert [entry.decision_id for entry in page.entries] == ["dec_1"]
    await journal.close()


@pytest.mark.parametrize("now", list(Method))
async def test_a_residence_is_found_however_the_setting_of_its_day_stored_it(address: str, now: Method) -> None:
    for number, method in enumerate((Method.NONE, Method.HASH, Method.DROP)):
        journal = await open_journal(address, masking=Masking(method=method, secret=SECRET))
        await journal.record(new_entry(f"dec_{number}"))
        await journal.close()
    journal = await open_journal(address, masking=Masking(method=now, secret=SECRET))
    page = await journal.find(Filters(residence=("US-NY",)))
    assert [entry.decision_id for entry in page.entries] == ["dec_1", "dec_0"]
    await journal.close()


async def test_other_secrets_give_other_hashes() -> None:
    one, other = (Masking(method=Method.HASH, secret=secret) for secret in (SECRET, SECRET[::-1]))
    assert one.stored_residence("US-NY") != other.stored_residence("US-NY")


async def test_idempotency_works_on_masked_entries(masked: Journal) -> None:
    await masked.record(new_entry("dec_1", idempotency_key="k"))
    again = await masked.record(new_entry("dec_2", idempotency_key="k"))
    assert again.replayed
    assert again.decision_id == "dec_1"
    new = new_entry("dec_3")
    assert await masked.recall("", "k", new.input_hash) == again
    other = new_entry("dec_4", idempotency_key="k", request=b'{"client":{"residence":"AE"}}')
    with pytest.raises(IdempotencyConflictError):
        await masked.record(other)


@pytest.mark.parametrize(
    ("before", "after"),
    [("none", "hash"), ("none", "drop"), ("hash", "none"), ("drop", "none"), ("hash", "drop"), ("drop", "hash")],
)
async def test_a_repeated_key_finds_what_was_recorded_under_another_setting(
    address: str, before: str, after: str
) -> None:
    journal = await open_journal(address, masking=Masking(method=Method(before), secret=SECRET))
    first = await journal.record(new_entry("dec_1", idempotency_key="k"))
    await journal.close()
    journal = await open_journal(address, masking=Masking(method=Method(after), secret=SECRET))
    again = await journal.record(new_entry("dec_2", idempotency_key="k"))
    assert (again.replayed, again.decision_id, again.digest) == (True, "dec_1", first.digest)
    assert await journal.recall("", "k", new_entry("x").input_hash) == again
    entry = await journal.get("dec_1")
    assert entry is not None
    assert again.answer == entry.answer
    other = new_entry("dec_3", idempotency_key="k", request=b'{"client":{"residence":"AE"}}')
    with pytest.raises(IdempotencyConflictError):
        await journal.record(other)
    with pytest.raises(IdempotencyConflictError):
        await journal.recall("", "k", other.input_hash)
    assert (await journal.head()).seq == 1
    await journal.close()


async def test_the_plain_hash_of_a_masked_body_is_not_stored(masked: Journal) -> None:
    new = new_entry("dec_1", idempotency_key="k")
    await masked.record(new)
    entry = await masked.get("dec_1")
    assert entry is not None
    assert new.input_hash not in [getattr(entry, name) for name in entry.__struct_fields__]
    assert entry.input_hash == masked.masking.hashed(new.input_hash.encode())


async def test_a_request_without_masked_fields_is_stored_as_it_is(masked: Journal) -> None:
    new = new_entry("dec_1", request=b'{"client":{"residence":null,"client_class":"retail"}}', residence=None)
    await masked.record(new)
    entry = await masked.get("dec_1")
    assert entry is not None
    assert (entry.masked, entry.request, entry.answer) == ("", new.request, new.answer)


@pytest.mark.parametrize(
    "changes",
    [
        {"request": b"not json"},
        {"request": b'["client"]'},
        {"request": b'{"client":"US-NY"}'},
        {"answer": b"not json"},
        {"answer": b'{"findings":[{"message":"a finding of no rule"}]}'},
        {"request": b'{"client":{"residence":"US-NY"}}', "answer": b'{"trade":{"client":["US-NY"]}}'},
    ],
)
async def test_what_cannot_be_masked_is_not_stored(masked: Journal, changes: dict[str, bytes]) -> None:
    with pytest.raises(MaskingError):
        await masked.record(new_entry("dec_1", **changes))
    assert (await masked.head()).seq == 0


def test_masking_without_a_secret_is_refused() -> None:
    with pytest.raises(MaskingError):
        Masking(method=Method.HASH)


async def test_what_takes_long_to_mask_holds_up_nobody(address: str) -> None:
    told_by: list[str] = []

    def title_of(_entry: NewEntry, rule: str) -> str:
        told_by.append(threading.current_thread().name)
        return rule

    finding = {"rule": "us.ny_rule", "outcome": "pass", "message": "in US-NY"}
    answer = msgspec.json.encode({"digest": "sha256:ab", "findings": [finding], "notes": ["x" * 200_000]})
    journal = await open_journal(address, masking=Masking(method=Method.HASH, secret=SECRET, title_of=title_of))
    await keep_policy(journal)
    await journal.record(new_entry("dec_1", request=REQUEST, answer=answer))
    (outcome,) = await journal.record_all([new_entry("dec_2", request=REQUEST, answer=answer)])
    assert not isinstance(outcome, Exception)
    assert len(told_by) == 2
    assert threading.main_thread().name not in told_by
    await journal.close()
