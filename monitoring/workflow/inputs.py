"""What a person hands in with a step. Forms and the API make these; services record them."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """`note`: opinion, reason or remark; stays on the step."""

    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Analyse(Inputs):
    held_on: datetime.date
    attendees: tuple[str, ...]
    reasons: str


@dataclass(frozen=True, kw_only=True)
class Signature:
    """One adult's signature under the authorisation."""

    member_id: int
    mode: str
    signed_on: datetime.date
    proxy_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Authorise(Inputs):
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """A person of the check group."""

    name: str
    unit: str


@dataclass(frozen=True, kw_only=True)
class Risk:
    """A risk found. At an elimination `episode_risk_id` and `outcome` say what became of a recorded one."""

    cause: str
    member_id: int | None = None
    subtype: str = ""
    note: str = ""
    first_seen_on: datetime.date | None = None
    outcome: str = ""
    episode_risk_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Check(Inputs):
    """The visit. `income`: lines of the statement by field name, 元 in the window of the month of `checked_on`."""

    checked_on: datetime.date
    visitors: tuple[Visitor, ...]
    situation: str
    income: Mapping[str, Decimal] | None = None
    risks: tuple[Risk, ...] = ()
    scope_basis: str = ""
    has_shock: bool = False
    shock_kinds: tuple[str, ...] = ()
    shock_note: str = ""
    event_on: datetime.date | None = None
    house_safe: bool = True
    water_safe: bool = True
    schooling_ok: bool = True
    insured: bool = True
    guarantee_note: str = ""
    income_stable: bool | None = None
    income_months: int | None = None
    rigid_expense_open: bool | None = None
    household_agrees: bool | None = None
    disagreement: str = ""
    household_signed: bool = False
    longitude: Decimal | None = None
    latitude: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Deliberate(Inputs):
    held_on: datetime.date
    place: str
    chair: str
    attendees: tuple[str, ...]
    votes_for: int
    absentees: tuple[str, ...] = ()
    dissent: str = ""
    meeting_id: int | None = None
    votes_against: int = 0
    votes_abstain: int = 0
    minutes: str = ""
    has_hardship: bool = False
    category: str = ""
    category_reason: str = ""
    confirms_four_haves: bool = False
    needs: str = ""


@dataclass(frozen=True, kw_only=True)
class Post(Inputs):
    """A notice or an announcement put up in the village."""

    posted_on: datetime.date
    place: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Decide(Inputs):
    """An opinion above the village; `note` is the opinion."""

    visited_on: datetime.date | None = None
    is_sealed: bool = False
    category_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class End(Inputs):
    """Why a case ends without its purpose; `reason` is of choices.EndReason."""

    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Enter(Inputs):
    """What was keyed into the national system."""

    national_hh_no: str
    month: str
    entered_on: datetime.date
    operator: str
    contact_name: str = ""
    contact_phone: str = ""
    post_income_pc: Decimal | None = None
    post_house_safe: bool | None = None
    post_water_safe: bool | None = None
    post_schooling_ok: bool | None = None
    post_insured: bool | None = None
    announced_on: datetime.date | None = None
    announce_place: str = ""


@dataclass(frozen=True, kw_only=True)
class Propose(Inputs):
    """Opening an elimination (`method`) or a rollback (`rule_codes`, the problem's day and its proof in `note`)."""

    method: str = ""
    rule_codes: tuple[str, ...] = ()
    problem_since: datetime.date | None = None


@dataclass(frozen=True, kw_only=True)
class Relabel(Inputs):
    """Opening a re-label: the new risk and the day it was first seen."""

    cause: str
    first_seen_on: datetime.date
    event_type: str = ""
    old_problem_persists: bool = False
    clue_ids: tuple[int, ...] = field(default_factory=tuple)
