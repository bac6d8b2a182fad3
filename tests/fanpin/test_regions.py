"""Scopes over the division tree, and the natural villages people add to it."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fanpin.accounts.models import User
from fanpin.audit.models import AuditEntry
from fanpin.regions.models import Division
from fanpin.regions.pinyin import initials, initials_of
from fanpin.regions.scope import Scope, code_of, path_to
from fanpin.regions.services import add_hamlet
from households.models import Household
from tests.factories import register

# Scope


def test_within_nothing_is_nothing_and_asks_no_question(tree):
    register.household(register.user("village_caseworker", register.VILLAGE))
    with CaptureQueriesContext(connection) as asked:
        assert list(Division.objects.within(Scope.none())) == []
        assert list(Household.objects.within(Scope.none())) == []
    assert len(asked) == 0


def test_a_scope_reaches_down_never_up_nor_aside(tree):
    scope = Scope.of([tree[register.TOWNSHIP].path])
    codes = set(Division.objects.within(scope).values_list("code", flat=True))
    assert codes == {register.TOWNSHIP, register.VILLAGE, register.OTHER_VILLAGE}


def test_codes_that_begin_alike_are_not_inside_each_other():
    """620421 must not see a county that would be 6204210…: the slash ends a code."""
    assert not Scope.of(["/62/6204/620421/"]).covers("/62/6204/6204210/")


def test_a_scope_is_the_smallest_set_of_prefixes():
    assert Scope.of(["/62/6204/620421/", "/62/6204/", "/62/6205/"]).paths == (
        "/62/6204/",
        "/62/6205/",
    )


@pytest.mark.parametrize(
    ("paths", "below", "left"),
    [
        (["/62/"], "/62/6204/", ("/62/6204/",)),
        (["/62/6204/620421/"], "/62/6204/", ("/62/6204/620421/",)),
        (["/62/6205/"], "/62/6204/", ()),
        ([], "/62/", ()),
    ],
)
def test_narrowing_never_widens(paths, below, left):
    assert Scope.of(paths).narrowed(below).paths == left


def test_a_path_names_its_places():
    path = "/62/6204/620421/620421100/620421100201/"
    assert code_of(path, "county") == "620421"
    assert code_of(path, "hamlet") == ""
    assert path_to(path, "township") == "/62/6204/620421/620421100/"


# Natural villages


def test_natural_villages_are_numbered_below_their_village(tree):
    village = tree[register.VILLAGE]
    first, second = (add_hamlet(village, name=name) for name in ("一社", " 二社 "))
    assert (first.code, second.code) == (f"{village.code}001", f"{village.code}002")
    assert second.name == "二社"
    assert second.path == f"{village.path}{second.code}/"
    assert second.full_name == f"{village.full_name}二社"
    assert second.pinyin == initials("二社")


def test_a_second_natural_village_of_the_same_name_is_refused(tree):
    add_hamlet(tree[register.VILLAGE], name="一社")
    with pytest.raises(ValidationError, match="已有自然村“一社”"):
        add_hamlet(tree[register.VILLAGE], name="一社 ")
    add_hamlet(tree[register.OTHER_VILLAGE], name="一社")


def test_a_natural_village_lies_in_a_village_and_has_a_name(tree):
    with pytest.raises(ValidationError, match="只能建在行政村下"):
        add_hamlet(tree[register.TOWNSHIP], name="一社")
    with pytest.raises(ValidationError, match="请填写自然村名称"):
        add_hamlet(tree[register.VILLAGE], name="  ")


def test_the_caseworker_adds_a_natural_village_on_the_page_and_it_is_recorded(client, caseworker):
    client.force_login(caseworker)
    url = reverse("regions:hamlet_create", args=[register.VILLAGE])
    assert client.post(url, {"name": "阳山社"}).status_code == 302
    again = client.post(url, {"name": "阳山社"})
    assert again.status_code == 422
    assert "已有自然村" in again.content.decode()
    entry = AuditEntry.objects.get(verb="division.hamlet_added")
    assert entry.subject == "阳山社"
    assert client.get(f"{reverse('regions:list')}?parent={register.VILLAGE}").status_code == 200


def test_a_village_of_others_gets_no_natural_village_from_me(client, caseworker):
    client.force_login(caseworker)
    url = reverse("regions:hamlet_create", args=[register.OTHER_VILLAGE])
    assert client.post(url, {"name": "阳山社"}).status_code == 404
    assert client.get(reverse("regions:list"), {"parent": register.FAR_VILLAGE}).status_code == 404


def test_the_list_of_divisions_begins_with_my_own(client, caseworker):
    client.force_login(User.objects.get(pk=caseworker.pk))
    html = client.get(reverse("regions:list")).content.decode()
    assert "泰和村" in html
    assert "富坪村" not in html


def test_below_the_province_every_division_has_a_parent(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        Division.objects.create(
            code="6299", name="孤市", full_name="孤市", level="city", path="/x/"
        )


# Search keys


@pytest.mark.parametrize(
    ("text", "keys"), [("王建国", "wjg"), ("泰和村", "thc"), ("一社A1", "ysa1"), ("（空）", "k")]
)
def test_names_are_searched_by_their_initials(text, keys):
    assert initials(text) == keys
    assert initials_of([text]) == {text: keys}
