"""The facts of village and county sheets: the lines as typed, last year's, and what register and ledgers say.

One frame for villages, one for counties; counties.selectors.sheet_facts fills them, `example_frames` makes them from a
dict for the rules' examples. An unanswered line is null.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from counties.rules.lines import LAND_FIELDS, VILLAGE_LINES, Line
from fanpin.rules import frame_of
from households.rules.schema import Fact, defaults, polars_schema

DTYPES: dict[str, Any] = {"int": pl.Int64, "decimal": pl.Float64, "bool": pl.Boolean}
# What a right village answers in the examples; 60 households, 200 people.
GOOD: dict[str, Any] = {
    "is_delisted": True, "village_attribute": "poor_lifted", "delist_year": 2018,
    "leader_name": "张支书", "phone": "13800000000", "natural_village_count": 2,
    "hh_total": 60, "pop_total": 200, "pop_resident": 160, "pop_minority": 4, "pop_female": 96,
    "pop_disabled": 8, "pop_labour": 110, "pop_migrant": 60, "hh_dibao": 6, "pop_dibao": 15,
    "hh_tekun": 1, "pop_tekun": 1, "hh_lifted": 20, "pop_lifted": 70, "hh_unstable": 1,
    "hh_marginal": 0, "hh_sudden": 0, "party_members": 12, "land_cultivated": 600.0,
    "land_irrigated": 200.0, "land_forest": 100.0, "land_returned_forest": 50.0,
    "land_orchard": 10.0, "land_pasture": 0.0, "land_water": 2.0, "farmer_income_pc": 10500.0,
    "collective_income": 6.5, "ins_med_count": 195, "ins_pension_count": 120,
    "ins_pension_emp_count": 3, "road_to_town": True, "has_bus": True, "hh_unsafe_water": 0,
    "hh_water_difficult": 0, "nv_powered": 2, "hh_dangerous": 0, "coop_count": 1,
    "primary_schools": 1, "clinics": 1, "doctors": 1, "public_toilets": 1, "garbage_points": 2,
    "libraries": 1, "broadband_hh": 50, "mobile_net_hh": 55, "filler_name": "王干事",
}  # fmt: skip


def _line(line: Line) -> Fact:
    return Fact(line.label, DTYPES.get(line.kind, pl.String), GOOD.get(line.name), line.unit)


def _number(label: str, good: float | None = None, unit: str = "户") -> Fact:
    return Fact(label, pl.Float64, good, unit)


VILLAGE: dict[str, Fact] = {
    "id": Fact("村", pl.Int64, 620421100201),
    "household_id": Fact("户", pl.Int64),
    **{line.name: _line(line) for line in VILLAGE_LINES},
    "prev_farmer_income_pc": _number("上年农民人均纯收入", None, "元"),
    **{f"r_{name}": _number("户表合计", 0, "亩") for name in LAND_FIELDS},
    "r_hh_dangerous": _number("系统登记危房户", 0),
    "r_pop_dibao": _number("系统登记低保成员", 10, "人"),
    "r_hh_lifted": _number("系统登记脱贫户", 20),
    "r_hh_unstable": _number("系统登记脱贫不稳定户", 1),
    "r_hh_marginal": _number("系统登记边缘易致贫户", 0),
    "r_hh_sudden": _number("系统登记突发严重困难户", 0),
    "ledger_dibao": _number("民政台账低保人数", None, "人"),
    "ledger_tekun": _number("民政台账特困人数", None, "人"),
    "nv_count": _number("有效自然村表", 2, "张"),
    "nv_hh_sum": _number("自然村户数合计", 60),
    "nv_pop_sum": _number("自然村人口合计", 200, "人"),
    "n_misplaced": _number("挂错自然村的户", 0),
    "n_uncollected": _number("未审核通过的户", 0),
}

COUNTY_FIGURES: dict[str, tuple[str, float, str]] = {
    "township_count": ("乡镇(街道)数", 18, "个"),
    "village_count": ("行政村数", 170, "个"),
    "delisted_village_count": ("其中脱贫村数", 70, "个"),
    "pop_hukou": ("户籍总人口", 480_000, "人"),
    "rural_pop": ("乡村人口", 400_000, "人"),
    "cultivated_mu": ("耕地面积", 1_500_000, "亩"),
    "gdp": ("地区生产总值", 900_000, "万元"),
    "budget_revenue": ("一般公共预算收入", 30_000, "万元"),
    "rural_income_pc": ("农村居民人均可支配收入", 11_000, "元"),
    "urban_income_pc": ("城镇居民人均可支配收入", 29_000, "元"),
    "coop_count": ("农民专业合作社数", 900, "个"),
    "village_clinics": ("村卫生室数", 170, "个"),
    "county_hospitals": ("县级公立医院数", 3, "所"),
    "level2_hospitals": ("其中二级及以上医院数", 2, "所"),
}
COMPARED_WITH_LAST_YEAR = ("gdp", "budget_revenue", "rural_income_pc")
COUNTY: dict[str, Fact] = {
    "id": Fact("县", pl.Int64, 620421),
    "household_id": Fact("户", pl.Int64),
    "key_level": Fact("重点帮扶县级别", good="国家级"),
    **{name: _number(label, good, unit) for name, (label, good, unit) in COUNTY_FIGURES.items()},
    **{
        f"prev_{name}": _number(f"上年{COUNTY_FIGURES[name][0]}", None, COUNTY_FIGURES[name][2])
        for name in COMPARED_WITH_LAST_YEAR
    },
    "n_blank": _number("未填必填指标", 0, "项"),
    "n_filled": _number("已填指标", 78, "项"),
    "n_out_of_range": _number("越界的比例指标", 0, "项"),
    "out_of_range": Fact("越界指标"),
    "r_village_count": _number("行政村", 170, "个"),
    "r_delisted": _number("村表出列村", 70, "个"),
    "v_cultivated": _number("村表耕地合计", 1_200_000, "亩"),
    "v_clinics": _number("村表卫生室合计", 170, "个"),
    "v_coops": _number("村表合作社合计", 800, "个"),
    "v_sheets": _number("已填村表", 170, "张"),
    "summary_differences": _number("与县明细不一致的上报数", None, "个"),
    "open_errors": _number("未办结错误", 0, "条"),
    "open_warnings": _number("无核实说明的疑点", 0, "条"),
}
FACTS = {"village": VILLAGE, "county": COUNTY}


def fact_of(subject: str, column: str) -> Fact:
    return FACTS[subject][column]


def example_frames(subject: str, example: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
    """A right village or county, changed as the example says."""
    facts = FACTS[subject]
    return {subject: frame_of([defaults(facts) | dict(example)], polars_schema(facts))}
