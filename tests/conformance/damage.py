"""Good requests of every operation, and ways to damage them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from tests.serving import DECISION


class Sent(Struct, frozen=True, kw_only=True):
    """A request as it goes over the wire."""

    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes = b""

    def wire(self) -> bytes:
        lines = [f"{self.method} {self.target} HTTP/1.1\r\n".encode("latin-1"), b"Host: preclear.test\r\n"]
        lines.extend(name + b": " + value + b"\r\n" for name, value in self.headers)
        return b"".join(lines) + b"Content-Length: %d\r\n\r\n" % len(self.body) + self.body


def good_requests(document: Mapping[str, Any], authorization: str) -> Iterator[Sent]:
    """Yield the examples of the API's description as requests, and two batches."""
    base = ((b"Authorization", authorization.encode()),)
    typed = (*base, (b"Content-Type", b"application/json"))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            query = []
            for parameter in operation.get("parameters", ()):
                example = parameter.get("example", "x")
                value = example[0] if isinstance(example, list) else example
                if parameter["in"] == "path":
                    path = path.replace(f"{{{parameter['name']}}}", value)
                elif parameter["in"] == "query" and (parameter["required"] or parameter["name"] in ("record", "limit")):
                    query.append(f"{parameter['name']}={quote(str(value), safe='')}")
            target = path + ("?" + "&".join(query) if query else "")
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body is None:
                yield Sent(method=method.upper(), target=target, headers=base)
            elif path == "/v1/impact":
                # A run over all that is recorded takes seconds; one that matches nothing is answered at once.
                nothing = json.dumps({"release": "latest", "filter": {"venue": ["nowhere"]}}).encode()
                yield Sent(method="POST", target=target, headers=typed, body=nothing)
            else:
                for example in body.get("examples", {}).values():
                    text = json.dumps(example["value"]).encode()
                    yield Sent(method=method.upper(), target=target, headers=typed, body=text)
    batch = "/v1/decisions/batch?record=false"
    line = json.dumps(DECISION).encode()
    lines = (*base, (b"Content-Type", b"application/x-ndjson"))
    yield Sent(method="POST", target=batch, headers=lines, body=line + b"\n" + line + b"\n")
    yield Sent(method="POST", target=batch, headers=typed, body=b"[" + line + b"," + line + b"]")


_ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**63, -(2**63) - 1, 10**40, 0.1, 1e-7, "", " ", "0", "-0", "-1", "1e5", "1E400", "NaN",
    "Infinity", "0x10", "1_000", "٣", "½", "1" * 21, "0." + "1" * 19, "9" * 5000, "\x00", "\ud800", "é" * 300, "🦄",
    "\u202e", "../../etc/passwd", "'; drop table entries; --", "{{7*7}}", "%s%n", [], {}, [[]], [None], {"": None},
    {"a": {"b": [1]}}, ["x"] * 200, "latest", "rel_000000000000", "0000-00-00", "9999-12-31", "0001-01-01",
    "2026-02-30", "US-NY", "XX", "us", "*", "any", "standard", "no_such", "perpetual", "long",
)  # fmt: skip
_ODD_LITERALS = (
    b"1e999999999", b"-1e-999999999", b"1" * 5000, b"0." + b"3" * 5000, b"-", b"01", b"1.", b".5", b"+1", b"NaN",
    b"-Infinity", b"0x1F", b"1e400", b'"\\ud800"', b'"\\u0000"', b'"\\x"', b"'x'", b"undefined", b"// no", b"\xff\xfe",
    b"[" * 3000, b'{"a":' * 3000, b"[" * 600 + b"]" * 600, b'{"a":' * 300 + b"1" + b"}" * 300,
)  # fmt: skip
_ODD_TEXTS = (
    "", "%00", "%FF%FE", "%E2%98%83", "%F0%9F%A6%84", "%", "%zz", "%u0041", "+", "%20", "..%2f..%2f", "1e9", "-1", "0",
    "1.5", "999999999999999999999999", "0001-01-01", "9999-12-31", "2026-13-01", "1970-01-01T00:00:00Z", "latest",
    "all", "rel_000000000000", "true", "TRUE", "null", "[]", "{}", "a" * 300, "%27%3B--", "*", "US-NY",
    "BTC%2FUSDT:USDT", "perpetual", "binance", "retail", "csv", "parquet", "ndjson", "json", "source", "bmV4dA",
    "%0d%0aX-Evil:1",
)  # fmt: skip
_NAMES = (
    "limit", "cursor", "as_of", "release", "format", "expand", "venue", "instrument", "notional", "base", "product",
    "residence", "jurisdiction", "leverage", "from", "to", "since", "until", "version", "record", "x", "limit[]", "%00",
)  # fmt: skip
_ODD_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"Accept", b"text/html"), (b"Accept", b""), (b"Accept", b"*/*;q=0"), (b"Accept", b"application/json;q=abc"),
    (b"Accept", b"text/csv, " * 300), (b"Accept", b"application/vnd.apache.parquet"), (b"Accept", b"\xff\xfe"),
    (b"Content-Type", b""), (b"Content-Type", b"text/plain"), (b"Content-Type", b"application/json; charset=utf-7"),
    (b"Content-Type", b"application/x-ndjson"), (b"Content-Type", b"multipart/form-data"), (b"Content-Type", b"\xe9"),
    (b"Content-Encoding", b"gzip"), (b"If-None-Match", b"*"), (b"If-None-Match", b'W/"'), (b"If-None-Match", b"\xff"),
    (b"Authorization", b""), (b"Authorization", b"Bearer"), (b"Authorization", b"Bearer \xff"),
    (b"Authorization", b"Basic eDp5"), (b"Authorization", b"Bearer pck_0_x"), (b"Idempotency-Key", b""),
    (b"Idempotency-Key", b"\xe2\x98\x83"), (b"Idempotency-Key", b"k" * 500), (b"X-Request-Id", b"\xff" * 20),
    (b"X-Request-Id", b"{}"), (b"Cookie", b"=;;=" * 200), (b"Range", b"bytes=9-1"), (b"X-Large", b"x" * 20_000),
    (b"X-Forwarded-For", b"8.8.8.8"), (b"Accept-Language", b"\x80"), (b"Origin", b"null"), (b"Forwarded", b"for=_"),
)  # fmt: skip
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "MKCOL", "PURGE")


def damaged(sent: Sent, chance: random.Random) -> Sent:
    """Return a request with one to three kinds of damage."""
    ways = BODY_WAYS + WAYS if sent.body else WAYS
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        sent = chance.choice(ways)(sent, chance)
    return sent


def _flip(sent: Sent, chance: random.Random) -> Sent:
    body = bytearray(sent.body)
    for _ in range(chance.randint(1, 6)):
        if body:
            body[chance.randrange(len(body))] = chance.randrange(256)
    return replace(sent, body=bytes(body))


def _truncate(sent: Sent, chance: random.Random) -> Sent:
    return replace(sent, body=sent.body[: chance.randrange(len(sent.body) + 1)])


def _splice(sent: Sent, chance: random.Random) -> Sent:
    at, start = chance.randrange(len(sent.body) + 1), chance.randrange(len(sent.body) + 1)
    return replace(sent, body=sent.body[:at] + sent.body[start : start + 60] + sent.body[at:])


def _grow(sent: Sent, chance: random.Random) -> Sent:
    filler = chance.choice((b" ", b"\x00", b"[", b'"')) * chance.choice((1_000, 30_000, 66_000))
    return replace(sent, body=filler + sent.body if chance.random() < 0.5 else sent.body + filler)


def _literal(sent: Sent, chance: random.Random) -> Sent:
    """Put something that is no JSON, or hardly, in the place of a value."""
    colons = [at for at, byte in enumerate(sent.body) if byte == 0x3A]
    if not colons:
        return _flip(sent, chance)
    at = chance.choice(colons) + 1
    ends = [end for mark in b",}" if (end := sent.body.find(bytes([mark]), at)) >= 0]
    return replace(sent, body=sent.body[:at] + chance.choice(_ODD_LITERALS) + sent.body[min(ends, default=at) :])


def _node(sent: Sent, chance: random.Random) -> Sent:
    """Change, drop, add or rename a member somewhere in the JSON value."""
    try:
        value = json.loads(sent.body)
    except (ValueError, RecursionError):
        return _flip(sent, chance)
    places = list(_places(value))
    if not places:
        return replace(sent, body=json.dumps(chance.choice(_ODD_VALUES)).encode())
    for _ in range(chance.choice((1, 1, 2, 5))):
        holder, key = chance.choice(places)
        what = chance.random()
        if what < 0.6:
            holder[key] = chance.choice(_ODD_VALUES)
        elif isinstance(holder, dict) and what < 0.75:
            holder.pop(key, None)
        elif isinstance(holder, dict):
            holder[str(chance.choice(("x", "", key.upper(), key + " ", "__proto__", "\x00", "a" * 200)))] = 1
    return replace(sent, body=json.dumps(value).encode())


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from _places(inner)


def _header(sent: Sent, chance: random.Random) -> Sent:
    name, value = chance.choice(_ODD_HEADERS)
    kept = sent.headers if chance.random() < 0.3 else tuple(one for one in sent.headers if one[0] != name)
    many = 120 if chance.random() < 0.03 else 1
    return replace(sent, headers=(*kept, *((name, value) for _ in range(many))))


def _query(sent: Sent, chance: random.Random) -> Sent:
    pairs = "&".join(f"{chance.choice(_NAMES)}={chance.choice(_ODD_TEXTS)}" for _ in range(chance.choice((1, 1, 2, 8))))
    return replace(sent, target=sent.target + ("&" if "?" in sent.target else "?") + pairs)


def _path(sent: Sent, chance: random.Random) -> Sent:
    path, mark, query = sent.target.partition("?")
    parts = path.split("/")
    at = chance.randrange(1, len(parts))
    odd = chance.choice(_ODD_TEXTS)
    parts[at] = chance.choice((odd, parts[at] + odd, parts[at].upper(), parts[at] + "/", "a" * 9_000))
    return replace(sent, target="/".join(parts) + mark + query)


def _method(sent: Sent, chance: random.Random) -> Sent:
    return replace(sent, method=chance.choice(_METHODS))


Way = Callable[[Sent, random.Random], Sent]
WAYS: tuple[Way, ...] = (_header, _query, _path, _method)
BODY_WAYS: tuple[Way, ...] = (_flip, _truncate, _splice, _grow, _literal, _node, _node, _node, _node)
