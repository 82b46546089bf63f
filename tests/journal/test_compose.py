"""The example of a deployment says what the tests of replicas show."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from api.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
NGINX = (ROOT / "deploy" / "nginx.conf").read_text()


def test_both_replicas_share_one_journal_and_one_pepper() -> None:
    replicas = [COMPOSE["services"][name] for name in ("one", "two")]
    for name in ("PRECLEAR_JOURNAL", "PRECLEAR_PEPPER"):
        assert replicas[0]["environment"][name] == replicas[1]["environment"][name]
    assert "@postgres/" in replicas[0]["environment"]["PRECLEAR_JOURNAL"]


def test_replicas_are_set_by_settings_that_exist() -> None:
    known = {f"PRECLEAR_{name.upper()}" for name in Settings.__struct_fields__} | {"PRECLEAR_PEPPER"}
    assert set(COMPOSE["x-replica"]["environment"]) <= known


def test_nothing_but_nginx_can_be_reached_from_outside() -> None:
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["nginx"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_nginx_shares_requests_out_to_the_replicas() -> None:
    assert re.findall(r"server (\w+):8000", NGINX) == ["one", "two"]
    assert NGINX.count("{") == NGINX.count("}")


def test_a_post_is_never_sent_twice_by_the_proxy() -> None:
    (rule,) = re.findall(r"proxy_next_upstream (.*);", NGINX)
    assert "non_idempotent" not in rule
