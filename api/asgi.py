"""The application object that a server imports; its settings come from the environment."""

from __future__ import annotations

from api.app import create_app, framed
from api.settings import read_settings
from api.telemetry.log import configure_logging

settings = read_settings()
configure_logging(settings.log_format, settings.log_level)
app = framed(create_app(settings))
