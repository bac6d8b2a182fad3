"""How far the memory of this process grows while something runs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAGE_KB = 4
PAUSE = 0.01


class Growth:
    """`mb`: the highest resident size seen above the one at the start."""

    def __init__(self) -> None:
        self.start = self.peak = _resident_kb()
        self.over = threading.Event()

    @property
    def mb(self) -> int:
        return (self.peak - self.start) // 1024

    def watch(self) -> None:
        while not self.over.wait(PAUSE):
            self.peak = max(self.peak, _resident_kb())


def _resident_kb() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_KB


@contextmanager
def growth() -> Iterator[Growth]:
    found = Growth()
    watcher = threading.Thread(target=found.watch, daemon=True)
    watcher.start()
    try:
        yield found
    finally:
        found.over.set()
        watcher.join()
