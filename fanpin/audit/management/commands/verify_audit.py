"""Walk every county's hash chain: `manage.py verify_audit [--json]`."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fanpin.audit.models import AuditEntry
from fanpin.audit.recording import broken_chains, broken_entries


class Command(BaseCommand):
    help = "核验审计链"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        broken = [str(entry) for entry in broken_entries()]
        cut = broken_chains()
        total = AuditEntry.objects.count()
        ok = not broken and not cut
        if options["json"]:
            self.stdout.write(json.dumps({"entries": total, "ok": ok}))
        elif ok:
            self.stdout.write(f"审计记录 {total} 条，链条完整")
        if not ok:
            raise CommandError(f"审计链不完整：{'、'.join([*broken[:5], *cut])}")
