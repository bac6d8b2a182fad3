"""One meeting, several households: each takes its step through its own table, all of them or none."""

import pytest
from django.test import Client
from django.urls import reverse

from fanpin import clock
from households.models import Parameter
from monitoring.models import Case, CaseDocument, Deliberation, Meeting
from tests.factories import monitoring as make
from tests.factories import register
from tests.factories.monitoring import day
from tests.monitoring.office import problems

PRESENT = "张支书、李主任、王队长、赵党员、钱代表、孙代表"
HEAD = {"place": "村委会", "chair": "张支书", "attendees": PRESENT, "absentees": "周代表",
        "minutes": "逐户评议，村民代表发表意见后表决"}  # fmt: skip


@pytest.fixture
def walks(people):
    """Two households of one village, both compared and ready."""
    first = make.household(people.village)
    second = make.household(people.village)
    return [make.identified(people, home, at="compared", number="") for home in (first, second)]


def send(people, walks, **data):
    browser = Client()
    browser.force_login(people.village)
    url = reverse("monitoring:meeting_create", args=[register.VILLAGE])
    page = browser.get(url)
    assert page.status_code == 200
    given = {"held_on": clock.today(), **HEAD}
    for n in range(1, 4):
        if f'name="paper_{n}"' in page.content.decode():
            given[f"paper_{n}"] = [register.paper()]
    for walk in walks:
        pre = f"c{walk.case.pk}_"
        given |= {f"{pre}taken": "on", f"{pre}votes_for": 6, f"{pre}votes_against": 0,
                  f"{pre}votes_abstain": 0, f"{pre}category": "marginal",
                  f"{pre}needs": "大病救治、稳定务工",
                  f"v{walk.case.pk}": Case.objects.get(pk=walk.case.pk).version}  # fmt: skip
    return browser.post(url, {**given, **data})


def statuses(walks) -> list[str]:
    return [Case.objects.get(pk=walk.case.pk).status for walk in walks]


def test_one_save_writes_the_step_of_every_household(people, walks):
    with day("2021-11-11"):
        answer = send(people, walks, **{f"c{walks[1].case.pk}_dissent": "有人问及打工收入，已说明"})
    assert answer.status_code == 302, problems(answer)
    assert statuses(walks) == ["deliberated", "deliberated"]
    meeting = Meeting.objects.get()
    assert (meeting.quorum, meeting.expected) == (66, 7)
    judged = Deliberation.objects.filter(meeting=meeting).order_by("pk")
    assert [d.absentees for d in judged] == [["周代表"], ["周代表"]]
    assert [d.dissent for d in judged] == ["", "有人问及打工收入，已说明"]
    kept = CaseDocument.objects.filter(kind="评议会议记录")
    assert set(kept.values_list("case", flat=True)) == {w.case.pk for w in walks}
    assert all(document.step_id for document in kept)


def test_one_that_may_not_refuses_all_each_named(people, walks):
    with day("2021-11-11"):
        answer = send(
            people, walks,
            **{f"c{walks[0].case.pk}_category": "unstable", f"c{walks[1].case.pk}_votes_for": 9},
        )  # fmt: skip
    found = problems(answer)
    assert answer.status_code == 422
    assert any(str(walks[0].case.household) in text and "脱贫" in text for text in found), found
    assert any("票数9多于到会人数6" in text for text in found), found
    assert statuses(walks) == ["compared", "compared"]
    assert not Meeting.objects.exists()
    assert not Deliberation.objects.exists()


def test_what_concerns_the_meeting_is_said_once(people, walks):
    with day("2021-11-11"):
        answer = send(people, walks, absentees="周、吴、郑、冯、陈")
        found = problems(answer)
        assert sum("应到11人，到会6人，不足66%" in text for text in found) == 1
        Parameter.objects.filter(key="deliberation_quorum_percent").update(value="50")
        assert send(people, walks, absentees="周、吴、郑、冯、陈").status_code == 302


def test_a_household_voted_down_ends_and_the_others_go_on(people, walks):
    pre = f"c{walks[0].case.pk}_"
    against = {f"{pre}votes_for": 1, f"{pre}votes_against": 5}
    with day("2021-11-11"):
        assert send(people, walks, **against).status_code == 422
        answer = send(people, walks, **against, **{f"{pre}note": "代表认为收入不实，不同意纳入"})
    assert answer.status_code == 302, problems(answer)
    assert statuses(walks) == ["not_admitted", "deliberated"]


def test_a_household_not_taken_waits_for_the_next_meeting(people, walks):
    with day("2021-11-11"):
        answer = send(people, walks, **{f"c{walks[0].case.pk}_taken": ""})
    assert answer.status_code == 302, problems(answer)
    assert statuses(walks) == ["compared", "deliberated"]


def test_a_case_that_moved_meanwhile_is_told(people, walks):
    with day("2021-11-11"):
        answer = send(people, walks, **{f"v{walks[0].case.pk}": 1})
    assert any("请刷新后再办理" in text for text in problems(answer))
    assert statuses(walks) == ["compared", "compared"]
