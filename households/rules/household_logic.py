"""户逻辑: kinship, sums, and what members and household say about each other (R-HH-01 … R-HH-38)."""

import polars as pl

from fanpin.rules import parameter
from households.rules import identity
from households.rules.completeness import IS_MONITORED
from households.rules.declaring import Group

c = pl.col
CENT = 0.01
TRANSFER_ITEMS = (
    "inc_family_planning", "inc_dibao", "inc_tekun", "inc_pension", "inc_eco_comp",
    "inc_industry_bonus", "inc_job_bonus", "inc_disability_subsidy", "inc_elder_allowance",
    "inc_alimony", "inc_edu_aid", "inc_relief",
    "inc_agri_subsidy", "inc_transfer_other",
)  # fmt: skip
# Whoever is being identified or rolled back is already being dealt with: only these count as
# 未纳入监测.
UNATTENDED = c("monitoring_state").is_in(["not_monitored", "eliminated", "closed", "voided"])
MEMBER_COUNT = c("n_active") > 0
TOLD = c("has_statement")


def differs(total: str, *parts: str) -> pl.Expr:
    """The total is not the sum of its parts; silent while no part is filled in."""
    filled = pl.any_horizontal([c(p).fill_null(0) != 0 for p in parts])
    return filled & ((c(total) - pl.sum_horizontal(parts)).abs() > CENT)


def nothing(column: str) -> pl.Expr:
    return c(column).fill_null(0) == 0


h = Group("household", "户·成员关系")
CHILD = {"relation": "20", "sex": "1", "birth_date": "2000-05-01"}

h.error(
    "R-HH-01", "户内无户主", MEMBER_COUNT & (c("n_heads") == 0), "与户主关系为户主的人数为0",
    fields="relation", shows="n_active n_heads", remedy="请先指定一名成员为户主。",
    departments="public_security",
    failing={"members": [{"relation": "10"}]},
)  # fmt: skip
h.error(
    "R-HH-02", "户内户主多于一人", c("n_heads") > 1, "户主人数大于1",
    fields="relation", shows="n_heads", remedy="请只保留一名户主，其他人改为与户主的关系。",
    departments="public_security", failing={"members": [{}, {"relation": "02"}]},
)  # fmt: skip
h.error(
    "R-HH-03", "户内配偶多于一人", c("n_spouses") > 1, "配偶人数大于1",
    fields="relation", shows="n_spouses", remedy="请核对与户主关系，儿媳、女婿不填配偶。",
    departments="public_security", failing={"members": [{}, {}, {"relation": "10", "sex": "2"}]},
)  # fmt: skip
h.error(
    "R-HH-04", "户主与配偶性别相同", c("n_spouse_same_sex") > 0, "户主与配偶的性别一致",
    fields="sex relation", shows="head_sex", remedy="请核对双方证件号码和性别。",
    departments="public_security",
    failing={"members": [{}, {"sex": "1"}]},
)  # fmt: skip
h.error(
    "R-HH-05", "与户主关系和性别矛盾", c("n_sex_conflict") > 0, "如之子为女、之女为男、之母为男",
    fields="relation sex", shows="n_sex_conflict", remedy="请核对成员性别和与户主关系。",
    departments="public_security", failing={"members": [{}, {}, CHILD | {"sex": "2"}]},
    passing={"members": [{}, {}, CHILD]},
)  # fmt: skip
h.warn(
    "R-HH-06", "子女与户主年龄差不足15岁或超过60岁", c("n_child_gap") > 0, "之子、之女年龄差异常",
    fields="birth_date relation", shows="head_age n_child_gap",
    remedy="请核对出生日期和与户主关系，收养的请说明。",
    departments="public_security",
    failing={"members": [{}, {}, CHILD | {"birth_date": "1980-01-01"}]},
    passing={"members": [{}, {}, CHILD]},
)  # fmt: skip
h.warn(
    "R-HH-07", "父母年龄小于户主或差距不足15岁", c("n_parent_gap") > 0, "之父、之母年龄异常",
    fields="birth_date relation", shows="head_age n_parent_gap",
    remedy="请核对出生日期和与户主关系。",
    departments="public_security",
    failing={"members": [{}, {}, {"relation": "52", "sex": "2", "birth_date": "1960-01-01"}]},
    passing={"members": [{}, {}, {"relation": "52", "sex": "2", "birth_date": "1945-01-01"}]},
)  # fmt: skip
h.warn(
    "R-HH-08", "同时出现岳父母与公婆", (c("n_wife_parents") > 0) & (c("n_husband_parents") > 0),
    "户主性别决定只能有其中一种",
    fields="relation", shows="n_wife_parents n_husband_parents", remedy="请核对与户主关系。",
    departments="public_security",
    failing={"members": [{}, {}, {"relation": "55"}, {"relation": "54", "sex": "2"}]},
    passing={"members": [{}, {}, {"relation": "55"}]},
)  # fmt: skip
h.error(
    "R-HH-09", "户主不满16周岁", c("head_age") < 16, "户主年龄小于16周岁",
    fields="relation", shows="head_age", remedy="请变更户主；孤儿户请说明监护情况。",
    departments="public_security", failing={"members": [{"birth_date": "2010-01-01"}]},
)  # fmt: skip
h.error(
    "R-HH-10", "家庭人口数与在册成员数不一致", c("family_size") != c("n_active"),
    "家庭人口数不等于在册人数",
    fields="family_size", shows="family_size n_active",
    remedy="请重新保存该户成员，人数由系统计算。",
    departments="public_security", failing={"family_size": 5},
)  # fmt: skip

h.name = "户·收入计算"
h.error(
    "R-HH-11", "工资性收入不等于分项之和",
    parameter("later_fields") & differs("inc_wage", "inc_wage_migrant", "inc_wage_public_post", "inc_wage_other"),
    "启用公益性岗位收入、其他工资性收入后，合计与务工、公益岗、其他之和不符",
    fields="inc_wage inc_wage_migrant inc_wage_public_post inc_wage_other",
    remedy="请核对分项和合计。", departments="hr_social", needs="later_fields",
    failing={"inc_wage_public_post": 6000.0},
    passing={"inc_wage_public_post": 6000.0, "inc_wage": 18000.0},
)  # fmt: skip
h.error(
    "R-HH-12", "生产经营性收入不等于分项之和",
    differs("inc_business", "inc_crop", "inc_livestock", "inc_forestry", "inc_business_other"),
    "合计与种植、养殖、林果、其他之和不符",
    fields="inc_business inc_crop inc_livestock inc_forestry inc_business_other",
    remedy="请核对分项和合计。", departments="agriculture", failing={"inc_livestock": 800.0},
)  # fmt: skip
h.error(
    "R-HH-13", "财产性收入不等于分项之和",
    differs("inc_property", "inc_dividend", "inc_land_transfer", "inc_property_other"),
    "合计与分红、流转、其他之和不符",
    fields="inc_property inc_dividend inc_land_transfer inc_property_other",
    remedy="请核对分项和合计。",
    departments="agriculture", failing={"inc_dividend": 500.0},
    passing={"inc_dividend": 500.0, "inc_property": 500.0},
)  # fmt: skip
h.error(
    "R-HH-14", "转移性收入不等于分项之和", differs("inc_transfer", *TRANSFER_ITEMS),
    "合计与各分项之和不符",
    fields="inc_transfer inc_dibao inc_tekun inc_pension inc_eco_comp inc_agri_subsidy inc_transfer_other",
    remedy="请核对分项和合计。", departments="finance", failing={"inc_agri_subsidy": 640.0},
    passing={"inc_agri_subsidy": 640.0, "inc_transfer": 640.0},
)  # fmt: skip
h.error(
    "R-HH-15", "纯收入计算错误",
    (c("inc_net")
     - (c("inc_wage") + c("inc_business") + c("inc_property") + c("inc_transfer") - c("exp_business"))
     ).abs() > CENT,
    "纯收入不等于四项收入减经营支出",
    fields="inc_wage inc_business inc_property inc_transfer exp_business",
    shows="inc_net inc_wage inc_business inc_property inc_transfer exp_business",
    remedy="请重新保存收入表，由系统计算。", failing={"inc_net": 17000.0},
)  # fmt: skip
h.error(
    "R-HH-16", "人均纯收入计算错误",
    (c("inc_net_pc") - c("inc_net") / pl.max_horizontal(c("family_size_year"), pl.lit(1))).abs() > CENT,
    "人均纯收入不等于纯收入除以年度人口数",
    fields="inc_wage", shows="inc_net_pc inc_net family_size_year",
    remedy="请重新保存收入表，由系统计算。",
    failing={"inc_net_pc": 8000.0},
)  # fmt: skip
h.error(
    "R-HH-17", "收入参考值计算错误",
    IS_MONITORED
    & ((c("ref_income") - (c("inc_net") + c("claim_income").fill_null(0) - c("self_pay").fill_null(0))).abs() > CENT),
    "监测对象的收入参考值不等于纯收入加理赔收入减合规自付支出",
    fields="claim_income self_pay", shows="ref_income inc_net claim_income self_pay",
    remedy="请重新保存收入表，由系统计算。", departments="medical_insurance",
    failing={"monitoring_state": "monitored", "self_pay": 3000.0},
    passing={"monitoring_state": "monitored"},
)  # fmt: skip
h.warn(
    "R-HH-18", "有生产经营性收入但无经营支出", (c("inc_business") > 0) & (c("exp_business") == 0),
    "经营收入大于0而支出为0",
    fields="exp_business", shows="inc_business exp_business",
    remedy="请补填种子、饲料、化肥等支出。",
    departments="agriculture", failing={"exp_business": 0.0},
)  # fmt: skip
h.warn(
    "R-HH-19", "经营支出大于经营收入", c("exp_business") > c("inc_business"),
    "支出大于收入，须说明亏损",
    fields="exp_business inc_business", remedy="请核对金额，亏损属实的请说明并研判产业风险。",
    departments="agriculture", failing={"exp_business": 9500.0},
)  # fmt: skip
h.warn(
    "R-HH-20", "有生态补偿金但无退耕、林地、草地",
    (c("inc_eco_comp") > 0)
    & (pl.sum_horizontal("land_returned_forest", "land_forest", "land_pasture") == 0),
    "生态补偿金大于0而三类面积为0",
    fields="inc_eco_comp land_returned_forest land_forest land_pasture",
    remedy="请补填面积或核对补偿金。",
    departments="forestry",
    failing={"inc_eco_comp": 300.0, "land_forest": 0.0, "land_returned_forest": 0.0},
    passing={"inc_eco_comp": 300.0},
)  # fmt: skip
h.error(
    "R-HH-21", "退耕还林（草）面积大于林地与牧草地之和",
    c("land_returned_forest").fill_null(0) > pl.sum_horizontal("land_forest", "land_pasture"),
    "面积逻辑错误",
    fields="land_returned_forest land_forest land_pasture",
    remedy="退耕还林面积应包含在林地或牧草地内，请核对。",
    departments="forestry", failing={"land_returned_forest": 3.0},
)  # fmt: skip

h.name = "户·政策与收入"
DIBAO = {"dibao_status": "rural"}
TEKUN = {"tekun_status": "rural_dispersed"}
h.error(
    "R-HH-22", "有低保成员但低保金为0", TOLD & (c("n_dibao") > 0) & nothing("inc_dibao"),
    "成员享受低保而低保金为0",
    fields="inc_dibao dibao_status", shows="n_dibao inc_dibao",
    remedy="请补填收入周期内实领低保金，或核对成员低保标识。",
    departments="civil_affairs", failing={"members": [DIBAO]},
    passing={"members": [DIBAO], "inc_dibao": 2160.0},
)  # fmt: skip
h.error(
    "R-HH-23", "有低保金但无低保成员", (c("inc_dibao") > 0) & (c("n_dibao") == 0),
    "低保金大于0且无成员享受低保",
    fields="inc_dibao dibao_status", shows="inc_dibao n_dibao",
    remedy="请核对成员低保标识或低保金；期内已停保的请说明。",
    departments="civil_affairs", failing={"inc_dibao": 2160.0},
)  # fmt: skip
h.error(
    "R-HH-24", "特困供养金与特困成员不一致",
    TOLD & ((c("inc_tekun").fill_null(0) > 0) != (c("n_tekun") > 0)), "金额与成员标识一有一无",
    fields="inc_tekun tekun_status", shows="inc_tekun n_tekun",
    remedy="请核对特困供养金和成员标识。",
    departments="civil_affairs", failing={"inc_tekun": 5000.0},
    passing={"inc_tekun": 5000.0, "members": [TEKUN]},
)  # fmt: skip
h.error(
    "R-HH-25", "有务工成员但工资性收入为0", TOLD & (c("n_migrant") > 0) & nothing("inc_wage"),
    "成员务工月数大于0而工资性收入为0",
    fields="inc_wage work_months", shows="n_migrant inc_wage",
    remedy="请补填务工收入，或核对务工信息。",
    departments="hr_social", failing={"inc_wage": 0.0},
)  # fmt: skip
h.error(
    "R-HH-26", "有公益岗成员但公益岗收入为0",
    parameter("later_fields") & TOLD & (c("n_posts") > 0) & nothing("inc_wage_public_post"),
    "成员聘用公益性岗位而公益性岗位收入为0（启用该指标的县）",
    fields="inc_wage_public_post public_post", shows="n_posts inc_wage_public_post",
    remedy="请补填公益性岗位收入，或核对成员的岗位信息。", departments="hr_social",
    needs="later_fields", failing={"members": [{"public_post": "cleaner"}]},
    passing={"members": [{"public_post": "cleaner"}], "inc_wage_public_post": 6000.0,
             "inc_wage": 18000.0},
)  # fmt: skip
h.warn(
    "R-HH-27", "务工人均月收入低于400元",
    (c("n_migrant") > 0) & (c("inc_wage") > 0) & (c("inc_wage") / c("work_months_sum") < 400),
    "工资性收入除以总务工月数低于400元",
    fields="inc_wage work_months", shows="inc_wage work_months_sum",
    remedy="请核对工资性收入和务工月数。",
    departments="hr_social", failing={"inc_wage": 3000.0},
)  # fmt: skip
h.warn(
    "R-HH-28", "户属性与成员低保、特困不一致",
    (c("hh_type") == "lifted")
    & (c("hh_attribute")
       != pl.when((c("n_dibao") > 0) & (c("n_tekun") > 0)).then(pl.lit("dibao_tekun"))
       .when(c("n_dibao") > 0).then(pl.lit("dibao"))
       .when(c("n_tekun") > 0).then(pl.lit("tekun"))
       .otherwise(pl.lit("general"))),
    "户属性为一般而有低保或特困成员，或相反",
    fields="hh_attribute", shows="hh_attribute n_dibao n_tekun",
    remedy="请按成员享受情况调整户属性。",
    departments="civil_affairs", failing={"hh_attribute": "dibao"},
    passing={"hh_attribute": "dibao", "members": [DIBAO]},
)  # fmt: skip
h.warn(
    "R-HH-34", "整户无劳动力但无人享受低保或特困",
    MEMBER_COUNT & (c("n_no_labour") == c("n_active")) & (c("n_dibao") == 0) & (c("n_tekun") == 0),
    "应兜底未兜底疑点",
    fields="labour dibao_status tekun_status", shows="n_active n_no_labour n_dibao n_tekun",
    remedy="请与民政部门核实是否符合低保、特困条件。", departments="civil_affairs",
    failing={"members": [{"labour": "none"}]}, passing={"members": [{"labour": "none"} | DIBAO]},
)  # fmt: skip
h.warn(
    "R-HH-35", "同户成员务工县不同但联系电话相同", c("n_shared_phone") > 0, "电话代填疑点",
    fields="member_phone work_county", shows="n_shared_phone", remedy="请填写务工人员本人手机号。",
    departments="hr_social",
    failing={"members": [{}, {"member_phone": "13700000000", "work_county": "620103"}]},
    passing={"members": [{}, {"member_phone": "13700000000", "work_county": "620102"}]},
)  # fmt: skip

h.name = "户·三保障与监测"
h.error(
    "R-HH-29", "是否危房与住房等级矛盾",
    c("house_level").is_in(["C", "D"]) != c("is_dangerous_house"), "C、D级应为危房，A、B级不是危房",
    fields="is_dangerous_house house_level", remedy="请按住房安全鉴定结论更正。",
    departments="housing",
    failing={"house_level": "D"}, passing={"house_level": "D", "is_dangerous_house": True},
)  # fmt: skip
h.error(
    "R-HH-30", "危房户未纳入监测", c("is_dangerous_house") & UNATTENDED,
    "住危房而无未消除的监测记录",
    fields="is_dangerous_house", shows="is_dangerous_house house_level", clause="通知一(三)",
    remedy="请登记线索并入户核查，或更正住房信息。", departments="housing rural_revitalization",
    failing={"is_dangerous_house": True, "house_level": "C"},
    passing={"is_dangerous_house": True, "house_level": "C", "monitoring_state": "monitored"},
)  # fmt: skip
h.error(
    "R-HH-31", "未解决安全饮水户未纳入监测", ~c("has_safe_water") & UNATTENDED,
    "饮水不安全而无未消除的监测记录",
    fields="has_safe_water", clause="通知一(三)", remedy="请登记线索并入户核查，或更正饮水信息。",
    departments="water rural_revitalization", failing={"has_safe_water": False},
    passing={"has_safe_water": False, "monitoring_state": "identifying"},
)  # fmt: skip
DROPOUT = {
    "birth_date": "2009-03-01",
    "education": None,
    "relation": "20",
    "dropout_reason": "dislike",
}
h.error(
    "R-HH-32", "有义务教育适龄辍学且未纳入监测", (c("n_dropout") > 0) & UNATTENDED,
    "适龄不在校（缓学、休学、送教上门除外）且未监测",
    fields="school_status dropout_reason", shows="n_dropout", clause="通知一(三)",
    remedy="请劝返复学并登记线索入户核查。", departments="education rural_revitalization",
    failing={"members": [{}, {}, DROPOUT]},
    passing={"members": [{}, {}, DROPOUT | {"dropout_reason": "home_teaching"}]},
)  # fmt: skip
h.warn(
    "R-HH-33", "有成员未参加基本医保且未纳入监测", (c("n_uninsured") > 0) & UNATTENDED,
    "未参保且未监测",
    fields="ins_med_resident ins_med_employee uninsured_reason", shows="n_uninsured",
    clause="通知一(三)",
    remedy="请动员参保或填写未参保原因，有返贫风险的登记线索。", departments="medical_insurance",
    failing={"members": [{"ins_med_resident": False}]},
    passing={"members": [{"ins_med_resident": False, "uninsured_reason": "prison"}]},
)  # fmt: skip
h.error(
    "R-HH-36", "生活用电未通", ~c("has_life_power"), "是否通生活用电为否",
    fields="has_life_power", remedy="请核实通电情况，确未通电的报供电公司解决。",
    departments="power_grid",
    failing={"has_life_power": False},
)  # fmt: skip
h.error(
    "R-HH-37", "合作社信用代码缺失或校验错误",
    c("in_cooperative") & ~identity.uscc_holds(c("cooperative_uscc")),
    "加入合作社而统一社会信用代码为空或校验不符",
    fields="cooperative_uscc", shows="in_cooperative cooperative_uscc",
    remedy="请对照营业执照填写18位统一社会信用代码。", departments="market_regulation",
    failing={"in_cooperative": True, "cooperative_uscc": "936204210000000001"},
    passing={"in_cooperative": True, "cooperative_uscc": "936204210000000000"},
)  # fmt: skip
h.warn(
    "R-HH-38", "入户路类型与是否硬化矛盾",
    c("road_type").is_in(["cement", "asphalt"]) != c("road_hardened"),
    "水泥、沥青路应为已硬化，泥土、砂石路应为未硬化",
    fields="road_type road_hardened", remedy="请核对入户路的路面。", departments="transport",
    failing={"road_hardened": False}, passing={"road_hardened": True},
)  # fmt: skip

RULES = tuple(h.rules)
