"""Many forms at once: submit with 核实说明, return with a reason; who cannot go on is listed with every reason."""

import pytest
from django.urls import reverse

from fanpin import clock
from fanpin.jobs.models import Job
from fanpin.jobs.running import execute
from households.models import Campaign, Collection, Household
from households.services import batching, collection, income
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
    given = {"ids": [home.pk for home in homes], "next": "/households/"}
    page = client.post(url("submit"), given, follow=True)
    text = page.content.decode()
    here = page.redirect_chain[0][0]
    assert here.endswith("?state=held")
    assert [state(home) for home in homes] == ["todo", "todo", "checked"]
    assert "还有2条提示" in text
    assert "还有1条错误未改正" in text
    assert f'name="words_{homes[0].pk}"' in text
    assert f'name="words_{homes[1].pk}"' not in text, "words alone do not mend an error"
    again = {
        f"words_{homes[0].pk}": "户主住院三个月未务工",
        "next": "/households/",
    }
    left = client.post(here, again, follow=True).content.decode()
    assert "只差" not in left, "who has an error stays on the list, nobody lacks words any more"
    assert "还有1条错误未改正" in left
    form = Collection.objects.get(household=homes[0])
    assert (form.state, form.explanation) == ("checked", "户主住院三个月未务工")


def test_a_return_asks_once_for_all(client, caseworker, township, homes):
    for home in homes:
        collection.submit(collection.of(home, Campaign.objects.get()), by=caseworker)
    client.force_login(township)
    ids = [home.pk for home in homes]
    page = client.post(url("return"), {"ids": ids}, follow=True)
    assert "有 3 户只差退回原因" in page.content.decode()
    here = page.redirect_chain[0][0]
    empty = client.post(here, {"words": " "}, follow=True).content.decode()
    assert "请填写退回原因" in empty
    more = {f"words_{homes[2].pk}": "电话位数不对"}
    assert client.post(here, {"words": "收入须附说明", **more}).status_code == 302
    forms = Collection.objects.order_by("household").values_list("state", "note")
    assert list(forms) == [
        ("returned", "收入须附说明"), ("returned", "收入须附说明"), ("returned", "电话位数不对"),
    ]  # fmt: skip


def test_the_village_returns_nothing_and_strangers_reach_nothing(client, caseworker, homes, tree):
    client.force_login(caseworker)
    page = client.post(url("return"), {"ids": [homes[0].pk], "words": "退回看看"}, follow=True)
    assert "权限" in page.content.decode()
    here = page.redirect_chain[0][0]
    client.force_login(register.user("township_reviewer", "620421101"))
    assert (
        client.post(url("return"), {"ids": [homes[0].pk], "words": "退回看看"}).status_code == 302
    )
    assert not Collection.objects.filter(state="returned").exists()
    assert client.get(here).status_code == 404
    assert client.post(url("nothing"), {"ids": []}).status_code == 404


def more_homes(by, count):
    """Households without papers of their own, in bulk: their forms lack the income statement."""
    rows = [
        Household(
            hh_code=f"620421100200{n:05d}", village_id=register.VILLAGE, head_name=f"户主{n}",
            division_path=f"/62/6204/620421/620421100/{register.VILLAGE}/", county_code="620421",
            created_at=clock.now(), updated_at=clock.now(),
        )
        for n in range(9000, 9000 + count)
    ]  # fmt: skip
    return Household.objects.bulk_create(rows)


def test_everybody_the_filters_show_goes_on_as_a_job_and_each_refusal_is_listed(
    client, caseworker, homes, django_capture_on_commit_callbacks
):
    more_homes(caseworker, batching.AT_ONCE)
    Household.objects.filter(pk=homes[0].pk).update(hh_type="lifted")
    client.force_login(caseworker)
    text = client.get("/households/").content.decode()
    assert "全部符合条件的 53 条" in text
    given = {"all": "1", "query": "collection=todo&page=1", "next": "/households/"}
    answer = client.post(url("submit"), given)
    job = Job.objects.get()
    assert answer["Location"] == job.get_absolute_url()
    assert job.label == "提交采集表：53户"
    execute(job.pk)
    job.refresh_from_db()
    assert (job.status, job.done, job.total) == ("done", 53, 53), job.error
    assert job.result_text.startswith("已办理3户，没有办理50户")
    held = client.get(job.result_url + "?state=held").content.decode()
    assert "第 1–50 条，共 50 条" in held
    assert held.count("本年度收入") >= 50 or held.count("收入") >= 50
    assert [state(home) for home in homes] == ["checked"] * 3


def test_a_killed_worker_leaves_the_rest_waiting_and_the_next_takes_only_them(
    caseworker, homes, django_capture_on_commit_callbacks
):
    more_homes(caseworker, batching.AT_ONCE)
    rows = Household.objects.all()
    batch = batching.begin(
        "submit", rows, campaign=Campaign.objects.get(), path="/62/", by=caseworker
    )

    class Killed(Exception):
        pass

    def die(done, total):
        if done == batching.CHUNK:
            raise Killed

    with pytest.raises(Killed):
        batching.run(batch, by=caseworker, advance=die)
    assert batch.lines.filter(state="waiting").count() == 53, "the chunk and its count go together"
    seen = []
    batching.run(batch, by=caseworker, advance=lambda done, total: seen.append((done, total)))
    assert seen == [(25, 53), (50, 53), (53, 53)]
    assert batch.lines.filter(state="done").count() == 3


def test_the_filters_of_the_page_are_the_filters_of_the_act(client, caseworker, homes):
    Household.objects.filter(pk__in=[homes[0].pk, homes[1].pk]).update(hh_type="lifted")
    Household.objects.filter(pk=homes[2].pk).update(hh_type="general")
    client.force_login(caseworker)
    given = {"all": "1", "query": "hh_type=lifted", "next": "/households/", "ids": [homes[2].pk]}
    assert client.post(url("submit"), given)["Location"] == "/households/"
    assert [
        Collection.objects.filter(household=home, state="checked").exists() for home in homes
    ] == [True, True, False]
    elsewhere = {"all": "1", "query": f"division={register.FAR_VILLAGE}", "next": "/households/"}
    client.post(url("submit"), elsewhere)
    assert Collection.objects.filter(state="checked").count() == 2
