"""What departments warn of (policy.md §2.3): nothing is compared, but whoever stands here is to be looked at.

`warns` says which rows reach the dated thresholds; `h` is the household of the person, `l` the row.
"""

from counties.comparison.spec import ID_NUMBER, NAME, LedgerSpec, choice, label_sql
from fanpin.sheets.columns import Column

DISASTER = (
    ("flood", "洪涝"),
    ("geological", "地质灾害"),
    ("drought", "旱灾"),
    ("hail", "风雹"),
    ("frost", "低温冷冻"),
    ("fire", "火灾"),
    ("quake", "地震"),
    ("pest", "生物灾害"),
    ("accident", "意外事故"),
    ("other", "其他"),
)
STAGE = (
    ("senior", "普通高中"),
    ("vocational", "中职"),
    ("college", "高职高专"),
    ("bachelor", "本科"),
    ("graduate", "研究生"),
)

MEDICAL = LedgerSpec(
    key="warn_medical",
    code="YJ-01",
    title="医保高额自付预警",
    department="medical_insurance",
    columns=(
        ID_NUMBER,
        NAME,
        Column(
            "amount",
            "本年住院自付累计",
            "decimal",
            unit="元",
            least=0,
            most=2_000_000,
            aliases=("住院自付", "住院个人自付"),
            help="本年1月1日起累计",
            example="23500",
        ),
        Column(
            "total",
            "上月门诊自付",
            "decimal",
            unit="元",
            least=0,
            most=200_000,
            aliases=("门诊自付", "门诊特病自付"),
            example="620",
        ),
        Column("address", "就诊医院", max_length=100),
    ),
    differences=(),
    parameters=("medical_warning_lifted", "medical_warning_general", "outpatient_warning"),
    warns="""coalesce(l.amount, 0) >= CASE h.hh_type WHEN 'lifted' THEN %(medical_warning_lifted)s
        ELSE %(medical_warning_general)s END OR coalesce(l.total, 0) >= %(outpatient_warning)s""",
    says="""concat_ws('，', '本年住院自付' || trim_scale(l.amount) || '元',
        '上月门诊自付' || trim_scale(l.total) || '元')""",
    note="每月5日前报送；脱贫户和一般农户的预警线见“参数”",
)
DISEASE = LedgerSpec(
    key="warn_disease",
    code="YJ-02",
    title="卫健新增大病预警",
    department="health",
    columns=(
        ID_NUMBER,
        NAME,
        Column("kind", "病种", required=True, max_length=30, example="肺癌"),
        Column("status_on", "确诊日期", "date", required=True, example="2021-10-12"),
        Column("address", "确诊医院", max_length=100),
    ),
    differences=(),
    warns="true",
    says="""'确诊' || l.kind || '（' || l.status_on || '）'""",
    note="每月5日前报送上月新增大病患者",
)
SCHOOL_COST = LedgerSpec(
    key="warn_school",
    code="YJ-03",
    title="教育高额学费预警",
    department="education",
    columns=(
        ID_NUMBER,
        NAME,
        choice("kind", "就读阶段", STAGE, required=True, example="本科"),
        Column(
            "amount",
            "学年自付费用",
            "decimal",
            unit="元",
            required=True,
            least=0,
            most=500_000,
            example="12800",
        ),
        Column("address", "就读学校", max_length=100),
    ),
    differences=(),
    parameters=("school_cost_warning",),
    warns="l.amount > %(school_cost_warning)s",
    says="""'学年自付学费等' || trim_scale(l.amount) || '元'""",
    note="非义务教育阶段，每年4月底前报送",
)
DISASTERS = LedgerSpec(
    key="warn_disaster",
    code="YJ-04",
    title="应急受灾户预警",
    department="emergency",
    columns=(
        ID_NUMBER,
        NAME,
        choice("kind", "灾害或事故", DISASTER, required=True, aliases=("灾种",), example="风雹"),
        Column("status_on", "发生日期", "date", required=True, example="2021-10-09"),
        Column(
            "amount", "损失金额", "decimal", unit="元", least=0, most=5_000_000, example="18000"
        ),
        Column("address", "受灾情况", max_length=150),
    ),
    differences=(),
    warns="true",
    says=f"""concat_ws('，', l.status_on || '发生' || {label_sql("l.kind", DISASTER)},
        '损失' || trim_scale(l.amount) || '元', nullif(l.address, ''))""",
    note="灾害过程结束后报送",
)
WARNINGS = (MEDICAL, DISEASE, SCHOOL_COST, DISASTERS)
