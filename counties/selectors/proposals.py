"""What the police's book proposes for the register: findings that a village can accept without typing anything."""

import datetime
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import QuerySet

from counties.models import Finding
from counties.models.findings import State
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason
from households.choices import label
from households.rules.identity import birth_date_of
from households.selectors.members import active_elsewhere
from households.selectors.parameters import parameter

PROPOSING = ("R-XDP-02", "R-XDP-03", "R-XDP-05", "R-XDP-06", "R-XDP-06A")
CLAIMED = "R-XDP-06B"
CONFLICTS = (CLAIMED, "R-XDP-06C")
ANSWERABLE = (State.OPEN, State.DISPATCHED)
LEAVING = {
    "dead": ("dec_death", "死亡"),
    "moved_out": ("dec_hukou_out", "迁出"),
    "cancelled": ("dec_hukou_cancel", "注销"),
}


@dataclass(frozen=True)
class Proposal:
    """What accepting a finding does. `act`: decrease, increase or correct; `fields` are the person's."""

    act: str
    text: str
    reason: str = ""
    on: datetime.date | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    ledger_line: str = ""
    missing: str = ""
    # The person stands in another household: both villages look into it first.
    dispute: bool = False


def proposals(user: User) -> QuerySet[Finding]:
    """Live findings from the police's book inside the user's scope, with both books."""
    scope = user.scope_for(Permission.VIEW_FINDINGS)
    rows = Finding.objects.within(scope).live().filter(code__in=(*PROPOSING, *CONFLICTS))
    return rows.select_related("household__village", "member", "ledger_row__batch")


def to_answer(user: User) -> QuerySet[Finding]:
    """Those that wait for the village."""
    scope = user.scope_for(Permission.RESOLVE_FINDINGS)
    return Finding.objects.within(scope).filter(
        code__in=(*PROPOSING, *CONFLICTS), state__in=ANSWERABLE
    )


def proposal_of(finding: Finding) -> Proposal | None:
    """What the ledger's row says should be done; None where the books only disagree."""
    row = finding.ledger_row
    if row is None or finding.code not in (*PROPOSING, CLAIMED):
        return None
    line = f"{row.batch.original_name}（公安户籍{row.batch.period}）第{row.number}行"
    if finding.code in ("R-XDP-03", "R-XDP-05"):
        return _leaving(row, line)
    if finding.code == "R-XDP-06":
        return _joining(finding, row, line)
    if finding.code == CLAIMED:
        joining = _joining(finding, row, line)
        return replace(joining, text=f"提请两村核对：{row.name}在另一户在册", dispute=True)
    return _correcting(finding, row, line)


def _leaving(row: Any, line: str) -> Proposal | None:
    if row.status not in LEAVING:
        return None
    reason, word = LEAVING[row.status]
    day = f"（{row.status_on}）" if row.status_on else ""
    return Proposal(
        act="decrease",
        text=f"减少：{word}{day}",
        reason=reason,
        on=row.status_on,
        ledger_line=f"{line}：{word}{day}",
        missing="" if row.status_on else "台账没有日期，请在“成员”页单独申报并填写实际日期",
    )


def _joining(finding: Finding, row: Any, line: str) -> Proposal:
    born = birth_date_of(row.id18)
    reason, on = _how_joined(finding, row, born)
    fields = {
        "name": row.name, "id_type": "id_card", "id_no": row.id18, "relation": row.relation,
        "ethnicity": row.ethnicity,
    }  # fmt: skip
    return Proposal(
        act="increase",
        text=f"增加：{row.name}　{label('change_reason', reason)}（{on}）",
        reason=reason,
        on=on,
        fields=fields,
        ledger_line=f"{line}：与户主同户，{label('relation_to_head', row.relation) or '关系未填'}",
        missing="" if row.relation else "台账没有与户主关系，请在“成员”页单独增加",
    )


def _how_joined(
    finding: Finding, row: Any, born: datetime.date | None
) -> tuple[str, datetime.date]:
    today = clock.today()
    assert finding.household is not None
    most = parameter("newborn_max_months", finding.household.division_path, today)
    if born and (today.year - born.year) * 12 + today.month - born.month <= most - 1:
        return "inc_newborn", born
    if row.status_on:
        return "inc_hukou_in", row.status_on
    return "inc_missed", today


def _correcting(finding: Finding, row: Any, line: str) -> Proposal | None:
    """Name and nation as the police has them; sex and birth date follow from the number."""
    member = finding.member
    if member is None:
        return None
    facts = {"id_no": row.id18, "name": row.name, "ethnicity": row.ethnicity}
    names = ("id_no",) if finding.code == "R-XDP-06A" else ("name", "ethnicity")
    wanted = {name: facts[name] for name in names}
    fields = {k: v for k, v in wanted.items() if v and v != getattr(member, k)}
    words = {"name": f"姓名改为{row.name}", "id_no": f"证件号码改为尾号{row.id18[-4:]}",
             "ethnicity": f"民族改为{label('ethnicity', row.ethnicity)}"}  # fmt: skip
    text = "更正：" + "，".join(words[name] for name in fields)
    if not fields:
        return Proposal("correct", "性别不一致", missing="性别由证件号码决定，请先核对证件号码")
    return Proposal("correct", text, fields=fields, ledger_line=line)


def other_side(finding: Finding, user: User) -> Reason | None:
    """Where the person of a conflict also is, as far as the user's scope goes."""
    row = finding.ledger_row
    if row is None or finding.household is None:
        return None
    if finding.code == "R-XDP-06B":
        return active_elsewhere(row.id18, finding.household, user)
    if finding.code == "R-XDP-06C":
        return _hukou_household(finding, user)
    return None


def _hukou_household(finding: Finding, user: User) -> Reason:
    pair = (
        Finding.objects.filter(ledger_row=finding.ledger_row, code="R-XDP-06B")
        .select_related("household__village")
        .first()
    )
    home = pair.household if pair else None
    if home is None or not user.scope.covers(home.division_path):
        return Reason("公安户籍登记在您管辖范围之外的一户，请联系乡镇或县级核对")
    return Reason(f"公安户籍登记在{home.village.full_name}{home}（{home.hh_code}）")
