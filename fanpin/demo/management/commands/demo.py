"""Make the demonstration: `manage.py demo [--counties N] [--households N] [--rng-seed N] [--json | --accounts]`."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from fanpin.demo.making import Demonstration, accounts_of
from households.models import Household


class Command(BaseCommand):
    help = "生成演示数据（全部为生成人员，同一种子结果相同）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--counties", type=int, default=2, help="县数，1 至 5")
        parser.add_argument("--households", type=int, default=1500, help="每县户数")
        parser.add_argument("--rng-seed", type=int, default=2021)
        parser.add_argument("--json", action="store_true", help="输出账号和埋设的疑点数")
        parser.add_argument("--accounts", action="store_true", help="只列出演示账号")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("正式环境不能生成演示数据")
        if options["accounts"]:
            self._print_accounts()
            return
        if not 1 <= options["counties"] <= 5:
            raise CommandError("--counties 应在 1 至 5 之间")
        if not 60 <= options["households"] <= 100_000:
            raise CommandError("--households 应在 60 至 100000 之间")
        if Household.objects.exists():
            raise CommandError("数据库中已有农户，演示数据只能装入空库")
        quiet = options["json"]
        made = Demonstration(
            counties=options["counties"],
            households=options["households"],
            seed=options["rng_seed"],
            say=(lambda text: None) if quiet else self._say,
        ).make()
        if quiet:
            self.stdout.write(json.dumps(made, ensure_ascii=False))
        else:
            self._print_accounts()

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _print_accounts(self) -> None:
        for account in accounts_of():
            row = asdict(account)
            self.stdout.write(
                f"  {row['username']:<12}{row['password']}  {row['role_label']}"
                f"（{row['division_name']}）"
            )
        folders = sorted((settings.DATA_DIR / "demo").glob("*/"))
        for folder in folders:
            self.stdout.write(f"  部门台账示例：{folder}")
