"""The small things that pages hand to the UI tags: actions, figures, breadcrumb parts, steps,
history entries.

Every tag takes these dataclasses, plain tuples in the same order, or mappings with the same
keys.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar


@dataclass(frozen=True)
class Action:
    """A button: a link (`get`) or a POST. `disabled` is a Verdict (or reasons); when it refuses,
    the reasons show.
    """

    label: str
    url: str
    method: str = "get"
    tone: str = ""
    disabled: Any = None
    confirm: str = ""
    hotkey: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """One number of a page head; it leads to the list behind it."""

    label: str
    value: Any
    url: str = ""
    unit: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Crumb:
    label: str
    url: str = ""


@dataclass(frozen=True)
class Bulk:
    """An action on ticked rows: posts `ids` (one per row) and `next` to `url`."""

    label: str
    url: str
    tone: str = ""
    confirm: str = ""


@dataclass(frozen=True)
class Fact:
    label: str
    value: Any
    url: str = ""
    unit: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Step:
    """One step of a case. state: done, current, todo, returned."""

    label: str
    state: str = "todo"
    date: datetime.date | None = None
    person: str = ""
    days_left: int | None = None


@dataclass(frozen=True)
class Entry:
    """One line of a history."""

    at: datetime.datetime | datetime.date | None
    who: str
    text: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True)
class TabItem:
    label: str
    url: str
    active: bool = False
    count: int | None = None
    tone: str = ""


@dataclass(frozen=True)
class Bar:
    """One bar of a chart. `value` from zero; `parts` (value, tone, label) make a stacked bar."""

    label: str
    value: Any
    url: str = ""
    tone: str = "blue"
    parts: tuple = ()


T = TypeVar("T")


def each(kind: type[T], things: Iterable[object] | None) -> list[T]:
    """Dataclasses as they are; tuples by position, mappings by key, other objects by attribute."""
    return [one(kind, thing) for thing in things or ()]


def one(kind: type[T], thing: object) -> T:
    """`thing` as `kind`, see `each`."""
    if isinstance(thing, kind):
        return thing
    names = [f.name for f in fields(kind)]  # type: ignore[arg-type]
    if isinstance(thing, Mapping):
        return kind(**{name: thing[name] for name in names if name in thing})
    if isinstance(thing, tuple | list):
        return kind(*thing)
    if isinstance(thing, str):
        return kind(thing)  # type: ignore[call-arg]
    return kind(**{name: getattr(thing, name) for name in names if hasattr(thing, name)})


@dataclass(frozen=True)
class Problem:
    """Something wrong: what, what to do, the field it stands at. severity: error or warn."""

    text: str
    remedy: str = ""
    target: str = ""
    url: str = ""
    clause: str = ""
    severity: str = "error"
    label: str = ""


def problems_of(source: object) -> list[Problem]:
    """Problems of a form, a formset, a Verdict, a ValidationError, findings, strings, or a list of
    those.
    """
    if not source:
        # A Verdict without reasons may be falsy, an unbound form is not; neither has problems.
        return []
    if isinstance(source, Problem):
        return [source]
    if isinstance(source, str):
        return [Problem(source)]
    if hasattr(source, "forms") and hasattr(source, "non_form_errors"):
        own = [Problem(str(text)) for text in source.non_form_errors()]
        return own + [p for form in source.forms for p in problems_of(form)]
    if hasattr(source, "fields") and hasattr(source, "errors"):
        return _problems_of_form(source)
    if hasattr(source, "reasons"):
        forbidden = getattr(source, "forbidden", "")
        return ([Problem(forbidden)] if forbidden else []) + problems_of(list(source.reasons))
    if hasattr(source, "messages"):
        return [Problem(str(text)) for text in source.messages]
    if isinstance(source, Mapping):
        return [one(Problem, source)]
    if isinstance(source, Iterable):
        return [p for thing in source for p in problems_of(thing)]
    return [_problem_of_object(source)]


def remedy_of(error: object) -> str:
    """`ValidationError(..., params={"remedy": …})` carries what to do about it."""
    return _said_of(error, "remedy")


def _said_of(error: object, key: str) -> str:
    """`params` may also carry the page that mends it (`url`) and the `clause` behind it."""
    params = getattr(error, "params", None)
    return str(params.get(key, "") or "") if isinstance(params, Mapping) else ""


def texts_of(error: Any) -> list[str]:
    """What an error says; Django's own words for an empty field become a request."""
    return (
        ["请填写或选择。"] if error.code == "required" else [str(text) for text in error.messages]
    )


def _problems_of_form(form: Any) -> list[Problem]:
    if not form.is_bound:
        return []
    found = []
    for name, errors in form.errors.as_data().items():
        known = name in form.fields
        target = (form[name].id_for_label or form[name].auto_id) if known else ""
        label = str(form[name].label) if known else ""
        for error in errors:
            remedy, url, clause = (_said_of(error, key) for key in ("remedy", "url", "clause"))
            found += [
                Problem(text, remedy, target, url=url, clause=clause, label=label)
                for text in texts_of(error)
            ]
    return found


def _problem_of_object(thing: Any) -> Problem:
    """Reasons, findings and rule hits: they name their text `text`, `detail` or `title`."""
    text = next(
        (str(getattr(thing, n)) for n in ("text", "detail", "title") if getattr(thing, n, "")),
        str(thing),
    )
    return Problem(
        text=text,
        remedy=str(getattr(thing, "remedy", "") or ""),
        target=str(getattr(thing, "target", "") or ""),
        url=str(getattr(thing, "url", "") or ""),
        clause=str(getattr(thing, "clause", "") or ""),
        severity=str(getattr(thing, "severity", "") or "error"),
    )
