"""Whether an address can be listened on, told before the server tries."""

from __future__ import annotations

import errno
import socket

PORT_IN_USE = 3


def unable_to_listen(host: str, port: int) -> tuple[int, str] | None:
    """Return the exit code and the reason when nobody can listen at an address now; null when it is free."""
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        return 2, f"{host} is no host that is known here: {getattr(error, 'strerror', None) or error}"
    refusals = []
    for family, kind, protocol, _, address in places:
        try:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return PORT_IN_USE, f"port {port} of {host} is in use"
            refusals.append(error)
    if len(refusals) < len(places):
        return None
    return 2, f"cannot listen on port {port} of {host}: {refusals[0].strerror}"
