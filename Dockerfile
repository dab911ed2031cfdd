# The bot, with the very dependencies that the tests run with. docs/scaling.md says how several of them share a database.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PAPERBOT__DATA=/data \
    PAPERBOT__WEB__LISTEN=:8080

RUN useradd --create-home --uid 10001 paperbot && install -d -o paperbot -g paperbot /data

WORKDIR /app
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY adapters adapters
COPY storage storage
RUN pip install --no-deps --no-build-isolation .

# Each replica has its own: the search index, and with SQLite the archive.
WORKDIR /data
USER paperbot
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["paperbot"]
CMD ["run"]
