"""Every address of the program, and the record each is asked about. A new route needs a line here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver

from counties.reports import TABLES
from fanpin.accounts.models import User
from households.models import ImportRow, MemberChangeDocument
from tests.contracts.world import World


@dataclass(frozen=True)
class About:
    """Which record of the world the address names, and how."""

    row: str
    more: Callable[[Model], dict[str, Any]]

    def kwargs(self, world: World) -> dict[str, Any]:
        return self.more(world.rows[self.row])

    def path(self, world: World) -> str:
        return path_of(world.rows[self.row])


def path_of(row: Model) -> str:
    """Where a record lies, by its model's own scope_path."""
    if isinstance(row, User):
        return row.postings.get().division.path
    if isinstance(row, MemberChangeDocument):
        return path_of(row.change)
    if isinstance(row, ImportRow):
        return path_of(row.batch)
    found: Any = row
    for name in found.scope_path.split("__"):
        found = getattr(found, name)
    return found


def pk(row: str, **more: Any) -> About:
    return About(row, lambda found: {"pk": found.pk, **more})


def code(row: str, **more: Any) -> About:
    return About(row, lambda found: {"code": found.pk, **more})


def each(namespace: str, **groups: str) -> dict[str, About]:
    """`household="detail edit"`: these routes of the namespace take the pk of that record."""
    return {
        f"{namespace}:{name}": pk(row) for row, names in groups.items() for name in names.split()
    }


def plain(**namespaces: str) -> dict[str, dict[str, Any]]:
    """Routes of each namespace that name no record."""
    return {f"{space}:{name}": {} for space, names in namespaces.items() for name in names.split()}


ABOUT: dict[str, About] = {
    **each(
        "accounts",
        user="user user_reset user_switch posting_create",
        posting="posting_end",
    ),
    "regions:hamlet_create": code("village"),
    **each(
        "households",
        household="review detail edit end change_head members member_create papers changes income"
        " income_annual income_event income_preview collection print",
        member="member_edit member_decrease member_unmask",
        change="change",
        dispute="dispute",
        form_batch="form_batch",
        change_document="document",
        statement="income_confirm income_reopen",
        import_batch="import_detail import_apply import_undo import_errors import_file import_mend",
    ),
    "households:import_dispute": pk("import_row"),
    "households:paper": pk("household", paper="card", kind="pdf"),
    "households:paper_code": About("household", lambda row: {"code": f"HK-{row.hh_code}-20211108"}),
    **each("households", household="visits visit_create helper_assign", helping="helping_end"),
    "households:visit_paper": pk("visit_paper"),
    "households:receipts": pk("household"),
    "households:receipt_take": pk("household"),
    "households:receipt_withdraw": pk("receipt"),
    "households:income_adopt": pk("household", purpose="identify", month="202110"),
    "households:income_form": pk("household", purpose="identify", month="202110"),
    "households:collection_act": pk("household", act="collect"),
    **each(
        "monitoring",
        clue="clue_handle",
        application="application application_file application_decline",
        case="case case_papers review objection_create document_add reply",
        case_document="document",
        objection="objection_answer",
        answer="comparison_answer comparison_explain",
        monitored="household file story eliminate propose_rollback propose_relabel risk_create category void"
        " gone close reopen split merge evaluate",
        reorganisation="reorganisation",
        reorganisation_document="reorganisation_document",
        split_check="split_check",
        risk="risk_resolve risk_decide",
        prompt="prompt",
        evaluation="evaluation",
        meeting="meeting",
    ),
    "monitoring:apply_notice": code("village"),
    "monitoring:poster": About(
        "village",
        lambda row: {"code": row.pk, "stage": "posted", "size": "a4", "kind": "docx"},
    ),
    "monitoring:evaluation_paper": pk("evaluation", kind="docx"),
    "monitoring:case_paper": pk("case", paper="visit", number=1, kind="docx"),
    "monitoring:step": pk("case", name="submit"),
    "monitoring:notice_draft": pk("case", name="post_notice"),
    "monitoring:notice_print": About(
        "notice", lambda notice: {"pk": notice.case_id, "notice_pk": notice.pk}
    ),
    **each(
        "assistance",
        plan="plan plan_edit plan_print plan_submit plan_approve plan_return plan_conclude"
        " plan_look_back document_add risk_add item_add",
        plan_document="document",
        plan_risk="risk_edit risk_remove risk_result",
        plan_item="item_edit item_remove",
        measure="measure measure_deliver measure_cancel",
        evidence="evidence",
        monitored="household plan_draft plan_new measure_create",
        identified="advance_confirm",
        advance="advance_settle",
        advance_evidence="advance_evidence",
        folder_file="file",
    ),
    "assistance:file_note": pk("monitored", code="f12"),
    **each(
        "counties",
        batch="ledger ledger_errors ledger_file",
        run="run",
        finding="finding finding_answer finding_explain finding_corrected finding_accept finding_reject"
        " finding_waive finding_revoke",
        finding_evidence="finding_evidence",
        referred="answer",
        household="household",
    ),
    **each(
        "counties",
        reconciliation="reconciliation reconciled reconciliation_adopt",
        national_file="national_file",
    ),
    "counties:reconciliation_keying": pk("reconciliation", kind="household"),
    "monitoring:meeting_create": code("village"),
    "counties:place_sheet": code("village"),
    "counties:place_sheet_edit": code("village"),
    "counties:place_sheet_print": code("village"),
    "counties:place_sheet_act": code("village", act="submit"),
    "counties:place_rollup": code("village", name="hh_total"),
    **each(
        "counties",
        sheet_batch="sheet_batch sheet_batch_apply sheet_batch_undo sheet_batch_errors",
    ),
    "counties:adjust": code("village"),
    "counties:adjustment": pk("adjustment"),
    "counties:adjustment_households": pk("adjustment"),
    "counties:households_then": code("village"),
    "counties:adjustment_act": pk("adjustment", act="apply"),
    "counties:county_sheet": code("county"),
    "counties:county_sheet_edit": code("county"),
    "counties:county_sheet_print": code("county"),
    "counties:county_sheet_act": code("county", act="submit"),
    "counties:county_rollup": code("county", name="dropout_count"),
    "counties:closure_of": code("county"),
    "counties:closure_run": code("county"),
    "counties:closure_sign": code("county"),
    "counties:closure_order": code("county"),
    "counties:closure_items": code("county", check="CC-02"),
    "counties:summary_of": code("city"),
    "counties:summary_download": code("city"),
    "counties:summary_submit": code("city"),
    "counties:summary_return": code("city", version=1),
    "counties:drill": code("city", table="T1", key=next(iter(TABLES["T1"].keys))),
    **each("jobs", job="detail part file cancel resume"),
    "household-detail": pk("household"),
    "household-members": pk("household"),
    "member-detail": pk("member"),
    "member-decrease": pk("child"),
    "member-number": pk("member"),
    **{f"dispute-{name}": pk("dispute") for name in ("detail", "answer", "decide", "withdraw")},
    **{f"evaluation-{name}": pk("evaluation") for name in ("detail", "review")},
    **{f"prompt-{name}": pk("prompt") for name in ("detail", "answer")},
    "case-detail": pk("case"),
    "case-documents": pk("case"),
    "case-papers": pk("case"),
    "case-take": pk("case", name="submit"),
    **each(
        "counties",
        key_check="key_check key_check_list key_check_dismiss key_check_restore",
    ),
    "key-check-detail": pk("key_check"),
    "key-check-list-household": pk("key_check"),
    "key-check-dismiss": pk("key_check"),
    "finding-detail": pk("finding"),
    "finding-accept": pk("finding"),
    "finding-explain": pk("finding"),
    "finding-answer": pk("finding"),
    "finding-reject": pk("finding"),
    "village-sheet-detail": About("village", lambda village: {"division_id": village.pk}),
    "hamlet-sheet-detail": About("hamlet", lambda hamlet: {"division_id": hamlet.pk}),
    "county-sheet-detail": About("county", lambda county: {"division_id": county.pk}),
    "summary-detail": About("city", lambda city: {"pk": city.pk}),
    "households:import_template": code("village"),
    "job-detail": pk("job"),
    "job-cancel": pk("job"),
}

# Addresses that name no record: lists, new things, one's own account.
PLAIN: dict[str, dict[str, Any]] = {
    "workbench": {},
    "api-schema": {},
    "household-list": {},
    "case-list": {},
    "dispute-list": {},
    "prompt-list": {},
    "key-check-list": {},
    "evaluation-list": {},
    "finding-list": {},
    "summary-list": {},
    "village-sheet-list": {},
    "hamlet-sheet-list": {},
    "county-sheet-list": {},
    "job-list": {},
    "households:collection_batch": {"act": "collect"},
    "households:campaign_edit": {"pk": 2021},
    "households:campaign_open": {"pk": 2021},
    "monitoring:posters": {},
    "counties:ledger_template": {"ledger": "police"},
    "counties:rule": {"code": "R-COM-01"},
    "counties:dictionary": {},
    "counties:exemptions": {},
    "counties:dictionary_workbook": {},
    "counties:sheet_export": {"kind": "village"},
    "counties:sheet_template": {"kind": "village"},
    "counties:sheet_import": {"kind": "hamlet"},
    "counties:dictionary_entry": {"code": "house_area"},
    **plain(
        accounts="password profile users user_create audit demo_clock switch_division",
        regions="list",
        households="disputes imports import_upload list create change_queue progress parameters parameter_set"
        " policy_lists print_many campaigns campaign_create",
        monitoring="applications application_create prompts"
        " reorganisations clues clue_create identification elimination rollback objects"
        " outlooks meetings evaluations evaluations_pass cases_pass cases comparison_requests"
        " print_cases notices",
        assistance="plans measures",
        counties="reconciliations reconcile proposals proposals_accept proposals_residence"
        " key_checks key_check_terms key_checks_screen key_checks_list key_checks_dismiss"
        " ledgers ledger_upload comparison findings findings_dispatch findings_refer findings_waive answers"
        " closure summary rules village_sheets village_sheets_print hamlet_sheets"
        " county_sheets adjustments",
        jobs="list running",
        web="gallery gallery_list export",
    ),
}

# Nobody has to be logged in for these.
PUBLIC = {
    "healthz", "accounts:login", "accounts:logout", "monitoring:apply", "monitoring:apply_places",
    "monitoring:apply_received", "monitoring:apply_status",
}  # fmt: skip


@dataclass(frozen=True)
class Route:
    name: str
    view: Any

    @property
    def is_api(self) -> bool:
        return hasattr(self.view, "cls")

    @property
    def methods(self) -> tuple[str, ...]:
        """What to try: a page by GET and POST, an API by what it declares."""
        actions = getattr(self.view, "actions", None)
        if actions:
            return tuple(method for method in actions if method not in ("head", "options"))
        return ("get",) if self.is_api else ("get", "post")

    @property
    def permissions(self) -> tuple[str, ...] | None:
        """Any of these opens it; None: whoever is logged in."""
        if not self.is_api:
            return getattr(self.view, "permissions", None)
        classes = [*self.view.cls.permission_classes, *self._action_permissions()]
        found = [p.permissions for p in classes if hasattr(p, "permissions")]
        return found[0] if found else None

    def _action_permissions(self) -> list[Any]:
        return list((getattr(self.view, "initkwargs", None) or {}).get("permission_classes", []))


def all_routes() -> list[Route]:
    """Every named route outside Django's own admin, once."""
    found = {name: Route(name, view) for name, view in _walk(get_resolver().url_patterns, "")}
    return [found[name] for name in sorted(found)]


def _walk(patterns: list[Any], namespace: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace == "admin":
                continue
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern.callback
