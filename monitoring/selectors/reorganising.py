"""What a split or merge will do, before anybody files it: who goes where, which household keeps what, what stops."""

import datetime
from dataclasses import dataclass

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from households.choices import HEAD, MONITORING_STATES, label
from households.models import Household, Member, Reorganisation, SplitCheck
from households.selectors.members import roster
from households.selectors.parameters import parameter
from monitoring.models import Clue, MonitoringObject
from monitoring.selectors import cases

# The household that is further along keeps its object, its number and its row.
RANK = {"monitored": 0, "eliminated": 1}


@dataclass(frozen=True)
class Place:
    """Where a person goes: to the other household or not, and what to the head there."""

    moves: bool
    relation: str


@dataclass(frozen=True)
class Line:
    """One person, before and after."""

    name: str
    household_before: str
    relation_before: str
    household_after: str
    relation_after: str
    moves: bool

    @property
    def is_changed(self) -> bool:
        return self.moves or self.relation_before != self.relation_after


@dataclass(frozen=True)
class Side:
    """One household as it will be."""

    title: str
    number: str
    head: str
    size: int
    hh_type: str
    state: str
    tone: str


@dataclass(frozen=True)
class Preview:
    lines: list[Line]
    sides: list[Side]
    effects: list[str]
    warnings: list[str]


def bearers(household: Household) -> list[Member]:
    """The people who bear a live risk of the household's open episode."""
    obj = cases.object_of(household.pk)
    episode = cases.last_episode(obj.pk if obj else None)
    risks = cases.live_risks(episode.pk if episode else None)
    return list({r.member_id: r.member for r in risks if r.member is not None}.values())


def survivor_of(a: Household, b: Household) -> tuple[Household, Household]:
    """(keeps its number, ends): the monitored one, then the eliminated, then the earlier identified, else `a`."""
    ranks = [
        (RANK.get(h.monitoring_state, 2), _month(h) or "999999", n) for n, h in enumerate((a, b))
    ]
    return (a, b) if ranks[0] <= ranks[1] else (b, a)


def _month(household: Household) -> str:
    obj = cases.object_of(household.pk)
    episode = cases.last_episode(obj.pk if obj else None)
    return episode.identified_month if episode else ""


def split_preview(household: Household, places: dict[int, Place], hh_type: str) -> Preview:
    people = list(roster(household))
    old, new = f"原户 {household.hh_code}", "分出户（新户号）"
    lines = [_line(m, old, new if places[m.pk].moves else old, places[m.pk]) for m in people]
    stay = [m for m in people if not places[m.pk].moves]
    move = [m for m in people if places[m.pk].moves]
    state = household.monitoring_state
    label_, tone = MONITORING_STATES[state]
    sides = [
        Side("原户", household.hh_code, _head(stay, places), len(stay), household.get_hh_type_display(), label_, tone),
        Side("分出户", "审核通过后编号", _head(move, places), len(move), label("hh_type", hh_type), "未纳入", "grey"),
    ]  # fmt: skip
    effects = [
        f"原户保留户号{household.hh_code}、收入测算和年度采集；分出户编新户号，进入本年度待采集"
    ]
    if state in RANK:
        effects.append(
            f"监测对象（{label_}）及其监测周期、一户一策、帮扶措施留在原户，分出户不是监测对象"
        )
    days = parameter("split_check_days", household.division_path, clock.today())
    effects.append(f"生效后{days}日内须对两户各核查一次")
    return Preview(lines, sides, effects, _split_warnings(household, move))


def _split_warnings(household: Household, move: list[Member]) -> list[str]:
    found = []
    leaving = {m.pk for m in move}
    borne = [m.name for m in bearers(household) if m.pk in leaving]
    if borne:
        found.append(
            f"风险承担人{'、'.join(borne)}将离开监测对象；监测对象应随风险承担人的，请把户主一方列为分出方"
        )
    months = parameter("split_warning_months", household.division_path, clock.today())
    since = _months_before(clock.today(), months)
    if Clue.objects.filter(household=household, received_on__gte=since).exists():
        found.append(f"该户{months}个月内有线索或预警，县级须核实是否真实分户")
    return found


def _months_before(day: datetime.date, months: int) -> datetime.date:
    whole = day.year * 12 + day.month - 1 - months
    return datetime.date(whole // 12, whole % 12 + 1, min(day.day, 28))


def merge_preview(a: Household, b: Household, relations: dict[int, str]) -> Preview:
    keeps, ends = survivor_of(a, b)
    names = {h.pk: f"{h}（{h.hh_code}）" for h in (a, b)}
    people = [*roster(keeps), *roster(ends)]
    places = {m.pk: Place(m.household_id == ends.pk, relations.get(m.pk, "")) for m in people}
    lines = [_line(m, names[m.household_id], names[keeps.pk], places[m.pk]) for m in people]
    label_, tone = MONITORING_STATES[keeps.monitoring_state]
    side = Side(
        "合并后", keeps.hh_code, _head(people, places), len(people), keeps.get_hh_type_display(),
        label_, tone,
    )  # fmt: skip
    return Preview(lines, [side], _merge_effects(keeps, ends), _merge_warnings(keeps, ends))


def _merge_effects(keeps: Household, ends: Household) -> list[str]:
    found = [f"保留户号{keeps.hh_code}，{ends}（{ends.hh_code}）销户，资料保留可查"]
    if keeps.village_id != ends.village_id:
        found.append(f"{ends}原在{ends.village.full_name}，合并后成员计入{keeps.village.full_name}")
    kept, gone = _object(keeps), _object(ends)
    if kept and kept.state == "monitored":
        found.append("合并后为监测中，识别监测时间取两户中较早的")
    elif kept and kept.state == "eliminated":
        found.append("合并后仍为风险已消除")
    if gone and gone.state == "monitored":
        found.append(
            f"{ends}未消除的风险并入；其监测周期以“并户”结束，一户一策停止，待落实措施取消"
        )
    elif gone and gone.state == "eliminated":
        found.append(f"{ends}的监测对象以“并户”结束，不计入风险消除")
    return found


def _merge_warnings(keeps: Household, ends: Household) -> list[str]:
    if keeps.hh_type == ends.hh_type:
        return []
    types = f"{keeps.get_hh_type_display() or '未填'}、{ends.get_hh_type_display() or '未填'}"
    return [f"两户户类型不同（{types}），合并后按保留户的户类型，由县级确认"]


def _object(household: Household) -> MonitoringObject | None:
    return MonitoringObject.objects.filter(household=household, state__in=RANK).first()


def _line(member: Member, before: str, after: str, place: Place) -> Line:
    relation = label("relation_to_head", place.relation) if place.relation else "未填"
    return Line(member.name, before, member.get_relation_display(), after, relation, place.moves)


def _head(people: list[Member], places: dict[int, Place]) -> str:
    return next((m.name for m in people if places[m.pk].relation == HEAD), "未选定")


def filed_preview(row: Reorganisation) -> Preview:
    """The same table for what was filed, as long as it waits."""
    people = {p.member_id: p for p in row.people.select_related("member")}
    if row.kind == Reorganisation.Kind.SPLIT:
        places = {pk: Place(p.moves, p.relation) for pk, p in people.items()}
        gone = set(roster(row.household).values_list("pk", flat=True)) - set(people)
        places |= {pk: Place(False, "") for pk in gone}
        return split_preview(row.household, places, row.other_type)
    assert row.other is not None
    return merge_preview(row.household, row.other, {pk: p.relation for pk, p in people.items()})


def decided_lines(row: Reorganisation) -> list[Line]:
    """Who went where, after it happened or was returned."""
    names = {True: str(row.other or "分出户"), False: str(row.household)}
    came = row.kind == Reorganisation.Kind.MERGE
    return [
        Line(
            p.member.name,
            names[True] if came and p.moves else str(row.household),
            p.get_relation_before_display(),
            names[False] if came else names[p.moves],
            p.get_relation_display(),
            p.moves,
        )
        for p in row.people.select_related("member")
    ]


def waiting_for(user: User) -> QuerySet[Reorganisation]:
    """Splits and merges this user may pass or return now."""
    rows = Reorganisation.objects.select_related("household__village", "other", "made_by")
    township = rows.within(user.scope_for(Permission.REVIEW_CHANGES)).filter(state="township")
    county = rows.within(user.scope_for(Permission.CONFIRM_CHANGES)).filter(state="county")
    waiting = (township | county).exclude(made_by=user).exclude(decided_by=user)
    return waiting.annotate(waiting_since=Coalesce("decided_at", "made_at"))


def in_another_village(household: Household, code: str, head: str) -> Household | None:
    """A household of the same county by its whole number and its head's whole name: who names both has its papers."""
    rows = Household.objects.filter(county_code=household.county_code, ended_on=None)
    rows = rows.exclude(pk=household.pk).select_related("village")
    return (
        rows.filter(hh_code=code.strip(), head_name=head.strip()).first() if code and head else None
    )


def checks_for(user: User) -> QuerySet[SplitCheck]:
    """Checks after a split that still have to be made inside the user's scope."""
    rows = SplitCheck.objects.within(user.scope_for(Permission.CHECK_HOUSEHOLD))
    return rows.filter(done_at=None).select_related("household__village", "reorganisation")
