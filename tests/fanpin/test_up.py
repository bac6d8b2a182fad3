"""`manage.py up`: everything starts, everything stops, whatever happens to one of them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from fanpin.embedded import processes
from fanpin.embedded.supervisor import Child, Supervisor

ROOT = Path(__file__).resolve().parents[2]


def child(name: str, program: str) -> Child:
    return Child(name, name, (sys.executable, "-c", program))


@pytest.fixture
def keep_signals() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (2, 15, 1)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_a_child_that_ends_is_named_and_the_others_are_stopped(
    tmp_path: Path, keep_signals: None
) -> None:
    steady = child("steady", "import time; time.sleep(60)")
    failing = child("failing", "print('磁盘已满'); raise SystemExit(3)")
    supervisor = Supervisor([steady, failing], tmp_path, os.environ)
    supervisor.start()
    pid = supervisor.running[steady].pid
    assert supervisor.wait() == failing
    supervisor.stop()
    assert processes.is_gone(pid)
    assert supervisor.last_words(failing) == "磁盘已满"


def test_a_child_that_ignores_the_request_is_killed_with_its_own_children(
    tmp_path: Path, keep_signals: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fanpin.embedded.supervisor.GRACE_SECONDS", 0.5)
    program = (
        "import signal, subprocess, sys, time; signal.signal(15, signal.SIG_IGN);"
        "print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    )
    stubborn = child("stubborn", program)
    supervisor = Supervisor([stubborn], tmp_path, os.environ)
    supervisor.start()
    log = supervisor.log(stubborn)
    assert processes.wait_until(lambda: log.read_text().strip().isdigit(), 20)
    supervisor.stop()
    assert processes.wait_until(lambda: processes.is_gone(int(log.read_text())), 5)


def test_a_busy_port_is_told_with_a_free_one(free_port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port))
        taken.listen()
        with pytest.raises(CommandError, match=rf"端口 {free_port} 已被占用"):
            call_command("up", port=free_port)


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer_of(port: int) -> int:
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def test_from_an_empty_folder_to_the_first_page_and_ctrl_c_leaves_nothing(
    tmp_path: Path, free_port: int
) -> None:
    """The embedded servers, the migrations, web, worker and beat, as ./run starts them."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environ = {**kept, "FANPIN_DATA": str(tmp_path / "data"), "FANPIN_DEMO": "0"}
    log = tmp_path / "up.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", str(free_port)],
            cwd=ROOT,
            env=environ,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    started = processes.wait_until(
        lambda: answer_of(free_port) == 200 or process.poll() is not None, 180
    )
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0, log.read_text()
    assert started, log.read_text()
    assert "已停止" in log.read_text()
    assert answer_of(free_port) == 0
    left = [pid for pid in Path("/proc").iterdir() if pid.name.isdigit() and uses(pid, tmp_path)]
    assert left == []


def uses(process: Path, folder: Path) -> bool:
    try:
        return str(folder).encode() in (process / "environ").read_bytes()
    except OSError:
        return False
