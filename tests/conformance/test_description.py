"""What the API says of itself holds for whatever is sent: schemathesis, with every check on.

`make test` takes a sample with a fixed seed; `make fuzz` (`PRECLEAR_FUZZ_EXAMPLES`) takes every case of the coverage
phase and that many examples of each operation.
"""

from __future__ import annotations

import json
import os
import zlib
from collections import Counter
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import StopReason, events
from schemathesis.generation.meta import TestPhase
from schemathesis.schemas import BaseSchema

from api.openapi.document import build_document
from api.routes import all_routes
from tests.conformance.conftest import KeyedServer

EXAMPLES = int(os.environ.get("PRECLEAR_FUZZ_EXAMPLES", "0"))
FEW_EXAMPLES = 3
COVERAGE_FIRST, COVERAGE_EVERY = 12, 40
"""Of an operation's coverage cases a sample takes the first ones, and one of so many that follow."""
COSTLY = {"POST /v1/impact": (3, 150)}
"""The same for operations whose every good answer takes a second: an impact run starts processes."""

schemathesis.openapi.format(
    "decimal",
    st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, allow_infinity=False, places=4).map(
        lambda number: f"{number:f}"
    ),
)

NDJSON = "application/x-ndjson"


@schemathesis.serializer(NDJSON)
def as_lines(context: schemathesis.SerializationContext, value: Any) -> Any:
    """Send an array one item a line; an example is text already."""
    if isinstance(value, list):
        return b"".join(json.dumps(item).encode() + b"\n" for item in value)
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


@schemathesis.deserializer(NDJSON)
def from_lines(context: schemathesis.DeserializationContext, response: schemathesis.Response) -> Any:
    """Read lines as the array that the description says they are."""
    return [json.loads(line) for line in response.content.splitlines()]


CONFIG: dict[str, Any] = {
    "seed": 20_261_121,
    "request-timeout": 60,
    "generation": {
        "max-examples": EXAMPLES or FEW_EXAMPLES,
        "no-shrink": True,
        # The tests send a key of their own; `ignored_auth` takes it away and forges it.
        "with-security-parameters": False,
    },
    "checks": {
        # A schema cannot say which venues a release has, or that a stop and a size exclude each other: 422 is the
        # documented answer to well-formed input that means nothing. 503 is an impact run while another is under way,
        # 304 the answer to `If-None-Match: *`, 406 a view of margin tiers in a format it does not come in.
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "304", "401", "403", "404", "406", "409", "422", "429", "503"]
        },
    },
    "operations": [
        {
            # A bad trade of a batch never stops the rest: it is answered in its line, under the 200 of the stream.
            "include-name": "POST /v1/decisions/batch",
            "checks": {
                "negative_data_rejection": {"expected-statuses": ["200", "400", "401", "403", "406", "415", "422"]}
            },
        },
    ],
}


CHECKS = {
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "positive_data_acceptance",
    "negative_data_rejection",
    "missing_required_header",
    "ignored_auth",
    "unsupported_method",
    "allow_header_conformance",
}
"""What must have been looked at."""


def described(keyed: KeyedServer) -> BaseSchema:
    """Return the description as the running code makes it, with where and with which key to try it."""
    config = SchemathesisConfig.from_dict({**CONFIG, "base-url": keyed.url, "headers": keyed.headers})
    schema = schemathesis.openapi.from_dict(with_lines_as_arrays(build_document(all_routes())), config=config)
    record_what_is_read_again(schema)
    if not EXAMPLES:
        sample_coverage(schema)
    return schema


def with_lines_as_arrays(node: Any) -> Any:
    """Return a description whose texts of lines are the arrays that they hold, so that these are made and looked at.

    Lists are without their largest length: so long a body this server does not take (`tests/openapi/test_bounds.py`
    tries them).
    """
    if isinstance(node, dict):
        return (
            with_lines_as_arrays(node["contentSchema"])
            if "contentSchema" in node
            else {key: with_lines_as_arrays(value) for key, value in node.items() if key != "maxItems" or value <= 2}
        )
    return [with_lines_as_arrays(item) for item in node] if isinstance(node, list) else node


def record_what_is_read_again(schema: BaseSchema) -> None:
    """Let calls that follow each other record their decisions: what was only computed is not there to be read."""

    @schema.hook
    def map_case(context: schemathesis.HookContext, case: schemathesis.Case[Any]) -> schemathesis.Case[Any]:
        if case.meta is not None and case.meta.phase.name == TestPhase.STATEFUL:
            case.query.pop("record", None)
        return case


def sample_coverage(schema: BaseSchema) -> None:
    """Leave most of the coverage cases out, always the same ones."""
    counted: Counter[str] = Counter()

    @schema.hook
    def filter_case(context: schemathesis.HookContext, case: schemathesis.Case[Any]) -> bool:
        if case.meta is None or case.meta.phase.name != TestPhase.COVERAGE:
            return True
        label = case.operation.label
        counted[label] += 1
        first, every = COSTLY.get(label, (COVERAGE_FIRST, COVERAGE_EVERY))
        return counted[label] <= first or (counted[label] + zlib.crc32(label.encode())) % every == 0


def test_answers_are_as_described(keyed: KeyedServer) -> None:
    schema = described(keyed)
    wrong: list[str] = []
    tried: Counter[str] = Counter()
    ran: set[str] = set()
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            tried[event.recorder.label] += len(event.recorder.cases)
            ran.update(check.name for checks in event.recorder.checks.values() for check in checks)
            wrong.extend(told(event))
        elif isinstance(event, events.NonFatalError):
            wrong.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.EngineFinished):
            assert event.stop_reason is StopReason.COMPLETED
    assert not wrong, "\n\n".join(wrong[:20])
    labels = {f"{method.upper()} {path}" for path, methods in schema.raw_schema["paths"].items() for method in methods}
    assert labels <= tried.keys()
    assert ran >= CHECKS
    assert min(tried[label] for label in labels) >= 5


def told(event: events.ScenarioFinished) -> list[str]:
    """Return what a scenario found, with the request that shows it."""
    recorder = event.recorder
    return [
        f"{recorder.label}: {check.name}: {check.failure_info.failure.title}\n{check.failure_info.failure.message}\n"
        f"{check.failure_info.code_sample[:1500]}"
        for case_id in recorder.failing_case_ids()
        for check in recorder.checks[case_id]
        if check.failure_info is not None
    ]
