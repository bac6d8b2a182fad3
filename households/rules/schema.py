"""The facts our rules speak of: name, label, type, unit and a value that is right, for examples.

One frame for households (with this campaign's annual statement and last year's snapshot beside
it), one for members. selectors/facts.py fills them from the database, an import from its staged
rows, `example_frames` from a dict.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from fanpin.rules import frame_of


@dataclass(frozen=True)
class Fact:
    label: str
    dtype: Any = pl.String
    good: Any = None
    unit: str = ""


def money(label: str, good: float | None = 0.0) -> Fact:
    return Fact(label, pl.Float64, good, "元")


def area(label: str, good: float | None = 0.0) -> Fact:
    return Fact(label, pl.Float64, good, "亩")


def flag(label: str, good: bool | None = False) -> Fact:
    return Fact(label, pl.Boolean, good)


HOUSEHOLD: dict[str, Fact] = {
    "id": Fact("户", pl.Int64, 1),
    "division_path": Fact("区划路径", good="/62/6204/620421/620421100/620421100201/"),
    "county_code": Fact("县代码", good="620421"),
    "township_code": Fact("乡镇代码", good="620421100"),
    "village_code": Fact("村代码", good="620421100201"),
    "natural_village_code": Fact("自然村", good="620421100201001"),
    "address_detail": Fact("家庭住址", good="三社12号"),
    "longitude": Fact("经度", pl.Float64, 104.68),
    "latitude": Fact("纬度", pl.Float64, 36.57),
    "phone": Fact("户联系电话", good="13800000000"),
    "bank_name": Fact("开户银行名称"),
    "bank_card_no": Fact("银行卡号"),
    "filler_name": Fact("填表人", good="王干事"),
    "filler_phone": Fact("填表人联系电话", good="13900000000"),
    "filled_on": Fact("填表日期", pl.Date, date(2021, 11, 3)),
    "family_size": Fact("家庭人口数", pl.Int64, 2, "人"),
    "hh_type": Fact("户类型", good="lifted"),
    "hh_attribute": Fact("户属性", good="general"),
    "first_identified_ym": Fact("首次识别时间", good="201401"),
    "lift_year": Fact("脱贫年度", pl.Int64, 2018),
    "cause_main": Fact("主要致贫原因", good="8"),
    "land_cultivated": area("耕地面积", 8.0),
    "land_forest": area("林地面积", 2.0),
    "land_returned_forest": area("退耕还林面积", 1.0),
    "land_orchard": area("林果面积"),
    "land_pasture": area("牧草地面积"),
    "land_water": area("水面面积"),
    "has_prod_power": flag("是否通生产用电", True),
    "has_life_power": flag("是否通生活用电", True),
    "has_tv": flag("是否通广播电视", True),
    "road_distance_km": Fact("与村主干路距离", pl.Float64, 0.3, "公里"),
    "road_type": Fact("入户路类型", good="cement"),
    "road_hardened": flag("入户道路是否硬化", None),
    "village_km": Fact("与本村各户中心的距离", pl.Float64, None, "公里"),
    "house_area": Fact("住房面积", pl.Float64, 90.0, "平方米"),
    "is_dangerous_house": flag("是否危房户"),
    "house_level": Fact("住房安全等级", good="A"),
    "has_sanitary_toilet": flag("是否有卫生厕所", True),
    "fuel_type": Fact("主要燃料类型", good="coal"),
    "has_safe_water": flag("是否解决安全饮用水", True),
    "in_cooperative": flag("是否加入农民专业合作组织"),
    "cooperative_uscc": Fact("合作社统一社会信用代码"),
    "has_leading_enterprise": flag("是否有龙头企业带动"),
    "has_leader_driven": flag("是否有创业致富带头人带动"),
    "monitoring_state": Fact("监测状态", good="not_monitored"),
    "collect_status": Fact("采集状态", good="collected"),
    # this campaign's annual statement; all empty while there is none
    "has_statement": flag("有年度收入表", True),
    "income_from": Fact("收入周期起", pl.Date, date(2020, 10, 1)),
    "income_to": Fact("收入周期止", pl.Date, date(2021, 9, 30)),
    "family_size_year": Fact("年度家庭人口数", pl.Int64, 2, "人"),
    "inc_wage": money("工资性收入", 12000.0),
    "inc_wage_migrant": money("务工收入", 12000.0),
    "inc_wage_public_post": money("公益性岗位收入", None),
    "inc_wage_other": money("其他工资性收入", None),
    "inc_business": money("生产经营性收入", 9000.0),
    "inc_crop": money("种植业收入", 9000.0),
    "inc_livestock": money("养殖业收入"),
    "inc_forestry": money("林果业收入"),
    "inc_business_other": money("其他经营收入"),
    "inc_property": money("财产性收入"),
    "inc_dividend": money("资产收益分红"),
    "inc_land_transfer": money("土地流转收入"),
    "inc_property_other": money("其他财产性收入"),
    "inc_transfer": money("转移性收入"),
    "inc_family_planning": money("计划生育金"),
    "inc_dibao": money("低保金"),
    "inc_tekun": money("特困供养金"),
    "inc_pension": money("养老保险金"),
    "inc_eco_comp": money("生态补偿金"),
    "inc_industry_bonus": money("产业奖励", None),
    "inc_job_bonus": money("就业奖励", None),
    "inc_disability_subsidy": money("残疾人两项补贴"),
    "inc_elder_allowance": money("高龄津贴"),
    "inc_alimony": money("赡养费"),
    "inc_edu_aid": money("教育资助"),
    "inc_relief": money("临时/医疗/受灾救助"),
    "inc_agri_subsidy": money("惠农补贴"),
    "inc_transfer_other": money("其他转移性收入"),
    "exp_business": money("生产经营性支出", 3000.0),
    "exp_offset_subsidy": money("专项用于减少生产经营性支出的补贴", None),
    "inc_net": money("年纯收入", 18000.0),
    "inc_net_pc": money("人均纯收入", 9000.0),
    "claim_income": money("理赔收入"),
    "self_pay": money("合规自付支出"),
    "ref_income": money("收入参考值", 18000.0),
    "undocumented_changes": Fact("缺佐证的增减变更", pl.Int64, 0, "条"),
    # the register when the campaign was opened, and last year's statement; empty in the first year
    "baseline_size": Fact("年度开展时的在册成员", pl.Int64, None, "人"),
    "recorded_leavers": Fact("办理了减少的成员", pl.Int64, None, "人"),
    "prev_hh_type": Fact("上年户类型"),
    "prev_lift_year": Fact("上年脱贫年度", pl.Int64),
    "prev_first_identified_ym": Fact("上年首次识别时间"),
    "prev_land_cultivated": area("上年耕地面积", None),
    "prev_inc_wage": money("上年工资性收入", None),
    "prev_inc_business": money("上年生产经营性收入", None),
    "prev_inc_property": money("上年财产性收入", None),
    "prev_inc_transfer": money("上年转移性收入", None),
    "prev_inc_net_pc": money("上年人均纯收入", None),
}

MEMBER: dict[str, Fact] = {
    "id": Fact("成员", pl.Int64, 1),
    "household_id": Fact("户", pl.Int64, 1),
    "name": Fact("姓名", good="张有田"),
    "sex": Fact("性别", good="1"),
    "id_type": Fact("证件类型", good="id_card"),
    "id_no": Fact("证件号码", good="620421196803129913"),
    "id18": Fact("身份证号", good="620421196803129913"),
    "birth_date": Fact("出生日期", pl.Date, date(1968, 3, 12)),
    "relation": Fact("与户主关系", good="02"),
    "ethnicity": Fact("民族", good="01"),
    "political_status": Fact("政治面貌", good="13"),
    "education": Fact("文化程度", good="junior"),
    "school_status": Fact("在校生状况"),
    "dropout_reason": Fact("失学或辍学原因"),
    "health": Fact("健康状况", good="healthy"),
    "disability_type": Fact("残疾类别"),
    "disability_level": Fact("残疾等级"),
    "labour": Fact("劳动技能", good="ordinary"),
    "work_county": Fact("务工所在县", good="620102"),
    "work_months": Fact("务工时间", pl.Int64, 8, "个月"),
    "works_abroad": flag("是否国外务工"),
    "work_channel": Fact("就业渠道", good="self"),
    "work_monthly_income": money("务工月收入", None),
    "work_start_ym": Fact("务工开始月"),
    "work_end_ym": Fact("务工结束月"),
    "public_post": Fact("公益性岗位类型"),
    "public_post_months": Fact("公益性岗位月数", pl.Int64, None, "个月"),
    "speaks_mandarin": flag("是否会讲普通话", True),
    "ins_med_resident": flag("居民基本医保", True),
    "ins_med_employee": flag("职工基本医保"),
    "ins_critical": flag("大病保险", True),
    "uninsured_reason": Fact("未参保原因"),
    "got_medical_aid": flag("是否接受医疗救助"),
    "ins_pension_resident": flag("居民养老保险", True),
    "ins_pension_employee": flag("职工养老保险"),
    "dibao_status": Fact("享受低保", good="none"),
    "tekun_status": Fact("享受特困供养", good="none"),
    "grad_unemployed_reason": Fact("大专及以上毕业未就业原因"),
    "member_phone": Fact("成员联系电话", good="13700000000"),
    "status": Fact("在册状态", good="active"),
    "joined_reason": Fact("增加原因"),
    "unlisted": Fact("取值不在代码表的指标"),
    # what the register said of the person when the campaign was opened
    "in_baseline": flag("年度开展时在册", None),
    "came_unrecorded": flag("没有增加记录", None),
    "prev_id18": Fact("上年身份证号"),
    "id_corrected": flag("有公安更正", None),
    "prev_education": Fact("上年文化程度"),
    "prev_school_status": Fact("上年在校生状况"),
    "prev_health": Fact("上年健康状况"),
    "prev_labour": Fact("上年劳动技能"),
    "prev_work_start_ym": Fact("上次务工开始月"),
    "prev_work_end_ym": Fact("上次务工结束月"),
}

# Columns that preparing.py adds; rules may show them.
PREPARED: dict[str, Fact] = {
    "age_survey": Fact("年龄(收入周期末)", unit="周岁"),
    "age_school": Fact("年龄(8月31日)", unit="周岁"),
    "h_county_code": Fact("户所在县"),
    "h_inc_pension": Fact("户养老保险金", unit="元"),
    "h_filled_on": Fact("填表日期"),
    "n_active": Fact("在册成员", unit="人"),
    "n_heads": Fact("户主", unit="人"),
    "n_spouses": Fact("配偶", unit="人"),
    "head_age": Fact("户主年龄", unit="周岁"),
    "head_sex": Fact("户主性别"),
    "n_spouse_same_sex": Fact("与户主同性别的配偶", unit="人"),
    "n_sex_conflict": Fact("性别与关系矛盾", unit="人"),
    "n_child_gap": Fact("年龄差异常的子女", unit="人"),
    "n_parent_gap": Fact("年龄差异常的父母", unit="人"),
    "n_wife_parents": Fact("岳父母", unit="人"),
    "n_husband_parents": Fact("公婆", unit="人"),
    "n_dibao": Fact("低保成员", unit="人"),
    "n_tekun": Fact("特困成员", unit="人"),
    "n_migrant": Fact("务工成员", unit="人"),
    "n_posts": Fact("公益岗成员", unit="人"),
    "work_months_sum": Fact("务工月数合计", unit="个月"),
    "n_no_labour": Fact("无劳动力成员", unit="人"),
    "n_dropout": Fact("适龄失学成员", unit="人"),
    "n_uninsured": Fact("未参保成员", unit="人"),
    "n_shared_phone": Fact("务工县不同而电话相同的成员", unit="人"),
    "n_stayed": Fact("年度开展以来一直在册的成员", unit="人"),
    "n_unrecorded": Fact("没有增加记录的新成员", unit="人"),
    "roster_gaps": Fact("没有变更记录的成员增减", unit="人"),
    "n_same_place": Fact("同一坐标的农户", unit="户"),
}

SPOUSE: dict[str, Any] = {
    "id": 2,
    "name": "李秀英",
    "sex": "2",
    "id_no": "621121197208259923",
    "id18": "621121197208259923",
    "birth_date": date(1972, 8, 25),
    "relation": "10",
    "work_county": None,
    "work_months": None,
    "work_channel": None,
    "member_phone": None,
}


def fact_of(subject: str, column: str) -> Fact:
    """The declaration of a column that a rule of the subject may show."""
    own = HOUSEHOLD if subject == "household" else MEMBER
    return own.get(column) or PREPARED[column]


def polars_schema(facts: Mapping[str, Fact]) -> dict[str, Any]:
    return {name: fact.dtype for name, fact in facts.items()}


def defaults(facts: Mapping[str, Fact]) -> dict[str, Any]:
    return {name: fact.good for name, fact in facts.items()}


def example_frames(subject: str, example: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
    """A right household of head and spouse, changed as the example says; dates are ISO text.

    `members` lists the changes of each member (head first); `h` changes the household beside a
    member's example; `neighbours` repeats the household that often in its village.
    """
    changes = dict(example)
    neighbours = changes.pop("neighbours", 0)
    if subject == "household":
        people = changes.pop("members", [{}, {}])
        household = changes
    else:
        household = changes.pop("h", {})
        people = [changes, {}]
    rows = [defaults(HOUSEHOLD) | {"family_size": len(people)} | household]
    rows += [rows[0] | {"id": 100 + n} for n in range(neighbours)]
    members = []
    for index, person in enumerate(people):
        base = defaults(MEMBER) | (SPOUSE if index == 1 else {}) | {"id": index + 1}
        members.append(base | dict(person))
    return {
        "household": frame_of(rows, polars_schema(HOUSEHOLD)),
        "member": frame_of(members, polars_schema(MEMBER)),
    }
