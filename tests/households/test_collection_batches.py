"""Many forms at once: submit with 核实说明, return with a reason; who cannot go on is listed with every reason."""

import pytest
from django.urls import reverse

from households.models import Campaign, Collection, Household
from households.services import collection, income
from tests.factories import register


def url(act):
    return reverse("households:collection_batch", args=[act])


@pytest.fixture
def homes(caseworker):
    """Three households whose incomes are confirmed."""
    made = [register.household(caseworker, members=[register.person(n)]) for n in "甲乙丙"]
    for home in made:
        statement = income.save_statement(
            home, purpose="annual", campaign=Campaign.objects.get(), lines={}, by=caseworker
        )
        income.confirm(statement, by=caseworker)
    return made


def state(home):
    return Collection.objects.get(household=home).state


def test_who_has_warnings_is_asked_and_the_others_go_on(client, caseworker, homes):
    Household.objects.filter(pk=homes[0].pk).update(open_warnings=2)
    Household.objects.filter(pk=homes[1].pk).update(open_errors=1, open_warnings=1)
    client.force_login(caseworker)
    page = client.post(url("submit"), {"ids": [home.pk for home in homes], "next": "/households/"})
    text = page.content.decode()
    assert page.status_code == 422
    assert [state(home) for home in homes] == ["todo", "todo", "checked"]
    assert "还有2条提示" in text
    assert "还有1条错误未改正" in text
    assert f'name="words_{homes[0].pk}"' in text
    assert f'name="words_{homes[1].pk}"' not in text, "words alone do not mend an error"
    again = {
        "ids": [homes[0].pk],
        f"words_{homes[0].pk}": "户主住院三个月未务工",
        "next": "/households/",
    }
    assert client.post(url("submit"), again)["Location"] == "/households/"
    form = Collection.objects.get(household=homes[0])
    assert (form.state, form.explanation) == ("checked", "户主住院三个月未务工")


def test_a_return_asks_once_for_all(client, caseworker, township, homes):
    for home in homes:
        collection.submit(collection.of(home, Campaign.objects.get()), by=caseworker)
    client.force_login(township)
    ids = [home.pk for home in homes]
    page = client.post(url("return"), {"ids": ids})
    assert page.status_code == 422
    assert "有 3 户只差退回原因" in page.content.decode()
    more = {f"words_{homes[2].pk}": "电话位数不对"}
    assert (
        client.post(url("return"), {"ids": ids, "words": "收入须附说明", **more}).status_code == 302
    )
    forms = Collection.objects.order_by("household").values_list("state", "note")
    assert list(forms) == [
        ("returned", "收入须附说明"), ("returned", "收入须附说明"), ("returned", "电话位数不对"),
    ]  # fmt: skip


def test_the_village_returns_nothing_and_strangers_reach_nothing(client, caseworker, homes, tree):
    client.force_login(caseworker)
    page = client.post(url("return"), {"ids": [homes[0].pk], "words": "退回看看"})
    assert page.status_code == 422
    assert "权限" in page.content.decode()
    client.force_login(register.user("township_reviewer", "620421101"))
    assert (
        client.post(url("return"), {"ids": [homes[0].pk], "words": "退回看看"}).status_code == 302
    )
    assert not Collection.objects.filter(state="returned").exists()
    assert client.post(url("nothing"), {"ids": []}).status_code == 404
