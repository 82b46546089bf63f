from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from api.caching import Answer, AnswerMemory, cache_headers, is_unchanged
from data.releases import ReleaseStore

DAY = timedelta(days=1)
PATHS = ["/v1/margin-tiers?venue=north", "/v1/venues/north", "/v1/coverage", "/v1/margin-tiers?venue=north&view=ccxt"]


@pytest.mark.parametrize("path", PATHS)
def test_an_unchanged_answer_is_not_sent_again(path: str, facts: httpx.Client) -> None:
    first = facts.get(path)
    for tag in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
        again = facts.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        for name in ("etag", "preclear-release", "cache-control", "vary"):
            assert again.headers[name] == first.headers[name]
    assert facts.get(path, headers={"If-None-Match": '"other"'}).content == first.content


@pytest.mark.parametrize("path", [*PATHS, "/v1/releases", "/v1/releases/latest"])
def test_head_has_the_headers_of_get_and_no_body(path: str, facts: httpx.Client) -> None:
    get, head = facts.get(path), facts.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-length", "content-type", "cache-control", "preclear-release"):
        assert head.headers[name] == get.headers[name]
    assert int(head.headers["content-length"]) == len(get.content)


def test_representations_have_their_own_tags(facts: httpx.Client) -> None:
    tags = {facts.get("/v1/fees", params={"format": name}).headers["etag"] for name in ("json", "csv", "ndjson")}
    tags.add(facts.get("/v1/fees", params={"expand": "source"}).headers["etag"])
    tags.add(facts.get("/v1/fees", params={"as_of": "2025-01-01"}).headers["etag"])
    assert len(tags) == 5


def test_a_strong_tag_stands_for_the_same_bytes(facts: httpx.Client) -> None:
    one, other = (facts.get("/v1/fees", params=parameters) for parameters in ({}, {"limit": "100"}))
    assert (one.headers["etag"], one.content) == (other.headers["etag"], other.content)


def test_only_a_pinned_release_is_immutable(facts: httpx.Client, sample: ReleaseStore) -> None:
    release = sample.current().id
    assert facts.get("/v1/fees").headers["cache-control"] == "no-cache"
    pinned = facts.get("/v1/fees", params={"release": release, "as_of": "2026-01-01"})
    assert pinned.headers["cache-control"] == "max-age=31536000, immutable"
    undated = facts.get("/v1/fees", params={"release": release})
    assert undated.headers["cache-control"] == "immutable"
    until = parsedate_to_datetime(undated.headers["expires"])
    assert until == datetime.combine(date.fromisoformat(undated.headers["preclear-as-of"]), time(), UTC) + DAY
    assert "immutable" in facts.get(f"/v1/releases/{release}").headers["cache-control"]
    assert facts.get("/v1/releases/latest").headers["cache-control"] == "no-cache"


def test_a_defaulted_day_is_immutable_until_midnight() -> None:
    assert cache_headers(pinned=True, dated=False, today=date(2026, 11, 21)) == {
        "Cache-Control": "immutable",
        "Expires": "Sun, 22 Nov 2026 00:00:00 GMT",
    }


def test_a_tag_matches_weakly_among_several() -> None:
    assert is_unchanged('"a", W/"b"', '"b"')
    assert not is_unchanged('"ab"', '"b"')
    assert not is_unchanged(None, '"b"')


def answer(size: int) -> Answer:
    return Answer(b"x" * size, "text/plain", '"t"', {})


def test_memory_forgets_what_was_not_asked_for_longest() -> None:
    memory = AnswerMemory(capacity=10_000, largest=5_000)
    for name in ("a", "b"):
        memory.keep(name, answer(2_500))
    assert memory.get("a") is not None
    memory.keep("c", answer(2_500))
    assert memory.get("b") is None
    assert memory.get("a") is not None
    assert memory.size <= 10_000


def test_memory_keeps_no_giants() -> None:
    memory = AnswerMemory(capacity=10_000, largest=5_000)
    memory.keep("a", answer(5_001))
    assert (memory.get("a"), memory.size) == (None, 0)
