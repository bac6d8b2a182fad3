"""PostgreSQL refuses to run as root, and initdb as somebody without an account: which identity the
server gets instead, and how.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fanpin.embedded.problems import MachineProblem

NOBODY = 65534


@dataclass(frozen=True)
class Identity:
    """`prefix` goes before the command; `user` is set when we drop to another account."""

    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None

    def popen_options(self) -> dict[str, int]:
        if self.user is None or self.group is None:
            return {}
        return {"user": self.user, "group": self.group}

    def give(self, folder: Path) -> None:
        if self.user is not None and self.group is not None:
            os.chown(folder, self.user, self.group)


@cache
def server_identity() -> Identity:
    """Ourselves; else a user namespace where the kernel allows one (files stay ours); else nobody."""
    if os.geteuid() != 0 and _has_account(os.geteuid()):
        return Identity()
    prefix = namespace_prefix()
    if _works(prefix):
        return Identity(prefix=prefix)
    if os.geteuid() != 0 or not _has_account(NOBODY):
        raise MachineProblem(
            "内置 PostgreSQL 需要以普通账号运行，本机的当前账号不合要求。"
            "请换一个普通用户启动，或设置 DATABASE_URL 指向已有的数据库。"
        )
    return Identity(user=NOBODY, group=pwd.getpwuid(NOBODY).pw_gid)


def namespace_prefix() -> tuple[str, ...]:
    """We look like uid 1000 inside, or like any other account: initdb looks its own name up."""
    accounts = sorted(entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid)
    uid = 1000 if 1000 in accounts else next(iter(accounts), 1000)
    return ("unshare", "--user", f"--map-user={uid}", f"--map-group={uid}", "--")


def _has_account(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _works(prefix: tuple[str, ...]) -> bool:
    try:
        return subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def reachable_folder(identity: Identity, wanted: Path, fallback: Path) -> Path:
    """Where the data goes: as wanted, or, for nobody below a closed folder, the fallback."""
    return wanted if is_reachable(identity, wanted) else fallback


def is_reachable(identity: Identity, place: Path) -> bool:
    """Whether every folder above `place` lets that account through; root's home, 0700, does not."""
    if identity.user is None:
        return True
    return all(
        parent.stat().st_mode & 0o001 for parent in place.resolve().parents if parent.exists()
    )


def trusted_copy(base: Path, names: Iterable[str], copy: Path) -> Path:
    """`copy`, with the folders of `base` named, unless an earlier one is as we left it: ours, closed to writers."""
    if copy.is_symlink():
        copy.unlink()
    elif copy.exists() and (copy.stat().st_uid != os.geteuid() or copy.stat().st_mode & 0o022):
        shutil.rmtree(copy)
    if not copy.exists():
        half = Path(tempfile.mkdtemp(prefix=f"{copy.name}.", dir=copy.parent))
        for name in names:
            shutil.copytree(base / name, half / name, symlinks=True)
        half.chmod(0o755)
        half.rename(copy)
    return copy
