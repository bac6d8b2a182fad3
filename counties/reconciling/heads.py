"""The heads of the national system's exports in their order (forms.md §0.3, §1; F2 and F3 give those of 2021 exactly).

A head without a key is carried along: the register knows nothing of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from counties.rules.lines import VILLAGE_LINES
from households.choices import lists

CATEGORIES = lists()["measure_category"]


@dataclass(frozen=True)
class Head:
    """One head of theirs. `compared` is off for what only says where a row belongs."""

    text: str
    key: str = ""
    aliases: tuple[str, ...] = ()
    spoken: Mapping[str, str] | None = None
    compared: bool = True


DIBAO = {"rural": "是", "urban": "是", "none": "否"}
TEKUN = {"rural_dispersed": "是", "rural_central": "是", "urban": "是", "none": "否"}
SEX = {"1": "1", "2": "2"}


def _where(*texts: str) -> tuple[Head, ...]:
    """The heads that say where a row belongs, from the top down; the last two may differ and are compared."""
    keys = ("province", "city", "county", "township", "village")[-len(texts) :]
    return tuple(
        Head(text, key, compared=key in ("township", "village"))
        for text, key in zip(texts, keys, strict=True)
    )


def _all(*heads: Head | tuple[str, str] | str) -> tuple[Head, ...]:
    return tuple(
        head if isinstance(head, Head) else Head(head) if isinstance(head, str) else Head(*head)
        for head in heads
    )


HOUSEHOLD_HEADS = (
    *_where("省", "市", "县", "乡", "村"),
    *_all(
        ("户编号", "national_hh_no"),
        Head("户主编号", "head_person_no"),
        ("户主姓名", "head_name"),
        ("户主证件号码", "head_id_no"),
        ("家庭人口数", "family_size"),
        ("是否危房户", "is_dangerous_house"),
        Head("人均纯收入", "inc_net_pc", ("人均纯收入（元）",)),
        ("年收入", "inc_gross"),
        ("是否解决安全饮用水", "has_safe_water"),
        Head("年度", "year", compared=False),
        "村办公电话",
        ("开户银行名称", "bank_name"),
        ("银行卡号", "bank_card_no"),
        ("识别标准", "poverty_standard"),
        ("主要致贫原因", "cause_main"),
        ("次要致贫原因", "cause_other"),
        ("工资性收入", "inc_wage"),
        ("生产经营性收入", "inc_business"),
        ("财产性收入", "inc_property"),
        ("转移性收入", "inc_transfer"),
        ("计划生育金", "inc_family_planning"),
        ("低保金", "inc_dibao"),
        ("五保金", "inc_tekun"),
        ("养老保险金", "inc_pension"),
        ("生态补偿金", "inc_eco_comp"),
        ("其他转移性收入", "inc_transfer_other"),
        ("生产经营性支出", "exp_business"),
        ("纯收入", "inc_net"),
        ("资产收益扶贫分红收入", "inc_dividend"),
        ("其他财产性收入", "inc_property_other"),
        ("耕地面积（亩）", "land_cultivated"),
        ("水面面积", "land_water"),
        ("是否加入农民专业合作组织", "in_cooperative"),
        ("退耕还林面积（亩）", "land_returned_forest"),
        ("林果面积（亩）", "land_orchard"),
        ("牧草地面积", "land_pasture"),
        ("林地面积（亩）", "land_forest"),
        ("是否通生产用电", "has_prod_power"),
        ("是否通生活用电", "has_life_power"),
        ("是否通广播电视", "has_tv"),
        ("与村主干路距离", "road_distance_km"),
        ("入户路类型", "road_type"),
        ("住房面积", "house_area"),
        ("是否有卫生厕所", "has_sanitary_toilet"),
        ("主要燃料类型", "fuel_type"),
        ("危房级别", "house_level"),
        ("是否有龙头企业带动", "has_leading_enterprise"),
        ("是否有创业致富带头人带动", "has_leader_driven"),
    ),
)
MEMBER_HEADS = (
    *_where("省", "市", "县", "乡", "村"),
    *_all(
        ("户编号", "national_hh_no"),
        ("人口编号", "national_person_no"),
        ("姓名", "name"),
        Head("性别", "sex", spoken=SEX),
        ("出生日期", "birth_date"),
        ("证件类型", "id_type"),
        ("证件号码", "id_no"),
        ("民族", "ethnicity"),
        ("户联系电话", "household_phone"),
        ("成员联系电话", "member_phone"),
        Head("年度", "year", compared=False),
        ("与户主关系", "relation"),
        ("文化程度", "education"),
        ("在校生状况", "school_status"),
        ("劳动技能", "labour"),
        ("务工时间（月）", "work_months"),
        ("健康状况", "health"),
        ("政治面貌", "political_status"),
        ("务工企业名称", "employer"),
        Head("是否享受低保", "dibao_status", spoken=DIBAO),
        ("是否参加城镇职工基本养老保险", "ins_pension_employee"),
        ("是否参加大病保险", "ins_critical"),
        ("是否参加新型农村合作医疗（城乡居民基本医疗保险）", "ins_med_resident"),
        ("是否参加城乡居民基本养老保险", "ins_pension_resident"),
        ("失学或辍学原因", "dropout_reason"),
        ("是否会讲普通话", "speaks_mandarin"),
        ("是否参加商业补充医疗保险", "ins_commercial"),
        ("是否国外务工", "works_abroad"),
        ("产业分类", "work_industry"),
        ("是否接受大病医疗救助", "got_medical_aid"),
        ("是否接受其他健康扶贫", "got_other_health_aid"),
        ("公益性岗位类型", "public_post"),
        ("公益性岗位(月数)", "public_post_months"),
        ("就业渠道", "work_channel"),
        ("残疾类别", "disability_type"),
        ("务工所在地", "work_province"),
        ("户主姓名", "head_name"),
        Head("户主证件号码", "head_id_no"),
        ("是否参加城镇职工基本医疗保险", "ins_med_employee"),
        Head("是否特困供养人员", "tekun_status", spoken=TEKUN),
        ("残疾证办证年度", "disability_cert_year"),
        ("识别标准", "household_standard"),
    ),
)
_WHO = (
    ("户编号", "national_hh_no"),
    ("人编号", "national_person_no"),
    ("姓名", "name"),
    Head("性别", "sex", spoken=SEX),
    ("证件号码", "id_no"),
    Head("联系电话", "member_phone"),
)
WORKER_HEADS = (
    *_where("县", "乡", "行政村"),
    *_all(
        *_WHO,
        ("务工区域", "work_region"),
        ("务工所在地", "work_province"),
        ("务工企业名称", "employer"),
        ("所属行业", "work_industry"),
        ("就业渠道", "work_channel"),
        ("务工月收入", "work_monthly_income"),
        ("开始时间", "work_start_ym"),
        ("结束时间", "work_end_ym"),
    ),
)
PLANNED_HEADS = (
    *_where("县", "乡", "行政村"),
    *_all(*_WHO, "计划务工区域", "计划务工时间", "务工意愿"),
)
OBJECT_HEADS = (
    *_where("县(市、区、旗)", "乡(镇)", "行政村"),
    *_all(
        ("户编号", "national_hh_no"),
        ("户主姓名", "head_name"),
        ("户主证件号码", "head_id_no"),
        ("家庭人口数", "family_size"),
        ("监测对象类别", "monitor_type"),
        ("识别监测时间", "identified_month"),
        *((f"致贫/返贫风险{n}", f"risk{n}") for n in range(1, 6)),
        ("因自然灾害子项", "disaster_sub"),
        ("其他备注", "risk_note"),
        ("是否义务教育阶段适龄儿童少年失学辍学", "edu_dropout"),
        ("是否住房出现安全问题", "house_problem"),
        ("是否饮水出现安全问题", "water_problem"),
        ("是否有家庭成员未参加城乡居民（职工）基本医疗保险", "insurance_missing"),
        ("工资性收入", "inc_wage"),
        ("生产经营性收入", "inc_business"),
        ("财产性收入", "inc_property"),
        ("转移性收入", "inc_transfer"),
        ("生产经营性支出", "exp_business"),
        ("家庭纯收入", "inc_net"),
        ("家庭人均纯收入", "inc_net_pc"),
        ("理赔收入", "claim_income"),
        ("合规自付支出", "self_pay"),
        ("纳入监测对象的收入参考范围", "ref_income"),
        ("纳入监测对象的人均收入参考范围", "ref_income_pc"),
        ("整户无劳动能力兜底保障户", "is_no_labour_guaranteed"),
        ("实施开发式帮扶措施情况", "dev_measure_status"),
        *(
            Head(label, f"help_{category}", ("公益性岗位帮扶",) if category == "public_post" else ())
            for category, label in CATEGORIES.items()
        ),
        Head("风险是否已消除", "eliminated", ("风险是否已消除0",)),
        ("风险消除方式", "elim_method"),
        Head("风险消除时间", "closed_month", ("消除监测时间",)),
        ("监测联系人", "contact_name"),
        ("监测联系人电话", "contact_phone"),
    ),
)  # fmt: skip
_NOT_THERE = ("filler_name", "hh_lifted", "pop_lifted", "hh_unstable", "hh_marginal", "hh_sudden")
VILLAGE_HEADS = (
    *_where("县", "乡", "行政村"),
    Head("年度", "year", compared=False),
    *(
        Head(
            line.label + (f"（{line.unit}）" if line.unit in ("元", "万元", "亩") else ""),
            line.name,
        )
        for line in VILLAGE_LINES
        if line.name not in _NOT_THERE
    ),
)
