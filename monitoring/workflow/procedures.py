"""The four tables by kind of case."""

from monitoring.choices import CaseKind
from monitoring.workflow.elimination import ELIMINATION, ROLLBACK
from monitoring.workflow.identification import IDENTIFICATION, RELABELLING
from monitoring.workflow.transitions import Procedure, Transition

PROCEDURES: dict[str, Procedure] = {
    CaseKind.IDENTIFY: IDENTIFICATION,
    CaseKind.RELABEL: RELABELLING,
    CaseKind.ELIMINATE: ELIMINATION,
    CaseKind.ROLLBACK: ROLLBACK,
}


def transition(kind: str, name: str) -> Transition | None:
    """A line of a table by name."""
    return PROCEDURES[kind].by_name.get(name)
