"""A household as of a day: `?on=` on its overview, read-only, with what is different today."""

import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from fanpin import clock
from fanpin.regions.models import Division
from fanpin.web.components import Fact
from fanpin.web.formats import mask_id
from households.choices import label, labels
from households.forms.households import BLOCKS, names
from households.models import Household, Member, MemberChange
from households.rules.identity import age_on
from households.selectors.history import Past, PastMember, as_of
from households.selectors.wording import label_of
from households.views import shell
from households.views.answers import page
from households.views.changes import shown_either


def asked_day(request: HttpRequest, household: Household) -> tuple[datetime.date | None, str]:
    """(a day before today, what is wrong with the asked one). Today and no day at all mean the page as it is."""
    text = request.GET.get("on", "").strip()
    if not text:
        return None, ""
    try:
        on = datetime.date.fromisoformat(text)
    except ValueError:
        return None, f"“{text}”不是日期，请按 2021-11-08 的格式填写"
    if on > clock.today():
        return None, f"{on}还没有到，只能查看今天以前的情况"
    began = timezone.localtime(household.created_at).date()
    if on < began:
        return None, f"本户{began}建档，之前的情况系统没有记录"
    return (on, "") if on < clock.today() else (None, "")


def past_page(request: HttpRequest, household: Household, on: datetime.date) -> HttpResponse:
    past = as_of(household, on)
    context = {
        **shell.context(request, household, "households:detail"),
        "past": past,
        "people": [_row(person, on) for person in past.people],
        "came": [(m.name, m.get_relation_display(), m.joined_on) for m in past.came_since],
        "blocks": [(title, _facts(past, names(block))) for title, block in BLOCKS],
        "acts": [_act(act) for act in past.acts],
        "asked": on.isoformat(),
    }  # fmt: skip
    return page(request, "households/past.html", context)


def _act(act: MemberChange) -> tuple[datetime.date, str, str, str]:
    reason = label("change_reason", act.reason) if act.reason else ""
    return act.changed_on, act.get_kind_display(), act.member.name if act.member else "", reason


def _row(person: PastMember, on: datetime.date) -> dict[str, Any]:
    m = person.member
    return {
        "member": m,
        "age": age_on(m.birth_date, on) if m.birth_date else None,
        "number": mask_id(m.id_no),
        "schooling": label("school_status", m.school_status) if m.school_status
        else label("education", m.education) if m.education else "",
        "health": labels("health", m.health),
        "gone": person.gone_since,
        "today": [
            (label_of(Member, name), shown_either(Member, name, getattr(m, name)), shown_either(Member, name, now))
            for name, now in person.changed.items()
        ],
    }  # fmt: skip


def _facts(past: Past, columns: tuple[str, ...]) -> list[Fact]:
    """Each field as it was; where today says something else, that stands behind it."""
    facts = []
    for name in columns:
        value = getattr(past.household, name)
        text = None if value in (None, "", []) else _shown(name, value)
        if name in past.changed:
            now = _shown(name, past.changed[name])
            facts.append(
                Fact(label_of(Household, name), f"{text or '（空）'}　今为 {now}", tone="amber")
            )
        else:
            facts.append(Fact(label_of(Household, name), text))
    return facts


def _shown(name: str, value: Any) -> str:
    return str(value.name) if isinstance(value, Division) else shown_either(Household, name, value)
