"""Django's command line with the refusal of every command as one clear line in Chinese."""

import os
import sys
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, ManagementUtility
from django.core.management.base import OutputWrapper

from fanpin.clock.days import is_demonstrated
from fanpin.embedded.commands import WITHOUT_SERVERS


class PlainErrors(OutputWrapper):
    """Standard error without the name of Django's exception before a sentence meant for people."""

    def write(self, msg: str = "", style_func: Any = None, ending: str | None = None) -> None:  # type: ignore[override]
        if msg.startswith("CommandError: "):
            msg = msg.replace("CommandError: ", "错误：", 1)
        super().write(msg, style_func, ending)


class Commands(ManagementUtility):
    """Django's own, with the refusals of every command as one clear line."""

    def fetch_command(self, subcommand: str) -> BaseCommand:
        command = super().fetch_command(subcommand)
        if subcommand not in WITHOUT_SERVERS:
            know_demonstration()
        plain = PlainErrors(sys.stderr)
        plain.style_func = command.stderr.style_func
        command.stderr = plain
        return command


def know_demonstration() -> None:
    """On a demonstration's data a command works on its date, as the pages do, unless FANPIN_DEMO says otherwise."""
    if settings.DEMO or settings.PRODUCTION or "FANPIN_DEMO" in os.environ:
        return
    if is_demonstrated():
        settings.DEMO = True
        # For what this command starts: worker, web, beat.
        os.environ["FANPIN_DEMO"] = "1"


def execute(argv: Sequence[str]) -> None:
    Commands(list(argv)).execute()
