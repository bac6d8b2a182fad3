"""One step of this year's form for many households: each stands for itself, by the service of its own page.

Up to a page of a list goes on at once, more in the worker; what a killed worker left waiting goes on behind it.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Refused, Verdict
from fanpin.jobs import enqueue
from households.models import Campaign, FormBatch, FormBatchLine, Household
from households.services import collection, telling

JOB = "households.forms"
AT_ONCE, CHUNK, MOST = 50, 25, 20_000
Act, State = FormBatch.Act, FormBatchLine.State
# A step that may ask for words: what they are called, and the name its refusal gives them.
WORDS = {Act.SUBMIT: ("核实说明", "explanation"), Act.RETURN: ("退回原因", "note")}
Advance = Callable[[int, int], None]


def begin(
    act: str,
    rows: QuerySet[Household],
    *,
    campaign: Campaign,
    path: str,
    query: str = "",
    words: str = "",
    own_words: Mapping[int, str] | None = None,
    by: User,
) -> FormBatch:
    """Take a step for these households; `own_words` for single ones by their key. Large ones become a job."""
    batch = FormBatch(
        campaign=campaign, act=Act(act), words=words, query=query, division_path=path,
        made_at=clock.now(), made_by=by,
    )  # fmt: skip
    batch = _written(batch, rows, own_words or {}, by)
    if batch.job is None:
        run(batch, by=by)
    return batch


@transaction.atomic
def _written(
    batch: FormBatch, rows: QuerySet[Household], own_words: Mapping[int, str], by: User
) -> FormBatch:
    households = list(rows.order_by("hh_code").values_list("pk", flat=True)[: MOST + 1])
    if len(households) > MOST:
        Verdict.no(f"一次最多办理{MOST:,}户，请按乡镇、行政村或条件缩小范围").require()
    batch.save()
    FormBatchLine.objects.bulk_create(
        FormBatchLine(batch=batch, household_id=pk, words=own_words.get(pk, ""))
        for pk in households
    )
    if batch.act == Act.RETURN and not batch.words:
        # Nobody is returned without a reason: it is asked for before anything happens.
        batch.lines.filter(words="").update(
            state=State.HELD, reasons=["退回须写明原因"], links=[""], asks=True
        )
    _hand_over(batch, by)
    return batch


def _hand_over(batch: FormBatch, by: User) -> None:
    waiting = batch.lines.filter(state=State.WAITING).count()
    batch.job = None
    if waiting > AT_ONCE:
        batch.job = enqueue(
            JOB, by=by, params={"batch": batch.pk, "user": by.pk}, path=batch.division_path,
            label=f"{batch}：{waiting}户",
        )  # fmt: skip
    batch.save(update_fields=["job", "words"])


def again(
    batch: FormBatch, *, words: str, own_words: Mapping[int, str], within: Any, by: User
) -> FormBatch:
    """Those that lacked words go on with them; `within`: the scope of whoever gives them."""
    batch = _given(batch, words, own_words, within, by)
    if batch.job is None:
        run(batch, by=by)
    return batch


@transaction.atomic
def _given(
    batch: FormBatch, words: str, own_words: Mapping[int, str], within: Any, by: User
) -> FormBatch:
    batch = FormBatch.objects.select_for_update(of=("self",)).select_related("job").get(pk=batch.pk)
    if batch.job is not None and batch.job.is_active:
        Verdict.no("上一次办理还在进行，请等它结束").require()
    own_words = {pk: text for pk, text in own_words.items() if text}
    if not words and not own_words:
        Verdict.no(f"请填写{WORDS[Act(batch.act)][0]}").require()
    asking = FormBatchLine.objects.within(within).filter(batch=batch, state=State.HELD, asks=True)
    for line in asking.filter(household__in=own_words):
        line.words, line.state = own_words[line.household_id], State.WAITING
        line.save(update_fields=["words", "state"])
    if words:
        asking.update(words=words, state=State.WAITING)
    _hand_over(batch, by)
    return batch


def run(batch: FormBatch, *, by: User, advance: Advance | None = None) -> None:
    """Go on with whoever still waits, chunk by chunk; whoever cannot go on is kept with every reason."""
    total = batch.lines.count()
    while True:
        with transaction.atomic(), telling.together():
            rows = batch.lines.filter(state=State.WAITING).select_related("household")
            lines = list(rows.order_by("pk")[:CHUNK])
            for line in lines:
                _take(batch, line, by)
            if advance is not None:
                left = batch.lines.filter(state=State.WAITING).count()
                advance(total - left, total)
        if len(lines) < CHUNK:
            return


def _take(batch: FormBatch, line: FormBatchLine, by: User) -> None:
    try:
        with transaction.atomic():
            form = collection.of(line.household, batch.campaign)
            _step(batch.act, line.words or batch.words)(form, by=by)
    except (ValidationError, PermissionDenied) as refusal:
        _hold(line, batch.act, refusal)
    else:
        line.state, line.reasons, line.links, line.asks = State.DONE, [], [], False
    line.save(update_fields=["state", "reasons", "links", "asks"])


def _step(act: str, words: str) -> Any:
    if act == Act.SUBMIT:
        return partial(collection.submit, explanation=words)
    if act == Act.RETURN:
        return partial(collection.send_back, note=words)
    return collection.collect if act == Act.COLLECT else collection.review


def _hold(line: FormBatchLine, act: str, refusal: Exception) -> None:
    if isinstance(refusal, Refused):
        reasons = list(refusal.reasons)
    elif isinstance(refusal, ValidationError):
        reasons = [Reason(text) for text in refusal.messages]
    else:
        reasons = [Reason(str(refusal))]
    name = WORDS.get(Act(act), ("", ""))[1]
    line.state = State.HELD
    line.reasons = [reason.text for reason in reasons]
    line.links = [str(reason.url) for reason in reasons]
    line.asks = bool(name) and all(reason.field == name for reason in reasons)
