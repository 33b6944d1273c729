# Two stages: the environment is built in one and copied into the other, which has no compiler, no pip cache and no tests.
FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /opt/tuppence
COPY requirements.lock requirements-build.lock ./
RUN /opt/tuppence/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
 && python -m venv /opt/build && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY core core
COPY integrations integrations
COPY bot bot
RUN /opt/build/bin/python -m hatchling build -t wheel \
 && /opt/tuppence/bin/pip install --no-cache-dir --no-index --no-deps dist/*.whl

FROM python:3.13-slim
# The light engine for receipts, taken where memory is short, and fonts for what people write in reports.
RUN apt-get update && apt-get install -y --no-install-recommends tesseract-ocr tesseract-ocr-deu tesseract-ocr-fra tesseract-ocr-spa \
    tesseract-ocr-por tesseract-ocr-ita fonts-noto-core fonts-droid-fallback && rm -rf /var/lib/apt/lists/*
# A user with a name: the embedded Postgres, used where DATABASE_URL is unset, refuses one without.
RUN useradd --system --uid 10001 --home-dir /var/lib/tuppence --shell /usr/sbin/nologin tuppence \
 && install -d -o tuppence -g tuppence -m 0700 /var/lib/tuppence
COPY --from=build /opt/tuppence /opt/tuppence
ENV PATH=/opt/tuppence/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TUPPENCE_HOME=/var/lib/tuppence \
    TUPPENCE_HOST=0.0.0.0 \
    TUPPENCE_PORT=8000
USER tuppence
VOLUME /var/lib/tuppence
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['TUPPENCE_PORT'] + '/healthz', timeout=4)"]
CMD ["tuppence", "serve"]
