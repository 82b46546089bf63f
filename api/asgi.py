"""The application object that a server imports; its settings come from the environment."""

from __future__ import annotations

from api.app import create_app
from api.settings import read_settings

app = create_app(read_settings())
