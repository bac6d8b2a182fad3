"""Measure our speed beside the physical limit and the usual tools, in a database of its own."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.test.utils import override_settings

from benchmarks import MEASURES, SIZES


class Command(BaseCommand):
    help = "测量速度：与物理极限和常用工具在同一次运行中比较（使用单独的数据库，不碰业务数据）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--size", choices=SIZES, default="county")
        parser.add_argument("--only", help=f"只测一项：{'、'.join(MEASURES)}")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["only"] and options["only"] not in MEASURES:
            raise CommandError(f"没有这一项，可测：{'、'.join(MEASURES)}")
        chosen = [options["only"]] if options["only"] else list(MEASURES)
        lines = self._measured(chosen, options["size"])
        if options["json"]:
            self.stdout.write(json.dumps({"measures": lines}, ensure_ascii=False))
            return
        for line in lines:
            self.stdout.write("  ".join(f"{key}={value}" for key, value in line.items()))

    def _measured(self, names: list[str], size: str) -> list[dict[str, Any]]:
        """Run in a throw-away database that is dropped afterwards, whatever happens."""
        own = connection.settings_dict["NAME"]
        connection.settings_dict["TEST"]["NAME"] = f"bench_{own}"
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            with override_settings(MEDIA_ROOT=settings.DATA_DIR / "bench"):
                return [line for name in names for line in MEASURES[name](size)]
        finally:
            connection.creation.destroy_test_db(own, verbosity=0)
