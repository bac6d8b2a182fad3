"""重点筛查 of a county: `manage.py screen --county CODE [--json]`."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from counties.screening import running
from counties.services import screening
from fanpin.regions.models import Division, Level
from households.selectors.parameters import current_campaign


class Command(BaseCommand):
    help = "按重点人群和部门预警筛查一个县的重点核查户"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--county", required=True, help="县代码，如 620421")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        county = Division.objects.filter(pk=options["county"], level=Level.COUNTY).first()
        if county is None:
            raise CommandError(f"没有代码为{options['county']}的县")
        started = time.perf_counter()
        try:
            row = screening.start(county, campaign=current_campaign(), by=None, wait=True)
            running.run(row, advance=lambda *_: None)
        except ValidationError as refused:
            raise CommandError("；".join(refused.messages)) from None
        row.refresh_from_db()
        found = {
            "appeared": row.appeared,
            "vanished": row.vanished,
            "came_back": row.came_back,
            "seconds": round(time.perf_counter() - started, 3),
        }
        if options["json"]:
            self.stdout.write(json.dumps(found))
        else:
            self.stdout.write(
                f"新出现情形{row.appeared}条，消失{row.vanished}条，重新列出{row.came_back}户，"
                f"用时{found['seconds']}秒"
            )
