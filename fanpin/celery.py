"""The Celery application. Every job goes through the one task in fanpin.jobs.tasks."""

import os

import environ
from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fanpin.settings")

SWEEP_EVERY_SECONDS = 60.0


def broker_url(redis_url: str) -> str:
    """Django's cache says unix:///path?db=N where Celery says redis+socket:///path?virtual_host=N."""
    if not redis_url.startswith("unix://"):
        return redis_url
    path, _, query = redis_url.removeprefix("unix://").partition("?")
    return f"redis+socket://{path}?virtual_host={query.removeprefix('db=') or '0'}"


app = Celery("fanpin")
# Without a default application the threads of a test client would look for an AMQP broker.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    broker_url=broker_url(environ.Env().str("REDIS_URL", default="redis://localhost:6379/0")),
    broker_connection_retry_on_startup=True,
    broker_transport_options={"socket_timeout": 30, "socket_connect_timeout": 3},
    # The Job row holds state and result; a message only says "look at job N".
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_max_memory_per_child=1_500_000,
    enable_utc=True,
    timezone="Asia/Shanghai",
    imports=("fanpin.jobs.tasks",),
    beat_schedule={
        "sweep-jobs": {"task": "fanpin.jobs.sweep", "schedule": SWEEP_EVERY_SECONDS},
        "daily": {"task": "fanpin.jobs.daily", "schedule": crontab(hour=0, minute=10)},
    },
)
