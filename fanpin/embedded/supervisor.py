"""Runs web, worker and beat as one: all of them live or all of them stop.

Children have sessions of their own, so that Ctrl-C reaches us alone; SIGTERM goes to their main
processes only (a worker whose whole group gets it hangs); whoever does not stop in time is killed
together with its children. A killed supervisor takes its children along (Linux: parent death).
"""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from fanpin.embedded import processes

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 8.0
_libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class Child:
    """`label` is how the message names it when it fails."""

    name: str
    label: str
    command: tuple[str, ...]


class Supervisor:
    def __init__(self, children: Sequence[Child], log_dir: Path, environ: Mapping[str, str]):
        self.children = children
        self.log_dir = log_dir
        self.environ = environ
        self.running: dict[Child, subprocess.Popen[bytes]] = {}
        self.asked_to_stop = False

    def start(self, *names: str) -> None:
        """Those named, or all that do not run yet."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop_requested)
        for child in self.children:
            if child in self.running or (names and child.name not in names):
                continue
            with self.log(child).open("wb") as sink:
                self.running[child] = subprocess.Popen(
                    child.command,
                    env=dict(self.environ),
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                    stderr=sink,
                    start_new_session=True,
                    preexec_fn=_die_with_parent,
                )

    def wait(self) -> Child | None:
        """The child that ended by itself, or None when we were asked to stop."""
        while not self.asked_to_stop:
            ended = self.ended()
            if ended:
                return ended
            time.sleep(0.2)
        return None

    def ended(self) -> Child | None:
        return next((c for c, process in self.running.items() if process.poll() is not None), None)

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        end = time.monotonic() + GRACE_SECONDS
        for process in self.running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.1, end - time.monotonic()))
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.running.clear()

    def log(self, child: Child) -> Path:
        return self.log_dir / f"{child.name}.log"

    def last_words(self, child: Child) -> str:
        return processes.last_lines(self.log(child), 8)

    def _stop_requested(self, number: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True


def _die_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
