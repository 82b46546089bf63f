"""A process that decides groups of lines for a service: `python -m api.batches.worker`.

It reads messages on standard input and answers each on standard output, in order (`api.batches.messages`). It looks up
nothing but releases: policies come with the question, and what it decides is recorded by the service. It ends when its
input ends, and so with the service, however that ended.
"""

from __future__ import annotations

import logging
import signal
import sys
from functools import lru_cache
from pathlib import Path

from api.batches.group import Named, decide_group
from api.batches.messages import Open, Opening, Question, Reply
from api.collecting import set_facts_aside, take_facts_back
from api.deciding import Decider, NamedPolicy
from api.policies import built_in, decode_policy, with_digest
from api.version import API_VERSION
from data.framing import packed, read
from data.releases import ReleaseStore
from rules.policies.policy import Policy, canonical
from rules.version import RULES_VERSION

_MOST_POLICIES = 256


@lru_cache(maxsize=_MOST_POLICIES)
def _policy(document: bytes) -> NamedPolicy:
    """Return a policy as the same object each time, so that plans made for it are reused."""
    return with_digest(decode_policy(document))


def _given(policy: Policy) -> NamedPolicy:
    return _policy(canonical(policy))


def _reply(decider: Decider, question: Question) -> Reply:
    named: Named = {
        **built_in(),
        **{name: None if text is None else _policy(text) for name, text in question.policies.items()},
    }
    return decide_group(decider, question.asked, named, _given)


def main() -> None:
    """Answer until the input ends."""
    # An interrupt from the terminal reaches the whole group: the service decides when its processes end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)-7s %(name)s %(message)s")
    pipe, out = sys.stdin.buffer, sys.stdout.buffer
    opening: Opening | None = read(pipe, Opening)
    if opening is None:
        return
    releases = ReleaseStore(Path(opening.releases))
    decider = Decider(releases)
    set_facts_aside()
    releases.on_change = set_facts_aside
    out.write(packed(Open(rules_version=RULES_VERSION, api_version=API_VERSION)))
    out.flush()
    while (question := read(pipe, Question)) is not None:
        out.write(packed(_reply(decider, question)))
        out.flush()
    take_facts_back()


if __name__ == "__main__":
    main()
