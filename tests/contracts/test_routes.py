"""Every address × every role × inside and outside the scope × nobody: login, 403, 404, and never an error."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from fanpin.accounts.models import User
from fanpin.accounts.roles import GRANTS, Role
from fanpin.regions.models import Division
from tests.contracts.routes import ABOUT, PLAIN, PUBLIC, Route, all_routes
from tests.contracts.world import TODAY, World
from tests.factories import monitoring, register

pytestmark = pytest.mark.django_db

ROUTES = [route for route in all_routes() if route.name not in PUBLIC]
# Pages for whoever is logged in: they show one's own account, or cut themselves to what one may see.
LOGIN_ONLY = {
    "workbench", "accounts:password", "accounts:profile", "accounts:demo_clock",
    "accounts:switch_division", "jobs:list", "jobs:running", "jobs:detail", "jobs:part", "jobs:file",
    "jobs:cancel", "jobs:resume", "job-list", "job-detail", "job-cancel", "api-schema",
    "web:gallery", "web:gallery_list", "web:export",
}  # fmt: skip
DONE = {200, 201, 204, 302}
# Asked wrongly, or not ready: said in words on the page.
REFUSED = {400, 405, 422, 286}

# What a browser sends at least: a form is never quite empty.
FORM = {"csrfmiddlewaretoken": "x"}

every_route = pytest.mark.parametrize("route", ROUTES, ids=lambda r: r.name)


@pytest.fixture(autouse=True)
def _quiet():
    """Refusals by the thousand are what is asked for here."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


class Visitor:
    """Asks as somebody; whatever an answer changed is undone."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.client = Client()
        self.keys: dict[int, str] = {}

    def log_in(self, user: User) -> None:
        login = Client()
        login.force_login(user)
        self.keys[user.pk] = login.cookies[settings.SESSION_COOKIE_NAME].value

    def ask(self, user: User | None, method: str, url: str) -> int:
        self.client.cookies.clear()
        if user is not None:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = self.keys[user.pk]
        with transaction.atomic():
            answer = self._request(method, url)
            if answer.streaming:
                b"".join(answer.streaming_content)
            transaction.set_rollback(True)
        return answer.status_code

    def _request(self, method: str, url: str) -> Any:
        if method == "get":
            return self.client.get(url)
        if url.startswith("/api/"):
            return getattr(self.client, method)(url, {}, content_type="application/json")
        return self.client.post(url, FORM)


@pytest.fixture(scope="module")
def sessions(world) -> Visitor:
    """One login for each account, kept for all the tests of this module."""
    visitor = Visitor(world)
    with monitoring.day(TODAY):
        for user in (*world.inside.values(), *world.outside.values()):
            visitor.log_in(user)
    return visitor


@pytest.fixture
def visitor(today, sessions) -> Visitor:
    return sessions


def address(route: Route, world: World) -> str:
    kwargs = ABOUT[route.name].kwargs(world) if route.name in ABOUT else PLAIN[route.name]
    return reverse(route.name, kwargs=kwargs)


def test_every_route_has_a_line_in_the_table():
    names = {route.name for route in ROUTES}
    missing = names - ABOUT.keys() - PLAIN.keys()
    assert not missing, f"tests/contracts/routes.py: 请为这些地址登记所指的记录：{sorted(missing)}"
    gone = (ABOUT.keys() | PLAIN.keys()) - names
    assert not gone, f"tests/contracts/routes.py: 这些地址已不存在：{sorted(gone)}"


def test_a_page_says_which_permissions_open_it():
    bare = {route.name for route in ROUTES if route.permissions is None}
    assert bare == LOGIN_ONLY


@every_route
def test_nobody_gets_anything_without_a_login(route, visitor):
    url = address(route, visitor.world)
    for method in route.methods:
        status = visitor.ask(None, method, url)
        expected = {401, 403} if route.is_api else {302, 405}
        assert status in expected, f"{method} {url}: {status}"


def cases(route: Route, world: World) -> Iterator[tuple[str, User, str]]:
    """(what the account is, the account, what it may expect)"""
    about = ABOUT.get(route.name)
    path = about.path(world) if about else None
    everybody = [("inside", world.inside), ("outside", world.outside)]
    # An address that names no record has no outside.
    for where, people in everybody if path else everybody[:1]:
        for role, user in people.items():
            opens = route.permissions is None or GRANTS[role] & set(route.permissions)
            if not opens:
                yield f"{where} {role}", user, "closed"
            elif path is None:
                yield f"{where} {role}", user, "open"
            else:
                scope = user.scope_for(*route.permissions) if route.permissions else user.scope
                above = any(p.startswith(path) for p in scope.paths)
                expectation = "open" if scope.covers(path) else "above" if above else "hidden"
                yield f"{where} {role}", user, expectation


@every_route
def test_who_gets_what(route, visitor):
    world = visitor.world
    url = address(route, world)
    wrong = []
    for who, user, expectation in cases(route, world):
        statuses = answers(visitor, route, user, url, expectation)
        if complaint := judged(route, expectation, statuses):
            wrong.append(f"{who}: {complaint}, {statuses}")
    assert not wrong, "\n".join([url, *wrong])


def answers(
    visitor: Visitor, route: Route, user: User, url: str, expectation: str
) -> dict[str, int]:
    """Each method's status. Without the permission one refusal is enough: it is one decorator for all methods."""
    statuses: dict[str, int] = {}
    for method in route.methods:
        statuses[method] = visitor.ask(user, method, url)
        if expectation == "closed" and statuses[method] == 403:
            break
    return statuses


def judged(route: Route, expectation: str, statuses: dict[str, int]) -> str:
    """What is wrong with these answers, or nothing."""
    found = set(statuses.values())
    if expectation == "closed":
        return "" if found <= {403, 405} and 403 in found else "no permission, not 403"
    if expectation == "hidden":
        return "" if found <= {404, 405} and 404 in found else "out of scope, not 404"
    if expectation == "above":
        # A record above my own place: its page may show me my part of it, or not exist for me.
        return "" if found <= DONE | REFUSED | {403, 404} else "unexpected"
    fine = DONE | REFUSED | MORE.get(route.name, set())
    if statuses.get("get", 200) not in fine:
        return "in scope, not shown"
    return "" if found <= fine | {403} else "in scope, unexpected"


# In scope and with the permission, yet refused: the row is not yet there, or it is another person's act.
MORE: dict[str, set[int]] = {
    "accounts:demo_clock": {404},
    "jobs:file": {403, 404},
    # Nothing was signed, so there is nothing to correct; no answer is owed to an applicant.
    "counties:closure_order": {404},
    "monitoring:reply": {404},
    # Only for the places of one's own posts.
    "households:import_template": {404},
}


def test_a_post_without_its_token_is_refused(today):
    client = Client(enforce_csrf_checks=True)
    client.force_login(today.inside[Role.VILLAGE_CASEWORKER])
    url = reverse("households:edit", args=[today.rows["household"].pk])
    assert client.post(url).status_code == 403


def test_a_department_does_not_see_the_ledger_of_another(visitor):
    world = visitor.world
    officer = register.user(Role.DEPARTMENT_OFFICER, register.COUNTY, department="education")
    visitor.log_in(officer)
    for name in ("ledger", "ledger_errors", "ledger_file"):
        url = reverse(f"counties:{name}", args=[world.rows["batch"].pk])
        assert visitor.ask(officer, "get", url) in (403, 404)
    answer = reverse("monitoring:comparison_answer", args=[world.rows["answer"].pk])
    assert visitor.ask(officer, "get", answer) == 404


LISTS = {
    "households:list": "household",
    "monitoring:cases": "case",
    "monitoring:clues": "clue",
    "monitoring:objects": "object",
    "assistance:plans": "plan",
    "assistance:measures": "measure",
    "counties:findings": "finding",
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_shows_nothing_of_the_neighbours(name, visitor):
    """The name of the head of a household in the next village is on no list of mine."""
    world = visitor.world
    client = Client()
    for role, user in world.outside.items():
        if role in (Role.PROVINCE, Role.DEPARTMENT_OFFICER, Role.ADMIN):
            continue
        client.force_login(user)
        text = client.get(reverse(name), follow=True).content.decode()
        assert "王建国" not in text, role
    client.force_login(world.inside[Role.COUNTY_REVIEWER])
    assert "王建国" in client.get(reverse(name), follow=True).content.decode()


def test_the_api_lists_nothing_of_the_neighbours(visitor):
    world = visitor.world
    client = Client()
    for name in ("household-list", "case-list", "finding-list", "job-list"):
        for role in (Role.VILLAGE_CASEWORKER, Role.TOWNSHIP_REVIEWER, Role.COUNTY_REVIEWER):
            client.force_login(world.outside[role])
            answer = client.get(reverse(name)).json()
            assert not (answer["results"] if isinstance(answer, dict) else answer), (name, role)
            client.force_login(world.inside[role])
            answer = client.get(reverse(name)).json()
            assert answer["results"] if isinstance(answer, dict) else answer, (name, role)


def test_staff_pages_are_for_staff(today):
    client = Client()
    for user in today.inside.values():
        client.force_login(user)
        assert client.get("/admin/").status_code == 302


def test_no_role_sits_at_a_division_unknown_to_the_world(world):
    assert set(world.inside) == set(Role)
    assert set(world.outside) == set(Role) - {Role.PROVINCE}
    assert Division.objects.exists()
