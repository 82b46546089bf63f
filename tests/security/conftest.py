"""The service in this process, for tests of who may ask and what it may cost."""

from tests.serving import service, start

__all__ = ["service", "start"]
