"""完整性: what must not be left empty (R-COM-01 … R-COM-36)."""

import polars as pl

from fanpin.rules import blank, parameter
from households.rules.declaring import Group
from households.rules.preparing import JUNIOR_UP, PRESCHOOL

c = pl.col
MONITORED = ("approved", "monitored", "eliminating", "eliminated", "rolling_back", "relabelling")
LIFTED = c("hh_type") == "lifted"
IS_MONITORED = c("monitoring_state").is_in(MONITORED)
COLLECTED_THIS_YEAR = c("collect_status").is_not_null() & (c("collect_status") != "todo")
NO_PLACE = blank("longitude", "latitude")

h = Group("household", "户·完整性")
m = Group("member", "成员·完整性")

h.error(
    "R-COM-01", "户联系电话为空", blank("phone"), "户联系电话未填写",
    fields="phone", remedy="请填写户主或常住成员的11位手机号。",
    departments="rural_revitalization", failing={"phone": None},
)  # fmt: skip
h.error(
    "R-COM-02", "户所在行政村或自然村为空", blank("village_code", "natural_village_code"),
    "未选择到自然村（村民小组）",
    fields="village_code natural_village_code", remedy="请把该户挂到所在的自然村（村民小组）。",
    departments="civil_affairs", failing={"natural_village_code": None},
)  # fmt: skip
h.error(
    "R-COM-03", "监测对象无家庭位置坐标", IS_MONITORED & NO_PLACE, "监测对象未采集经纬度",
    fields="longitude latitude", remedy="请入户用手机定位采集家庭位置。", clause="通知三(三)",
    departments="rural_revitalization",
    failing={"monitoring_state": "monitored", "longitude": None},
    passing={"monitoring_state": "not_monitored", "longitude": None},
)  # fmt: skip
h.warn(
    "R-COM-04", "脱贫户无家庭位置坐标", LIFTED & ~IS_MONITORED & NO_PLACE, "脱贫户未采集经纬度",
    fields="longitude latitude", remedy="请入户用手机定位采集家庭位置。", clause="通知三(三)",
    departments="rural_revitalization", failing={"latitude": None},
)  # fmt: skip
h.error(
    "R-COM-05", "户类型为空", blank("hh_type"), "户类型未填写",
    fields="hh_type", remedy="请选择脱贫户或普通农户。",
    departments="rural_revitalization", failing={"hh_type": None},
)  # fmt: skip
h.error(
    "R-COM-06", "脱贫户主要致贫原因为空", LIFTED & blank("cause_main"), "脱贫户未填主要致贫原因",
    fields="cause_main", remedy="请按建档立卡档案补填主要致贫原因。",
    departments="rural_revitalization",
    failing={"cause_main": None}, passing={"hh_type": "general", "cause_main": None},
)  # fmt: skip
h.error(
    "R-COM-07", "脱贫户脱贫年度为空", LIFTED & blank("lift_year"), "脱贫户未填脱贫年度",
    fields="lift_year", remedy="请按建档立卡档案补填脱贫年度（2014至2020年）。",
    departments="rural_revitalization",
    failing={"lift_year": None}, passing={"hh_type": "general", "lift_year": None},
)  # fmt: skip
h.error(
    "R-COM-08", "四大收入项或经营支出为空",
    COLLECTED_THIS_YEAR
    & blank("inc_wage", "inc_business", "inc_property", "inc_transfer", "exp_business"),
    "已采集的户，工资性、经营性、财产性、转移性收入或经营支出有空值",
    fields="inc_wage inc_business inc_property inc_transfer exp_business",
    remedy="请补填本年度收入，没有的项目填0。", departments="rural_revitalization",
    failing={"inc_property": None}, passing={"inc_property": None, "collect_status": "todo"},
)  # fmt: skip
h.error(
    "R-COM-09", "各类土地面积有空值",
    blank("land_cultivated", "land_forest", "land_returned_forest", "land_orchard", "land_pasture",
          "land_water"),
    "耕地、林地、退耕、林果、牧草、水面有一项为空",
    fields="land_cultivated land_forest land_returned_forest land_orchard land_pasture land_water",
    remedy="请补填土地面积，没有的填0。", departments="agriculture forestry",
    failing={"land_water": None},
)  # fmt: skip
h.error(
    "R-COM-10", "是否解决安全饮用水为空", blank("has_safe_water"), "饮水安全指标为空",
    fields="has_safe_water", remedy="请入户查看水源后填写。", departments="water",
    failing={"has_safe_water": None},
)  # fmt: skip
h.error(
    "R-COM-11", "是否危房户为空", blank("is_dangerous_house"), "危房指标为空",
    fields="is_dangerous_house", remedy="请按住房安全鉴定结论填写。", departments="housing",
    failing={"is_dangerous_house": None},
)  # fmt: skip
h.error(
    "R-COM-12", "危房户未填危房级别", c("is_dangerous_house") & blank("house_level"),
    "是否危房户为是而住房等级为空",
    fields="house_level", remedy="请按住房安全鉴定结论填写C级或D级。", departments="housing",
    failing={"is_dangerous_house": True, "house_level": None},
    passing={"is_dangerous_house": True, "house_level": "C"},
)  # fmt: skip
h.error(
    "R-COM-13", "住房面积为空", blank("house_area"), "住房面积为空",
    fields="house_area", remedy="请填写实际居住房屋的建筑面积。", departments="housing",
    failing={"house_area": None},
)  # fmt: skip
h.error(
    "R-COM-14", "入户路类型或与村主干路距离为空", blank("road_type", "road_distance_km"),
    "两项之一为空",
    fields="road_type road_distance_km", remedy="请补填入户路类型和距离。", departments="transport",
    failing={"road_distance_km": None},
)  # fmt: skip
h.error(
    "R-COM-15", "是否有卫生厕所为空", blank("has_sanitary_toilet"), "卫生厕所指标为空",
    fields="has_sanitary_toilet", remedy="请入户查看后填写。", departments="agriculture",
    failing={"has_sanitary_toilet": None},
)  # fmt: skip
h.error(
    "R-COM-16", "主要燃料类型为空", blank("fuel_type"), "主要燃料类型为空",
    fields="fuel_type", remedy="请选择做饭、取暖的主要燃料。", departments="agriculture",
    failing={"fuel_type": None},
)  # fmt: skip
h.error(
    "R-COM-17", "通电或通广播电视为空", blank("has_prod_power", "has_life_power", "has_tv"),
    "生产用电、生活用电、广播电视之一为空",
    fields="has_prod_power has_life_power has_tv", remedy="请入户核实后填写。",
    departments="power_grid culture_tv", failing={"has_tv": None},
)  # fmt: skip
h.error(
    "R-COM-18", "合作社、龙头企业、带头人带动为空",
    blank("in_cooperative", "has_leading_enterprise", "has_leader_driven"),
    "三项产业带动指标之一为空",
    fields="in_cooperative has_leading_enterprise has_leader_driven",
    remedy="请逐项填写是或否。", departments="agriculture", failing={"has_leader_driven": None},
)  # fmt: skip
h.error(
    "R-COM-19", "填表人、联系电话或填表日期为空",
    COLLECTED_THIS_YEAR & blank("filler_name", "filler_phone", "filled_on"),
    "已采集的户，采集责任信息不完整",
    fields="filler_name filler_phone filled_on", remedy="请补填填表人、电话和填表日期。",
    failing={"filler_name": None}, passing={"filler_name": None, "collect_status": "todo"},
)  # fmt: skip
h.error(
    "R-COM-20", "收入计算周期不符合年度口径",
    (c("income_from") != parameter("period_from")) | (c("income_to") != parameter("period_to")),
    "年度收入表的周期不是本轮统一的起止日（2021年度为2020-10-01至2021-09-30）",
    fields="income_from income_to", remedy="请按本年度统一周期重新核算收入。", clause="通知三(一)",
    needs="period_from period_to", failing={"income_to": "2021-10-31"},
)  # fmt: skip

m.error(
    "R-COM-21", "成员姓名、性别或证件号码为空", blank("name", "sex", "id_no"),
    "基本身份三要素缺项",
    fields="name sex id_no", remedy="请按户口簿补填；新生儿未落户的，落户后及时补录。",
    departments="public_security", failing={"id_no": None},
)  # fmt: skip
m.error(
    "R-COM-22", "民族为空", blank("ethnicity"), "民族未填写",
    fields="ethnicity", remedy="请按户口簿填写民族。", departments="public_security",
    failing={"ethnicity": None},
)  # fmt: skip
m.error(
    "R-COM-23", "与户主关系为空", blank("relation"), "与户主关系未填写",
    fields="relation", remedy="请选择与户主的关系。", departments="public_security",
    failing={"relation": None},
)  # fmt: skip
m.error(
    "R-COM-24", "健康状况为空", blank("health"), "健康状况未填写",
    fields="health", remedy="请选择健康、长期慢性病、患有大病或残疾。", departments="health",
    failing={"health": None}, clause="通知一(一)",
)  # fmt: skip
m.error(
    "R-COM-25", "劳动技能为空", blank("labour"), "劳动技能未填写",
    fields="labour", remedy="请填写劳动技能；16岁以下和在校生为无劳动力。", departments="hr_social",
    failing={"labour": None},
)  # fmt: skip
m.error(
    "R-COM-26", "文化程度、在校生状况、失学原因同时为空",
    c("education").is_null() & c("school_status").is_null() & c("dropout_reason").is_null(),
    "三项均为空",
    fields="education school_status dropout_reason",
    remedy="在校的填在校生状况，不在校的填文化程度，学龄前选学龄前儿童。", departments="education",
    failing={"education": None}, passing={"education": None, "school_status": "ug2"},
)  # fmt: skip
m.error(
    "R-COM-27", "政治面貌为空", blank("political_status"), "政治面貌未填写",
    fields="political_status", remedy="请填写政治面貌，无党派的选群众。",
    departments="organization",
    failing={"political_status": None},
)  # fmt: skip
m.error(
    "R-COM-28", "医保两项指标同时为空",
    c("ins_med_resident").is_null() & c("ins_med_employee").is_null(),
    "居民医保和职工医保均未填写",
    fields="ins_med_resident ins_med_employee", remedy="请按参保凭证填写其中一项。",
    departments="medical_insurance",
    failing={"ins_med_resident": None, "ins_med_employee": None},
    passing={"ins_med_employee": None},
)  # fmt: skip
m.error(
    "R-COM-29", "是否参加大病保险为空", blank("ins_critical"), "大病保险未填写",
    fields="ins_critical", remedy="参加居民医保的即参加大病保险，请填写是。",
    departments="medical_insurance", failing={"ins_critical": None},
)  # fmt: skip
m.error(
    "R-COM-30", "16岁以上非在校生养老保险两项同时为空",
    (c("age_survey") >= 16)
    & c("school_status").is_null()
    & c("ins_pension_resident").is_null()
    & c("ins_pension_employee").is_null(),
    "年满16周岁、不在校，居民养老与职工养老均未填写",
    fields="ins_pension_resident ins_pension_employee", shows="age_survey",
    remedy="请填写是否参加居民或职工养老保险。", departments="hr_social",
    failing={"ins_pension_resident": None, "ins_pension_employee": None},
    passing={"ins_pension_employee": None},
)  # fmt: skip
m.error(
    "R-COM-31", "低保或特困政策享受情况为空", blank("dibao_status", "tekun_status"),
    "低保、特困指标为空",
    fields="dibao_status tekun_status", remedy="请按民政部门名册填写，未享受的选未享受。",
    departments="civil_affairs", failing={"tekun_status": None},
)  # fmt: skip
m.error(
    "R-COM-32", "务工成员未填务工地点到县级",
    (c("work_months") > 0) & ~c("works_abroad").fill_null(False) & blank("work_county"),
    "有务工月数而务工县为空（境外务工除外）",
    fields="work_county", shows="work_months work_county",
    remedy="请把务工所在地填到县（市、区）。", departments="hr_social", clause="通知一(一)",
    failing={"work_county": None}, passing={"work_county": None, "works_abroad": True},
)  # fmt: skip
m.error(
    "R-COM-33", "公益岗类型与月数未成对填写",
    c("public_post").is_null() != (c("public_post_months").fill_null(0) == 0),
    "岗位类型和月数只填了其中一项",
    fields="public_post public_post_months", remedy="请同时填写公益性岗位类型和在岗月数。",
    departments="hr_social",
    failing={"public_post": "cleaner"},
    passing={"public_post": "cleaner", "public_post_months": 6},
)  # fmt: skip
m.warn(
    "R-COM-34", "务工成员无联系电话", (c("work_months") > 0) & blank("member_phone"),
    "有务工月数而本人手机号为空",
    fields="member_phone", shows="work_months member_phone", remedy="请补填务工人员本人手机号。",
    departments="hr_social", failing={"member_phone": None},
)  # fmt: skip
m.error(
    "R-COM-35", "义务教育适龄不在校且无原因",
    c("age_school").is_between(6, 15)
    & (c("school_status").is_null() | c("school_status").is_in(PRESCHOOL))
    & ~c("education").is_in(JUNIOR_UP).fill_null(False)
    & blank("dropout_reason"),
    "6至15周岁不在校、未完成义务教育，且失学辍学原因为空",
    fields="dropout_reason school_status", shows="age_school school_status",
    remedy="请核实就学情况，在校的填年级，不在校的填原因并劝返。", departments="education",
    failing={"birth_date": "2011-03-01", "education": None},
    passing={"birth_date": "2011-03-01", "education": None, "school_status": "primary"},
)  # fmt: skip
m.warn(
    "R-COM-36", "是否会讲普通话为空", blank("speaks_mandarin"), "指标为空",
    fields="speaks_mandarin", remedy="请填写是或否。", departments="education",
    failing={"speaks_mandarin": None},
)  # fmt: skip

RULES = (*h.rules, *m.rules)
