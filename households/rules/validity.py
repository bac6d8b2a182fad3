"""规范性: values that cannot be, or hardly can be (R-FMT-01 … R-FMT-30)."""

import polars as pl

from fanpin.rules import parameter
from households.rules import identity
from households.rules.declaring import Group

c = pl.col
INCOME_ITEMS = (
    "inc_wage", "inc_wage_migrant", "inc_wage_public_post", "inc_wage_other", "inc_business",
    "inc_crop", "inc_livestock", "inc_forestry", "inc_business_other", "inc_property",
    "inc_dividend", "inc_land_transfer", "inc_property_other", "inc_transfer",
    "inc_family_planning", "inc_dibao", "inc_tekun", "inc_pension", "inc_eco_comp",
    "inc_industry_bonus", "inc_job_bonus", "inc_disability_subsidy", "inc_elder_allowance",
    "inc_alimony", "inc_edu_aid", "inc_relief",
    "inc_agri_subsidy", "inc_transfer_other", "exp_business", "exp_offset_subsidy", "claim_income", "self_pay",
)  # fmt: skip
PHONE = r"^1[3-9][0-9]{9}$"
NAME = r"^[\x{3400}-\x{9FFF}\x{20000}-\x{3FFFF}·]{2,40}$"
GANSU_EAST_WEST = (92.2, 108.8)
GANSU_SOUTH_NORTH = (32.1, 43.0)


def outside(column: str, low: float, high: float | pl.Expr) -> pl.Expr:
    return ~c(column).is_between(low, high)


h = Group("household", "户·规范性")
m = Group("member", "成员·规范性")

h.error(
    "R-FMT-01", "户联系电话不符合校验规则", ~c("phone").str.contains(PHONE),
    "不是1开头的11位手机号",
    fields="phone", remedy="请核对并填写11位手机号。", failing={"phone": "1380000000"},
)  # fmt: skip
h.error(
    "R-FMT-02", "行政区划代码层级不一致",
    ~c("township_code").str.starts_with(c("county_code"))
    | ~c("village_code").str.starts_with(c("township_code"))
    | ~c("natural_village_code").str.starts_with(c("village_code")),
    "县、乡、村、自然村的代码前缀不相容",
    fields="village_code natural_village_code", remedy="请重新选择该户所在的行政村和自然村。",
    departments="civil_affairs", failing={"natural_village_code": "620421100202001"},
)  # fmt: skip
h.warn(
    "R-FMT-03", "坐标不在所属县范围",
    outside("longitude", *GANSU_EAST_WEST) | outside("latitude", *GANSU_SOUTH_NORTH)
    | (c("village_km") > parameter("location_tolerance_km")),
    "经度不在92.2至108.8度、纬度不在32.1至43.0度，或离本村已定位各户的中心超过允许偏差（默认15公里）",
    fields="longitude latitude", shows="longitude latitude village_km",
    remedy="请在该户住房处重新定位；确属飞地、插花地的请说明。", clause="通知三(三)",
    needs="location_tolerance_km", failing={"village_km": 46.0}, passing={"village_km": 9.5},
)  # fmt: skip
h.warn(
    "R-FMT-04", "同村多户坐标完全相同", c("longitude").is_not_null() & (c("n_same_place") >= 3),
    "同村3户及以上经纬度相同，疑似在办公室批量采集",
    fields="longitude latitude", shows="longitude latitude n_same_place",
    remedy="请逐户到住房处定位。", clause="通知三(三)", reach="village",
    failing={"neighbours": 2}, passing={"neighbours": 1},
)  # fmt: skip
h.error(
    "R-FMT-05", "银行卡号校验不通过",
    ~identity.luhn_holds(c("bank_card_no")) & c("bank_card_no").is_not_null(),
    "位数不是16至19位，或校验位不符",
    fields="bank_card_no", shows="bank_name", remedy="请对照一卡通逐位核对卡号。",
    departments="finance",
    failing={"bank_card_no": "6217000000000000013"},
    passing={"bank_card_no": "6217000000000000012"},
)  # fmt: skip
h.error(
    "R-FMT-06", "收入或支出为负数", pl.min_horizontal(INCOME_ITEMS) < 0, "任一收支项目小于0",
    fields="inc_wage inc_business inc_property inc_transfer exp_business claim_income self_pay",
    remedy="请改为实际数，亏损由经营支出大于经营收入体现。", failing={"inc_relief": -1.0},
)  # fmt: skip
h.warn(
    "R-FMT-07", "耕地面积超出合理范围", outside("land_cultivated", 0, 100), "小于0或大于100亩",
    fields="land_cultivated", remedy="请按确权证书核对，属实的请说明。", departments="agriculture",
    failing={"land_cultivated": 180.0},
)  # fmt: skip
h.warn(
    "R-FMT-08", "林地、退耕、林果面积超出合理范围",
    pl.any_horizontal(outside(n, 0, 200) for n in ("land_forest", "land_returned_forest", "land_orchard")),
    "任一小于0或大于200亩",
    fields="land_forest land_returned_forest land_orchard", remedy="请按林权证核对，属实的请说明。",
    departments="forestry", failing={"land_orchard": 260.0},
)  # fmt: skip
h.warn(
    "R-FMT-09", "牧草地或水面面积超出合理范围",
    outside("land_pasture", 0, parameter("pasture_max")) | outside("land_water", 0, parameter("pasture_max")),
    "任一小于0或大于参数上限（默认100亩，牧区县可放宽）",
    fields="land_pasture land_water", remedy="请按草原承包证核对，属实的请说明。",
    departments="forestry",
    needs="pasture_max", failing={"land_pasture": 900.0},
)  # fmt: skip
h.warn(
    "R-FMT-10", "与村主干路距离超过5公里", c("road_distance_km") > 5, "距离大于5公里",
    fields="road_distance_km", remedy="请核对单位是否为公里，属实的请说明。",
    departments="transport",
    failing={"road_distance_km": 300.0},
)  # fmt: skip
h.warn(
    "R-FMT-11", "人均住房面积异常",
    (c("n_active") > 0) & ~(c("house_area") / c("n_active")).is_between(8, 200),
    "人均小于8或大于200平方米",
    fields="house_area", shows="house_area n_active", remedy="请核对住房面积和在册人口。",
    departments="housing", failing={"house_area": 10.0},
)  # fmt: skip
h.error(
    "R-FMT-12", "家庭人口数异常", outside("family_size", 1, 30), "小于1或大于30人",
    fields="family_size", remedy="请核对在册成员，整户减少的请办理整户注销。",
    departments="public_security", failing={"family_size": 0},
)  # fmt: skip
h.warn(
    "R-FMT-13", "人均纯收入低于脱贫标准", c("inc_net_pc") < parameter("poverty_line"),
    "人均纯收入低于脱贫标准（默认4000元）",
    fields="inc_wage inc_business inc_property inc_transfer exp_business",
    shows="inc_net_pc family_size_year",
    remedy="请核对收入是否漏项；属实的请作为线索研判。", departments="rural_revitalization",
    needs="poverty_line", failing={"inc_net_pc": 3900.0}, passing={"inc_net_pc": 4000.0},
)  # fmt: skip
h.warn(
    "R-FMT-14", "工资性收入极端值",
    c("inc_wage").is_between(0, 300, closed="none") | (c("inc_wage") > 300_000),
    "大于0小于300元，或大于300000元",
    fields="inc_wage", remedy="请核对单位是否为元、是否把月收入填成年收入。",
    departments="hr_social",
    failing={"inc_wage": 200.0}, passing={"inc_wage": 300.0},
)  # fmt: skip
h.warn(
    "R-FMT-15", "小额转移收入疑似月值填成年值",
    c("inc_dibao").is_between(0, 200, closed="none")
    | c("inc_tekun").is_between(0, 200, closed="none")
    | c("inc_pension").is_between(0, 88, closed="none")
    | c("inc_family_planning").is_between(0, 100, closed="none"),
    "低保金、特困金低于200元，养老金低于88元，计生金低于100元（且大于0）",
    fields="inc_dibao inc_tekun inc_pension inc_family_planning",
    remedy="请填写收入周期内12个月的合计。", departments="civil_affairs hr_social health",
    failing={"inc_dibao": 180.0}, passing={"inc_dibao": 2160.0},
)  # fmt: skip

LENGTH = c("id_no").str.len_chars()
CHECKABLE = LENGTH.is_in([18, 20, 22]) & ~c("id_no").str.starts_with(identity.PLACEHOLDER_REGION)

m.error(
    "R-FMT-20", "证件号码位数异常", ~LENGTH.is_in([18, 20, 22]), "不是18、20、22位",
    fields="id_no", remedy="请填写18位身份证号，持残疾人证的填20或22位证号。",
    shows="id_type", departments="public_security", failing={"id_no": "62042119680312991"},
)  # fmt: skip
m.error(
    "R-FMT-21", "身份证号校验码错误",
    CHECKABLE & ~identity.valid18(c("id_no"), today=parameter("today")),
    "前18位不满足国标校验、日期不存在或省份代码错误",
    fields="id_no", shows="id_type birth_date", remedy="请对照身份证或户口簿逐位核对。",
    departments="public_security", needs="today", failing={"id_no": "620421196803129914"},
)  # fmt: skip
m.error(
    "R-FMT-22", "残疾证号不符合规则",
    LENGTH.is_in([20, 22]) & ~c("id_no").str.contains(r"^[0-9]{17}[0-9X][1-7][1-4](B[1-9])?$"),
    "第19位不是1至7、第20位不是1至4，或补发后缀不是B加数字",
    fields="id_no", shows="id_type", remedy="请对照残疾人证核对证号。",
    departments="disabled_federation",
    failing={"id_no": "62042119680312991385"}, passing={"id_no": "62042119680312991343"},
)  # fmt: skip
m.error(
    "R-FMT-23", "证件号码前六位为999999（虚拟号）",
    c("id_no").str.starts_with(identity.PLACEHOLDER_REGION), "无身份证号人员的虚拟编号",
    fields="id_no", shows="id_type", remedy="请联系派出所补办户籍后填写真实号码。",
    departments="public_security", failing={"id_no": "999999196803129912"},
)  # fmt: skip
m.error(
    "R-FMT-24", "出生日期晚于采集日或早于1900年",
    c("birth_date").is_null() | (c("birth_date") > c("h_filled_on")) | (c("birth_date").dt.year() < 1900),
    "出生日期为空、晚于填表日期或早于1900年",
    fields="birth_date id_no", shows="birth_date h_filled_on",
    remedy="请核对证件号码中的出生日期。",
    departments="public_security", failing={"birth_date": "2021-11-20"},
)  # fmt: skip
m.error(
    "R-FMT-25", "性别与身份证号不一致", c("sex") != identity.sexes(c("id18")),
    "身份证号第17位奇数应为男、偶数应为女",
    fields="sex id_no", shows="sex", remedy="请核对性别和证件号码，以公安户籍为准。",
    departments="public_security", failing={"sex": "2"},
)  # fmt: skip
m.warn(
    "R-FMT-27", "姓名含非法字符", ~c("name").str.contains(NAME),
    "含数字、空格或非汉字（间隔号·除外），或不足2字",
    fields="name", remedy="请按户口簿填写姓名，不加空格和备注。", departments="public_security",
    shows="relation", failing={"name": "张 三1"}, passing={"name": "阿依古丽·买买提"},
)  # fmt: skip
m.error(
    "R-FMT-28", "务工时间超出0至12个月", outside("work_months", 0, 12), "小于0或大于12个月",
    fields="work_months", remedy="请填写收入周期内实际务工月数。", departments="hr_social",
    failing={"work_months": 13},
)  # fmt: skip
m.warn(
    "R-FMT-30", "成员联系电话不符合校验规则", ~c("member_phone").str.contains(PHONE),
    "不是11位手机号",
    fields="member_phone", remedy="请核对成员手机号。", failing={"member_phone": "0931-888"},
)  # fmt: skip

m.error(
    "R-FMT-26", "代码值不在代码表", c("unlisted").is_not_null(), "有选项的指标取值不在代码表中",
    fields="unlisted", shows="unlisted", remedy="请打开该成员的信息，在这些指标中重新选择。",
    failing={"unlisted": "政治面貌"},
)  # fmt: skip
m.warn(
    "R-FMT-29", "务工月收入异常", outside("work_monthly_income", 100, 30000),
    "小于100元或大于30000元",
    fields="work_monthly_income", remedy="请核对每月实发工资，单位为元。", departments="hr_social",
    failing={"work_monthly_income": 45.0}, passing={"work_monthly_income": 3200.0},
)  # fmt: skip

RULES = (*h.rules, *m.rules)
