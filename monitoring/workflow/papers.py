"""Which papers a step asks for: dated entries of the list case_paper, `<procedure>.<step>.<n>` (policy.md §4.3, §5.2).

A paper counts once: what went along with an earlier step of its kind does not serve for a second visit or meeting.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fanpin.accounts.verdicts import Reason
from households.models import PolicyItem
from monitoring.choices import APPLICANT_SOURCES, CaseKind
from monitoring.selectors.case_facts import CaseFacts, PaperFacts
from monitoring.selectors.pages import page
from monitoring.workflow.transitions import Transition

Facts = CaseFacts | PaperFacts
PROCEDURE_NAMES = {
    CaseKind.IDENTIFY: "mark",
    CaseKind.RELABEL: "mark",
    CaseKind.ELIMINATE: "eliminate",
    CaseKind.ROLLBACK: "rollback",
}
# When an entry that carries a flag is asked for; without a flag it always is.
WHEN: dict[str, Callable[[Facts], bool]] = {
    "applicant": lambda f: f.case.source in APPLICANT_SOURCES,
    "shock": lambda f: bool(f.check and f.check.has_shock),
    "assisted": lambda f: f.case.method == "assisted",
    "four_haves": lambda f: f.has_four_haves,
}
REPLY = "reply"


@dataclass(frozen=True)
class Paper:
    """One paper of a step: how many are asked for, how many lie ready."""

    code: str
    label: str
    wanted: int
    held: int
    basis: str
    note: str

    @property
    def missing(self) -> int:
        return max(0, self.wanted - self.held)

    @property
    def field(self) -> str:
        """Its place on the step's form."""
        return field_of(self.code)


def field_of(code: str) -> str:
    return "paper_" + code.replace(".", "_")


def of_step(facts: Facts, t: Transition) -> list[Paper]:
    """The papers of a step, in the order of the list."""
    return _of(facts, t.papers or t.name)


def of_reply(facts: CaseFacts) -> list[Paper]:
    """What the written answer to the applicant leaves behind."""
    return _of(facts, REPLY)


def _of(facts: Facts, step: str) -> list[Paper]:
    unused = [document.kind for document in facts.documents if document.step_id is None]
    return [
        Paper(
            row.code, row.label, int(row.limit or 0), unused.count(row.label), row.basis, row.note
        )
        for row in _rows(facts)
        if row.code.split(".")[1] == step and row.limit and applies(facts, row)
    ]


def _rows(facts: Facts) -> list[PolicyItem]:
    return of_procedure(facts.case.kind, facts.paper_list)


def of_procedure(kind: str, rows: Iterable[PolicyItem]) -> list[PolicyItem]:
    """The entries of the list that concern a kind of case."""
    prefix = PROCEDURE_NAMES[CaseKind(kind)] + "."
    return [row for row in rows if row.code.startswith(prefix)]


def applies(facts: Facts, row: PolicyItem) -> bool:
    """Whether an entry of the list concerns this case."""
    return all(WHEN[flag](facts) for flag in row.flags if flag in WHEN)


def names(kind: str, rows: Iterable[PolicyItem]) -> list[str]:
    """Every name a paper of a kind of case may be filed under."""
    return list(dict.fromkeys(row.label for row in of_procedure(kind, rows)))


def reasons(facts: CaseFacts, t: Transition) -> tuple[Reason, ...]:
    """A reason for every missing paper, with the place where it is uploaded."""
    return missing(facts, of_step(facts, t))


def missing(facts: CaseFacts, found: list[Paper]) -> tuple[Reason, ...]:
    url = page("monitoring:case", facts.case.pk) + "#documents"
    return tuple(
        Reason(
            f"缺少材料“{paper.label}”：须{paper.wanted}份，已上传{paper.held}份",
            url,
            clause=paper.basis,
            field=paper.field,
        )
        for paper in found
        if paper.missing
    )
