"""Adds entries to the audit and walks the chain. Services call `record` inside their own transaction."""

import datetime
import decimal
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import models, transaction

from fanpin import clock
from fanpin.audit.models import AuditChain, AuditEntry
from fanpin.audit.verbs import SENTENCES
from fanpin.regions.scope import code_of

PROVINCE_CHAIN = "62"


@transaction.atomic
def record(
    verb: str,
    *,
    by: Any,
    path: str,
    on: models.Model | None = None,
    subject: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
    role: str = "",
) -> AuditEntry:
    """Append one act to its county's chain. `by` is a User, or None for the system itself.

    Identity numbers, phones and bank cards are masked here, whoever calls.
    """
    if verb not in SENTENCES:
        raise ValueError(f"审计行为未登记：{verb}")
    county = code_of(path, "county") or PROVINCE_CHAIN
    AuditChain.objects.bulk_create([AuditChain(county_code=county)], ignore_conflicts=True)
    chain = AuditChain.objects.select_for_update().get(county_code=county)
    entry = AuditEntry(
        county_code=county,
        seq=chain.length + 1,
        verb=verb,
        actor=by,
        actor_name=by.name if by is not None else "系统",
        role=role or (by.role_at(path) if by is not None else ""),
        target_model=on._meta.label_lower if on is not None else "",
        target_id=str(on.pk) if on is not None else "",
        subject=_masked(subject or (str(on) if on is not None else ""))[:120],
        division_path=path,
        before=_plain(before or {}),
        after=_plain(after or {}),
        note=_masked(note),
        acted_at=clock.now(),
        prev_hash=chain.last_hash,
    )
    entry.hash = digest(entry)
    entry.save(force_insert=True)
    chain.length, chain.last_hash = entry.seq, entry.hash
    chain.save(update_fields=["length", "last_hash"])
    return entry


def digest(entry: AuditEntry) -> str:
    """The SHA-256 that seals an entry to the one before it."""
    stored = [
        entry.county_code,
        entry.seq,
        entry.verb,
        entry.actor_id,
        entry.actor_name,
        entry.role,
        entry.target_model,
        entry.target_id,
        entry.subject,
        entry.division_path,
        entry.before,
        entry.after,
        entry.note,
        entry.acted_at.astimezone(datetime.UTC).isoformat(timespec="microseconds"),
        entry.prev_hash,
    ]
    return hashlib.sha256(
        json.dumps(stored, ensure_ascii=False, sort_keys=True).encode()
    ).hexdigest()


def broken_entries() -> Iterator[AuditEntry]:
    """Every entry whose hash, order or link to the one before does not hold."""
    previous: AuditEntry | None = None
    for entry in AuditEntry.objects.order_by("county_code", "seq").iterator(chunk_size=5000):
        first = previous is None or previous.county_code != entry.county_code
        linked = (
            (entry.seq, entry.prev_hash) == (1, "")
            if first
            else (entry.seq, entry.prev_hash) == (previous.seq + 1, previous.hash)  # type: ignore[union-attr]
        )
        if not linked or digest(entry) != entry.hash:
            yield entry
        previous = entry


def broken_chains() -> list[str]:
    """Counties whose last entry is not the one the chain's end names: something was cut off, or the end is gone."""
    last = AuditEntry.objects.order_by("county_code", "-seq").distinct("county_code")
    found = {row.county_code: (row.seq, row.hash) for row in last}
    ends = {
        chain.county_code: (chain.length, chain.last_hash) for chain in AuditChain.objects.all()
    }
    nothing = (0, "")
    return sorted(
        county
        for county in found.keys() | ends.keys()
        if found.get(county, nothing) != ends.get(county, nothing)
    )


_NUMBERS = {"id_no", "id18", "head_id_no", "disability_cert_no", "bank_card_no"}
_PHONES = {"phone", "member_phone", "filler_phone", "contact_phone"}
# An identity number in running text: region, birth date, order and check character.
_IN_TEXT = re.compile(
    r"(?<!\d)([1-9]\d{5})(?:18|19|20)\d\d(?:0\d|1[0-2])(?:[0-2]\d|3[01])(\d{3}[\dXx])(?!\d)"
)


def _plain(value: Any, key: str = "") -> Any:
    """What JSON can hold, with personal numbers masked at any depth."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v, str(k)) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item, key) for item in value]
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, models.Model):
        return _masked(str(value))
    return _masked(value, key) if isinstance(value, str) else value


def _masked(text: str, key: str = "") -> str:
    if key in _NUMBERS and len(text) >= 8:
        return f"{text[:6]}{'*' * (len(text) - 10)}{text[-4:]}"
    if key in _PHONES and len(text) >= 8:
        return f"{text[:3]}****{text[-4:]}"
    return _IN_TEXT.sub(r"\1********\2", text)
