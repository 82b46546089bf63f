"""Margin models stand for venues on file, for venues known by nothing else, and for no venue at all."""

from __future__ import annotations

import httpx


def test_every_margin_model_is_found_under_its_venue(client: httpx.Client) -> None:
    models = client.get("/v1/margin-models", params={"limit": "1000"}).json()["data"]
    for venue in sorted({one["venue"] for one in models}):
        reply = client.get("/v1/margin-models", params={"venue": venue, "limit": "1000"})
        assert reply.status_code == 200, reply.text
        assert reply.json()["data"] == [one for one in models if one["venue"] == venue]
    assert client.get("/v1/margin-models", params={"venue": "nowhere"}).status_code == 422


def test_coverage_calls_nothing_a_jurisdiction_that_is_none(client: httpx.Client) -> None:
    rows = client.get("/v1/coverage", params={"limit": "1000"}).json()["data"]
    kinds = {row["subject"]: row["subject_kind"] for row in rows}
    venues = {one["id"] for one in client.get("/v1/venues", params={"limit": "1000"}).json()["data"]}
    assert {subject for subject, kind in kinds.items() if kind == "venue"} == venues
    assert all(subject.isupper() for subject, kind in kinds.items() if kind == "jurisdiction")
    assert (kinds["bingx"], kinds["generic"], kinds["groups"]) == ("margin_model", "margin_model", "group")
