"""A sheet as its page shows it: each line with last year's answer, what the register counts, and the difference."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from counties.models import SheetChange
from counties.models.sheets import Kind
from counties.rules.lines import Line, lines_of
from counties.selectors import rollups
from counties.selectors import sheets as selectors
from fanpin.regions.models import Division
from fanpin.web.cells import chip
from fanpin.web.components import Entry, Fact
from fanpin.web.formats import display

HISTORY = 30


@dataclass(frozen=True)
class Row:
    """One line: what is answered now, last year, and beside it."""

    label: str
    value: Any
    unit: str
    previous: Any
    counted: Any = None
    url: str = ""
    difference: str = ""
    tone: str = ""
    missing: bool = False


def counted(place: Division) -> dict[str, Decimal]:
    """What the register counts in a place."""
    if selectors.kind_of(place) == Kind.HAMLET:
        found = rollups.numbers(rollups.HAMLET, [place.pk], by="natural_village_id")
    else:
        found = rollups.numbers(rollups.VILLAGE, [place.pk])
    return found[place.pk]


def gap(name: str, typed: Any, number: Decimal) -> tuple[str, str]:
    """How the sheet differs from the register, and how bad: less than the register is never right."""
    if typed in (None, "") or Decimal(typed) == number:
        return "", ""
    more = Decimal(typed) - number
    wrong = rollups.ROLLUPS[name].exact or more < 0
    return f"{more:+,f}".rstrip("0").rstrip(
        "."
    ) if more % 1 else f"{more:+,.0f}", "red" if wrong else "grey"


def rows_of(sheet: Any, before: Any, *, listed: bool) -> list[tuple[str, list[Row]]]:
    """The blocks of a sheet, line by line."""
    numbers = counted(sheet.division)
    missing = {line.name for line in selectors.unanswered(sheet, listed=listed)}
    return [
        (title, [_row(line, sheet, before, numbers, missing) for line in lines])
        for title, lines in selectors.blocks_of(sheet.division, listed=listed)
    ]


def _row(
    line: Line, sheet: Any, before: Any, numbers: Mapping[str, Decimal], missing: set[str]
) -> Row:
    value = getattr(sheet, line.name)
    number = numbers.get(line.name)
    difference, tone = gap(line.name, value, number) if number is not None else ("", "")
    return Row(
        line.label,
        selectors.words(line, value),
        line.unit,
        selectors.words(line, getattr(before, line.name)) if before else None,
        None if number is None else rollups.whole(number),
        rollup_url(sheet.division, line.name) if number else "",
        difference,
        tone,
        line.name in missing and sheet.pk is not None,
    )


def beside(place: Division, values: Mapping[str, Any]) -> dict[str, SafeString]:
    """What the form says under a field that the register counts too, the difference marked, with the list behind."""
    units = {line.name: line.unit for line in lines_of(selectors.BLOCKS[selectors.kind_of(place)])}
    found: dict[str, SafeString] = {}
    for name, number in counted(place).items():
        difference, tone = gap(name, values.get(name), number)
        mark = chip(f"差{difference}", "red") if tone == "red" else SafeString("")
        shown = f"{display(rollups.whole(number))}{units[name]}"
        text = (
            format_html('<a href="{}">{}</a>', rollup_url(place, name), shown) if number else shown
        )
        found[name] = format_html("系统登记：{} {}", text, mark)
    return found


def rollup_url(place: Division, name: str) -> str:
    return reverse("counties:place_rollup", args=[place.pk, name])


def steps_of(sheet: Any, *words: str) -> list[Fact]:
    """Who filled, handed in and decided, in the words of this kind of sheet; why it came back."""
    times = ("changed", "submitted", "decided")
    facts = [
        Fact(word, _by(getattr(sheet, f"{name}_by"), getattr(sheet, f"{name}_at", None)))
        for word, name in zip(words, times, strict=True)
    ]
    return [*facts, Fact("退回原因", sheet.note)] if sheet.note else facts


def _by(person: Any, at: Any) -> str | None:
    return f"{person.name if person else '系统'} {at:%Y-%m-%d}" if at else None


def history(place: Division, campaign: Any) -> list[Entry]:
    """What was done with the place's sheet, newest first."""
    rows = SheetChange.objects.filter(
        kind=selectors.kind_of(place), division=place, campaign=campaign
    )
    return [
        Entry(
            row.made_at,
            row.made_by.name if row.made_by else "系统",
            f"{row.act}{len(row.fields)}项" if row.fields else row.act,
            row.note,
        )
        for row in rows.select_related("made_by")[:HISTORY]
    ]
