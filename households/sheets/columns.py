"""The two sheets of the household workbook, each column once (forms.md §1.1–1.6, §1.13; era 21 and L).

The template, the import, the export and the round-trip test all read these. Heads of the national
exports are aliases; what the system derives itself (head, counts, net income) is exported only.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import polars as pl

from fanpin import clock
from fanpin.sheets.columns import Book, Check, Column, Sheet
from households.models import Household, IncomeStatement, Member
from households.rules import identity
from households.selectors import workplaces
from households.sheets.declaring import column

MONEY_MOST = 9_999_999
FIRST_YEAR = 2014


def _wrong_id(number: pl.Expr) -> pl.Expr:
    disability = number.str.len_chars() > 18
    shaped = number.str.contains(r"^\d{17}[\dX][1-7][1-4](B[1-9])?$")
    placeholder = number.str.starts_with(identity.PLACEHOLDER_REGION)
    return ~identity.valid18(number, today=clock.today()) | (disability & ~shaped) | placeholder


def _why_wrong_id(value: str) -> str:
    return identity.parse18(value, today=clock.today()).error


ID_CHECK = Check(_wrong_id, _why_wrong_id, "请对照身份证、户口簿或残疾人证逐位核对")
BANK_CHECK = Check(
    lambda card: ~identity.luhn_holds(card), "银行卡号校验位不符", "请对照一卡通逐位核对"
)
USCC_CHECK = Check(
    lambda code: ~identity.uscc_holds(code), "统一社会信用代码校验位不符", "请对照营业执照逐位核对"
)
MOBILE_CHECK = Check(
    lambda phone: ~phone.str.contains(r"^1[3-9]\d{9}$"), "手机号应为11位", "请填写11位手机号"
)
NAME_CHECK = Check(
    lambda name: ~name.str.contains(r"^[\p{Han}·•A-Za-z ]{2,40}$"),
    "姓名应为2至40个汉字",
    "少数民族姓名中的间隔点用“·”",
)
CODE_CHECK = Check(
    lambda code: ~code.str.contains(r"^\d{2}(\d{2}|\d{4}|\d{7})?$"),
    "应为行政区划代码",
    "省2位、市4位、县6位、乡9位数字",
)
PROVINCE_CHECK = Check(
    lambda code: ~code.str.slice(0, 2).is_in(workplaces.provinces()),
    "没有这个省份",
    "前两位是省份代码，如甘肃62、新疆65、江苏32",
)


# Where the household is, and the three ways to say which household it is.
PLACED = (
    Column("county", "县(市、区)", aliases=("县", "县(市、区、旗)"), help="可不填"),
    Column("township", "乡(镇)", aliases=("乡", "乡镇"), example="三滩镇", width=14),
    Column(
        "village",
        "行政村",
        aliases=("村", "村名"),
        cascade_from="township",
        help="新登记的户必填；先选乡(镇)，再从下拉列表中选",
        width=16,
    ),
    Column("village_code", "行政村代码", "digits", max_length=12, help="填了村名可不填"),
)
KEYS = (
    Column("hh_code", "系统户号", "digits", max_length=17, help="新登记的户不填，由系统编号"),
    Column(
        "national_hh_no",
        "户编号",
        "digits",
        aliases=("户编号(国家系统)",),
        max_length=32,
        help="已入国家系统的户填写",
    ),
    Column(
        "head_id_no",
        "户主证件号码",
        "id_number",
        aliases=("户主身份证号", "户主身份证号码"),
        checks=(ID_CHECK,),
        help="系统户号、户编号、户主证件号码三项至少填一项，成员表同一户填同样的值",
        width=22,
    ),
    Column("head_name", "户主姓名", max_length=40, example="张三"),
)


def _money(name: str, *aliases: str) -> Column:
    return column(IncomeStatement, name, *aliases, unit="元", least=0, most=MONEY_MOST)


_hh: Callable[..., Column] = partial(column, Household)
_land = {"unit": "亩", "least": 0}
_YEAR = {"least": FIRST_YEAR}

LOCATION = (
    _hh("address_detail", "家庭住址", "住址"),
    _hh("hukou_address"),
    _hh("is_hukou_separated"),
    _hh("longitude", unit="度", least=92.2, most=108.8),
    _hh("latitude", unit="度", least=32.1, most=43.0),
    _hh("coord_system"),
    _hh("phone", "联系电话", kind="phone", checks=(MOBILE_CHECK,)),
    _hh("bank_name", "开户银行"),
    _hh("bank_card_no", "银行卡号", kind="digits", checks=(BANK_CHECK,), width=24),
    _hh("is_martyr_family"),
    _hh("in_resettlement_site", "居住在易地扶贫搬迁集中安置区"),
    _hh("resettlement_site", "安置区地址"),
    _hh("filler_name"),
    _hh("filler_phone", kind="phone", checks=(MOBILE_CHECK,)),
    _hh("filled_on", "填表时间", least="2014-01-01"),
)
CLASSIFICATION = (
    _hh("hh_type", "农户类型"),
    _hh("hh_attribute", "贫困户属性", "脱贫户属性"),
    _hh("policy_status"),
    _hh("poverty_standard", "贫困户识别标准"),
    _hh("first_identified_ym", "识别时间", kind="ym"),
    _hh("lift_year", **_YEAR, most=2020),
    _hh("cause_main"),
    _hh("cause_other", "其他致贫原因", at_most=2),
    _hh("is_no_labour_guaranteed"),
    _hh("siyou_flags"),
    _hh("siyou_exception_note"),
)
INCOME = (
    _money("inc_wage"),
    _money("inc_wage_migrant"),
    _money("inc_business"),
    _money("inc_crop"),
    _money("inc_livestock"),
    _money("inc_forestry"),
    _money("inc_business_other"),
    _money("inc_property"),
    _money("inc_dividend", "资产收益扶贫分红收入", "资产收益帮扶分红收入"),
    _money("inc_land_transfer"),
    _money("inc_property_other", "其他财产性收入"),
    _money("inc_transfer"),
    _money("inc_family_planning"),
    _money("inc_dibao", "低保金"),
    _money("inc_tekun", "五保金", "特困供养金/五保金"),
    _money("inc_pension", "养老保险金", "养老金或离退休金"),
    _money("inc_eco_comp"),
    _money("inc_disability_subsidy"),
    _money("inc_elder_allowance"),
    _money("inc_alimony"),
    _money("inc_edu_aid"),
    _money("inc_relief"),
    _money("inc_agri_subsidy"),
    _money("inc_transfer_other"),
    _money("exp_business"),
    _money("claim_income"),
    _money("self_pay"),
)
LIVING = (
    _hh("land_cultivated", **_land, most=9999),
    _hh("land_irrigated", **_land, most=9999),
    _hh("land_forest", **_land, most=9999),
    _hh("land_returned_forest", "退耕还林面积", **_land, most=9999),
    _hh("land_orchard", **_land, most=9999),
    _hh("land_pasture", **_land, most=99999),
    _hh("land_water", **_land, most=9999),
    _hh("has_prod_power"),
    _hh("has_life_power"),
    _hh("has_tv"),
    _hh("has_internet"),
    _hh("road_distance_km", unit="公里", least=0, most=999),
    _hh("road_type"),
    _hh("house_area", unit="平方米", least=0, most=1000),
    _hh("house_structure"),
    _hh("is_dangerous_house"),
    _hh("house_level", "危房级别", "住房安全等级"),
    _hh("house_appraised_on"),
    _hh("house_renovated_year", "危改年度", least=2009, most=2100),
    _hh("has_sanitary_toilet"),
    _hh("toilet_type"),
    _hh("fuel_type", at_most=3),
    _hh("has_safe_water"),
    _hh("water_source"),
    _hh("water_difficult", "饮水是否困难"),
)
SUPPORT = (
    _hh("in_cooperative"),
    _hh("cooperative_uscc", kind="id_number", checks=(USCC_CHECK,)),
    _hh("has_leading_enterprise"),
    _hh("has_leader_driven"),
    _hh("industry_support_type"),
    _hh("is_resettled", "是否搬迁户"),
    _hh("resettle_year", least=2012, most=2020),
    _hh("resettle_mode"),
    _hh("old_house_status"),
    _hh("has_microloan"),
    _hh("microloan_balance", unit="元", least=0, most=100_000),
    _hh("microloan_due_on"),
    _hh("has_pv_income"),
    _hh("special_groups"),
)

_mb: Callable[..., Column] = partial(column, Member)
PERSON = (
    _mb("national_person_no", "人口编号", "人编号", kind="digits"),
    _mb("name", required=True, checks=(NAME_CHECK,), example="张三", width=12),
    _mb("sex"),
    _mb("id_type"),
    _mb(
        "id_no",
        "身份证号",
        "身份证号码",
        "公民身份号码",
        kind="id_number",
        checks=(ID_CHECK,),
        help="残疾人填20或22位残疾人证号；没有号码的填写证件类型",
        width=24,
    ),
    _mb("birth_date", help="有证件号码的不用填"),
    _mb("relation", "与户主的关系", required=True, synonyms=(("本人", "02"), ("本人或户主", "02"))),
    _mb("ethnicity"),
    _mb("political_status"),
    _mb("education"),
    _mb("school_status", synonyms=(("高中一年级", "普通高中一年级"),)),
    _mb("dropout_reason", "义务教育阶段未上学原因"),
    _mb("health"),
    _mb("disease_name"),
    _mb("disability_cert_year", least=2008, most=2100),
    _mb("labour", "劳动技能", "劳动能力"),
    _mb("speaks_mandarin"),
)
WORK = (
    _mb("work_province", kind="digits", checks=(CODE_CHECK, PROVINCE_CHECK)),
    _mb("work_city", kind="digits", checks=(CODE_CHECK, PROVINCE_CHECK)),
    _mb("work_county", kind="digits", checks=(CODE_CHECK, PROVINCE_CHECK)),
    _mb("work_township", kind="digits", checks=(CODE_CHECK,)),
    _mb("work_months", "务工时间(月)", unit="月", least=0, most=12),
    _mb("employer"),
    _mb("works_abroad"),
    _mb("work_channel"),
    _mb("public_post"),
    _mb("public_post_months", "公益性岗位(月数)", "公益岗位月数", unit="月", least=0, most=12),
)
PROTECTION = (
    _mb(
        "ins_med_resident",
        "是否参加新型农村合作医疗(城乡居民基本医疗保险)",
        "是否参加城乡居民医疗保险",
    ),
    _mb("ins_med_employee"),
    _mb("ins_critical"),
    _mb("ins_commercial"),
    _mb("uninsured_reason"),
    _mb("ins_accident_subsidy"),
    _mb("got_medical_aid", "是否接受大病医疗救助"),
    _mb("got_other_health_aid", "是否接受其他健康扶贫"),
    _mb("ins_pension_resident"),
    _mb("ins_pension_employee"),
    _mb("dibao_status", "是否享受低保", synonyms=(("是", "rural"), ("否", "none"))),
    _mb("tekun_status", "是否特困供养人员", synonyms=(("是", "rural_dispersed"), ("否", "none"))),
    _mb("is_resettled_person", "是否异地扶贫搬迁人口"),
    _mb("is_active_military"),
    _mb("member_phone", "家庭成员联系电话", kind="phone", checks=(MOBILE_CHECK,)),
    _mb("person_groups"),
    _mb("joined_ym", "人员识别时间", kind="ym"),
)

# Columns of later sheets: in templates and read from files where they are in use (forms.md §0.2, era 22+).
LATER_LIVING = (_hh("road_hardened"),)
LATER_INCOME = (
    _money("inc_wage_public_post", "公益岗位收入"),
    _money("inc_wage_other"),
    _money("inc_industry_bonus"),
    _money("inc_job_bonus"),
    _money("exp_offset_subsidy"),
)
LATER_MEMBER = (
    _mb("work_industry", "产业分类", "所属行业"),
    _mb("work_monthly_income", unit="元", least=0, most=99_999),
    _mb("work_start_ym", kind="ym"),
    _mb("work_end_ym", kind="ym"),
    _mb("is_orphan", "是否事实无人抚养儿童"),
    _mb("grad_unemployed_reason", "大专或本科毕业生未就业原因"),
)

HAMLET = Column(
    "natural_village", "自然村(村民小组)", aliases=("自然村", "村民小组"), max_length=60
)
HOUSEHOLD_SHEET = Sheet(
    "户",
    (
        *PLACED,
        *KEYS,
        HAMLET,
        *LOCATION,
        *CLASSIFICATION,
        *INCOME,
        *LATER_INCOME,
        *LIVING,
        *LATER_LIVING,
        *SUPPORT,
    ),
    aliases=("户信息", "农户", "户表", "(乡村建设)户信息", "（乡村建设）户信息"),
)
MEMBER_SHEET = Sheet(
    "成员",
    (*KEYS, *PERSON, *WORK, *PROTECTION, *LATER_MEMBER),
    aliases=("家庭成员", "成员信息", "人员信息", "成员表"),
)
BOOK = Book("农户信息", (HOUSEHOLD_SHEET, MEMBER_SHEET))
_LATER = {c.key for c in (*LATER_LIVING, *LATER_INCOME, *LATER_MEMBER)}
_EARLIER = Book(
    BOOK.title,
    tuple(
        replace(sheet, columns=tuple(c for c in sheet.columns if c.key not in _LATER))
        for sheet in BOOK.sheets
    ),
)


def book(*, later: bool) -> Book:
    """The workbook as it is used at a place: with the columns of later sheets or without."""
    return BOOK if later else _EARLIER


NEEDED = {"户": ("village",), "成员": ("name", "relation")}
HOUSEHOLD_FIELDS = tuple(
    c.key for c in (*LOCATION, *CLASSIFICATION, *LIVING, *LATER_LIVING, *SUPPORT)
)
IDENTITY_FIELDS = ("national_hh_no",)
INCOME_FIELDS = tuple(c.key for c in (*INCOME, *LATER_INCOME))
MEMBER_FIELDS = tuple(c.key for c in (*PERSON, *WORK, *PROTECTION, *LATER_MEMBER))
