"""Without keys the service answers its own machine under its own names: a page of another site cannot read it."""

from __future__ import annotations

import pytest

from tests.serving import DECISION, Service, StartService

HERE = ("localhost", "localhost:8000", "LOCALHOST", "localhost.", "127.0.0.1", "127.0.0.1:81", "[::1]", "[::1]:8000")
ELSEWHERE = (
    "evil.example",
    "evil.example:8000",
    "127.0.0.1.evil.example",
    "localhost.evil",
    "10.0.0.1",
    "[::2]",
)


@pytest.mark.parametrize("host", HERE)
async def test_names_of_this_machine_are_answered(service: Service, host: str) -> None:
    client = await service.client()
    reply = await client.post("/v1/decisions", json=DECISION, headers={"Host": host})
    assert reply.status_code == 200, reply.text


@pytest.mark.parametrize("host", [*ELSEWHERE, "", "["])
async def test_a_name_that_was_made_to_lead_here_is_refused(service: Service, host: str) -> None:
    client = await service.client()
    for reply in (
        await client.get("/v1/decisions", headers={"Host": host}),
        await client.post("/v1/decisions", json=DECISION, headers={"Host": host}),
    ):
        assert reply.status_code == 421
        assert reply.json()["type"].endswith("/misdirected-request")
    assert (await client.get("/health/live", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("host", ELSEWHERE)
async def test_who_has_a_key_or_serves_everybody_chooses_the_name(
    service: Service, start: StartService, host: str
) -> None:
    everybody = await (await start(allow_anonymous=True)).client()
    assert (await everybody.get("/v1/venues", headers={"Host": host})).status_code == 200
    keyed = await service.client(service.make_key("read"))
    assert (await keyed.get("/v1/venues", headers={"Host": host})).status_code == 200


async def test_a_request_names_one_host(service: Service) -> None:
    client = await service.client()
    two = await client.get("/health/live", headers=[("Host", "localhost"), ("Host", "localhost")])
    unnamed = client.build_request("GET", "/health/live")
    del unnamed.headers["Host"]
    for reply in (two, await client.send(unnamed)):
        assert reply.status_code == 400
        assert reply.json()["detail"] == "A request has one Host field."
