"""docker-compose.yml held against settings, requirements and the supervisor: no Docker at hand needed."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from fanpin import settings as fanpin_settings

ROOT = Path(fanpin_settings.BASE_DIR)
OURS = ("prepare", "web", "worker", "beat")
POSTGRES_OF_DEBIAN_12 = "15"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def variables(text: str) -> set[str]:
    return set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", text))


def settings_variables() -> set[str]:
    text = (ROOT / "fanpin" / "settings.py").read_text(encoding="utf-8")
    return set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text))


def test_the_services_of_the_supervisor_are_the_services_of_compose(
    compose: dict[str, Any],
) -> None:
    assert set(compose["services"]) == {*OURS, "postgres", "redis"}


def test_every_variable_of_the_environment_is_known_to_the_settings(
    compose: dict[str, Any],
) -> None:
    for service in OURS:
        assert set(compose["services"][service]["environment"]) <= settings_variables()


def test_every_variable_asked_for_stands_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    given = set(re.findall(r"^([A-Z_]+)=", example, flags=re.MULTILINE))
    assert variables((ROOT / "docker-compose.yml").read_text(encoding="utf-8")) == given


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"):
        assert not re.search(rf"\$\{{{name}(:?-|\}})", text)


def test_postgresql_is_the_major_version_that_the_tests_run_on(compose: dict[str, Any]) -> None:
    assert compose["services"]["postgres"]["image"].startswith(f"postgres:{POSTGRES_OF_DEBIAN_12}-")


def test_every_lasting_service_has_a_health_check_and_comes_back(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if name != "prepare":
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name


def test_every_volume_is_declared(compose: dict[str, Any]) -> None:
    used = {
        volume.partition(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", ())
    }
    assert used == set(compose["volumes"])


def test_programs_that_compose_and_the_image_start_come_with_the_requirements(
    compose: dict[str, Any],
) -> None:
    pinned = (ROOT / "requirements.txt").read_text(encoding="utf-8").lower()
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "python:3.11-" in image
    for program in ("celery", "gunicorn"):
        assert re.search(rf"^{program}(\[\w+\])?==", pinned, flags=re.MULTILINE)
    assert 'CMD ["gunicorn", "fanpin.wsgi"' in image
    assert compose["services"]["worker"]["command"][:3] == ["celery", "-A", "fanpin.celery"]


def start(**environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**kept, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


SAFE = {
    "FANPIN_PRODUCTION": "1",
    "SECRET_KEY": "k" * 25 + "0123456789abcdefghijklmnopq",
    "ALLOWED_HOSTS": "fanpin.example.gov.cn",
    "DATABASE_URL": "postgres://fanpin:x@postgres:5432/fanpin",
    "REDIS_URL": "redis://:x@redis:6379/0",
}


def test_production_starts_with_safe_values() -> None:
    assert start(**SAFE).returncode == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": fanpin_settings.DEFAULT_SECRET_KEY}, "SECRET_KEY"),
        ({"DEBUG": "1"}, "DEBUG"),
        ({"FANPIN_DEMO": "1"}, "演示"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"REDIS_URL": ""}, "REDIS_URL"),
    ],
)
def test_production_refuses_unsafe_values_in_one_line(change: dict[str, str], reason: str) -> None:
    refused = start(**{**SAFE, **change})
    assert refused.returncode == 1
    assert reason in refused.stderr
    assert "Traceback" not in refused.stderr
