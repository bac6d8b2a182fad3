"""`manage.py import_households FILE --county CODE [--apply] [--by USER] [--json]`."""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import BaseCommand, CommandError

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.regions.models import Division, Level
from households.models import ImportBatch
from households.services import imports, merging
from households.sheets.importing import check_batch

State = ImportBatch.State


class Command(BaseCommand):
    help = "检查农户表，加 --apply 写入系统"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--county", required=True, help="县代码，如 620421")
        parser.add_argument("--apply", action="store_true", help="写入新增和变化的行")
        parser.add_argument("--by", help="以哪个账号导入；默认为该县有导入权限的第一个账号")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.perf_counter()
        try:
            batch = self._import(options)
        except (ValidationError, PermissionDenied) as refused:
            raise CommandError("；".join(getattr(refused, "messages", [str(refused)]))) from None
        if batch.state == State.FAILED:
            raise CommandError(batch.message.replace("\n", "；"))
        found = as_json(batch, time.perf_counter() - started)
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        self.stdout.write(
            f"{batch}（{batch.get_state_display()}）：共{batch.rows}行，新增{batch.new}，"
            f"变化{batch.changed}，未变{batch.unchanged}，有误{batch.wrong}"
        )
        for error in found["errors"]:
            self.stdout.write(
                f"  {error['sheet']} {error['cell']} {error['column']}：{error['message']}"
            )

    def _import(self, options: dict[str, Any]) -> ImportBatch:
        county = Division.objects.filter(pk=options["county"], level=Level.COUNTY).first()
        if county is None:
            raise CommandError(f"没有代码为{options['county']}的县")
        by = _account(county, options["by"])
        if not options["file"].is_file():
            raise CommandError(f"找不到文件：{options['file']}")
        upload = SimpleUploadedFile(options["file"].name, options["file"].read_bytes())
        batch, _new = imports.receive(upload, division=county, by=by)
        cut_short = batch.state == State.APPLYING and not imports.is_staged(batch)
        if batch.state in (State.UPLOADED, State.CHECKED) or cut_short:
            check_batch(batch, by=by)
            batch.refresh_from_db()
        waiting = batch.state in (State.CHECKED, State.APPLYING)
        if options["apply"] and waiting and batch.new + batch.changed:
            merging.apply(batch, by=by)
        return batch


def _account(county: Division, username: str | None) -> User:
    if username:
        found = User.objects.filter(username=username, is_active=True).first()
        if found is None:
            raise CommandError(f"没有账号{username}")
        return found
    posted = User.objects.filter(postings__division=county, is_active=True).order_by("pk")
    for user in posted.distinct():
        if user.may(Permission.IMPORT_HOUSEHOLDS, county.path):
            return user
    raise CommandError(f"{county.name}没有能导入农户的账号，请用 --by 指明")


def as_json(batch: ImportBatch, seconds: float) -> dict[str, Any]:
    names = ("sheet", "cell", "column", "value", "message", "remedy")
    errors = batch.errors.order_by("sheet", "number", "pk").values(*names)
    return {
        "batch": batch.pk,
        "rows": batch.rows,
        "new": batch.new,
        "changed": batch.changed,
        "unchanged": batch.unchanged,
        "wrong": batch.wrong,
        "errors": list(errors),
        "seconds": round(seconds, 3),
    }
