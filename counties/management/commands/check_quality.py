"""Judge a county or one household: `manage.py check_quality --county CODE [--household NO] [--json]`."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from counties.quality import Checked, check_county, check_households
from fanpin.regions.models import Division, Level
from households.models import Household


class Command(BaseCommand):
    help = "按质量规则检查一个县或一户"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--county", required=True, help="县代码，如 620421")
        parser.add_argument("--household", help="系统户号或国家系统户编号")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = self._check(options["county"], options["household"])
        except ValidationError as refused:
            raise CommandError("；".join(refused.messages)) from None
        if options["json"]:
            self.stdout.write(json.dumps(as_json(found), ensure_ascii=False))
        else:
            self.stdout.write(found.text)

    def _check(self, county: str, number: str | None) -> Checked:
        if not Division.objects.filter(pk=county, level=Level.COUNTY).exists():
            raise CommandError(f"没有代码为{county}的县")
        if number is None:
            return check_county(county)
        rows = Household.objects.filter(county_code=county, ended_on=None)
        household = (
            rows.filter(hh_code=number).first() or rows.filter(national_hh_no=number).first()
        )
        if household is None:
            raise CommandError(f"该县没有编号为{number}的农户")
        return check_households([household.pk])


def as_json(found: Checked) -> dict[str, Any]:
    return {
        "households": found.households,
        "members": found.members,
        "rules": found.rules,
        "hits": dict(sorted(found.hits.items())),
        "skipped": found.skipped,
        "opened": found.opened,
        "closed": found.closed,
        "seconds": round(found.seconds, 3),
    }
