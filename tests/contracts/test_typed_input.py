"""What was typed is never lost: the county signs while forms stand open, and every form keeps its words and says why.

Every form that any page of the world offers is filled in the way a person would, then the county is locked and all
of them are sent. A refused form answers 422 or 409 with the words still in it; a redirect that carries a refusal as
a message has thrown them away.
"""

import logging
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.messages import ERROR, get_messages
from django.db import transaction
from django.test import Client
from django.utils import timezone

from fanpin.accounts.models import User
from households.models import CountyLock
from households.selectors.parameters import current_campaign
from tests.contracts.test_routes import ROUTES, address
from tests.contracts.world import World
from tests.factories import register

pytestmark = pytest.mark.django_db
WORDS = "锁定之前写下的话"
TYPED = {"text", "search", "", "textarea"}
FILLED = {"number": "3", "date": "2021-11-20", "tel": "19900000003", "month": "2021-11"}
KEPT = {409, 422}
# What the signature does not stop, and is answered on the page itself: numbers shown in full, papers to print.
DONE_ON_THE_PAGE = {
    "households:member_unmask",
    "households:print",
    "monitoring:case_papers",
    "monitoring:file",
}


@dataclass
class Form:
    """A form of a page as the browser knows it."""

    action: str
    values: dict[str, list[str]] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)

    def put(self, name: str, value: str) -> None:
        self.values.setdefault(name, []).append(value)


class Forms(HTMLParser):
    """The POST forms of a page with every box filled in."""

    def __init__(self, url: str):
        super().__init__()
        self.url = url
        self.found: list[Form] = []
        self.form: Form | None = None
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            posts = given.get("method", "").lower() == "post"
            self.form = Form(given.get("action") or self.url) if posts else None
            if self.form:
                self.found.append(self.form)
        elif self.form is None:
            return
        elif tag in ("input", "textarea"):
            self._box(given, tag)
        elif tag == "select":
            self.select = given.get("name", "")
        elif tag == "option" and self.select not in self.form.values and given.get("value"):
            self.form.put(self.select, given["value"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = ""

    def _box(self, given: dict[str, str], tag: str) -> None:
        assert self.form is not None
        name, kind = given.get("name", ""), given.get("type", "" if tag == "input" else tag)
        if not name or "disabled" in given or kind in ("file", "submit", "button"):
            return
        if kind == "hidden":
            self.form.put(name, given.get("value", ""))
        elif kind in ("radio", "checkbox"):
            if name not in self.form.values or "checked" in given:
                self.form.put(name, given.get("value", "on"))
        elif kind in TYPED and not given.get("inputmode") and not given.get("list"):
            words = given.get("value") or WORDS[: int(given.get("maxlength") or 99)]
            self.form.put(name, words)
            if words == WORDS:
                self.form.typed.append(name)
        else:
            self.form.put(name, given.get("value") or FILLED.get(kind, "3"))


def offered(world: World) -> list[tuple[User, Form]]:
    """Every form with room for words, each once, with somebody who was shown it."""
    found: dict[tuple[str, str], tuple[User, Form]] = {}
    for user in world.inside.values():
        client = Client()
        client.force_login(user)
        for route in ROUTES:
            if route.is_api:
                continue
            url = address(route, world)
            answer = client.get(url)
            if answer.streaming:
                b"".join(answer.streaming_content)
            elif answer.status_code == 200 and "html" in answer.get("Content-Type", ""):
                page = Forms(url)
                page.feed(answer.content.decode())
                for form in page.found:
                    if form.typed:
                        found.setdefault((form.action, form.typed[0]), (user, form))
    return list(found.values())


def lock(world: World) -> None:
    CountyLock.objects.create(
        campaign=current_campaign(),
        county_code=register.COUNTY,
        locked_at=timezone.now(),
        locked_by=world.inside["county_reviewer"],
    )


def sent(user: User, form: Form) -> Any:
    client = Client()
    client.force_login(user)
    with transaction.atomic():
        answer = client.post(form.action, form.values)
        transaction.set_rollback(True)
    return answer


def lost(answer: Any) -> str:
    """What went wrong with the words, or nothing."""
    if answer.streaming:  # The list left as a file: nothing was refused.
        b"".join(answer.streaming_content)
        return ""
    if answer.status_code in KEPT:
        return "" if WORDS in answer.content.decode() else "the words are gone from the page"
    if answer.status_code == 200 and answer.resolver_match.view_name in DONE_ON_THE_PAGE:
        return ""
    if answer.status_code == 200 and WORDS in answer.content.decode():
        return ""
    said = [str(m) for m in get_messages(answer.wsgi_request) if m.level >= ERROR]
    if said:
        return f"refused by a message only: {said}"
    return "" if answer.status_code == 302 else f"status {answer.status_code}"


def test_a_form_refused_by_the_signature_keeps_what_was_typed(today):
    logging.disable(logging.ERROR)
    try:
        forms = offered(today)
        lock(today)
        answers = [(user, form, sent(user, form)) for user, form in forms]
    finally:
        logging.disable(logging.NOTSET)
    assert len(forms) > 40
    assert sum(answer.status_code in KEPT for _, _, answer in answers) > 30
    wrong = [f"{form.action} ({user}): {why}" for user, form, a in answers if (why := lost(a))]
    assert not wrong, "\n".join(wrong)
