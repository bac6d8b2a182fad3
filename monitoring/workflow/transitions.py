"""The parts a procedure's table is made of."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from fanpin.accounts.verdicts import Reason
from monitoring.selectors.case_facts import CaseFacts
from monitoring.workflow import inputs

Found = Iterable[Reason | str]
Way = Literal["forward", "return", "end", "side"]
FORWARD: Way = "forward"
RETURN: Way = "return"
END: Way = "end"
SIDE: Way = "side"


def as_reason(found: Reason | str, clause: str) -> Reason:
    """A plain sentence, or a reason without a clause of its own, gets the clause of its rule."""
    if isinstance(found, str):
        return Reason(found, clause=clause)
    return found if found.clause else replace(found, clause=clause)


@dataclass(frozen=True)
class Guard:
    """What must hold before a step; `test` gives every reason why it does not, with the household's own figures."""

    label: str
    test: Callable[[CaseFacts], Found]
    clause: str = ""

    def reasons(self, facts: CaseFacts) -> list[Reason]:
        return [as_reason(found, self.clause) for found in self.test(facts)]


@dataclass(frozen=True)
class Requirement:
    """What the handed-in inputs must satisfy; gives every reason at once, each naming its field."""

    test: Callable[[CaseFacts, Any], Found]
    clause: str = ""

    def reasons(self, facts: CaseFacts, given: inputs.Inputs) -> list[Reason]:
        return [as_reason(found, self.clause) for found in self.test(facts, given)]


@dataclass(frozen=True)
class Limit:
    """How long a step may take: a parameter, in working or calendar days, from entering the status or from opening."""

    parameter: str
    working: bool = False
    from_opening: bool = False


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One line of a table. `is_check`: nobody who made a step since the village handed in may take it.

    `moves`: the event of the monitoring object (workflow.objects) that goes with it. `papers`: the step whose papers it
    asks for, when not its own.
    """

    name: str
    label: str
    source: tuple[str, ...]
    target: str
    permission: tuple[str, ...]
    guards: tuple[Guard, ...] = ()
    requires: tuple[Requirement, ...] = ()
    takes: type[inputs.Inputs] = inputs.Inputs
    verb: str = ""
    limit: Limit | None = None
    way: Way = FORWARD
    is_check: bool = False
    moves: str = ""
    papers: str = ""
    clause: str = ""


@dataclass(frozen=True)
class Procedure:
    """A table with its main line: the statuses of the stepper, in order."""

    kind: str
    transitions: tuple[Transition, ...]
    main_line: tuple[str, ...]
    by_name: dict[str, Transition] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        named = {t.name: t for t in self.transitions}
        if len(named) != len(self.transitions):
            raise ValueError(f"{self.kind}: two transitions of one name")
        object.__setattr__(self, "by_name", named)

    def leaving(self, status: str) -> list[Transition]:
        """The transitions open from a status, in the order of the table."""
        return [t for t in self.transitions if status in t.source]

    def limits(self, status: str) -> list[Limit]:
        return [t.limit for t in self.leaving(status) if t.limit and t.way == FORWARD]
