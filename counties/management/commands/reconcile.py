"""Set a place's register beside exports of the national system: `manage.py reconcile FILE… --county CODE [--json]`."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import BaseCommand, CommandError

from counties.models import NationalFile, ReconciledItem, Reconciliation
from counties.reconciling import running
from counties.reconciling.totals import totals
from counties.selectors.places import account_for
from counties.services import reconciling as services
from fanpin.accounts.roles import Role
from fanpin.regions.models import Division, Level
from households.selectors.parameters import current_campaign


class Command(BaseCommand):
    help = "把国家系统导出的表与本系统逐项核对（只比较，不改数据）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", help="国家系统导出的表，可以多个")
        parser.add_argument("--county", required=True, help="县代码，如 620421")
        parser.add_argument("--by", help="发起账号；默认该县的县级审定员")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = self._reconcile(options)
        except ValidationError as refused:
            raise CommandError("；".join(refused.messages)) from None
        except PermissionDenied as refused:
            raise CommandError(str(refused)) from None
        answer = as_json(run)
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        for part in answer["parts"]:
            self.stdout.write(
                f"{part['title']}：{part['rows']}行，一致{part['same']}，有差异{part['differs']}，"
                f"仅本系统{part['ours']}，仅国家系统{part['theirs']}"
            )
        for file in answer["refused"]:
            self.stdout.write(f"{file['name']}：{file['message']}")

    def _reconcile(self, options: dict[str, Any]) -> Reconciliation:
        county = Division.objects.filter(pk=options["county"], level=Level.COUNTY).first()
        if county is None:
            raise CommandError(f"没有代码为{options['county']}的县")
        by = account_for(county, ((Role.COUNTY_REVIEWER, ""),), options["by"])
        if by is None:
            raise CommandError("该县没有县级审定员账号，请用 --by 指定账号")
        paths = [Path(name) for name in options["files"]]
        if absent := next((path for path in paths if not path.is_file()), None):
            raise CommandError(f"没有这个文件：{absent}")
        uploads = [SimpleUploadedFile(path.name, path.read_bytes()) for path in paths]
        run = services.start(county, campaign=current_campaign(), uploads=uploads, by=by, wait=True)
        running.run(run, advance=lambda done, total, message: None)
        return run


def as_json(run: Reconciliation) -> dict[str, Any]:
    """Counts by kind and by field; the files that could not be read with their reasons."""
    parts = {part.kind: part for part in run.parts.all()}
    found = totals(ReconciledItem.objects.filter(run=run), list(parts))
    return {
        "run": run.pk,
        "parts": [
            {
                "kind": each.layout.key,
                "title": each.layout.title,
                "rows": parts[each.layout.key].rows,
                "seconds": parts[each.layout.key].seconds,
                **{
                    state: each.get(state)
                    for state in ("same", "differs", "ours", "theirs", "doubled", "outside")
                },
                "fields": {text: count for _key, text, count in each.fields},
            }
            for each in found
        ],
        "refused": [
            {"name": file.original_name, "message": file.message}
            for file in run.files.filter(state=NationalFile.State.REFUSED)
        ],
    }
