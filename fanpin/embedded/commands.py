"""What manage.py does before Django reads its settings: private servers where needed."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from fanpin.embedded.problems import MachineProblem
from fanpin.embedded.services import missing_urls, private_services

WITHOUT_SERVERS = frozenset(
    {"help", "version", "--help", "--version", "-h", "check", "collectstatic", "diffsettings"}
    | {"findstatic", "spectacular", "startapp", "startproject", "makemessages", "compilemessages"}
)


def default_data_dir(environ: dict[str, str] | os._Environ[str] = os.environ) -> Path:
    """The settings read the same variable with the same default."""
    given = environ.get("FANPIN_DATA")
    return Path(given) if given else Path(__file__).resolve().parents[2] / ".data"


@contextmanager
def servers_for(argv: Sequence[str]) -> Iterator[None]:
    """Sets DATABASE_URL and REDIS_URL for this process and its children where they are missing."""
    missing = missing_urls(os.environ)
    command = argv[1] if len(argv) > 1 else "help"
    alone = command in WITHOUT_SERVERS and "--database" not in argv
    if alone or "--help" in argv or not any(missing.values()):
        yield
        return
    signal.signal(signal.SIGTERM, _leave_in_good_order)
    with private_services(default_data_dir(), **missing) as urls:
        os.environ.update(urls)
        yield


def run(argv: Sequence[str], execute) -> None:  # type: ignore[no-untyped-def]
    """One clear line on standard error instead of a traceback when the machine is the problem."""
    try:
        with servers_for(argv):
            execute(list(argv))
    except MachineProblem as problem:
        sys.exit(f"错误：{problem}")
    except KeyboardInterrupt:
        sys.exit(130)


def _leave_in_good_order(number: int, frame: FrameType | None) -> None:
    """SIGTERM unwinds the stack like Ctrl-C, so that `with` blocks stop what they started."""
    sys.exit(128 + number)
