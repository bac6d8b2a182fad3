"""The stock admin: policy data in Chinese, found by Chinese names, no page that leads nowhere."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from fanpin.accounts.models import User
from fanpin.accounts.roles import Role
from tests.factories import register

pytestmark = pytest.mark.django_db
LISTS = (
    "households_parameter",
    "households_policyitem",
    "households_campaign",
    "clock_calendarday",
)


@pytest.fixture
def keeper(client) -> User:
    register.places()
    user = register.user(Role.ADMIN, "62", name="魏建宝")
    User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)
    client.force_login(User.objects.get(pk=user.pk))
    return user


def text(client, url: str) -> str:
    answer = client.get(url, follow=True)
    assert answer.status_code == 200, url
    return answer.content.decode()


def test_only_policy_data_is_kept_there():
    found = {model._meta.label for model in admin.site._registry}
    assert {"households.Parameter", "households.PolicyItem", "clock.CalendarDay"} <= found
    assert not {label for label in found if label.startswith(("auth.", "axes.", "accounts."))}


def test_every_page_of_the_admin_opens_and_links_to_pages_that_open(keeper, client):
    start = [reverse("admin:index"), *(reverse(f"admin:{name}_changelist") for name in LISTS)]
    seen = set(start)
    for url in start:
        for link in re.findall(r'href="(/[^"#?]*)"', text(client, url)):
            if link not in seen and not link.startswith("/static/"):
                seen.add(link)
                assert client.get(link, follow=True).status_code == 200, (url, link)
    assert reverse("workbench") in seen
    assert reverse("accounts:password") in seen
    assert len(seen) > 20


@pytest.mark.parametrize(
    ("name", "words", "found", "other"),
    [
        ("households_parameter", "公示天数", "村级公示天数", "入户核查时限"),
        ("households_parameter", "village_notice_days", "村级公示天数", "入户核查时限"),
        ("households_policyitem", "户内资料", "户内资料清单", "注销证明或户口簿注销页"),
    ],
)
def test_a_row_is_found_by_its_chinese_name_and_by_its_key(
    keeper, client, name, words, found, other
):
    page = text(client, reverse(f"admin:{name}_changelist") + f"?q={words}")
    table = page[page.index('id="result_list"') :].partition("</table>")[0]
    assert found in table
    assert other not in table


def test_a_value_that_is_a_code_is_shown_in_words(keeper, client):
    page = text(client, reverse("admin:households_parameter_changelist") + "?q=识别比对部门")
    table = page[page.index('id="result_list"') :].partition("</table>")[0]
    assert "民政局" in table
    assert "public_security" not in table


def test_codes_are_chosen_by_their_names(keeper, client):
    page = text(client, reverse("admin:households_parameter_add"))
    assert '<option value="village_notice_days">村级公示天数</option>' in page


@pytest.mark.parametrize("words", ["公示天数", "village_notice"])
def test_the_page_of_parameters_finds_by_name_and_by_key(keeper, client, words):
    page = text(client, reverse("households:parameters") + f"?q={words}")
    assert "村级公示天数" in page
    assert "入户核查时限" not in page


def test_policy_lists_are_found_by_the_name_of_the_list(keeper, client):
    page = text(client, reverse("households:policy_lists") + "?q=户内资料清单")
    assert "户内资料清单" in page
    assert "注销证明或户口簿注销页" not in page


def test_who_is_not_logged_in_comes_to_our_login_and_others_are_told(client):
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("accounts:login"))
    register.places()
    client.force_login(register.user(Role.COUNTY_REVIEWER, register.COUNTY))
    answer = client.get("/admin/", follow=True)
    assert answer.status_code == 403
    assert "系统维护只对系统管理员开放" in answer.content.decode()
