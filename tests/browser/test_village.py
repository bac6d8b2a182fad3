"""A whole village of sixty households in the browser: collected, submitted, returned, corrected, passed, printed."""

import io
from random import Random

import pypdf
import pytest
from playwright.sync_api import expect

from fanpin.demo.bulk import load
from fanpin.demo.people import Draft, Maker, Place
from fanpin.jobs.models import Job
from households.models import Collection, Household
from households.selectors.parameters import current_campaign
from tests.browser.conftest import COUNTIES, LOADED_AT
from tests.browser.desk import Desk
from tests.factories import register

HOUSEHOLDS = 60


@pytest.fixture
def village(demo, desk) -> Desk:
    """Sixty households of which nothing was collected yet but their incomes."""
    place = demo[register.VILLAGE]
    Household.objects.filter(village=place).update(
        ended_on="2021-01-01", ended_reason="测试前已销户"
    )
    maker = Maker(Random(60), list(COUNTIES))
    hamlet = register.hamlet(place, "二社")
    spot = Place(place.code, place.path, place.name, (hamlet.code,))
    drafts = [_todo(maker.household(spot)) for _ in range(HOUSEHOLDS)]
    load(drafts, campaign=current_campaign(), at=LOADED_AT, serials={place.code: 100})
    return desk("cun")


def _todo(draft: Draft) -> Draft:
    draft.household["collection_state"] = "todo"
    return draft


def states() -> dict[str, int]:
    rows = Collection.objects.filter(
        household__ended_on=None, household__village_id=register.VILLAGE
    )
    found: dict[str, int] = {}
    for state in rows.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def everybody(person: Desk, state: str, label: str, total: int) -> None:
    """Tick all of a page and press, until the list of the state is empty."""
    for left in range(total, 0, -50):
        person.open(f"/households/?collection={state}")
        person.page.get_by_label("全选本页").check()
        person.sees(f"已选 {min(left, 50)} 条")
        person.press(label)
        person.sees(f"已办理{min(left, 50)}户。")


def test_a_village_finishes_its_year(village, desk, worker):
    everybody(village, "todo", "采集完成", HOUSEHOLDS)
    everybody(village, "collected", "提交采集表", HOUSEHOLDS)
    assert states() == {"checked": HOUSEHOLDS}
    township = desk("xiang")
    back = Household.objects.filter(ended_on=None, village_id=register.VILLAGE).first()
    it_is_returned(township, back)
    everybody(township, "checked", "采集表审核通过", HOUSEHOLDS - 1)
    assert states() == {"reviewed": HOUSEHOLDS - 1, "returned": 1}
    it_is_corrected(village, back)
    everybody(township, "checked", "采集表审核通过", 1)
    assert states() == {"reviewed": HOUSEHOLDS}
    township.menu("采集进度")
    expect(township.page.locator("#fp-list")).to_contain_text("100")
    it_is_printed(village, worker)


def it_is_returned(township: Desk, household: Household) -> None:
    township.open(f"/households/{household.pk}/collection/")
    township.page.get_by_text("退回", exact=True).first.click()
    township.fill("原因", "户联系电话有误，请核对")
    township.press("退回")
    township.sees("户联系电话有误，请核对")


def it_is_corrected(village: Desk, household: Household) -> None:
    village.open("/households/?collection=returned")
    village.follow(household.head_name)
    village.follow("修改")
    village.fill("户联系电话", "19912345678")
    village.press("保存")
    village.sees("已保存。")
    village.follow("年度采集", village.page.locator("nav.fp-tabs, .fp-tabs"))
    village.press("提交乡镇审核")
    village.sees("年度采集表：已提交。")


def it_is_printed(village: Desk, worker) -> None:
    """Every card of the village in one file, by a job that tells how far it is."""
    worker.start()
    village.open("/households/")
    village.follow("打印表册")
    village.page.get_by_label("户年度基础信息采集表").first.check()
    village.press("开始打印")
    expect(village.page.get_by_role("link", name="下载结果文件")).to_be_visible(timeout=120_000)
    job = Job.objects.latest("pk")
    with village.page.expect_download() as waiting:
        village.page.get_by_role("link", name="下载结果文件").first.click()
    data = waiting.value.path().read_bytes()
    assert job.done == job.total
    reader = pypdf.PdfReader(io.BytesIO(data))
    text = "".join(page.extract_text() for page in reader.pages[:2])
    assert "户年度基础信息采集表" in text
    assert len(reader.pages) >= HOUSEHOLDS
