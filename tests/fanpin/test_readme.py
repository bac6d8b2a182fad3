"""What the README tells a newcomer exists: commands, files and folders, accounts and words on screen."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from counties.comparison import COMPARED
from fanpin.demo.accounts import LEDGER_DEPARTMENTS
from fanpin.navigation import MENU
from monitoring.workflow.procedures import PROCEDURES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WALK = README.partition("## 走一遍")[2].partition("\n## ")[0]


@pytest.mark.parametrize("name", sorted(set(re.findall(r"manage\.py (\w+)", README))))
def test_its_commands_exist(name):
    assert name in get_commands()


@pytest.mark.parametrize(
    "name",
    sorted(set(re.findall(r"`((?:fanpin|households|monitoring|counties|tests|docs)/[\w./]*)`", README))),
)  # fmt: skip
def test_its_files_and_folders_exist(name):
    assert (ROOT / name).exists()


@pytest.mark.parametrize("spec", COMPARED.values(), ids=lambda spec: spec.key)
def test_every_ledger_of_the_walk_is_named_as_its_file_is(spec):
    assert f"receive_ledger {spec.key} .data/demo/620421/{spec.title}.xlsx" in WALK
    assert f"`{LEDGER_DEPARTMENTS[spec.department]}`" in WALK


STEPS = (
    "分析研判", "列入重点核查户", "登记承诺授权", "入户核查", "提请部门比对", "比对完成", "评议通过",
    "公示", "提交乡镇审核", "乡镇审核通过", "县级审定通过", "公告", "录入国家系统，纳入监测",
)  # fmt: skip


def test_the_walk_takes_every_step_of_an_identification():
    labels = {t.label for t in PROCEDURES["identify"].by_name.values()}
    assert set(STEPS) <= labels
    assert [step for step in STEPS if step not in WALK] == []


@pytest.mark.parametrize(
    "label", ["线索", "识别办理", "识别比对反馈", "部门台账", "比对", "疑点处置", "县级闭合", "动态调整汇总"]
)  # fmt: skip
def test_the_menu_has_the_entries_the_walk_names(label):
    assert label in WALK
    assert label in {entry.label for _group, entries in MENU for entry in entries}
