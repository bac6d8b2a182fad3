"""Plan and measures against risks and people (policy.md §8.1, R-MON-30 … R-MON-57), what a
measure says of the member who had it (R-MEM-40), what is on record of the dead (R-TIM-15).
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from fanpin.rules import Rule, has, lit_in, parameter

c = pl.col
PLAN_CLAUSE = "通知一(六) 完善一户一策"
MEASURE_CLAUSE = "通知一(四) 帮扶措施台账"
VOCATIONAL = ("voc1", "voc2", "voc3", "hvc1", "hvc2", "hvc3")
DEVELOPMENT = ("industry", "employment", "finance", "public_post")
UNDER = lit_in("monitoring_state", ("monitored", "eliminating"))
ADMITTED = lit_in(
    "monitoring_state", ("monitored", "eliminating", "eliminated", "rolling_back", "relabelling")
)
HAS_PLAN = c("plan_version").is_not_null()
WITH_LABOUR = c("labour_count") > 0

RULES: list[Rule] = []


def _rule(
    severity: Any,
    code: str,
    title: str,
    when: pl.Expr,
    condition: str,
    *,
    detail: str,
    remedy: str,
    fields: str,
    failing: Mapping[str, Any],
    passing: Mapping[str, Any] | None = None,
    departments: str = "rural_revitalization",
    clause: str = MEASURE_CLAUSE,
    needs: str = "",
    subject: str = "support",
) -> None:
    RULES.append(
        Rule(
            code=code,
            title=title,
            severity=severity,
            subject=subject,
            group="监测·帮扶措施",
            when=when.fill_null(False),
            condition=condition,
            detail=detail,
            remedy=remedy,
            fields=tuple(fields.split()),
            departments=tuple(departments.split()),
            clause=clause,
            needs=tuple(needs.split()),
            passing=passing or {},
            failing=failing,
        )
    )


def older_than(months: int) -> pl.Expr:
    """Registered more than that many months ago."""
    return c("registered_on").dt.offset_by(f"{months}mo") < parameter("today")


def _answered(
    code: str, risk: str, title: str, categories: str, words: str, departments: str
) -> None:
    """A risk that none of its categories answers."""
    wanted = tuple(categories.split())
    _rule(
        "error", code, title, UNDER & has("risks", risk) & ~has("categories", *wanted),
        f"有该风险而{words}均未登记",
        detail="风险：{risks_text}；已登记措施：{categories_text}",
        remedy=f"请登记{words}中的至少一项；确无此风险的，请在一户一策新版本中更正。",
        fields="risks categories", departments=departments,
        failing={"risks": risk, "categories": "infrastructure"},
        passing={"risks": risk, "categories": wanted[0]},
    )  # fmt: skip


_rule(
    "error", "R-MON-30", "监测对象无一户一策计划",
    UNDER & ~HAS_PLAN & (c("plan_due_on").is_null() | (c("plan_due_on") < parameter("today"))),
    "制定期限已过而没有经乡镇审核的计划",
    detail="制定期限 {plan_due_on}", remedy="请制定一户一策并提交乡镇审核。", fields="plan_version",
    clause=PLAN_CLAUSE, needs="today", failing={"plan_version": None},
    passing={"plan_version": None, "plan_due_on": "2021-11-20"},
)  # fmt: skip
_rule(
    "error", "R-MON-31", "一户一策未覆盖全部风险", UNDER & HAS_PLAN & c("unplanned_text").is_not_null(),
    "计划针对的风险少于识别的风险",
    detail="识别风险：{risks_text}；未列入计划：{unplanned_text}",
    remedy="请开立新版本，把遗漏的风险和对应措施列入计划。", fields="risks", clause=PLAN_CLAUSE,
    failing={"risks": "illness,schooling", "unplanned_text": "因学"},
)  # fmt: skip
_rule(
    "error", "R-MON-32", "有计划无措施", UNDER & HAS_PLAN & (c("plan_items") == 0),
    "计划存在但没有任何计划措施",
    detail="一户一策第 {plan_version} 版没有措施", remedy="请开立新版本，逐项风险登记措施。",
    fields="plan_items", clause=PLAN_CLAUSE, failing={"plan_items": 0},
)  # fmt: skip
_rule(
    "error", "R-MON-33", "识别1个月以上未落实措施", UNDER & older_than(1) & (c("delivered") == 0),
    "识别超过1个月而没有一项措施落实",
    detail="{registered_on} 识别，登记措施 {measures} 项，落实 {delivered} 项",
    remedy="请尽快落实首项措施，登记日期、金额并上传凭证。", fields="delivered", needs="today",
    failing={"delivered": 0}, passing={"delivered": 0, "registered_on": "2021-10-20"},
)  # fmt: skip
_rule(
    "error", "R-MON-34", "监测对象无帮扶责任人", UNDER & HAS_PLAN & c("plan_helper").is_null(),
    "执行中的一户一策没有帮扶责任人，本户也没有结对帮扶",
    detail="一户一策第 {plan_version} 版未填帮扶责任人", remedy="请为本户安排帮扶责任人。",
    fields="plan_helper", departments="organization", clause=PLAN_CLAUSE, failing={"plan_helper": None},
)  # fmt: skip
_rule(
    "warn", "R-MON-35", "未在规定天数内走访",
    UNDER
    & (pl.coalesce("last_visit_on", "registered_on")
       < parameter("today") - pl.duration(days=parameter("visit_days"))),
    "距最近一次走访（没有走访的从识别起算）超过规定天数（默认30天）",
    detail="最近走访 {last_visit_on}，{registered_on} 识别", remedy="请入户或电话走访，并登记走访记录。",
    fields="last_visit_on", departments="organization", clause=PLAN_CLAUSE, needs="today visit_days",
    failing={"last_visit_on": "2021-09-20"}, passing={"last_visit_on": "2021-10-09"},
)  # fmt: skip
_rule(
    "error", "R-MON-36", "一户一策年度内未回头看",
    UNDER & HAS_PLAN
    & (c("plan_reviewed_on").is_null() | (c("plan_reviewed_on").dt.year() != parameter("today").dt.year())),
    "回头看日期不在本年度",
    detail="最近回头看 {plan_reviewed_on}", remedy="请对一户一策回头看并登记结果。", fields="plan_reviewed_on",
    clause=PLAN_CLAUSE, needs="today", failing={"plan_reviewed_on": "2020-11-02"},
)  # fmt: skip
_answered("R-MON-40", "illness", "因病风险无健康、社会或综合保障措施", "health social comprehensive",
          "健康帮扶、社会帮扶、综合保障", "health medical_insurance")  # fmt: skip
_answered("R-MON-41", "schooling", "因学风险无教育类或社会帮扶措施", "compulsory_edu other_edu social",
          "义务教育保障、其他教育帮扶、社会帮扶", "education")  # fmt: skip
_answered("R-MON-42", "disability", "因残风险无综合保障或社会帮扶", "comprehensive social",
          "综合保障、社会帮扶", "disabled_federation civil_affairs")  # fmt: skip
_answered("R-MON-43", "unsafe_house", "住房风险无住房保障或搬迁措施", "house_safety relocation",
          "住房安全保障、搬迁", "housing")  # fmt: skip
_answered("R-MON-44", "unsafe_water", "饮水风险无饮水保障措施", "water_safety",
          "饮水安全保障措施", "water")  # fmt: skip
_rule(
    "error", "R-MON-45", "有辍学未登记义务教育保障措施",
    UNDER & (c("n_dropout") > 0) & ~has("categories", "compulsory_edu"), "户内有适龄失学成员而无义务教育保障措施",
    detail="适龄失学成员 {n_dropout} 人；已登记措施：{categories_text}",
    remedy="请落实劝返等义务教育保障措施并登记。", fields="categories", departments="education",
    failing={"n_dropout": 1}, passing={"n_dropout": 1, "categories": "compulsory_edu"},
)  # fmt: skip
_rule(
    "error", "R-MON-46", "有未参保未登记健康或社会帮扶措施",
    UNDER & (c("n_uninsured") > 0) & ~has("categories", "health", "social"), "户内有未参保成员而无健康、社会帮扶措施",
    detail="未参保成员 {n_uninsured} 人；已登记措施：{categories_text}",
    remedy="请资助参保或落实社会帮扶并登记。", fields="categories", departments="medical_insurance",
    failing={"n_uninsured": 1, "categories": "employment"}, passing={"n_uninsured": 1},
)  # fmt: skip
_rule(
    "error", "R-MON-47", "有劳动力户未落实开发式帮扶",
    UNDER & WITH_LABOUR & older_than(6) & ~has("categories", *DEVELOPMENT),
    "有劳动力，识别满6个月，无产业、就业、金融、公益岗任一措施",
    detail="有劳动能力 {labour_count} 人，{registered_on} 识别；已登记措施：{categories_text}",
    remedy="请按劳动力情况安排产业、就业、金融或公益岗帮扶。", fields="categories labour_count", needs="today",
    failing={"registered_on": "2021-03-01", "categories": "health"},
    passing={"registered_on": "2021-09-01", "categories": "health"},
)  # fmt: skip
_rule(
    "warn", "R-MON-48", "有劳动力户仅有综合保障一项措施", UNDER & WITH_LABOUR & (c("categories") == "comprehensive"),
    "有劳动力而措施只有综合保障",
    detail="有劳动能力 {labour_count} 人；已登记措施：{categories_text}",
    remedy="请增加开发式帮扶，确无法安排的请说明。", fields="categories labour_count", departments="civil_affairs",
    failing={"categories": "comprehensive"},
)  # fmt: skip
_rule(
    "error", "R-MON-49", "已登记开发式措施但实施情况为尚未实施或空",
    UNDER & HAS_PLAN & has("categories", *DEVELOPMENT)
    & (c("dev_measure_status").is_null() | (c("dev_measure_status") == "not_yet")),
    "已登记产业、就业、金融、公益岗措施，而一户一策中开发式帮扶实施情况为尚未实施或未填",
    detail="开发式帮扶措施实施情况 {dev_measure_status}；已登记措施：{categories_text}",
    remedy="请开立新版本，如实填写实施开发式帮扶措施情况。", fields="dev_measure_status categories",
    failing={"dev_measure_status": "not_yet"},
    passing={"dev_measure_status": "not_yet", "categories": "health"},
)  # fmt: skip
_rule(
    "error", "R-MON-50", "享受低保或特困措施但户内无对应人员",
    (has("items", "comprehensive.dibao") & (c("dibao_ever") == 0))
    | (has("items", "comprehensive.tekun") & (c("tekun_ever") == 0)),
    "登记了低保或特困措施，成员表中没有享受人员（含已减少人员）",
    detail="户内低保 {dibao_ever} 人、特困 {tekun_ever} 人；已登记措施：{categories_text}",
    remedy="请核对民政台账：更正成员的享受情况，或取消登记有误的措施。", fields="items", departments="civil_affairs",
    failing={"items": "comprehensive.dibao"}, passing={"items": "comprehensive.dibao", "dibao_ever": 1},
)  # fmt: skip
_rule(
    "error", "R-MON-51", "户内有低保或特困人员但措施未登记",
    ADMITTED
    & (
        ((c("dibao_now") > 0) & ~has("items", "comprehensive.dibao"))
        | ((c("tekun_now") > 0) & ~has("items", "comprehensive.tekun"))
    ),
    "在册成员享受低保或特困，措施中没有登记",
    detail="享受低保 {dibao_now} 人、特困 {tekun_now} 人；已登记措施：{categories_text}",
    remedy="请登记综合保障措施（低保或特困供养）。", fields="items", departments="civil_affairs",
    failing={"dibao_now": 1}, passing={"dibao_now": 1, "items": "comprehensive.dibao", "dibao_ever": 1},
)  # fmt: skip
_rule(
    "warn", "R-MON-52", "有一二级残疾人未登记残疾人补贴",
    ADMITTED & (c("severely_disabled") > 0) & ~has("items", "comprehensive.disabled"), "应享未享疑点",
    detail="一、二级残疾 {severely_disabled} 人；已登记措施：{categories_text}",
    remedy="请核实是否享受残疾人补贴：已享受的登记措施，未享受的协助申请。", fields="items",
    departments="disabled_federation civil_affairs", failing={"severely_disabled": 1},
    passing={"severely_disabled": 1, "items": "comprehensive.disabled"},
)  # fmt: skip
_rule(
    "warn", "R-MON-53", "就业或公益岗措施但户内无人务工或任岗",
    has("categories", "employment", "public_post") & (c("migrant_count") == 0) & (c("public_post_count") == 0),
    "登记了就业或公益岗措施，成员无人务工、无人任岗",
    detail="务工 {migrant_count} 人，公益岗 {public_post_count} 人；已登记措施：{categories_text}",
    remedy="请更正成员务工、公益岗信息，或取消登记有误的措施。", fields="categories migrant_count",
    departments="hr_social", failing={"migrant_count": 0},
    passing={"migrant_count": 0, "public_post_count": 1},
)  # fmt: skip
_rule(
    "warn", "R-MON-54", "外出务工补贴或劳务输出但无县外务工",
    has("items", "employment.travel", "employment.export") & (c("working_outside") == 0), "措施与务工地不符",
    detail="县外务工 {working_outside} 人；已登记措施：{categories_text}",
    remedy="请核对成员务工所在地，或取消登记有误的措施。", fields="items", departments="hr_social",
    failing={"items": "employment.travel", "working_outside": 0}, passing={"items": "employment.travel"},
)  # fmt: skip
_rule(
    "warn", "R-MON-55", "有中高职学生未享受雨露计划",
    ADMITTED & (c("vocational_students") > 0) & ~has("items", "other_edu.yulu"), "应享未享疑点",
    detail="中高职在校生 {vocational_students} 人；已登记措施：{categories_text}",
    remedy="请核实是否享受雨露计划：已享受的登记措施，符合条件的协助申请。", fields="items",
    departments="education rural_revitalization", failing={"vocational_students": 1},
    passing={"vocational_students": 1, "items": "other_edu.yulu"},
)  # fmt: skip
_rule(
    "error", "R-MON-56", "措施子项不属于大类或为其他无备注",
    ~c("item").str.starts_with(c("category") + ".") | (c("item").str.ends_with(".other") & c("note").is_null()),
    "子项代码与大类不符，或子项为其他而备注为空",
    detail="措施：{item_text}", remedy="请改选大类下的子项；子项为其他的写明具体内容。", fields="category item note",
    subject="measure", failing={"item": "finance.other"},
    passing={"category": "finance", "item": "finance.other", "note": "贴息"},
)  # fmt: skip
_rule(
    "error", "R-MON-57", "措施开始时间早于识别时间",
    UNDER & (c("hh_type") != "lifted") & ~c("is_advance")
    & (c("start_on").dt.truncate("1mo") < c("registered_on").dt.truncate("1mo")),
    "非先行帮扶，开始月份早于识别月份",
    detail="措施 {item_text} 于 {start_on} 开始，{registered_on} 识别",
    remedy="请核对开始日期；确属先行帮扶的，由乡镇补办确认手续。", fields="start_on", subject="measure",
    failing={"start_on": "2021-07-01"}, passing={"start_on": "2021-07-01", "is_advance": True},
)  # fmt: skip
_rule(
    "warn", "R-MEM-40", "享受雨露计划但非中高职在校生",
    (c("item") == "other_edu.yulu") & c("member_name").is_not_null()
    & ~c("member_school").is_in(VOCATIONAL).fill_null(False),
    "措施到人，而该成员不是中职、高职在校生",
    detail="{member_name}享受{item_text}，在校生状况 {member_school}",
    remedy="请核对该成员的在校生状况，或更正受益成员。", fields="item member_school", subject="measure",
    departments="education rural_revitalization",
    failing={"item": "other_edu.yulu", "category": "other_edu", "member_name": "张小有", "member_school": "g9"},
    passing={"item": "other_edu.yulu", "category": "other_edu", "member_name": "张小有", "member_school": "voc2"},
)  # fmt: skip
_rule(
    "error", "R-TIM-15", "减少原因为死亡但此后仍有业务记录",
    c("after_death").is_not_null(), "成员死亡之后仍有其务工、工资性收入、帮扶措施或户主签字的记录",
    detail="{after_death}", remedy="请核对死亡日期，或更正务工、收入明细、措施的受益成员和走访签字。",
    fields="after_death", departments="public_security", clause="通知一(一) 家庭人口自然变更",
    failing={"after_death": "张有田于2021-08-01死亡，务工至202110"},
)  # fmt: skip
