"""A refusal on the way to a page is said in words, on a page of its own."""

from django.urls import reverse

from households.models import Campaign
from tests.factories import register


def test_a_missing_campaign_is_told_where_it_is_needed(client, caseworker):
    home = register.household(caseworker)
    Campaign.objects.update(is_current=False)
    client.force_login(caseworker)
    answer = client.get(reverse("households:income_annual", args=[home.pk]))
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "暂时不能办理" in html
    assert "未设置当前年度工作，请联系系统管理员" in html


def test_a_refusal_of_a_form_is_said_in_the_form(client, caseworker):
    home = register.household(caseworker)
    client.force_login(caseworker)
    url = reverse("households:member_create", args=[home.pk])
    answer = client.post(url, {"name": ""})
    assert answer.status_code == 422
    assert "暂时不能办理" not in answer.content.decode()
