"""Departments answer what their books say of a family; the township explains what does not fit (policy.md §4.3 T6)."""

from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record
from households.choices import lists
from households.services import telling
from monitoring import verbs
from monitoring.choices import AnswerResult
from monitoring.models import Case, ComparisonAnswer
from monitoring.policies import comparisons as policies
from monitoring.services.cases import lock


@transaction.atomic
def answer(
    row: ComparisonAnswer,
    *,
    result: str,
    by: User,
    four_haves: tuple[str, ...] = (),
    note: str = "",
) -> ComparisonAnswer:
    """One department's answer: none, hit (naming the four-haves items) or conflict (saying what)."""
    row = _locked(row)
    verdict = policies.may_answer(by, row)
    (verdict & _answer_holds(result, four_haves, note)).require()
    row.result, row.note = result, note
    row.four_haves = list(four_haves) if result == AnswerResult.HIT else []
    row.answered_at, row.answered_by = clock.now(), by
    row.save()
    _refresh(row.case)
    record(verbs.COMPARISON_ANSWERED, by=by, on=row, subject=f"{row.case}", path=row.case.division_path,
           after={"department": row.department, "result": result, "four_haves": row.four_haves})  # fmt: skip
    telling.tell([row.case.household_id], "monitoring")
    return row


def _answer_holds(result: str, four_haves: tuple[str, ...], note: str) -> Verdict:
    reasons = []
    if result not in (AnswerResult.NONE, AnswerResult.HIT, AnswerResult.CONFLICT):
        reasons.append(Reason("请选择比对结果", field="result"))
    if result == AnswerResult.HIT and not four_haves:
        reasons.append(Reason("请选择发现的四有情形", field="four_haves"))
    if set(four_haves) - set(lists()["siyou_type"]):
        reasons.append(Reason("四有情形不在清单中", field="four_haves"))
    if result == AnswerResult.CONFLICT and len(note.strip()) < 4:
        reasons.append(Reason("请写明哪些信息不一致", field="note"))
    return Verdict(tuple(reasons))


@transaction.atomic
def explain(
    row: ComparisonAnswer, *, explanation: str, by: User, is_exempt: bool = False
) -> ComparisonAnswer:
    """The township looked into it: a contradiction is cleared up, or a four-haves hit falls under an exemption."""
    row = _locked(row)
    verdict = policies.may_explain(by, row)
    if len(explanation.strip()) < 4:
        verdict &= Verdict.no(Reason("请写明核实情况", field="explanation"))
    verdict.require()
    row.explanation = explanation
    row.is_exempt = is_exempt and row.result == AnswerResult.HIT
    row.explained_at, row.explained_by = clock.now(), by
    row.save()
    _refresh(row.case)
    record(verbs.COMPARISON_EXPLAINED, by=by, on=row, subject=f"{row.case}", path=row.case.division_path,
           note=explanation, after={"is_exempt": row.is_exempt})  # fmt: skip
    return row


def _locked(row: ComparisonAnswer) -> ComparisonAnswer:
    case = lock(row.case)
    found = ComparisonAnswer.objects.select_for_update(of=("self",)).get(pk=row.pk)
    found.case = case
    return found


def _refresh(case: Case) -> None:
    hits = [a for a in case.answers.all() if a.counts_as_four_haves]
    Case.objects.filter(pk=case.pk).update(is_four_haves=bool(hits))
