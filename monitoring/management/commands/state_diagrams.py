"""Writes docs/states.md from the transition tables."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from monitoring.workflow.diagram import as_markdown


class Command(BaseCommand):
    help = "由转换表生成 docs/states.md"

    def handle(self, *args: Any, **options: Any) -> None:
        target = settings.BASE_DIR / "docs" / "states.md"
        target.write_text(as_markdown(), encoding="utf-8")
        self.stdout.write(f"已写入 {target.relative_to(settings.BASE_DIR)}")
