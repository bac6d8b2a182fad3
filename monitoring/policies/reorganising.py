"""May a household divide, may two unite, who decides it (policy.md §6.4). All reasons at once."""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.regions.scope import path_to
from households.choices import HEAD
from households.models import Household, Member, MemberChange, Reorganisation, SplitCheck
from households.policies.changes import papers_are_there
from households.policies.households import WAITING, may_edit_household, permitted, writable
from households.policies.locks import unlocked
from households.rules.identity import age_on
from households.selectors.members import roster
from monitoring.selectors import cases
from monitoring.selectors.pages import page
from monitoring.selectors.reorganising import RANK, Place, bearers

CLAUSE = "业务规程 §6.4"
YOUNGEST_HEAD = 16
State = MemberChange.State
_DECIDERS = {
    State.TOWNSHIP: Permission.REVIEW_CHANGES,
    State.COUNTY: Permission.CONFIRM_CHANGES,
}


def may_reorganise(user: User, household: Household) -> Verdict:
    """The village may file a split or merge of a household that nothing is under way for."""
    return may_edit_household(user, household) & settled(household)


def may_merge(user: User, a: Household, b: Household) -> Verdict:
    """A village files for a household of its own; the other one may lie in another village of the county."""
    mine = next((h for h in (a, b) if may_edit_household(user, h).ok), a)
    verdict = may_edit_household(user, mine)
    for household in (a, b):
        verdict &= settled(household)
        if household.pk != mine.pk:
            verdict &= writable(household)
    return verdict & _near(a, b)


def _near(a: Household, b: Household) -> Verdict:
    if a.county_code == b.county_code:
        return Verdict.yes()
    return Verdict.no(
        Reason(
            "跨县不能直接并户：请由另一县的村办理成员减少后，在本户办理成员增加",
            field="other",
            clause=CLAUSE,
        )
    )


def first_level(row: Reorganisation) -> str:
    """Who decides first stands above both sides: the township, or for two townships the county."""
    townships = {path_to(home.division_path, "township") for home in row.sides}
    return State.TOWNSHIP if len(townships) == 1 else State.COUNTY


def settled(household: Household) -> Verdict:
    """Nothing waits on the household: no case, no change of people, no other split or merge."""
    verdict = Verdict.yes()
    case = cases.open_case(household.pk)
    if case is not None:
        verdict &= Verdict.no(
            Reason(
                f"{household}正在办理{case.get_kind_display()}（{case.number}），办结后才能分户或并户",
                page("monitoring:case", case.pk),
                CLAUSE,
            )
        )
    if household.changes.filter(state__in=WAITING).exists():
        verdict &= Verdict.no(
            Reason(
                f"{household}还有待审核的人口变更，须先审核完毕",
                page("households:changes", household.pk),
            )
        )
    return verdict & _none_under_way(household)


def _none_under_way(household: Household) -> Verdict:
    both = household.reorganisations.all() | household.reorganised_as_other.all()
    found = both.filter(state__in=(State.TOWNSHIP, State.COUNTY)).first()
    if found is None:
        return Verdict.yes()
    return Verdict.no(
        Reason(
            f"{household}已有一件{found.get_kind_display()}{found.get_state_display()}",
            page("monitoring:reorganisation", found.pk),
        )
    )


def split_is_sound(
    household: Household, places: dict[int, Place], *, changed_on: datetime.date
) -> Verdict:
    """Both parts have people and one head each, and the object stays with the head or who bears the risk."""
    people = list(roster(household))
    stay = [m for m in people if not _place(places, m).moves]
    move = [m for m in people if _place(places, m).moves]
    verdict = _day(changed_on)
    if not move:
        verdict &= Verdict.no(Reason("请选择分出的成员", field="moves"))
    if not stay:
        verdict &= Verdict.no(Reason("原户至少留一名成员；全部迁走的请办理“整户减少”"))
    if stay and move:
        verdict &= _one_head("原户", stay, places) & _one_head("分出户", move, places)
        verdict &= _object_stays(household, stay, people)
    return verdict


def _place(places: dict[int, Place], member: Member) -> Place:
    return places.get(member.pk, Place(False, ""))


def _day(changed_on: datetime.date) -> Verdict:
    if changed_on <= clock.today():
        return Verdict.yes()
    return Verdict.no(Reason(f"变更日期{changed_on}晚于今天", field="changed_on"))


def _one_head(name: str, people: Sequence[Member], places: dict[int, Place]) -> Verdict:
    verdict = Verdict.yes()
    heads = [m for m in people if _place(places, m).relation == HEAD]
    if len(heads) != 1:
        word = "没有户主" if not heads else f"有{len(heads)}名户主"
        verdict &= Verdict.no(Reason(f"{name}{word}，请为{name}选定一名户主", field="heads"))
    for head in heads:
        if head.birth_date and age_on(head.birth_date, clock.today()) < YOUNGEST_HEAD:
            verdict &= Verdict.no(
                Reason(f"{head.name}不满{YOUNGEST_HEAD}周岁，不能作为{name}户主", field="heads")
            )
    without = [m.name for m in people if not _place(places, m).relation]
    if without:
        verdict &= Verdict.no(f"请填写与{name}户主的关系：{'、'.join(without)}")
    return verdict


def _object_stays(household: Household, stay: list[Member], people: list[Member]) -> Verdict:
    if household.monitoring_state not in RANK:
        return Verdict.yes()
    ids = {m.pk for m in stay}
    if any(m.is_head for m in stay) or ids & {m.pk for m in bearers(household)}:
        return Verdict.yes()
    head = next((m.name for m in people if m.is_head), "户主")
    return Verdict.no(
        Reason(
            f"监测对象须随户主（{head}）或风险承担人：留在原户的成员中至少要有其中一人",
            clause=CLAUSE,
        )
    )


def merge_is_sound(
    household: Household,
    other: Household,
    relations: dict[int, str],
    *,
    changed_on: datetime.date,
) -> Verdict:
    """Two different households, one head for all their people."""
    if household.pk == other.pk:
        return Verdict.no(Reason("请选择另一户", field="other"))
    verdict = _day(changed_on)
    people = [*roster(household), *roster(other)]
    places = {pk: Place(False, relation) for pk, relation in relations.items()}
    return verdict & _one_head("合并后", people, places)


def papers(household: Household, kind: str, on: datetime.date, given: Iterable[str]) -> Verdict:
    return papers_are_there(household, kind, on, list(given))


def may_decide(user: User, row: Reorganisation) -> Verdict:
    """The township, then the county; never who filed it, never the same person twice."""
    permission = _DECIDERS.get(State(row.state))
    if permission is None:
        who = row.decided_by.name if row.decided_by else "他人"
        return Verdict.no(f"{row}已由{who}办理，现为“{row.get_state_display()}”，不再需要审核")
    verdict = Verdict.yes()
    for path in dict.fromkeys(home.division_path for home in row.sides):
        verdict &= permitted(user, permission, path) & unlocked(path)
    if user.pk in (row.made_by_id, row.decided_by_id):
        verdict &= Verdict.no(
            Reason("申报、乡镇审核、县级确认须由不同的人办理", clause="业务规程 §2.2")
        )
    return verdict


def still_holds(row: Reorganisation) -> Verdict:
    """Between filing and the decision a case may have been opened, or people joined or left."""
    verdict = Verdict.yes()
    affected: list[Any] = [row.household, *([row.other] if row.kind == "merge" else [])]
    for household in affected:
        case = cases.open_case(household.pk)
        if case is not None:
            verdict &= Verdict.no(
                Reason(
                    f"{household}在申报后开始办理{case.get_kind_display()}（{case.number}），"
                    "须办结后再通过，或退回本申报",
                    page("monitoring:case", case.pk),
                    CLAUSE,
                )
            )
        if household.ended_on is not None:
            verdict &= Verdict.no(f"{household}已销户")
    now = {m.pk for household in affected for m in roster(household)}
    filed = set(row.people.values_list("member_id", flat=True))
    if now != filed:
        verdict &= Verdict.no("申报后家庭成员有增减，与申报的人员不一致，请退回由村级重新申报")
    return verdict


def may_check(user: User, check: SplitCheck) -> Verdict:
    """The look at a household after a split."""
    path = check.household.division_path
    verdict = permitted(user, Permission.CHECK_HOUSEHOLD, path) & unlocked(path)
    if check.done_at is not None:
        verdict &= Verdict.no("该户已核查")
    return verdict
