"""Which post may do what. Grants are code, tested as a matrix (policy.md §2.2)."""

from django.db import models

from fanpin.regions.models import Level


class Role(models.TextChoices):
    VILLAGE_CASEWORKER = "village_caseworker", "村级信息员"
    RESIDENT_TEAM = "resident_team", "驻村工作队"
    TOWNSHIP_REVIEWER = "township_reviewer", "乡镇审核员"
    TOWNSHIP_LEADER = "township_leader", "乡镇分管领导"
    COUNTY_REVIEWER = "county_reviewer", "县级审定员"
    DEPARTMENT_OFFICER = "department_officer", "行业部门"
    CITY_OFFICIAL = "city_official", "市州"
    PROVINCE = "province", "省级"
    ADMIN = "admin", "系统管理员"


LEVEL_OF: dict[str, tuple[str, ...]] = {
    Role.VILLAGE_CASEWORKER: (Level.VILLAGE,),
    Role.RESIDENT_TEAM: (Level.VILLAGE,),
    Role.TOWNSHIP_REVIEWER: (Level.TOWNSHIP,),
    Role.TOWNSHIP_LEADER: (Level.TOWNSHIP,),
    Role.COUNTY_REVIEWER: (Level.COUNTY,),
    Role.DEPARTMENT_OFFICER: (Level.COUNTY,),
    Role.CITY_OFFICIAL: (Level.CITY,),
    Role.PROVINCE: (Level.PROVINCE,),
    Role.ADMIN: tuple(Level.values),
}


class Permission(models.TextChoices):
    VIEW_HOUSEHOLDS = "view_households", "查看农户"
    EDIT_HOUSEHOLDS = "edit_households", "登记和修改农户"
    REVIEW_CHANGES = "review_changes", "审核人口变更"
    CONFIRM_CHANGES = "confirm_changes", "县级确认人口变更"
    COLLECT = "collect", "年度采集"
    OPEN_CAMPAIGN = "open_campaign", "开展年度工作"
    REVIEW_COLLECTION = "review_collection", "审核采集"
    IMPORT_HOUSEHOLDS = "import_households", "导入农户"
    EXPORT_HOUSEHOLDS = "export_households", "导出农户"
    UNMASK = "unmask", "查看完整证件号码"
    VIEW_CASES = "view_cases", "查看监测业务"
    FILE_CLUES = "file_clues", "登记线索"
    VILLAGE_CASE = "village_case", "村级办理"
    CHECK_HOUSEHOLD = "check_household", "入户核查"
    TOWNSHIP_CASE = "township_case", "乡镇审核"
    TOWNSHIP_GOVERNMENT = "township_government", "乡镇政府核实"
    COUNTY_CASE = "county_case", "县级审定"
    ANSWER_COMPARISON = "answer_comparison", "反馈比对结果"
    VIEW_PLANS = "view_plans", "查看帮扶"
    EDIT_PLANS = "edit_plans", "制定一户一策"
    APPROVE_PLANS = "approve_plans", "审核一户一策"
    RECORD_MEASURES = "record_measures", "登记帮扶措施"
    VIEW_LEDGERS = "view_ledgers", "查看部门台账"
    UPLOAD_LEDGERS = "upload_ledgers", "报送部门台账"
    RUN_COMPARISON = "run_comparison", "发起比对"
    VIEW_FINDINGS = "view_findings", "查看疑点"
    RESOLVE_FINDINGS = "resolve_findings", "处置疑点"
    ANSWER_FINDINGS = "answer_findings", "答复转来的疑点"
    REVIEW_FINDINGS = "review_findings", "审核疑点说明"
    WAIVE_FINDINGS = "waive_findings", "豁免疑点"
    VIEW_CLOSURE = "view_closure", "查看县级闭合"
    RUN_CLOSURE = "run_closure", "运行县级闭合"
    SIGN_CLOSURE = "sign_closure", "签署县级闭合"
    FILL_COUNTY_SHEET = "fill_county_sheet", "填写县表"
    SUBMIT_COUNTY_SHEET = "submit_county_sheet", "上报县表"
    REVIEW_COUNTY_SHEET = "review_county_sheet", "接收县表"
    VIEW_SUMMARY = "view_summary", "查看汇总"
    SUBMIT_SUMMARY = "submit_summary", "上报汇总"
    VIEW_RULES = "view_rules", "查看质量规则"
    VIEW_PARAMETERS = "view_parameters", "查看参数"
    EDIT_PARAMETERS = "edit_parameters", "维护参数"
    MANAGE_USERS = "manage_users", "管理用户与岗位"
    EDIT_DIVISIONS = "edit_divisions", "维护区划"
    ADJUST_DIVISIONS = "adjust_divisions", "调整区划"
    VIEW_AUDIT = "view_audit", "查看审计"


P = Permission
_READ = frozenset(
    {
        P.VIEW_HOUSEHOLDS,
        P.VIEW_CASES,
        P.VIEW_PLANS,
        P.VIEW_FINDINGS,
        P.VIEW_RULES,
        P.VIEW_PARAMETERS,
    }
)
_VILLAGE = _READ | {
    P.EDIT_HOUSEHOLDS,
    P.COLLECT,
    P.IMPORT_HOUSEHOLDS,
    P.FILE_CLUES,
    P.CHECK_HOUSEHOLD,
    P.EDIT_PLANS,
    P.RECORD_MEASURES,
    P.RESOLVE_FINDINGS,
    P.EDIT_DIVISIONS,
}

# Lists leave the system from the county up (policy.md Appendix B); with full numbers only where the people are known.
GRANTS: dict[str, frozenset[str]] = {
    Role.VILLAGE_CASEWORKER: frozenset(_VILLAGE | {P.VILLAGE_CASE}),
    Role.RESIDENT_TEAM: frozenset(_VILLAGE - {P.EDIT_DIVISIONS, P.IMPORT_HOUSEHOLDS}),
    Role.TOWNSHIP_REVIEWER: frozenset(
        _READ
        | {
            P.FILE_CLUES,
            P.CHECK_HOUSEHOLD,
            P.TOWNSHIP_CASE,
            P.REVIEW_CHANGES,
            P.REVIEW_COLLECTION,
            P.IMPORT_HOUSEHOLDS,
            P.APPROVE_PLANS,
            P.RECORD_MEASURES,
            P.RESOLVE_FINDINGS,
            P.REVIEW_FINDINGS,
            P.VIEW_CLOSURE,
        }
    ),
    Role.TOWNSHIP_LEADER: frozenset(
        _READ | {P.TOWNSHIP_GOVERNMENT, P.APPROVE_PLANS, P.VIEW_CLOSURE, P.VIEW_AUDIT}
    ),
    Role.COUNTY_REVIEWER: frozenset(
        _READ
        | {
            P.FILE_CLUES,
            P.COUNTY_CASE,
            P.ANSWER_COMPARISON,
            P.CONFIRM_CHANGES,
            P.IMPORT_HOUSEHOLDS,
            P.EXPORT_HOUSEHOLDS,
            P.UNMASK,
            P.VIEW_LEDGERS,
            P.UPLOAD_LEDGERS,
            P.RUN_COMPARISON,
            P.REVIEW_FINDINGS,
            P.WAIVE_FINDINGS,
            P.VIEW_CLOSURE,
            P.RUN_CLOSURE,
            P.SIGN_CLOSURE,
            P.FILL_COUNTY_SHEET,
            P.ADJUST_DIVISIONS,
            P.SUBMIT_COUNTY_SHEET,
            P.VIEW_SUMMARY,
            P.VIEW_AUDIT,
        }
    ),
    Role.DEPARTMENT_OFFICER: frozenset(
        {
            P.VIEW_LEDGERS,
            P.UPLOAD_LEDGERS,
            P.ANSWER_COMPARISON,
            P.ANSWER_FINDINGS,
            P.FILL_COUNTY_SHEET,
            P.VIEW_RULES,
        }
    ),
    Role.CITY_OFFICIAL: frozenset(
        _READ
        | {
            P.EXPORT_HOUSEHOLDS,
            P.VIEW_CLOSURE,
            P.VIEW_SUMMARY,
            P.SUBMIT_SUMMARY,
            P.REVIEW_COUNTY_SHEET,
            P.VIEW_AUDIT,
        }
    ),
    Role.PROVINCE: frozenset(
        _READ
        | {
            P.EXPORT_HOUSEHOLDS,
            P.VIEW_CLOSURE,
            P.VIEW_SUMMARY,
            P.EDIT_PARAMETERS,
            P.OPEN_CAMPAIGN,
        }
    ),
    Role.ADMIN: frozenset(
        {
            P.MANAGE_USERS,
            P.EDIT_PARAMETERS,
            P.VIEW_PARAMETERS,
            P.EDIT_DIVISIONS,
            P.ADJUST_DIVISIONS,
            P.VIEW_RULES,
            P.VIEW_AUDIT,
        }
    ),
}
