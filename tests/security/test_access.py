"""Who is let in: this machine alone without keys, and with keys whoever holds one with the scope."""

from __future__ import annotations

from pathlib import Path

import pytest
from litestar.handlers import HTTPRouteHandler

from api.security import reason_not_to_serve, scope_of
from api.settings import read_settings
from tests.serving import DECISION, Service, StartService

REQUESTS = {
    "read": ("GET", "/metrics"),
    "decide": ("POST", "/v1/decisions?record=false"),
    "audit": ("GET", "/v1/decisions"),
}


async def test_without_keys_this_machine_may_do_everything(service: Service) -> None:
    client = await service.client()
    for method, path in REQUESTS.values():
        reply = await client.request(method, path, json=DECISION if method == "POST" else None)
        assert reply.status_code == 200, reply.text


@pytest.mark.parametrize("address", ["203.0.113.7", "10.0.0.1", "::2", "testclient", ""])
async def test_without_keys_nobody_else_may_do_anything(service: Service, address: str) -> None:
    client = await service.client(address=address)
    for method, path in REQUESTS.values():
        reply = await client.request(method, path)
        assert reply.status_code == 401
        assert "only this machine" in reply.json()["detail"]
        assert reply.headers["www-authenticate"] == 'Bearer realm="preclear"'
    assert (await client.get("/health/live")).status_code == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1"])
async def test_loopback_has_several_addresses(service: Service, address: str) -> None:
    client = await service.client(address=address)
    assert (await client.get("/metrics")).status_code == 200


async def test_anonymous_access_can_be_allowed(start: StartService) -> None:
    service = await start(allow_anonymous=True)
    client = await service.client(address="203.0.113.7")
    assert (await client.get("/metrics")).status_code == 200


async def test_with_a_key_configured_this_machine_needs_one_too(service: Service) -> None:
    key = service.make_key("read")
    assert (await (await service.client()).get("/metrics")).status_code == 401
    assert (await (await service.client(key)).get("/metrics")).status_code == 200
    assert (await (await service.client(key, address="203.0.113.7")).get("/metrics")).status_code == 200


@pytest.mark.parametrize("scope", ["read", "decide", "audit", "admin"])
async def test_a_key_opens_what_its_scope_names(service: Service, scope: str) -> None:
    client = await service.client(service.make_key(scope))
    for needed, (method, path) in REQUESTS.items():
        reply = await client.request(method, path, json=DECISION if method == "POST" else None)
        if scope in (needed, "admin"):
            assert reply.status_code == 200, reply.text
        else:
            assert reply.status_code == 403
            assert reply.json()["type"].endswith("/forbidden")
            assert f'scope="{needed}"' in reply.headers["www-authenticate"]


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Bearer preclear_000000000000_" + "0" * 48,
        "Basic dXNlcjpwYXNz",
        "preclear_000000000000_" + "0" * 48,
        "Bearer \xff\xfe",
    ],
)
async def test_anything_but_a_key_is_refused(service: Service, authorization: str) -> None:
    service.make_key("read")
    client = await service.client()
    reply = await client.get("/metrics", headers={"Authorization": authorization.encode("latin-1")})  # type: ignore[dict-item]
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"].startswith('Bearer realm="preclear", error=')
    assert reply.headers["content-type"] == "application/problem+json"


async def test_two_keys_at_once_are_refused(service: Service) -> None:
    key = service.make_key("read")
    client = await service.client()
    reply = await client.get("/metrics", headers=[("Authorization", f"Bearer {key}")] * 2)
    assert reply.status_code == 401


async def test_the_scheme_is_read_in_any_case(service: Service) -> None:
    key = service.make_key("read")
    client = await service.client()
    assert (await client.get("/metrics", headers={"Authorization": f"bearer {key}"})).status_code == 200


async def test_a_revoked_key_is_refused_with_the_next_request(service: Service) -> None:
    key, other = service.make_key("read"), service.make_key("read")
    client = await service.client(key)
    assert (await client.get("/metrics")).status_code == 200
    service.revoke(key)
    reply = await client.get("/metrics")
    assert (reply.status_code, reply.json()["detail"]) == (401, "The key was revoked.")
    assert (await (await service.client(other)).get("/metrics")).status_code == 200


async def test_revoking_the_last_key_does_not_open_the_service(service: Service) -> None:
    service.revoke(service.make_key("read"))
    assert (await (await service.client()).get("/metrics")).status_code == 401


async def test_decisions_carry_the_key_they_were_made_with(service: Service) -> None:
    key = service.make_key("admin")
    client = await service.client(key)
    made = (await client.post("/v1/decisions", json=DECISION)).json()
    (row,) = (await client.get("/v1/decisions")).json()["data"]
    assert (row["decision_id"], row["key_id"]) == (made["decision_id"], key.split("_")[1])
    assert (await client.get("/v1/decisions", params={"key": "another"})).json()["data"] == []


async def test_the_same_idempotency_key_of_another_caller_is_another(service: Service) -> None:
    one, other = [await service.client(service.make_key("decide")) for _ in range(2)]
    named = {"Idempotency-Key": "order-1"}
    first = (await one.post("/v1/decisions", json=DECISION, headers=named)).json()["decision_id"]
    assert (await one.post("/v1/decisions", json=DECISION, headers=named)).json()["decision_id"] == first
    assert (await other.post("/v1/decisions", json=DECISION, headers=named)).json()["decision_id"] != first


async def test_a_key_revoked_in_the_middle_of_a_stream_ends_it_with_a_problem(service: Service) -> None:
    key = service.make_key("decide")
    client = await service.client(key)
    line = httpx_line()

    async def lines() -> object:
        for _ in range(64):
            yield line
        service.revoke(key)
        for _ in range(64):
            yield line

    reply = await client.post(
        "/v1/decisions/batch?record=false",
        content=lines(),  # type: ignore[arg-type]
        headers={"Content-Type": "application/x-ndjson"},
    )
    answers = reply.text.splitlines()
    assert reply.status_code == 200
    assert len(answers) == 65
    assert '"status":401' in answers[-1]
    assert '"line":65' in answers[-1]
    assert "The key was revoked." in answers[-1]
    assert all('"verdict"' in answer for answer in answers[:-1])


def httpx_line() -> bytes:
    import json

    return json.dumps(DECISION).encode() + b"\n"


def test_every_route_declares_who_may_use_it() -> None:
    """A new public route has to be added here, on purpose."""
    from api.app import create_app

    public: set[str] = set()
    for route in create_app().routes:
        for handler in getattr(route, "route_handlers", ()):
            assert isinstance(handler, HTTPRouteHandler)
            if set(handler.http_methods) == {"OPTIONS"}:
                continue
            if scope_of(handler) is None:
                public.add(route.path)
            else:
                assert "promise" in handler.opt, f"{route.path} declares nothing"
    assert public == {
        "/",
        "/docs",
        "/openapi.json",
        "/assets/{name:str}",
        "/health/live",
        "/health/ready",
    }


def test_listening_to_strangers_without_keys_is_refused(tmp_path: object) -> None:
    environment = {"PRECLEAR_VAR": str(tmp_path)}
    assert reason_not_to_serve(read_settings(environment)) is None
    assert reason_not_to_serve(read_settings(environment, host="::1")) is None
    assert "no API key is configured" in str(reason_not_to_serve(read_settings(environment, host="0.0.0.0")))
    assert reason_not_to_serve(read_settings(environment, host="0.0.0.0", allow_anonymous=True)) is None
    with_dead_store = read_settings(environment, host="0.0.0.0", journal="postgresql://x@/x?host=/nonexistent")
    assert reason_not_to_serve(with_dead_store) is None


async def test_a_service_whose_keys_another_pepper_made_is_not_ready(service: Service, tmp_path: Path) -> None:
    client = await service.client(service.make_key("read"))
    pepper = tmp_path / "pepper"
    right = pepper.read_bytes()
    pepper.unlink()
    for another in (None, b"a pepper of another place"):
        if another is not None:
            pepper.write_bytes(another)
        reply = await client.get("/health/ready")
        assert reply.status_code == 503
        assert "keys cannot be checked" in reply.json()["detail"]
        assert (await client.get("/v1/venues")).status_code == 503
    pepper.write_bytes(right)
    assert (await client.get("/health/ready")).status_code == 200, "put right while the service runs"
    assert (await client.get("/v1/venues")).status_code == 200
