"""The shell that makes .venv: half made, damaged or of another Python, it says so and is whole again; no network."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EMBEDDED = ROOT / "fanpin" / "embedded"

# Installs every pin of a requirements file as a module of that name; PIP_STOP_AFTER stops it half way.
PIP = """
import os, re, signal, sys
from pathlib import Path
site = Path(__file__).resolve().parents[1]
if "--version" in sys.argv:
    print("pip 0 stub")
    raise SystemExit
left = int(os.environ.get("PIP_STOP_AFTER", "99"))
with open(os.environ["PIP_CALLS"], "a") as log:
    log.write("install\\n")
for name, version in re.findall(r"^(\\w+)==(\\S+)", Path(sys.argv[-1]).read_text(), re.M):
    info = site / f"{name}-{version}.dist-info"
    if info.exists():
        continue
    (site / name).mkdir(exist_ok=True)
    (site / name / "__init__.py").write_text("")
    (site / name / "part.py").write_text("")
    if left == 0:
        os.kill(os.getppid(), signal.SIGKILL)
        os._exit(1)
    left -= 1
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
    rows = [f"{name}/__init__.py", f"{name}/part.py", f"{info.name}/METADATA", f"{info.name}/RECORD"]
    (info / "RECORD").write_text("".join(f"{row},,\\n" for row in rows))
"""
PYTHON = """#!/bin/bash
if [ "$1" = -m ] && [ "$2" = venv ]; then
  "{real}" -m venv --without-pip "$3" || exit 1
  site="$3/lib/python3.11/site-packages/pip"
  mkdir -p "$site" && touch "$site/__init__.py" && cp "{pip}" "$site/__main__.py"
else
  exec "{real}" "$@"
fi
"""


class Project:
    """A folder with the shell, two pins and a Python whose pip needs no network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        embedded = folder / "fanpin" / "embedded"
        embedded.mkdir(parents=True)
        for name in ("environment.sh", "installed.py"):
            shutil.copy(EMBEDDED / name, embedded / name)
        (folder / "requirements.txt").write_text("alpha==1.0\nbeta==2.1\n")
        (folder / "stub_pip.py").write_text(PIP)
        python = folder / "python3.11"
        real = getattr(sys, "_base_executable", sys.executable)
        python.write_text(PYTHON.format(real=real, pip=folder / "stub_pip.py"))
        python.chmod(0o755)
        self.calls = folder / "calls"
        self.site = folder / ".venv" / "lib" / "python3.11" / "site-packages"

    def start(self, **environ: str) -> subprocess.CompletedProcess[str]:
        known = {"PATH": os.environ["PATH"], "PYTHON": str(self.folder / "python3.11"),
                 "PIP_CALLS": str(self.calls), "HOME": str(self.folder)}  # fmt: skip
        script = (
            "set -euo pipefail; . fanpin/embedded/environment.sh; make_environment requirements.txt"
        )
        return subprocess.run(["bash", "-c", script], cwd=self.folder, env={**known, **environ},
                              capture_output=True, text=True, check=False)  # fmt: skip

    @property
    def installs(self) -> int:
        return self.calls.read_text().count("install") if self.calls.exists() else 0

    def works(self) -> bool:
        code = "import alpha.part, beta.part"
        python = self.folder / ".venv" / "bin" / "python"
        return (
            subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0
        )


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.fixture
def made(project):
    answer = project.start()
    assert answer.returncode == 0, answer.stderr
    assert project.works()
    assert project.installs == 1
    return project


def test_made_once_it_is_left_alone(made):
    answer = made.start()
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
    assert made.installs == 1
    assert not (made.folder / ".venv.lock").exists()


def test_killed_while_installing_it_is_finished_by_the_next_start(project):
    assert project.start(PIP_STOP_AFTER="1").returncode != 0
    assert not project.works() or project.installs == 1
    answer = project.start()
    assert answer.returncode == 0, answer.stderr
    assert "上次没有装完，继续安装。" in answer.stdout
    assert project.works()
    assert project.start().stdout == ""


def test_a_deleted_package_is_noticed_and_the_environment_made_anew(made):
    shutil.rmtree(made.site / "beta")
    answer = made.start()
    assert answer.returncode == 0, answer.stderr
    assert "Python 环境已损坏：beta，重新建立。" in answer.stdout
    assert made.works()


def test_a_single_deleted_file_is_noticed(made):
    (made.site / "alpha" / "part.py").unlink()
    assert "已损坏：alpha" in made.start().stdout
    assert made.works()


def test_another_version_than_pinned_is_installed(made):
    (made.folder / "requirements.txt").write_text("alpha==1.0\nbeta==2.1\ngamma==3.0\n")
    answer = made.start()
    assert "与依赖清单不一致，继续安装。" in answer.stdout
    assert (made.site / "gamma").exists()
    assert made.start().stdout == ""


def test_a_venv_whose_python_is_gone_or_another_is_made_anew(made):
    python = made.folder / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(made.folder / "no-such-python")
    answer = made.start()
    assert "不能使用（Python 已更换或被删除），重新建立。" in answer.stdout
    assert made.works()
    python.unlink()
    python.write_text("#!/bin/bash\nexit 1\n")
    python.chmod(0o755)
    assert "不能使用" in made.start().stdout
    assert made.works()


def test_a_venv_without_pip_is_made_anew(made):
    shutil.rmtree(made.site / "pip")
    answer = made.start()
    assert "Python 环境只建了一半，重新建立。" in answer.stdout
    assert made.works()


def test_what_a_stopped_installation_left_does_not_pass_for_installed(made):
    """The list of the package is there, its files are not, and pip believes it."""
    shutil.rmtree(made.site / "beta")
    (made.folder / ".venv" / ".installed-requirements").unlink()
    answer = made.start()
    assert "上次没有装完，继续安装。" in answer.stdout
    assert "安装后仍不完整，重新建立 Python 环境。" in answer.stdout
    assert made.works()


def test_without_a_fitting_python_it_says_what_to_install(project):
    wrong = project.folder / "python3.11"
    wrong.write_text("#!/bin/bash\nexit 1\n")
    bin_ = project.folder / "bin"
    bin_.mkdir()
    for name in ("bash", "sha256sum", "cut", "cat", "df", "awk", "flock", "rm", "tail"):
        (bin_ / name).symlink_to(shutil.which(name) or f"/usr/bin/{name}")
    answer = project.start(PATH=str(bin_))
    assert answer.returncode == 1
    assert "需要 Python 3.11" in answer.stderr
