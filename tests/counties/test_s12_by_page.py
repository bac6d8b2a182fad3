"""S12's second half at the screens (policy.md §13): the city returns the report, the county orders a correction, the
village corrects, the county signs again, the city reports a higher version."""

import datetime
import html
import io
import re

import openpyxl
import time_machine
from django.test import Client
from django.urls import reverse

from counties.models import CitySummary, ClosureSignature
from fanpin import clock
from fanpin.accounts.roles import Role
from fanpin.jobs.models import Job
from fanpin.jobs.running import execute
from households.models import HouseholdSnapshot, MemberChange
from tests.counties.books import agreeing_rows, hand_in
from tests.counties.test_closure import clean_county, settle_quality  # noqa: F401
from tests.factories import register

CITY = "6204"


def screen(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def words(answer) -> str:
    page = html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))
    return re.sub(r"\s+", " ", page)


def done(client, name, *args, **data):
    """Send the form and read the page that comes after it."""
    answer = client.post(reverse(name, args=args), data, follow=True)
    assert answer.status_code == 200, words(answer)
    return words(answer)


def sign(client, home) -> str:
    """Check, sign, and read the page when the worker is through."""
    for act, fields in (("run", {}), ("sign", {"leader_name": "马县长"})):
        done(client, f"counties:closure_{act}", home, **fields)
        for job in Job.objects.filter(status="queued"):
            execute(job.pk)
    return words(client.get(reverse("counties:closure_of", args=[home])))


def deaths(client, version) -> int:
    """死亡 of the county's 脱贫户 in the workbook of a version, as the city downloads it."""
    url = reverse("counties:summary_download", args=[CITY])
    answer = client.get(url, {"version": version})
    sheet = next(
        s for s in openpyxl.load_workbook(io.BytesIO(answer.content)) if s.title[:2] == "T4"
    )
    heads = [str(sheet.cell(4, column).value) for column in range(1, sheet.max_column + 1)]
    column = next(n for n, head in enumerate(heads, start=1) if head.startswith("死亡"))
    row = next(n for n in range(5, sheet.max_row) if sheet.cell(n, 2).value == "靖远县")
    return sheet.cell(row, column).value


def a_death(village, township, family, reviewer):
    """The village reports the death with its paper, the township passes it, the police hands in the month's book."""
    wife = family.members.get(relation="10")
    url = reverse("households:member_decrease", args=[wife.pk])
    kind = re.search(r'<select name="kind_1".*?</select>', village.get(url).content.decode(), re.S)
    papers = re.findall(r'<option value="([^"]+)"', kind[0]) if kind else []
    given = {"reason": "dec_death", "changed_on": "2021-11-05", "file_1": register.paper()}
    given["kind_1"] = next(name for name in papers if "死亡" in name)
    answer = village.post(url, given)
    assert answer.status_code == 302, words(answer)
    change = MemberChange.objects.get(member=wife, kind="decrease")
    assert "已通过" in done(township, "households:change", change.pk, act="pass", note="属实")
    hand_in("police", agreeing_rows("police"), by=reviewer)
    hand_in("insured", agreeing_rows("insured"), by=reviewer)


def test_s12_returned_corrected_signed_again_and_reported_as_a_higher_version(
    clean_county, insured_family, caseworker, township, reviewer  # noqa: F811
):  # fmt: skip
    county, village, town = screen(reviewer), screen(caseworker), screen(township)
    city = screen(register.user(Role.CITY_OFFICIAL, CITY, name="市级汇总"))
    home = clean_county.code
    waiting = words(county.get(reverse("workbench")))
    assert "县级闭合待签署 1 0 2021-11-15" in waiting
    assert "动态调整汇总待上报 1 0 2021-11-15" in words(city.get(reverse("workbench")))

    assert "已签署 已锁定 版次 第1版" in sign(county, home)
    assert "县级闭合待签署" not in words(county.get(reverse("workbench")))
    sent = done(city, "counties:summary_submit", CITY, no_data_reason="会宁县未参加试点")
    assert "已上报第1版" in sent
    assert deaths(city, 1) == 0

    # Nothing of the register moves while the county's signature stands.
    edit = reverse("households:edit", args=[insured_family.pk])
    assert "已县级闭合锁定" in words(village.get(edit))

    short = city.post(
        reverse("counties:summary_return", args=[CITY, 1]), {"county": home, "reason": "改"}
    )
    assert short.status_code == 422
    back = done(city, "counties:summary_return", CITY, 1, county=home, reason="T4死亡人数需更正")
    assert "已退回，待县级下达更正令并重新签署" in back
    refused = city.post(
        reverse("counties:summary_submit", args=[CITY]), {"no_data_reason": "未参加试点"}
    )
    assert refused.status_code == 422
    assert "上一版已退回靖远县更正，须由该县下达更正令、重新闭合并签署后再上报" in words(refused)
    assert "市州退回汇总，待更正 1 0 2021-11-15" in words(county.get(reverse("workbench")))

    empty = county.post(
        reverse("counties:closure_order", args=[home]), {"number": "", "reason": "错"}
    )
    assert empty.status_code == 422
    order = {"number": "靖振更〔2021〕1号", "reason": "漏报死亡一人，更正T4"}
    assert "数据已解除锁定" in done(county, "counties:closure_order", home, **order)
    assert "县级下达更正令，待重新闭合" in words(city.get(reverse("workbench")))
    unsigned = city.post(
        reverse("counties:summary_submit", args=[CITY]), {"no_data_reason": "未参加试点"}
    )
    assert "靖远县尚未签署县级闭合，只能生成草稿" in words(unsigned)

    a_death(village, town, insured_family, reviewer)
    settle_quality()
    with time_machine.travel(clock.now() + datetime.timedelta(hours=2), tick=False):
        county, city = screen(reviewer), screen(CitySummary.objects.get().submitted_by)
        signed = sign(county, home)
        assert "已签署 已锁定 版次 第2版" in signed
        assert "靖振更〔2021〕1号" in signed
        again = done(city, "counties:summary_submit", CITY, no_data_reason="会宁县未参加试点")
        assert "已上报第2版" in again
        assert (deaths(city, 1), deaths(city, 2)) == (0, 1)
        assert "待更正" not in words(county.get(reverse("workbench")))

    versions = CitySummary.objects.order_by("version").values_list("version", "state")
    assert list(versions) == [(1, "replaced"), (2, "submitted")]
    first, second = ClosureSignature.objects.order_by("edition")
    assert (first.in_force, second.in_force) == (False, True)
    assert first.sha256 != second.sha256
    assert HouseholdSnapshot.objects.count() == 2


def test_a_stranger_neither_returns_nor_orders(clean_county, reviewer):  # noqa: F811
    far = screen(register.user(Role.CITY_OFFICIAL, "6205"))
    for name, args in (("summary_of", [CITY]), ("closure_of", [clean_county.code])):
        assert far.get(reverse(f"counties:{name}", args=args)).status_code == 404
    for name, args in (("summary_return", [CITY, 1]), ("summary_submit", [CITY])):
        assert far.post(reverse(f"counties:{name}", args=args)).status_code == 404
        assert screen(reviewer).post(reverse(f"counties:{name}", args=args)).status_code == 403
