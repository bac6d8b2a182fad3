"""Load or refresh the division tree: `manage.py load_divisions [FILE]`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fanpin.regions.loading import DIVISIONS_FILE, load_divisions


class Command(BaseCommand):
    help = "装入甘肃省行政区划（可重复执行）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=DIVISIONS_FILE)

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        if not file.is_file():
            raise CommandError(f"找不到区划文件：{file}")
        total, changed = load_divisions(file)
        self.stdout.write(f"行政区划 {total} 条，新增或更名 {changed} 条")
