"""What a piece of work cost: seconds on the wall, and of the processors in this process and its server.

The wall tells what a person waits; on a machine that others use too, only the second is steady.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from django.db import connection


@dataclass(frozen=True)
class Spent:
    """Seconds on the wall and of the processors."""

    wall: float
    cpu: float

    def __sub__(self, other: "Spent") -> "Spent":
        return Spent(self.wall - other.wall, self.cpu - other.cpu)


def now() -> Spent:
    """The reading of both clocks; two of them subtracted are what lay between."""
    own = os.times()
    return Spent(time.perf_counter(), own.user + own.system + _server())


def _server() -> float:
    """Processor seconds of our database session, when its server runs on this machine."""
    connection.ensure_connection()
    stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    try:
        fields = stat.read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
