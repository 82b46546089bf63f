"""Ask a running service whether it is ready: `preclear health`, or `python -m api.commands.health`.

The second loads nothing else of the project: an orchestrator asks every few seconds.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import urllib.request


def add_address(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the service."""
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="address of the service")


def ask_health(options: argparse.Namespace) -> int:
    """Print what the service says of itself; return 0 when it is ready, 1 when it is not or nobody answers."""
    try:
        with urllib.request.urlopen(f"{options.url}/health/ready", timeout=3) as reply:  # noqa: S310 - the operator's own address
            print(json.dumps(json.load(reply)), flush=True)
            return 0
    except (http.client.HTTPException, ValueError, OSError) as error:
        # What another protocol answers may have lines of its own.
        print(f"not ready: {' '.join(str(error).split())}", file=sys.stderr, flush=True)
        return 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="preclear health", description="Say whether a running service is ready.")
    add_address(parser)
    sys.exit(ask_health(parser.parse_args()))
