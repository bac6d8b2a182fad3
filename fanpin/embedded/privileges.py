"""PostgreSQL refuses to run as root: how the server gets another identity, and which one."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fanpin.embedded.problems import MachineProblem

UNSHARE = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")


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
    """A user namespace where the kernel allows one (files stay root's), else the account nobody."""
    if os.geteuid() != 0:
        return Identity()
    if _unshare_works():
        return Identity(prefix=UNSHARE)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise MachineProblem(
            "内置 PostgreSQL 不能以 root 身份运行，且本机没有 nobody 账号。"
            "请换普通用户启动，或设置 DATABASE_URL 指向已有的数据库。"
        ) from None
    return Identity(user=nobody.pw_uid, group=nobody.pw_gid)


def _unshare_works() -> bool:
    try:
        return subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def reachable_folder(identity: Identity, wanted: Path, fallback: Path) -> Path:
    """Where the data goes: as wanted, or, for nobody below a closed folder, the fallback."""
    if identity.user is None:
        return wanted
    if all(parent.stat().st_mode & 0o001 for parent in wanted.resolve().parents if parent.exists()):
        return wanted
    return fallback
