"""What the papers of some households need, read in a handful of queries however many they are."""

from collections.abc import Sequence

from django.db.models import Prefetch, QuerySet

from fanpin.papers.codes import Code
from fanpin.papers.declaring import Printing
from households.models import Collection, Helping, Household, IncomeStatement, Member, MemberChange
from households.selectors.members import COUNTED, HEAD_FIRST

PEOPLE = (MemberChange.Kind.INCREASE, MemberChange.Kind.DECREASE, MemberChange.Kind.HEAD)


def homes(ids: Sequence[int]) -> QuerySet[Household]:
    """The households in the order of their numbers, each with `.people`, head first, and `.current_forms`."""
    people = Member.objects.filter(status__in=COUNTED).order_by(HEAD_FIRST, "pk")
    forms = Collection.objects.filter(campaign__is_current=True).select_related("campaign")
    return (
        Household.objects.filter(pk__in=ids)
        .select_related("village", "natural_village")
        .prefetch_related(
            Prefetch("members", queryset=people, to_attr="people"),
            Prefetch("collections", queryset=forms, to_attr="current_forms"),
        )
        .order_by("hh_code")
    )


def with_statements(rows: QuerySet[Household]) -> QuerySet[Household]:
    """With `.earned`: the annual statement of the current campaign and those of events, newest first."""
    statements = IncomeStatement.objects.select_related("campaign", "made_by")
    return rows.prefetch_related(Prefetch("statements", queryset=statements, to_attr="earned"))


def with_helpers(rows: QuerySet[Household]) -> QuerySet[Household]:
    """With `.helped`: who helps the household now."""
    helpings = Helping.objects.filter(end_on__isnull=True).select_related("helper")
    return rows.prefetch_related(Prefetch("helpings", queryset=helpings, to_attr="helped"))


def with_changes(rows: QuerySet[Household]) -> QuerySet[Household]:
    """With `.moves`: who joined, who left, a new head; what was refused is left out."""
    changes = (
        MemberChange.objects.filter(kind__in=PEOPLE)
        .exclude(state=MemberChange.State.RETURNED)
        .select_related("member", "made_by", "decided_by")
        .prefetch_related("documents")
        .order_by("changed_on", "pk")
    )
    return rows.prefetch_related(Prefetch("changes", queryset=changes, to_attr="moves"))


def about(household: Household) -> str:
    """Whose paper it is, at the head of every page."""
    return f"{household.village.full_name} {household}"


def facts(household: Household) -> tuple[str, ...]:
    hamlet = household.natural_village.name if household.natural_village else ""
    found = (
        ("户号", household.hh_code),
        ("户编号（国家系统）", household.national_hh_no),
        ("自然村", hamlet),
    )
    return tuple(f"{label}：{value or '　　　　　　　　'}" for label, value in found)


def code(household: Household, mark: str, printing: Printing) -> Code:
    return Code(mark, household.hh_code, printing.day)
