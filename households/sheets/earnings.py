"""The income lines of a household row: sums that must agree, and this year's annual statement."""

from typing import Any

import polars as pl

from households.models import Campaign
from households.selectors import imports as register
from households.selectors.income import SUMS
from households.sheets.columns import HOUSEHOLD_SHEET, INCOME_FIELDS
from households.sheets.comparing import OLD, types_of
from households.sheets.working import Work

CENT = 0.01


def judge(households: Work, members: Work) -> None:
    """Make totals from their parts, put this year's statement beside the row, refuse what is at odds."""
    _total(households)
    _with_statements(households)
    said = pl.any_horizontal(pl.col(name).is_not_null() for name in INCOME_FIELDS)
    if Campaign.objects.filter(is_current=True).first() is None:
        households.refuse(
            said, "inc_wage", "还没有设置当前年度，不能导入收入", "请联系系统管理员设置年度"
        )
    if members.read is None:
        households.refuse(
            said & pl.col("id").is_null(),
            "inc_wage",
            "新登记的户没有成员，无法计算人均收入",
            "请在同一文件的“成员”表中填写成员",
        )
    for name in INCOME_FIELDS:
        differs = pl.col(name).is_not_null() & pl.col(name).ne_missing(pl.col(f"{OLD}{name}"))
        households.refuse(
            differs & (pl.col("statement_state") == "confirmed"),
            name,
            "年度收入测算表已确认，不能导入修改",
            "请先在户页面“重新填写”收入测算表",
        )


def _total(work: Work) -> None:
    for total, (parts, deciding) in SUMS.items():
        filled = pl.any_horizontal(pl.col(part).is_not_null() for part in deciding)
        made = pl.sum_horizontal(pl.col(part) for part in parts).cast(pl.Decimal(18, 2))
        work.frame = work.frame.with_columns(__sum=pl.when(filled).then(made))
        given = pl.col(total)
        label = HOUSEHOLD_SHEET.by_key[total].label
        work.refuse(
            given.is_not_null() & (given != 0) & ((given - pl.col("__sum")).abs() > CENT),
            total,
            pl.lit("与分项之和") + pl.col("__sum").cast(pl.String) + pl.lit("不一致"),
            f"请核对分项，或清空{label}由系统计算",
        )
        work.frame = work.frame.with_columns(pl.coalesce("__sum", total).alias(total)).drop("__sum")
    work.refuse(
        pl.col("inc_wage_migrant") > pl.col("inc_wage").fill_null(0),
        "inc_wage_migrant",
        "务工收入大于工资性收入合计",
        "请核对工资性收入",
    )


def _with_statements(work: Work) -> None:
    campaign = Campaign.objects.filter(is_current=True).first()
    types = types_of(work.frame, INCOME_FIELDS)
    empty: dict[str, Any] = {
        "statement_id": pl.Int64,
        "id": pl.Int64,
        "statement_state": pl.String,
        **types,
    }
    old = pl.DataFrame(schema=empty)
    if campaign is not None:
        old = register.statements(campaign, work.frame["id"], types)
    old = old.rename({name: f"{OLD}{name}" for name in INCOME_FIELDS})
    work.frame = work.frame.join(old, on="id", how="left", maintain_order="left")
