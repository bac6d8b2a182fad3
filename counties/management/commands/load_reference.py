"""Load the policy data the program ships: `manage.py load_reference` (idempotent, never overwrites an edit)."""

from typing import Any

from django.core.management.base import BaseCommand

from counties.services.county_sheets import load_indicators
from households.services.reference import load_reference


class Command(BaseCommand):
    help = "装入参数、政策清单、年度工作、节假日和县表指标（可重复执行）"

    def handle(self, *args: Any, **options: Any) -> None:
        added = load_reference()
        indicators = load_indicators()
        self.stdout.write(
            f"参数 {added['parameters']} 条，政策清单 {added['policy_items']} 条，"
            f"年度 {added['campaigns']} 个，节假日 {added['holidays']} 天，"
            f"县表指标 {indicators} 项"
        )
