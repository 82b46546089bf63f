"""What the README shows is what the service answers, and what it names exists."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()
COMMAND = re.search(r"curl -s 'http://127\.0\.0\.1:8000(\S+)' .*? -d '(\{.*?\})'\n```", README, re.DOTALL)
assert COMMAND is not None
SHOWN = json.loads(COMMAND[2])
"""The request that the README shows."""


def holds(shown: Any, real: Any) -> bool:
    """Say whether every member shown is in the real answer; a list's items may stand among others, in order."""
    if isinstance(shown, dict):
        return isinstance(real, dict) and all(name in real and holds(shown[name], real[name]) for name in shown)
    if isinstance(shown, list):
        rest = iter(real)
        return all(any(holds(item, candidate) for candidate in rest) for item in shown)
    return bool(shown == real)


def test_the_answer_shown_is_the_answer_given(client: httpx.Client) -> None:
    assert COMMAND is not None
    shown = re.search(r"```json\n(\{.*?\n\})\n```", README, re.DOTALL)
    assert shown is not None
    reply = client.post(COMMAND[1], content=COMMAND[2], headers={"content-type": "application/json"})
    assert reply.status_code == 200, reply.text
    real = reply.json()
    assert holds(json.loads(shown[1]), real), json.dumps(real, indent=1)
    denying = [one["rule"] for one in real["findings"] if (one["outcome"], one["effect"]) == ("fail", "deny")]
    assert denying == [one["rule"] for one in json.loads(shown[1])["findings"]]


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`GET (/v1/[^`\s]*)`", README))))
def test_a_path_named_is_answered(client: httpx.Client, path: str) -> None:
    reply = client.get(path)
    assert reply.status_code == 200, reply.text
    assert reply.json()["data"], "nothing to see there"


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`POST (/v1/[^`\s]*)`", README))))
def test_a_path_to_post_to_answers_what_its_description_shows(client: httpx.Client, path: str) -> None:
    """A path that ends in … stands for all that begin like it."""
    operations = {
        one: methods["post"]
        for one, methods in client.get("/openapi.json").json()["paths"].items()
        if "post" in methods and (one.startswith(path[:-1]) if path.endswith("…") else one == path)
    }
    assert operations
    for one, operation in operations.items():
        shown = operation["requestBody"]["content"]["application/json"].get("examples", {})
        bodies = [example["value"] for example in shown.values()] or [[SHOWN]]
        for body in bodies:
            reply = client.post(one, json=body)
            assert reply.status_code == 200, f"{one}: {reply.text}"
            assert '"type":"https://preclear.example/problems/' not in reply.text


def test_no_path_is_named_but_so() -> None:
    """Every path of the API in the text is one that a test above asks."""
    asked = [*re.findall(r"`(?:GET|POST) (/v1/[^`\s]*)`", README), "/v1/decisions?record=false"]
    named = re.findall(r"/v1/[^`'\s|)]*", README)
    assert set(named) == set(asked)


def test_it_counts_what_is_served(client: httpx.Client) -> None:
    counted = re.search(r"(\d+) venues, (\d+) files of law", README)
    assert counted is not None
    served = [len(client.get(f"/v1/{name}?limit=1000").json()["data"]) for name in ("venues", "jurisdictions")]
    assert [int(number) for number in counted.groups()] == served


@pytest.mark.parametrize("verb", sorted(set(re.findall(r"make ([a-z]+)", README))))
def test_a_verb_named_exists(verb: str) -> None:
    assert re.search(rf"^{verb}:.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE) or verb in ("alone", "are")


@pytest.mark.parametrize("folder", sorted(set(re.findall(r"^\| `([a-z]+)/`", README, re.MULTILINE))))
def test_a_folder_of_the_map_exists(folder: str) -> None:
    assert (ROOT / folder).is_dir()


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)", README))))
def test_what_is_linked_exists(link: str) -> None:
    assert (ROOT / link).is_file()


def test_every_document_is_linked() -> None:
    assert {f"docs/{one.name}" for one in (ROOT / "docs").glob("*.md")} <= set(re.findall(r"\]\(([^)]+)\)", README))
