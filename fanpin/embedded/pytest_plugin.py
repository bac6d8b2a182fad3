"""Loaded with `-p`, before pytest-django reads the settings: the tests' own servers, and a worker.

With DATABASE_URL and REDIS_URL given, those are used. Each xdist worker has its own database
(pytest-django), its own Redis number and its own folder for files.
"""

import atexit
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from fanpin.embedded import processes
from fanpin.embedded.services import missing_urls, private_services, remove_data

REDIS_NUMBERS = 60
_started = ExitStack()
# Not pytest_unconfigure: another plugin's error there would leave the servers running.
atexit.register(_started.close)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    xdist_worker = os.environ.get("PYTEST_XDIST_WORKER")
    if xdist_worker:
        _take_own_share(int(xdist_worker.removeprefix("gw")) + 1)
    else:
        _start_what_is_missing()
    # WhiteNoise warns of a missing folder at each test client, and warnings are errors.
    Path(os.environ["FANPIN_DATA"], "static").mkdir(parents=True, exist_ok=True)
    return (yield)


def _start_what_is_missing() -> None:
    given = os.environ.get("FANPIN_DATA", "")
    folder = Path(
        tempfile.mkdtemp(prefix="fanpin-test-", dir=given if os.path.isdir(given) else None)
    )
    _started.callback(remove_data, folder)
    os.environ["FANPIN_DATA"] = str(folder)
    missing = missing_urls(os.environ)
    if any(missing.values()):
        services = private_services(folder, throw_away=True, **missing)
        os.environ.update(_started.enter_context(services))


def _take_own_share(number: int) -> None:
    os.environ["FANPIN_DATA"] = f"{os.environ['FANPIN_DATA']}/gw{number}"
    address, _, _ = os.environ["REDIS_URL"].partition("?")
    os.environ["REDIS_URL"] = f"{address}?db={number % REDIS_NUMBERS}"


class Worker:
    """A real Celery worker process on the test's database; `kill` is SIGKILL, as a power cut is."""

    def __init__(self, database_url: str, include: tuple[str, ...]) -> None:
        self.database_url = database_url
        self.include = include
        self.log = Path(os.environ["FANPIN_DATA"]) / "worker.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "celery", "-A", "fanpin.celery", "worker"]
        options = ["--concurrency=1", "--without-mingle", "--without-gossip", "--loglevel=INFO"]
        included = [f"--include={','.join(self.include)}"] if self.include else []
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                [*command, *options, *included],
                env={**os.environ, "DATABASE_URL": self.database_url, "CELERY_SKIP_CHECKS": "1"},
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )

    def kill(self) -> None:
        """The main process and its children at once, in the middle of whatever they do."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=10)
            self.kill()

    def wait_for(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        """Fails with the worker's last words when the condition does not come true in time."""

        def over() -> bool:
            return condition() or (self.process is not None and self.process.poll() is not None)

        processes.wait_until(over, seconds)
        if not condition():
            pytest.fail(f"worker log:\n{processes.last_lines(self.log, 40)}")


@pytest.fixture
def worker(transactional_db: None, request: pytest.FixtureRequest) -> Iterator[Worker]:
    """For `worker.start()`; `@pytest.mark.runners("tests.x")` adds the runners of a test."""
    from django.core.cache import cache  # noqa: PLC0415 - Django is not set up when this is loaded
    from django.db import connection  # noqa: PLC0415

    marker = request.node.get_closest_marker("runners")
    name = connection.settings_dict["NAME"]
    address, _, query = os.environ["DATABASE_URL"].partition("?")
    url = f"{address.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    cache.clear()
    started = Worker(url, tuple(marker.args) if marker else ())
    yield started
    started.stop()
    cache.clear()
