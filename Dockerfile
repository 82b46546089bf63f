# Build: dependencies by hash, then the release from the curated text, both baked in.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
COPY requirements.lock ./
RUN python -m venv /app/.venv
RUN /app/.venv/bin/python -m pip install --require-hashes -r requirements.lock
COPY api api
COPY rules rules
COPY data data
RUN /app/.venv/bin/python -m compileall -q api rules data
RUN PRECLEAR_VAR=/app/var /app/.venv/bin/python -m api build

# Run: no compiler, no package index, an unprivileged user; only the journal's folder can be written.
FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app --no-create-home preclear
WORKDIR /app
COPY --from=build --chown=root:root /app /app
RUN mkdir -p /var/lib/preclear && chown preclear:preclear /var/lib/preclear
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    PRECLEAR_RELEASES=/app/var/releases \
    PRECLEAR_JOURNAL=sqlite:////var/lib/preclear/journal.sqlite \
    PRECLEAR_PEPPER_FILE=/var/lib/preclear/pepper \
    PRECLEAR_LOG_FORMAT=json \
    PRECLEAR_WORKERS=2
VOLUME ["/var/lib/preclear"]
EXPOSE 8000
USER preclear
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["/app/.venv/bin/python", "-m", "api.commands.health", "--url", "http://127.0.0.1:8000"]
ENTRYPOINT ["/app/.venv/bin/python", "-m", "api"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
