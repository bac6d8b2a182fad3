"""The commands of design.md §6: scripts rely on their names and options."""

import argparse

import pytest
from django.core.management import get_commands, load_command_class

COMMANDS = {
    "up": (),
    "demo": ("--counties", "--households", "--rng-seed", "--json"),
    "load_divisions": ("file",),
    "import_households": ("file", "--county", "--apply", "--json"),
    "receive_ledger": ("department", "file", "--county", "--json"),
    "reconcile": ("files", "--county", "--by", "--json"),
    "compare": ("--county", "--department", "--json"),
    "check_quality": ("--county", "--household", "--json"),
    "closure": ("--county", "--sign", "--by", "--json"),
    "city_summary": ("--city", "--out", "--draft", "--json"),
    "verify_audit": ("--json",),
    "bench": ("--size", "--only", "--json"),
}


def options_of(name: str) -> set[str]:
    command = load_command_class(get_commands()[name], name)
    parser: argparse.ArgumentParser = command.create_parser("manage.py", name)
    found: set[str] = set()
    for action in parser._actions:
        found |= set(action.option_strings) or {action.dest}
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_exists_with_its_options(name):
    assert name in get_commands(), f"manage.py {name} 不存在"
    assert set(COMMANDS[name]) - options_of(name) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_in_chinese_what_it_does(name):
    command = load_command_class(get_commands()[name], name)
    assert command.help
    assert not command.help.isascii()
