"""Addresses of pages that reasons point at, of this app and the others."""

from django.urls import NoReverseMatch, reverse

from monitoring.rules import no_elimination

_OF_KIND = {
    no_elimination.INCOME: "households:income",
    no_elimination.MEMBERS: "households:members",
    no_elimination.HOUSE: "households:detail",
    no_elimination.PLAN: "assistance:household",
    no_elimination.CLUES: "monitoring:household",
    no_elimination.CASE: "monitoring:household",
}


def page(name: str, *args: object) -> str:
    """The address of a named page; "" in an installation that lacks it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def page_of(kind: str, household_id: int) -> str:
    """The page of a household that shows what a 不消 finding speaks of."""
    return page(_OF_KIND[kind], household_id)
