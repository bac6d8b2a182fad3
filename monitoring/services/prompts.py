"""After a change of people the system asks and a person answers; no state changes by itself (policy.md §6.5)."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from households.models import Household, MemberChange
from households.services import telling
from monitoring import verbs
from monitoring.choices import Outcome, PromptAnswer, PromptKind
from monitoring.models import Case, Prompt
from monitoring.policies import prompts as policies
from monitoring.selectors import cases
from monitoring.selectors import prompts as selectors
from monitoring.services import risks

Kind = MemberChange.Kind


def ask_about(change_ids: Iterable[int]) -> list[Prompt]:
    """Ask what these changes, which have just taken effect, mean for the households that are monitored."""
    rows = MemberChange.objects.filter(
        pk__in=list(change_ids), state=MemberChange.State.DONE, member__isnull=False,
        kind__in=(Kind.INCREASE, Kind.DECREASE), household__monitoring_state__in=selectors.WATCHED,
    )  # fmt: skip
    by_household: dict[int, list[MemberChange]] = {}
    for change in rows.select_related("member", "household").order_by("pk"):
        by_household.setdefault(change.household_id, []).append(change)
    return [prompt for pk, found in by_household.items() for prompt in _ask(pk, found)]


@transaction.atomic
def _ask(household_id: int, changes: Sequence[MemberChange]) -> list[Prompt]:
    household = Household.objects.select_for_update().get(pk=household_id)
    if not household.family_size:
        return []
    found = [_open(change, one) for change, one in selectors.asked(household, changes)]
    case = cases.open_case(household_id)
    if case is not None and case.kind == "eliminate":
        found += alert(case)
    return [prompt for prompt in found if prompt is not None]


def _open(change: MemberChange, asked: selectors.Asked) -> Prompt | None:
    """Once for each change, question and risk."""
    seen = asked.preview
    prompt, new = Prompt.objects.get_or_create(
        change=change,
        kind=asked.kind,
        risk=asked.risk,
        defaults={
            "household_id": change.household_id, "reason": asked.reason, "due_on": asked.due_on,
            "opened_at": clock.now(), "per_capita_before": round(seen.before, 2) if seen else None,
            "per_capita_after": round(seen.after, 2) if seen else None,
            "line": seen.line if seen else None,
        },
    )  # fmt: skip
    if not new:
        return None
    record(verbs.PROMPTED, by=None, on=prompt, path=change.household.division_path,
           subject=f"{change.household}{prompt}", note=asked.reason)  # fmt: skip
    return prompt


def alert(case: Case) -> list[Prompt]:
    """Tell the county when people left "不共同生活" shortly before the elimination and that alone passed the line."""
    found = []
    for line in selectors.suspicious(case.household):
        text = f"{line.reason}；{case.opened_on}拟消除（{case.number}），请县级核实减员是否属实"
        due_on = selectors.due(case.household)
        asked = selectors.Asked(PromptKind.DECREASE, text, due_on)
        found.append(_open(line.change, asked))
    return [prompt for prompt in found if prompt is not None]


@transaction.atomic
def answer(prompt: Prompt, *, answer: str, note: str, by: User) -> Prompt:
    """Record what somebody decided. 已自然消除 hands the risk to the township, which confirms or returns it."""
    Household.objects.select_for_update().get(pk=prompt.household_id)
    rows = Prompt.objects.select_for_update(of=("self",))
    prompt = rows.select_related(
        "household", "change", "risk__episode__object__household", "answered_by"
    ).get(pk=prompt.pk)
    verdict = policies.may_answer(by, prompt)
    if verdict.ok:
        verdict &= policies.answer_holds(prompt, answer, note)
    verdict.require()
    if answer == PromptAnswer.NATURAL and prompt.risk is not None:
        risks.propose_resolved(prompt.risk, outcome=Outcome.NATURAL, evidence=note, by=by)
    prompt.answer, prompt.note = answer, note.strip()
    prompt.answered_at, prompt.answered_by = clock.now(), by
    prompt.save()
    household = prompt.household
    record(verbs.PROMPT_ANSWERED, by=by, on=prompt, path=household.division_path,
           subject=f"{household}{prompt}：{prompt.get_answer_display()}", note=note)  # fmt: skip
    telling.tell([household.pk], "monitoring")
    return prompt
