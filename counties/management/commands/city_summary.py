"""The city's tables as a workbook: `manage.py city_summary --city CODE --out FILE.xlsx [--draft] [--json]`."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from counties.reports import figures, workbook
from counties.reports.as_json import report_as_json
from fanpin.regions.models import Division, Level
from households.selectors.parameters import current_campaign


class Command(BaseCommand):
    help = "生成市州动态调整汇总表"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--city", required=True, help="市州代码，如 6204")
        parser.add_argument("--out", help="要写的 XLSX 文件")
        parser.add_argument("--draft", action="store_true", help="有县未签署时也生成草稿")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        city = Division.objects.filter(pk=options["city"], level=Level.CITY).first()
        if city is None:
            raise CommandError(f"没有代码为{options['city']}的市州")
        try:
            report = figures.compute(city, current_campaign())
        except ValidationError as refused:
            raise CommandError("；".join(refused.messages)) from None
        if report.is_draft and not options["draft"]:
            names = "、".join(county.name for county in report.unsigned) or f"{city.name}各县"
            raise CommandError(f"{names}尚未签署县级闭合，只能加 --draft 生成草稿")
        if options["out"]:
            try:
                workbook.write(options["out"], report)
            except OSError as problem:
                raise CommandError(f"不能写入{options['out']}：{problem.strerror}") from None
        if options["json"]:
            answer = report_as_json(report) | {"file": options["out"]}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        elif options["out"]:
            self.stdout.write(f"已写入{Path(options['out']).name}")
        else:
            raise CommandError("请用 --out 指定文件，或用 --json 输出")
