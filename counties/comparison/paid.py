"""What the departments of social security, forestry and agriculture pay: offered to the income worksheet, 元.

One line a person: a department that pays somebody for several things hands in their sum (forms.md §4.2).
"""

from counties.comparison.spec import ID_NUMBER, NAME, Difference, LedgerSpec, choice, label_sql
from fanpin.sheets.columns import Column

PENSION_KIND = (
    ("resident", "城乡居民基本养老保险"),
    ("employee", "城镇职工基本养老保险"),
)
PENSION_STATUS = (("receiving", "领取待遇"), ("insured", "参保缴费"), ("stopped", "暂停或终止"))
ECO_KIND = (
    ("returned_forest", "退耕还林还草补助"),
    ("public_forest", "森林生态效益补偿"),
    ("grassland", "草原生态保护补助奖励"),
    ("several", "多项合计"),
)
GUARD_KIND = (("forest", "生态护林员"), ("grass", "草管员"))
GUARD_STATUS = (("on_duty", "在岗"), ("left", "离岗"))
FARMLAND_KIND = (
    ("farmland", "耕地地力保护补贴"),
    ("machinery", "农机购置补贴"),
    ("several", "多项合计"),
)

IN_LEDGER = "(l.id IS NOT NULL AND l.status <> 'stopped')"
INSURED = "(coalesce(m.ins_pension_resident, false) OR coalesce(m.ins_pension_employee, false))"
ON_DUTY = "(l.id IS NOT NULL AND l.status = 'on_duty')"
GUARDS = "(m.public_post && ARRAY['forest', 'grass']::varchar[])"

FROM = Column("from_on", "起始日期", "date", example="2020-01-01")
UNTIL = Column("until_on", "终止日期", "date")


def monthly(title: str, most: int) -> Column:
    return Column("amount", title, "decimal", unit="元", least=0, most=most, example="113")


def yearly(*, required: bool) -> Column:
    return Column(
        "total",
        "收入周期内发放合计",
        "decimal",
        unit="元",
        required=required,
        least=0,
        most=100_000,
        aliases=("发放合计", "金额"),
        help="2020年10月至2021年9月实际发放" + ("" if required else "；不填则按月金额和月数计算"),
        example="1356",
    )


PENSION = LedgerSpec(
    key="pension",
    title="人社养老保险",
    department="hr_social",
    columns=(
        ID_NUMBER,
        NAME,
        choice("kind", "险种", PENSION_KIND, required=True, example="城乡居民基本养老保险"),
        choice("status", "状态", PENSION_STATUS, required=True, example="领取待遇"),
        FROM,
        UNTIL,
        monthly("月待遇", 20_000),
        yearly(required=False),
    ),
    pays={"resident": "inc_pension", "employee": "inc_pension"},
    differences=(
        Difference(
            code="R-XDP-32",
            title="养老保险参保与人社台账不符",
            severity="error",
            direction="both",
            when=f"{INSURED} <> {IN_LEDGER}",
            detail=f"""m.name || CASE WHEN {INSURED} THEN '在册已参加养老保险，人社台账'
                || CASE WHEN l.id IS NULL THEN '查无此人' ELSE {label_sql("l.status", PENSION_STATUS)} END
                ELSE '在册未参加养老保险，人社台账为' || {label_sql("l.kind", PENSION_KIND)} END""",
            remedy="核对参保缴费和待遇领取情况，改正成员的养老保险；台账有误的，由人社部门更正后重新报送",
            fields=("ins_pension_resident", "ins_pension_employee"),
        ),
    ),
)
ECO_COMPENSATION = LedgerSpec(
    key="eco_comp",
    title="林草生态补偿",
    department="forestry",
    columns=(
        ID_NUMBER,
        NAME,
        choice("kind", "补偿类别", ECO_KIND, required=True, example="退耕还林还草补助"),
        yearly(required=True),
    ),
    note="补到户的填户主；同一人有几项的，合计填一行，类别填“多项合计”。",
    pays={code: "inc_eco_comp" for code, _label in ECO_KIND},
    differences=(),
)
FOREST_GUARDS = LedgerSpec(
    key="forest_guard",
    title="林草护林员",
    department="forestry",
    columns=(
        ID_NUMBER,
        NAME,
        choice("kind", "岗位", GUARD_KIND, required=True, example="生态护林员"),
        choice("status", "在岗状态", GUARD_STATUS, required=True, example="在岗"),
        FROM,
        UNTIL,
        monthly("月报酬", 10_000),
        yearly(required=False),
    ),
    pays={"forest": "inc_wage", "grass": "inc_wage"},
    differences=(
        Difference(
            code="R-XDP-30",
            title="护林员岗位与林草台账不符",
            severity="error",
            direction="both",
            when=f"{GUARDS} <> {ON_DUTY}",
            detail=f"""m.name || CASE WHEN {GUARDS} THEN '在册有护林员（草管员）岗位，林草台账'
                || CASE WHEN l.id IS NULL THEN '查无此人' ELSE {label_sql("l.status", GUARD_STATUS)} END
                ELSE '在册没有护林员岗位，林草台账为' || {label_sql("l.kind", GUARD_KIND)} END""",
            remedy="核对选聘合同，改正成员的公益性岗位；台账有误的，由林草部门更正后重新报送",
            fields=("public_post",),
        ),
    ),
)
FARMLAND = LedgerSpec(
    key="farmland",
    title="农业惠农补贴",
    department="agriculture",
    columns=(
        ID_NUMBER,
        NAME,
        choice("kind", "补贴类别", FARMLAND_KIND, required=True, example="耕地地力保护补贴"),
        yearly(required=True),
    ),
    note="补到户的填户主；同一人有几项的，合计填一行，类别填“多项合计”。",
    pays={code: "inc_agri_subsidy" for code, _label in FARMLAND_KIND},
    differences=(),
)
