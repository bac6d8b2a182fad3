"""How a server of ours is started, recognised and stopped, whoever started it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from fanpin.embedded.problems import MachineProblem

# Kept so that a server of ours leaves no zombie when we stop it.
_children: dict[int, subprocess.Popen[bytes]] = {}


def start_detached(command: Sequence[str], log: Path, **options: int) -> subprocess.Popen[bytes]:
    """In its own session, so that Ctrl-C at the terminal reaches us and not the server."""
    with log.open("ab") as sink:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
            cwd="/",
            **options,  # type: ignore[call-overload]
        )
    _children[process.pid] = process
    return process


def runs_in(pid: int, folder: Path) -> bool:
    """Whether the process works in this folder: pids are handed out again after a restart."""
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd")) == folder.resolve()
    except OSError:
        return False


def is_gone(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return status == "Z"


def wait_until(ready: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def stop(pid: int, with_signal: signal.Signals, seconds: float = 20) -> None:
    """Ask, wait, and only then kill."""
    for attempt in (with_signal, signal.SIGKILL):
        try:
            os.kill(pid, attempt)
        except ProcessLookupError:
            return
        if wait_until(lambda: is_gone(pid), seconds):
            if pid in _children:
                _children.pop(pid).wait()
            return
    raise MachineProblem(f"进程 {pid} 无法停止，请手工检查。")


def last_lines(log: Path, count: int = 5) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    except OSError:
        return ""
