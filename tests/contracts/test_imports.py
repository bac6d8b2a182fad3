"""Imports go down only, and none hides inside a function."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from importlinter.cli import lint_imports

ROOT = Path(settings.BASE_DIR)
APPS = ("fanpin", "households", "assistance", "monitoring", "counties")
# Django asks for these: an app's models may be imported only when it is ready, a plugin before Django is set up.
LATE_IMPORTS_ALLOWED = {"fanpin/embedded/pytest_plugin.py", "manage.py"}


def modules() -> list[Path]:
    return sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_layer_contracts_hold(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0, capsys.readouterr().out


def late_imports(tree: ast.AST, *, ready_allowed: bool) -> list[int]:
    """Lines of imports inside functions."""
    found = []
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if ready_allowed and getattr(function, "name", "") == "ready":
            continue
        found += [
            node.lineno
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
    return found


def test_no_import_hides_inside_a_function():
    found = [
        f"{name_of(path)}:{line}"
        for path in modules()
        if name_of(path) not in LATE_IMPORTS_ALLOWED
        for line in late_imports(ast.parse(path.read_text()), ready_allowed=path.name == "apps.py")
    ]
    assert found == []


@pytest.mark.parametrize("name", ["core", "common", "utils", "helpers", "misc"])
def test_no_module_is_named_for_nothing(name):
    found = [name_of(p) for p in modules() if name in (p.stem, p.parent.name)]
    assert found == []


def test_every_folder_of_modules_is_a_package():
    folders = {path.parent for path in modules()}
    assert [name_of(f) for f in sorted(folders) if not (f / "__init__.py").exists()] == []


def test_nobody_listens_to_saves():
    """Outside effects are sent by services after commit; a listener to a save would act on half a story."""
    banned = {"post_save", "pre_save", "post_delete", "pre_delete", "m2m_changed"}
    found = [
        f"{name_of(path)}: {node.id}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name) and node.id in banned
    ]
    assert found == []


def test_no_module_asks_the_system_clock_for_a_business_date():
    """fanpin.clock is the one place: `date.today()` would ignore Asia/Shanghai and the demonstration's date."""
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in ("today", "utcnow", "localdate")
        and ast.unparse(node.value).rpartition(".")[2] in ("date", "datetime", "timezone")
        and not name_of(path).startswith("fanpin/clock/")
    ]
    assert found == []
