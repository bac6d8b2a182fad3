"""户内资料: everything on paper about a household, by episode and in the order of the procedure.

It collects by itself: the papers made from its cases, the scans filed with their steps, plans, proofs of measures,
visits, changes of people; and says what the dated list of case papers still misses (notice 一(六), policy.md §8.3).
"""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils import timezone

from assistance.choices import PlanState
from assistance.models import AdvanceEvidence, HouseholdFile, MeasureEvidence, Plan, PlanDocument
from fanpin import clock
from fanpin.files.models import StoredFile
from fanpin.papers.declaring import papers as every_paper
from households.models import Household, MemberChangeDocument, VisitPaper
from households.selectors.parameters import policy_items
from monitoring.choices import CaseKind
from monitoring.models import Case, CaseStep, Evaluation, MonitoringObject
from monitoring.papers import evaluation, of_kind
from monitoring.papers.declaring import WITH, CasePaper
from monitoring.selectors.case_facts import PaperFacts, paper_facts
from monitoring.selectors.case_file import CaseFile, case_file
from monitoring.workflow import papers as asked
from monitoring.workflow.procedures import PROCEDURES
from monitoring.workflow.transitions import FORWARD

BEGINS = (CaseKind.IDENTIFY, CaseKind.RELABEL)
ONCE_IN_FORCE = (PlanState.APPROVED, PlanState.CLOSED)
OF_THE_REGISTER = ("card", "told")


@dataclass(frozen=True)
class Entry:
    """One paper: a scan (`stored`), or made by the system (`paper` of `file`, `register` paper, `evaluation`)."""

    step: str
    title: str
    at: datetime.datetime
    url: str
    stored: StoredFile | None = None
    paper: CasePaper | None = None
    file: CaseFile | None = None
    number: int = 0
    register: str = ""
    evaluation: Evaluation | None = None

    @property
    def on(self) -> datetime.date:
        return timezone.localtime(self.at).date()

    @property
    def is_scan(self) -> bool:
        return self.stored is not None

    @property
    def kind(self) -> str:
        return "扫描件" if self.is_scan else "系统生成"


@dataclass(frozen=True)
class Missing:
    """A paper that the list asks for at a step and that is not there."""

    step: str
    title: str
    wanted: int
    held: int
    basis: str
    url: str


@dataclass
class Section:
    """One case, or one kind of other papers, inside an episode."""

    title: str
    entries: list[Entry] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    url: str = ""


@dataclass
class Part:
    """An episode: from a mark on to the next; what came before the first stands at the front."""

    title: str
    since: datetime.date | None
    sections: list[Section] = field(default_factory=list)

    @property
    def entries(self) -> list[Entry]:
        return [entry for section in self.sections for entry in section.entries]


@dataclass(frozen=True)
class Folder:
    """The whole household file."""

    household: Household
    parts: list[Part]

    @property
    def entries(self) -> list[Entry]:
        return [entry for part in self.parts for entry in part.entries]

    @property
    def missing(self) -> list[Missing]:
        return [m for part in self.parts for s in part.sections for m in s.missing]

    @property
    def scans(self) -> list[StoredFile]:
        return [entry.stored for entry in self.entries if entry.stored]

    @property
    def size(self) -> int:
        """Bytes of the scans."""
        return sum(stored.size for stored in self.scans)


def folder_of(household: Household) -> Folder:
    """Collect it; a dozen queries for each case and one for each other kind of paper."""
    rows = Case.objects.filter(household=household).select_related(*WITH)
    cases = [case_file(case) for case in rows.order_by("opened_on", "pk")]
    parts = _parts(cases)
    for file in cases:
        _part_at(parts, file.case.opened_on).sections.append(_case(file))
    for title, entries in _others(household):
        for part in parts:
            inside = [e for e in entries if _part_at(parts, e.on) is part]
            if inside:
                part.sections.append(Section(title, sorted(inside, key=lambda e: e.at)))
    return Folder(household, [part for part in parts if part.sections])


def _parts(cases: list[CaseFile]) -> list[Part]:
    """登记资料 before the first case, then an episode for each case that marks."""
    found = [Part("登记资料", None)]
    marks = [file.case for file in cases if file.case.kind in BEGINS]
    for n, case in enumerate(marks, 1):
        found.append(Part(f"第{n}次监测（{case.get_kind_display()}）", case.opened_on))
    return found


def _part_at(parts: list[Part], on: datetime.date) -> Part:
    """The part that a day falls into."""
    begun = [part for part in parts if part.since is None or part.since <= on]
    return begun[-1]


def _case(file: CaseFile) -> Section:
    case = file.case
    entries = [*_made(file), *_filed(file)]
    title = f"{case.get_kind_display()}　{case.number}（{case.get_status_display()}）"
    url = reverse("monitoring:case", args=[case.pk])
    return Section(
        title, sorted(entries, key=lambda e: (e.at, e.is_scan)), _lacking(file, url), url
    )


def _made(file: CaseFile) -> Iterator[Entry]:
    """What the system makes from the case."""
    for paper in of_kind(file.case.kind):
        copies = paper.copies(file)
        for n, copy in enumerate(copies, 1):
            title = paper.title_of(file.case.kind) + (f"（第{n}次）" if len(copies) > 1 else "")
            url = reverse("monitoring:case_paper", args=[file.case.pk, paper.key, n, "pdf"])
            yield Entry(paper.step, title, copy.at, url, paper=paper, file=file, number=n)


def _filed(file: CaseFile) -> Iterator[Entry]:
    """What was uploaded with its steps."""
    for row in file.documents:
        at = row.step.done_at if row.step else row.uploaded_at
        step = row.step.label if row.step else row.get_status_at_display()
        yield _scan(step, row.kind, at, "monitoring:document", row)


def _scan(step: str, title: str, at: datetime.datetime, page: str, row: Any) -> Entry:
    return Entry(step, title, at, reverse(page, args=[row.pk]), stored=row)


def _lacking(file: CaseFile, url: str) -> list[Missing]:
    """What each step that was taken should have left behind, and what the next one asks for."""
    case = file.case
    facts = paper_facts(case)
    by_name = PROCEDURES[case.kind].by_name
    found: list[Missing] = []
    for step in file.steps:
        t = by_name.get(step.transition)
        if t is None:
            continue
        held = [row.kind for row in file.documents if row.step_id == step.pk]
        for row in _list_at(case, step, t.papers or t.name):
            if row.limit and asked.applies(facts, row) and held.count(row.label) < row.limit:
                found.append(
                    Missing(
                        step.label, row.label, int(row.limit), held.count(row.label), row.basis, url
                    )
                )
    return [*found, *_next(facts, url)]


def _list_at(case: Case, step: CaseStep, name: str) -> list[Any]:
    """The entries of the list for a step, as in force on its day."""
    rows = policy_items("case_paper", case.division_path, step.done_on)
    return [r for r in asked.of_procedure(case.kind, rows) if r.code.split(".")[1] == name]


def _next(facts: PaperFacts, url: str) -> Iterator[Missing]:
    case = facts.case
    if not case.is_open:
        return
    for t in PROCEDURES[case.kind].leaving(case.status):
        if t.way == FORWARD:
            for p in asked.of_step(facts, t):
                if p.missing:
                    yield Missing(f"{t.label}（待办）", p.label, p.wanted, p.held, p.basis, url)


def _others(household: Household) -> Iterator[tuple[str, list[Entry]]]:
    """Papers beside the cases, by kind."""
    yield "登记表册", _register(household)
    if MonitoringObject.objects.filter(household=household).exists():
        yield "帮扶成效评估", list(_evaluations(household))
    documents = PlanDocument.objects.filter(plan__household=household).select_related("plan")
    yield "一户一策", [*_plans(household), *_rows(documents, "assistance:document", _of_plan)]
    evidence = MeasureEvidence.objects.filter(measure__household=household)
    yield (
        "帮扶措施落实凭证",
        _rows(
            evidence.select_related("measure"), "assistance:evidence", lambda r: (r.measure, "凭证")
        ),
    )
    emergency = AdvanceEvidence.objects.filter(advance__household=household)
    yield (
        "先行帮扶",
        _rows(emergency, "assistance:advance_evidence", lambda r: ("先行帮扶", "凭据")),
    )
    visits = VisitPaper.objects.filter(visit__household=household).select_related("visit")
    yield (
        "走访记录",
        _rows(visits, "households:visit_paper", lambda r: (r.visit, r.get_kind_display())),
    )
    changes = MemberChangeDocument.objects.filter(change__household=household)
    yield (
        "人口变更佐证",
        _rows(
            changes.select_related("change"), "households:document", lambda r: (r.change, r.kind)
        ),
    )
    items = HouseholdFile.objects.filter(item__household=household)
    labels = {
        row.code: row.label
        for row in policy_items("file_checklist", household.division_path, clock.today())
    }
    yield (
        "户内资料清单归档",
        _rows(
            items.select_related("item"),
            "assistance:file",
            lambda r: (labels.get(r.item.code, r.item.code), r.original_name),
        ),
    )


def _of_plan(row: PlanDocument) -> tuple[str, str]:
    return f"第{row.plan.version}版", row.get_kind_display()


def _rows(rows: Iterable[Any], page: str, words: Any) -> list[Entry]:
    found = []
    for row in rows:
        step, title = words(row)
        found.append(_scan(str(step), str(title), row.uploaded_at, page, row))
    return found


def _plans(household: Household) -> Iterator[Entry]:
    """Every version that was approved, as it is printed."""
    versions = Plan.objects.filter(household=household, state__in=ONCE_IN_FORCE)
    for plan in versions.order_by("version"):
        url = reverse("assistance:plan_print", args=[plan.pk])
        yield Entry(
            f"第{plan.version}版", "一户一策帮扶计划", plan.decided_at or plan.created_at, url
        )


def _evaluations(household: Household) -> Iterator[Entry]:
    """Each year's, whether an elimination followed or not."""
    for row in evaluation.of_object(household.monitoring_object.pk):
        url = reverse("monitoring:evaluation_paper", args=[row.pk, "pdf"])
        title = f"{evaluation.TITLE}（{row.year}年度）"
        yield Entry("成效评估", title, row.made_at, url, evaluation=row)


def _register(household: Household) -> list[Entry]:
    """Papers of the register, as of today."""
    found = []
    for key in OF_THE_REGISTER:
        if paper := every_paper.by_key.get(key):
            url = reverse("households:paper", args=[household.pk, key, "pdf"])
            found.append(Entry("登记", paper.title, household.updated_at, url, register=key))
    return found
