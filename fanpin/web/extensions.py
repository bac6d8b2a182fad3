"""Where the apps above hang their part on pages below: tabs, panels and to-dos.

An app registers in `AppConfig.ready()`; nothing here knows any app. This is how one household's page shows
monitoring, assistance and findings although the import arrows point down only.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.http import HttpRequest


@dataclass(frozen=True)
class Tab:
    """One tab of a page: its view belongs to the app that registered it. `url_name` takes `pk`."""

    label: str
    url_name: str
    order: int
    permission: str = ""


@dataclass(frozen=True)
class Panel:
    """A block on a page: `render(request, subject)` returns HTML, or "" when there is nothing to say.

    `beside`: in the narrow column at the right.
    """

    order: int
    render: Callable[[HttpRequest, object], str]
    beside: bool = False


@dataclass(frozen=True)
class Todo:
    """What waits for a user: `count` things behind `url`, the earliest due on `due_on`."""

    key: str
    label: str
    count: int
    url: str
    due_on: datetime.date | None = None
    overdue: int = 0
    tone: str = "blue"
    desk: str = ""


T = TypeVar("T")


@dataclass
class Registry(Generic[T]):
    """An ordered list that apps add to once, at start."""

    items: list[T] = field(default_factory=list)

    def register(self, item: T) -> T:
        self.items.append(item)
        return item

    def ordered(self) -> list[T]:
        return sorted(self.items, key=lambda item: getattr(item, "order", 0))


household_tabs: Registry[Tab] = Registry()
household_panels: Registry[Panel] = Registry()
# On the tab 帮扶 of a household, below the plan.
help_panels: Registry[Panel] = Registry()
workbench_panels: Registry[Panel] = Registry()
# (request, household, member or None, the form's columns) -> column -> what is open about it
field_notes: Registry[Callable[..., Mapping[str, Sequence[Any]]]] = Registry()
todo_providers: Registry[Callable[[object], list[Todo]]] = Registry()
