"""Compare a county with its ledgers: `manage.py compare --county CODE [--department D] [--by USER] [--json]`."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from counties.comparison import SPECS, running
from counties.models import CheckRun
from counties.selectors.places import account_for
from counties.services import comparisons
from fanpin.accounts.roles import Role
from fanpin.regions.models import Division, Level
from households.selectors.parameters import current_campaign


class Command(BaseCommand):
    help = "比对一个县的部门台账与在册信息"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--county", required=True, help="县代码，如 620421")
        parser.add_argument("--department", action="append", default=[], help="只比对这个部门")
        parser.add_argument("--by", help="发起账号；默认该县的县级审定员")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = self._compare(options)
        except ValidationError as refused:
            raise CommandError("；".join(refused.messages)) from None
        except PermissionDenied as refused:
            raise CommandError(str(refused)) from None
        answer = as_json(run)
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        for part in answer["runs"]:
            found = sum(part["findings"].values())
            self.stdout.write(
                f"{part['department']}：{part['rows']}行，匹配{part['matched']}人，不一致{found}处"
            )

    def _compare(self, options: dict[str, Any]) -> CheckRun:
        county = Division.objects.filter(pk=options["county"], level=Level.COUNTY).first()
        if county is None:
            raise CommandError(f"没有代码为{options['county']}的县")
        run = comparisons.start(
            county,
            campaign=current_campaign(),
            departments=[SPECS[d].department if d in SPECS else d for d in options["department"]],
            by=account_for(county, ((Role.COUNTY_REVIEWER, ""),), options["by"]),
            wait=True,
        )
        running.run(run, advance=lambda done, total, message: None)
        return run


def as_json(run: CheckRun) -> dict[str, Any]:
    parts = run.parts.select_related("batch").prefetch_related("counts")
    return {
        "runs": [
            {
                "department": part.batch.department,
                "ledger": part.ledger,
                "rows": part.rows,
                "matched": part.matched,
                "findings": {c.code: c.found for c in part.counts.all() if c.found},
                "seconds": part.seconds,
            }
            for part in parts
        ]
    }
