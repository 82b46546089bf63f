"""The API's description is whole, and what it shows as an example works."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.problems import BASE_URI, REGISTRY
from data.journal.masking import CLIENT_FIELDS
from tests.conftest import ROOT

DOCUMENT: dict[str, Any] = json.loads((ROOT / "openapi" / "openapi.json").read_text())
METHODS = ("get", "post", "put", "delete", "patch")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in methods:
                yield path, method, methods[method]


def test_every_operation_is_described() -> None:
    for path, method, operation in operations():
        named = f"{method} {path}"
        assert re.fullmatch(r"[a-z][A-Za-z0-9]+", operation["operationId"]), named
        assert operation["summary"], named
        assert len(operation["description"]) > 20, named
        assert operation["tags"], named
        assert "security" in operation, named
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], f"{named} {parameter['name']}"


def test_every_tag_is_described() -> None:
    described = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}
    assert {tag for _, _, operation in operations() for tag in operation["tags"]} == set(described)
    assert all(described.values())


def test_a_refusal_for_the_key_or_the_moment_describes_its_headers() -> None:
    for path, method, operation in operations():
        headers = {
            status: answer["headers"].keys() - {"X-Request-Id"} for status, answer in operation["responses"].items()
        }
        assert headers.get("429", {"RateLimit"}) & {"RateLimit"}, f"{method} {path}"
        assert headers.get("503", {"Retry-After"}) == {"Retry-After"}, f"{method} {path}"
        assert headers.get("401", {"WWW-Authenticate"}) == {"WWW-Authenticate"}, f"{method} {path}"


def test_a_body_put_under_a_name_shows_that_name() -> None:
    put = DOCUMENT["paths"]["/v1/policies/{name}"]["put"]
    (name,) = (one["example"] for one in put["parameters"] if one["name"] == "name")
    examples = put["requestBody"]["content"]["application/json"]["examples"]
    assert {one["value"]["name"] for one in examples.values()} == {name}


def test_every_member_of_a_policy_is_described_with_the_bounds_that_hold() -> None:
    members = DOCUMENT["components"]["schemas"]["Policy"]["properties"]
    assert "fraction of equity, from 0 to 1" in members["max_loss_per_trade"]["description"]
    assert "`jurisdiction`, `access` and `limits`" in members["families"]["description"]


def test_an_outcome_is_one_that_a_finding_may_have() -> None:
    assert set(DOCUMENT["components"]["schemas"]["Outcome"]["enum"]) == {"pass", "fail", "unknown", "skipped"}


def test_counts_of_a_run_say_which_decisions_they_count() -> None:
    counts = DOCUMENT["components"]["schemas"]["Impact"]["properties"]
    assert "Counted in `total`" in counts["not_replayable"]["description"]
    assert "does not have the venue" in counts["not_replayable"]["description"]
    assert "406" in DOCUMENT["paths"]["/v1/impact"]["post"]["responses"]


@pytest.mark.parametrize("words", ["vocabulary.", "the engine", "project's brief", "plans are cached", "identity"])
def test_no_description_speaks_of_what_only_the_source_has(words: str) -> None:
    texts = re.findall(r'"(?:description|summary)": "((?:[^"\\]|\\.)*)"', json.dumps(DOCUMENT))
    assert [text for text in texts if words in text] == []


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(ids) == len(set(ids))


def test_every_error_is_a_problem_document() -> None:
    for path, method, operation in operations():
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], f"{method} {path} {status}"


def test_path_parameters_are_declared() -> None:
    for path, method, operation in operations():
        wanted = set(re.findall(r"\{(\w+)\}", path))
        declared = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
        assert wanted == declared, f"{method} {path}"


def test_every_reference_resolves() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    found = re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(DOCUMENT))
    assert found
    assert set(found) <= schemas.keys()


def test_no_list_forbids_items_by_a_false_schema() -> None:
    """Generators of clients refuse a document with `items: false`, which is what a pair would be written with."""
    assert '"items": false' not in json.dumps(DOCUMENT)
    level = DOCUMENT["components"]["schemas"]["OrderBook"]["properties"]["bids"]["items"]
    assert (level["minItems"], level["maxItems"]) == (2, 2)
    assert level["items"] == {"$ref": "#/components/schemas/Amount"}


PYTHON_TYPES = {"string": str, "integer": int, "boolean": bool, "array": list}


def test_an_example_is_of_its_parameters_type() -> None:
    for path, method, operation in operations():
        for one in operation.get("parameters", ()):
            schema = one["schema"]
            kinds = ["string"] if "$ref" in schema else [each["type"] for each in schema.get("anyOf", [schema])]
            if "example" in one:
                named = f"{method} {path} {one['name']}"
                assert type(one["example"]) in [PYTHON_TYPES[kind] for kind in kinds], named


def test_inputs_refuse_unknown_fields() -> None:
    for name in ("DecisionRequest", "Client", "Account", "Market", "Policy"):
        assert DOCUMENT["components"]["schemas"][name]["additionalProperties"] is False, name


def test_every_field_is_described() -> None:
    assert {
        f"{name}.{field}"
        for name, component in DOCUMENT["components"]["schemas"].items()
        for field, schema in component.get("properties", {}).items()
        if not schema.get("description")
    } == set()


def test_a_description_says_what_a_quantity_counts() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert "base coins, also of an inverse" in schemas["DecisionRequest"]["properties"]["quantity"]["description"]
    assert "number of contracts" in schemas["Position"]["properties"]["quantity"]["description"]


def test_a_batch_has_an_example() -> None:
    content = DOCUMENT["paths"]["/v1/decisions/batch"]["post"]["requestBody"]["content"]
    assert [len(one["value"]) for one in content["application/json"]["examples"].values()] == [2]


EXAMPLE_BODIES = [
    pytest.param(path, example["value"], id=f"{operation['operationId']}: {name}")
    for path, method, operation in operations()
    if method == "post"
    for content in [operation.get("requestBody", {}).get("content", {}).get("application/json", {})]
    for name, example in content.get("examples", {}).items()
    if "{" not in path
]


@pytest.fixture(scope="module", autouse=True)
def a_recorded_decision(client: httpx.Client) -> None:
    """What an example asks about recorded decisions needs one to be there."""
    body = DOCUMENT["paths"]["/v1/decisions"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    reply = client.post("/v1/decisions", json=next(iter(body.values()))["value"])
    assert reply.status_code == 200, reply.text


@pytest.mark.parametrize(("path", "body"), EXAMPLE_BODIES)
def test_an_example_body_is_answered(client: httpx.Client, path: str, body: Any) -> None:
    reply = client.post(path, json=body)
    assert reply.status_code == 200, reply.text


def as_sent(value: object) -> str:
    """Return an example as clients write it in a query."""
    return value if isinstance(value, str) else json.dumps(value)


EXAMPLE_PARAMETERS = [
    pytest.param(path, operation.get("parameters", ()), id=operation["operationId"])
    for path, method, operation in operations()
    if method == "get" and any("example" in one for one in operation.get("parameters", ()))
]


@pytest.mark.parametrize(("path", "parameters"), EXAMPLE_PARAMETERS)
def test_example_parameters_are_answered(client: httpx.Client, path: str, parameters: list[dict[str, Any]]) -> None:
    shown = [
        (one, [as_sent(value) for value in (one["example"] if isinstance(one["example"], list) else [one["example"]])])
        for one in parameters
        if "example" in one
    ]
    for one, values in shown:
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", values[0])
    if "{" in path:
        return
    query = [
        (one["name"], value) for one, values in shown if one["in"] == "query" and one["required"] for value in values
    ]
    assert client.get(path, params=query).status_code == 200
    for one, values in shown:
        if one["in"] == "query" and not one["required"]:
            alone = client.get(path, params=[*query, *((one["name"], value) for value in values)])
            assert alone.status_code == 200, f"{one['name']}: {alone.text}"


def answered_and_asked() -> tuple[set[str], set[str]]:
    """Return the names of the components that answers and requests refer to, however deep."""
    schemas = DOCUMENT["components"]["schemas"]

    def reached(node: Any) -> set[str]:
        found: set[str] = set()
        left = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(node)))
        while left:
            name = left.pop()
            found.add(name)
            left |= set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(schemas[name]))) - found
        return found

    answers = reached([operation["responses"] for _, _, operation in operations()])
    return answers, reached([operation.get("requestBody", {}) for _, _, operation in operations()])


def test_an_answer_may_have_members_more() -> None:
    answers, _ = answered_and_asked()
    schemas = DOCUMENT["components"]["schemas"]
    assert [name for name in answers if schemas[name].get("additionalProperties") is False] == []


def test_an_answer_has_every_member_that_is_not_left_out_by_declaration() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for name in ("Figures", "Decision", "AnsweredClient", "AnsweredPolicy", "PositionAnswer", "MarginTierRow"):
        assert set(schemas[name]["required"]) == schemas[name]["properties"].keys(), name
        assert not [field for field, one in schemas[name]["properties"].items() if "default" in one], name
    assert "reason" not in schemas["Finding"]["required"]
    assert schemas["Finding"]["properties"]["reason"]["$ref"].endswith("/Reason")  # left out, never null
    assert "sources" in schemas["Finding"]["required"]


def test_a_client_in_an_answer_may_be_masked() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for field in CLIENT_FIELDS:
        name = field.removeprefix("client.")
        kinds = [one["type"] for one in schemas["AnsweredClient"]["properties"][name]["anyOf"]]
        assert {"string", "null"} <= set(kinds), name
        assert len(kinds) == len(set(kinds)), name
    assert schemas["Client"]["properties"]["residence"]["type"] == "string"


def test_each_kind_of_problem_is_named_where_it_may_be_answered() -> None:
    told = {
        word
        for _, _, operation in operations()
        for status, answer in operation["responses"].items()
        if status >= "400"
        for word in re.findall(r"\(`([a-z-]+)`\)", answer["description"])
    }
    assert told == {kind.slug for kind in REGISTRY}
    assert BASE_URI in DOCUMENT["components"]["schemas"]["Problem"]["properties"]["type"]["description"]


def test_every_flag_of_a_finding_is_described() -> None:
    told = DOCUMENT["components"]["schemas"]["Finding"]["properties"]["flags"]["description"]
    literal = re.compile(
        r"""flags=\("([a-z_]+)"|flags\.append\("([a-z_]+)"|[Ff]lags = \("([a-z_]+)"|FLAG = "([a-z_]+)\""""
    )
    texts = [path.read_text() for path in (ROOT / "rules").rglob("*.py")]
    flags = {"".join(found) for text in texts for found in literal.findall(text)}
    assert {"stale", "inexact_date", "lowers_exposure", "low_confidence"} <= flags
    assert {flag for flag in flags if f"`{flag}`" not in told} == set()


def test_a_filter_says_how_often_it_may_be_repeated(client: httpx.Client) -> None:
    for path, name, value in (("/v1/fees", "venue", "binance"), ("/v1/decisions", "verdict", "deny")):
        (filter_,) = (one for one in DOCUMENT["paths"][path]["get"]["parameters"] if one["name"] == name)
        most = filter_["schema"]["maxItems"]
        assert client.get(path, params=[(name, value)] * most).status_code == 200
        assert client.get(path, params=[(name, value)] * (most + 1)).status_code == 422


def test_no_object_of_a_request_is_one_of_an_answer() -> None:
    answers, asked = answered_and_asked()
    shared = {name for name in answers & asked if "properties" in DOCUMENT["components"]["schemas"][name]}
    assert shared == set()


def test_what_a_tag_tells_apart_is_one_of_several() -> None:
    text = json.dumps(DOCUMENT)
    assert not re.search(r'"anyOf": \[[^]]*\], "discriminator"', text)
    allow = DOCUMENT["components"]["schemas"]["Allow"]["properties"]["kind"]
    assert (allow["type"], allow["const"]) == ("string", "allow")


def test_a_moment_is_told_as_one() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for name, field in (("Decision", "decided_at"), ("DecisionRow", "recorded_at"), ("ListedRelease", "built_at")):
        assert schemas[name]["properties"][field]["format"] == "date-time", name


def test_lists_of_words_have_a_name() -> None:
    of_filter = {
        one["name"]: one["schema"]
        for one in DOCUMENT["paths"]["/v1/margin-tiers"]["get"]["parameters"]
        if one["in"] == "query"
    }
    assert of_filter["product"]["items"] == {"$ref": "#/components/schemas/Product"}
    assert of_filter["format"] == {"$ref": "#/components/schemas/ListFormat"}
