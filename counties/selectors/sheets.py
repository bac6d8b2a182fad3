"""Village and natural village sheets: which places have one, how far each is, last year's answers, who is a 出列村."""

import datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    Count,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from counties.models import Finding, HamletSheet, VillageSheet
from counties.models.findings import Severity
from counties.models.sheets import FILLED_STATES, Kind, Sheet, SheetState
from counties.rules.lines import HAMLET, VILLAGE, Block, Line, asked, blanks
from counties.selectors.rollups import whole
from fanpin import clock
from fanpin.regions.models import Division, Level
from fanpin.regions.scope import Scope
from households.choices import label
from households.models import Campaign, PolicyItem
from households.selectors.parameters import policy_items

LISTED = "listed_village"
VIRTUAL = "virtual"
COMMUNITY = "community"
BLOCKS: dict[str, tuple[Block, ...]] = {Kind.VILLAGE: VILLAGE, Kind.HAMLET: HAMLET}
MODELS: dict[str, type[Sheet]] = {Kind.VILLAGE: VillageSheet, Kind.HAMLET: HamletSheet}
# The figures a list shows of each sheet.
SHOWN: dict[str, tuple[str, str]] = {
    Kind.VILLAGE: ("hh_total", "pop_total"),
    Kind.HAMLET: ("nv_hh_total", "nv_pop_total"),
}
LEVELS = {Kind.VILLAGE: Level.VILLAGE, Kind.HAMLET: Level.HAMLET}


def standing(day: datetime.date) -> Q:
    """Divisions in use on a day; one that ends on it is gone."""
    began = Q(valid_from__isnull=True) | Q(valid_from__lte=day)
    return began & (Q(valid_until__isnull=True) | Q(valid_until__gt=day))


def kind_of(division: Division) -> str:
    """Which sheet a division has."""
    other = {Level.HAMLET: Kind.HAMLET, Level.COUNTY: Kind.COUNTY}
    return other.get(Level(division.level), Kind.VILLAGE)


def listing(village: Division, on: datetime.date) -> PolicyItem | None:
    """The dated entry that makes a village a 出列村 on a day; its `limit` is the year."""
    found = policy_items(LISTED, village.path, on)
    return found[0] if found else None


def is_listed(place: Division) -> bool:
    """Whether a village is a 出列村 today."""
    return listing(place, clock.today()) is not None


def blocks_of(place: Division, *, listed: bool) -> list[Block]:
    """The lines this place answers."""
    kind = kind_of(place)
    return asked(BLOCKS[kind], listed=listed or kind == Kind.HAMLET)


def words(line: Line, value: Any) -> Any:
    """An answer as the paper shows it."""
    if value in (None, ""):
        return None
    if line.codes:
        return label(line.codes, value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        # Degrees keep all their decimals.
        return f"{value:f}" if line.places > 2 else whole(value)
    return value if line.unit else str(value)


def listed_villages(path: str, on: datetime.date) -> dict[str, int | None]:
    """Code → 出列年度 of every 出列村 below a place, in one query."""
    rows = _listed(on).filter(division__path__startswith=path)
    found = rows.values_list("division_id", "limit")
    return {code: int(year) if year is not None else None for code, year in found}


def _listed(on: datetime.date) -> QuerySet[PolicyItem]:
    return PolicyItem.objects.filter(
        Q(effective_to__isnull=True) | Q(effective_to__gte=on),
        list_key=LISTED,
        active=True,
        effective_from__lte=on,
    )


def draft(division: Division, campaign: Campaign) -> Any:
    """The place's sheet of a campaign; one that nobody touched is not stored and has version 0."""
    model = MODELS[kind_of(division)]
    rows = model.objects.select_related("campaign", "changed_by", "submitted_by", "decided_by")
    found = rows.filter(division=division, campaign=campaign).first()
    found = found or model(division=division, campaign=campaign, version=0)
    found.division = division
    return found


def previous(division: Division, campaign: Campaign) -> Any | None:
    """Last campaign's filled sheet of the place, or of the place it came from."""
    model = MODELS[kind_of(division)]
    rows = model.objects.filter(campaign__year__lt=campaign.year, state__in=FILLED_STATES)
    rows = rows.order_by("-campaign__year")
    return (
        rows.filter(division=division).first() or rows.filter(division__successor=division).first()
    )


def values_of(sheet: Any) -> dict[str, Any]:
    """Line → answer."""
    return {
        line.name: getattr(sheet, line.name)
        for _title, lines in BLOCKS[kind_of(sheet.division)]
        for line in lines
    }


def unanswered(sheet: Any, *, listed: bool) -> list[Line]:
    """The lines the place must answer and has not."""
    return blanks(BLOCKS[kind_of(sheet.division)], values_of(sheet), listed=listed)


def places(kind: str, scope: Scope, campaign: Campaign, *, below: str = "") -> QuerySet[Division]:
    """The villages or natural villages inside a scope that have a sheet, each with its sheet's state and figures.

    `sheet_state` is 待采集 for a place whose sheet nobody touched; `errors` are its open error findings.
    """
    related = f"{MODELS[kind].__name__.lower()}_set"
    rows = Division.objects.within(scope).filter(standing(clock.today()), level=LEVELS[Kind(kind)])
    rows = rows.exclude(village_kind=VIRTUAL).exclude(parent__village_kind=VIRTUAL)
    if below:
        rows = rows.filter(path__startswith=below)
    rows = rows.annotate(
        sheet=FilteredRelation(related, condition=Q(**{f"{related}__campaign": campaign.pk})),
    ).annotate(
        sheet_state=Coalesce("sheet__state", Value(SheetState.TODO.value)),
        is_listed=Exists(_listed(clock.today()).filter(division=OuterRef("pk"))),
        **{name: F(f"sheet__{name}") for name in ("changed_at", *SHOWN[kind])},
        changed_by_name=F("sheet__changed_by__name"),
    )
    return rows.select_related("parent").order_by("path")


def with_errors(rows: QuerySet[Division], campaign: Campaign) -> QuerySet[Division]:
    """Adds `errors`: open error findings on the place's own sheet."""
    live = Finding.objects.live().filter(
        division=OuterRef("pk"), campaign=campaign, severity=Severity.ERROR
    )
    counted = live.order_by().values("division").annotate(n=Count("pk")).values("n")
    return rows.annotate(errors=Coalesce(Subquery(counted, output_field=IntegerField()), Value(0)))


def with_hamlets(rows: QuerySet[Division], campaign: Campaign) -> QuerySet[Division]:
    """Adds `hamlets` and `hamlets_done`: natural villages below, and those whose sheet is filled."""
    below = Division.objects.filter(
        parent=OuterRef("pk"), level=Level.HAMLET, valid_until__isnull=True
    )
    done = HamletSheet.objects.filter(
        division__parent=OuterRef("pk"),
        division__valid_until__isnull=True,
        campaign=campaign,
        state__in=FILLED_STATES,
    )
    return rows.annotate(
        hamlets=_count(below, "parent"), hamlets_done=_count(done, "division__parent")
    )


def _count(rows: QuerySet[Any], by: str) -> Coalesce:
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def unfilled_hamlets(village: Division, campaign: Campaign) -> QuerySet[Division]:
    """The natural villages of a village whose sheet is not filled yet."""
    below = Division.objects.filter(parent=village, level=Level.HAMLET, valid_until__isnull=True)
    filled = HamletSheet.objects.filter(campaign=campaign, state__in=FILLED_STATES)
    return below.exclude(pk__in=filled.values("division")).order_by("code")


def open_errors(place: Division, campaign: Campaign) -> QuerySet[Finding]:
    """What the rules found wrong with the place's sheet and nobody settled."""
    return Finding.objects.live().errors().filter(division=place, campaign=campaign)  # type: ignore[no-any-return]


def open_findings(place: Division, campaign: Campaign) -> QuerySet[Finding]:
    """Every open finding about the place's own sheet, errors first."""
    rows = Finding.objects.live().filter(division=place, campaign=campaign)
    return rows.order_by("severity", "code")
