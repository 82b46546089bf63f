"""What the README shows is what the service answers, and what it names exists."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()


def holds(shown: Any, real: Any) -> bool:
    """Say whether every member shown is in the real answer; a list's items may stand among others, in order."""
    if isinstance(shown, dict):
        return isinstance(real, dict) and all(name in real and holds(shown[name], real[name]) for name in shown)
    if isinstance(shown, list):
        rest = iter(real)
        return all(any(holds(item, candidate) for candidate in rest) for item in shown)
    return bool(shown == real)


def test_the_answer_shown_is_the_answer_given(client: httpx.Client) -> None:
    command = re.search(r"curl -s 'http://127\.0\.0\.1:8000(\S+)' .*? -d '(\{.*?\})'\n```", README, re.DOTALL)
    shown = re.search(r"```json\n(\{.*?\n\})\n```", README, re.DOTALL)
    assert command is not None
    assert shown is not None
    reply = client.post(command[1], content=command[2], headers={"content-type": "application/json"})
    assert reply.status_code == 200, reply.text
    real = reply.json()
    assert holds(json.loads(shown[1]), real), json.dumps(real, indent=1)
    denying = [one["rule"] for one in real["findings"] if (one["outcome"], one["effect"]) == ("fail", "deny")]
    assert denying == [one["rule"] for one in json.loads(shown[1])["findings"]]


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`GET (/v1/[^`\s…]*)", README))))
def test_a_path_named_is_served(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code in (200, 422)


@pytest.mark.parametrize("verb", sorted(set(re.findall(r"make ([a-z]+)", README))))
def test_a_verb_named_exists(verb: str) -> None:
    assert re.search(rf"^{verb}:.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE) or verb in ("alone", "are")


@pytest.mark.parametrize("folder", sorted(set(re.findall(r"^\| `([a-z]+)/`", README, re.MULTILINE))))
def test_a_folder_of_the_map_exists(folder: str) -> None:
    assert (ROOT / folder).is_dir()
