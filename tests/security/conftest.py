"""The service in this process, for tests of who may ask and what it may cost."""

from tests.serving import releases, service, start

__all__ = ["releases", "service", "start"]
