"""Who needs the private servers now: the first one in starts them, the last one out stops them.

Every process that uses the servers of a data folder holds a shared lock on `run/users.lock`;
starting and stopping happen under an exclusive lock on `run/turn.lock`. A killed process leaves
its lock to the kernel, so servers that it left running are found by the next one and stopped.
"""

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from fanpin.embedded.postgres import Postgres
from fanpin.embedded.problems import MachineProblem
from fanpin.embedded.redis_server import RedisServer

LEAST_FREE_BYTES = 300 * 1024 * 1024


@contextmanager
def private_services(
    data_dir: Path, *, postgres: bool = True, redis: bool = True, throw_away: bool = False
) -> Iterator[dict[str, str]]:
    """The variables that lead to the servers, which run at least as long as the block."""
    data_dir = _prepared(data_dir)
    socket_dir = _socket_dir(data_dir)
    servers: dict[str, Postgres | RedisServer] = {}
    if postgres:
        servers["DATABASE_URL"] = Postgres(data_dir, socket_dir, throw_away)
    if redis:
        servers["REDIS_URL"] = RedisServer(data_dir, socket_dir, throw_away)
    with _membership(data_dir) as users:
        try:
            with _turn(data_dir):
                _make_private(socket_dir)
                for server in servers.values():
                    if not server.answers():
                        server.start()
            yield {name: server.url for name, server in servers.items()}
        finally:
            _leave(data_dir, socket_dir, users)


def stop_leftovers(data_dir: Path) -> None:
    """Stop what a killed process left behind, unless somebody still uses it."""
    data_dir = data_dir.resolve()
    if (data_dir / "run").is_dir():
        with _membership(data_dir) as users:
            _leave(data_dir, _socket_dir(data_dir), users)


def remove_data(data_dir: Path) -> None:
    """The folder and, where the server runs as nobody, the cluster and the programs outside it."""
    data_dir = data_dir.resolve()
    postgres = Postgres(data_dir, _socket_dir(data_dir))
    for folder in (postgres.cluster, *postgres.program_copies, data_dir):
        shutil.rmtree(folder, ignore_errors=True)


def missing_urls(environ: Mapping[str, str]) -> dict[str, bool]:
    return {
        "postgres": not environ.get("DATABASE_URL"),
        "redis": not environ.get("REDIS_URL"),
    }


def _leave(data_dir: Path, socket_dir: Path, users: IO[str]) -> None:
    with _turn(data_dir):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        with ExitStack() as every_one_even_if_another_fails:
            every_one_even_if_another_fails.callback(shutil.rmtree, socket_dir, ignore_errors=True)
            for server in (Postgres(data_dir, socket_dir), RedisServer(data_dir, socket_dir)):
                every_one_even_if_another_fails.callback(server.stop)


@contextmanager
def _membership(data_dir: Path) -> Iterator[IO[str]]:
    with (data_dir / "run" / "users.lock").open("a") as users:
        with _turn(data_dir):
            fcntl.flock(users, fcntl.LOCK_SH)
        yield users


@contextmanager
def _turn(data_dir: Path) -> Iterator[None]:
    with (data_dir / "run" / "turn.lock").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _prepared(data_dir: Path) -> Path:
    try:
        data_dir = data_dir.resolve()
        for name in ("run", "log"):
            (data_dir / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise MachineProblem(f"数据目录 {data_dir} 无法使用：{_in_words(error)}") from error
    free = shutil.disk_usage(data_dir).free
    if free < LEAST_FREE_BYTES:
        raise MachineProblem(
            f"数据目录 {data_dir} 所在磁盘只剩 {free // 1024 // 1024} MB，至少需要 300 MB。"
            "请清理磁盘，或用 FANPIN_DATA 指定别的目录。"
        )
    return data_dir


def _in_words(error: OSError) -> str:
    words = {
        errno.EACCES: "没有写入权限",
        errno.EROFS: "磁盘只读",
        errno.ENOSPC: "磁盘已满",
        errno.ENOTDIR: "路径中有一段不是目录",
        errno.EEXIST: "已有同名文件",
    }
    return words.get(error.errno or 0, str(error.strerror))


def _socket_dir(data_dir: Path) -> Path:
    """Short (a socket's path ends at 107 bytes) and the same for the same data folder."""
    key = hashlib.sha256(str(data_dir).encode()).hexdigest()[:10]
    return Path("/tmp") / f"fanpin-{os.geteuid()}-{key}"


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = folder.lstat().st_uid
    if folder.is_symlink() or (os.geteuid() != 0 and owner != os.geteuid()):
        raise MachineProblem(f"目录 {folder} 不属于当前用户，请删除后重试。")
