"""Check and sign a county: `manage.py closure --county CODE [--sign --by USER [--leader NAME]] [--json]`."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from counties.closure import CHECKS, running, signing
from counties.models import ClosureRun, ClosureSignature
from counties.policies.closures import ready
from counties.selectors.closures import latest_run, signatures
from counties.selectors.places import account_for
from fanpin.regions.models import Division, Level
from households.selectors.parameters import current_campaign


class Command(BaseCommand):
    help = "运行县级闭合检查；--sign 签署"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--county", required=True, help="县代码，如 620421")
        parser.add_argument("--sign", action="store_true", help="检查通过后签署")
        parser.add_argument("--by", help="签署账号（县级审定员）")
        parser.add_argument("--leader", help="签署领导姓名；默认为签署账号的姓名")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        county = Division.objects.filter(pk=options["county"], level=Level.COUNTY).first()
        if county is None:
            raise CommandError(f"没有代码为{options['county']}的县")
        try:
            run, signature = self._close(county, options)
        except ValidationError as refused:
            raise CommandError("；".join(refused.messages)) from None
        except PermissionDenied as refused:
            raise CommandError(str(refused)) from None
        answer = as_json(run, signature)
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        for check in answer["checks"]:
            self.stdout.write(f"{check['code']} {check['violations']} {check['obstacle']}")
        self.stdout.write("已签署" if signature else "、".join(answer["reasons"]) or "可以签署")

    def _close(
        self, county: Division, options: dict[str, Any]
    ) -> tuple[ClosureRun, ClosureSignature | None]:
        campaign = current_campaign()
        if options["sign"]:
            by = account_for(county, (), options["by"])
            if by is None:
                raise CommandError("签署须用 --by 指定县级审定员的账号")
            signature = signing.sign(
                county=county,
                campaign=campaign,
                leader_name=options["leader"] or by.name,
                by=by,
            )
            return signature.run, signature
        signed = next((s for s in signatures(county, campaign) if s.in_force), None)
        latest = latest_run(county, campaign)
        if signed is not None and latest is not None:
            return latest, signed
        return running.run(county=county, campaign=campaign, by=None), None


def as_json(run: ClosureRun, signature: ClosureSignature | None) -> dict[str, Any]:
    reasons = [str(reason) for reason in ready(run).reasons]
    return {
        "checks": [
            {
                "code": r.code,
                "severity": CHECKS[r.code].severity,
                "violations": r.violations,
                "explained": r.explained,
                "obstacle": r.obstacle,
            }
            for r in run.results.all()
        ],
        "warnings": {"total": run.others, "explained": run.others_settled},
        "can_sign": not reasons and signature is None,
        "reasons": reasons,
        "signed": signature is not None,
        "edition": signature.edition if signature else None,
        "hash": signature.sha256 if signature else None,
    }
