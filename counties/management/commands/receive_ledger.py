"""Hand in a ledger: `manage.py receive_ledger DEPARTMENT FILE --county CODE [--period YYYYMM] [--by USER] [--json]`."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import BaseCommand, CommandError

from counties.comparison import SPECS, LedgerSpec, receiving, specs_of
from counties.models import LedgerBatch
from counties.models.ledgers import BatchState
from counties.selectors.places import account_for
from counties.services import ledgers
from fanpin import clock
from fanpin.accounts.roles import Role
from fanpin.regions.models import Division, Level
from households.selectors.parameters import current_campaign


class Command(BaseCommand):
    help = "报送一个部门的台账文件"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("department", help=f"部门代码或台账：{'、'.join(SPECS)}")
        parser.add_argument("file", help="XLSX 或 CSV 文件")
        parser.add_argument("--county", required=True, help="县代码，如 620421")
        parser.add_argument("--period", help="数据月份，如 202110；默认本月")
        parser.add_argument("--by", help="报送账号；默认该县该部门的账号")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            batch = self._receive(options)
        except (ValidationError, PermissionDenied) as refused:
            raise CommandError(_words(refused)) from None
        if options["json"]:
            self.stdout.write(json.dumps(as_json(batch), ensure_ascii=False))
            return
        if batch.state == BatchState.REFUSED:
            raise CommandError("；".join(str(error.message) for error in batch.errors.all()))
        self.stdout.write(f"共{batch.rows}行，可比对{batch.loaded}行，有误{batch.wrong}行")

    def _receive(self, options: dict[str, Any]) -> LedgerBatch:
        spec = _spec(options["department"])
        county = Division.objects.filter(pk=options["county"], level=Level.COUNTY).first()
        if county is None:
            raise CommandError(f"没有代码为{options['county']}的县")
        path = Path(options["file"])
        if not path.is_file():
            raise CommandError(f"找不到文件：{path}")
        by = account_for(
            county,
            ((Role.DEPARTMENT_OFFICER, spec.department), (Role.COUNTY_REVIEWER, "")),
            options["by"],
        )
        if by is None:
            raise CommandError("没有可用的报送账号，请用 --by 指定")
        batch = ledgers.receive(
            ledger=spec,
            county=county,
            campaign=current_campaign(),
            period=options["period"] or f"{clock.today():%Y%m}",
            upload=SimpleUploadedFile(path.name, path.read_bytes()),
            by=by,
            wait=True,
        )
        return receiving.load(batch)


def _spec(name: str) -> LedgerSpec:
    found = [SPECS[name]] if name in SPECS else specs_of(name)
    if not found:
        raise CommandError(f"没有这个台账：{name}。可用：{'、'.join(SPECS)}")
    return found[0]


def _words(refused: Exception) -> str:
    return "；".join(refused.messages) if isinstance(refused, ValidationError) else str(refused)


def as_json(batch: LedgerBatch) -> dict[str, Any]:
    return {
        "batch": batch.pk,
        "ledger": batch.ledger,
        "department": batch.department,
        "state": batch.state,
        "rows": batch.rows,
        "loaded": batch.loaded,
        "wrong": batch.wrong,
        "errors": [
            {
                "sheet": e.sheet,
                "cell": e.cell,
                "column": e.column,
                "value": e.value,
                "message": e.message,
                "remedy": e.remedy,
            }
            for e in batch.errors.all()
        ],
        "seconds": batch.seconds,
    }
