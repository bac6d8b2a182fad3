# One image for web, worker and beat; docker-compose.yml says which of them a container is.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-wqy-zenhei \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt

COPY . .
RUN useradd --system --uid 10001 --home-dir /app fanpin \
    && mkdir -p /data \
    && chown fanpin /data
USER fanpin
ENV FANPIN_DATA=/data FANPIN_PRODUCTION=1
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "fanpin.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "3", "--threads", "8", "--timeout", "60", "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-", "--no-control-socket"]
