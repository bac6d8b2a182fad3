"""Who may fill, submit, review and return village and natural village sheets, and what stands in the way."""

from django.urls import reverse

from counties.models import SheetBatch
from counties.models.sheets import OPEN_STATES, Kind, Sheet, SheetState
from counties.selectors import sheets as selectors
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.regions.models import Division, Level
from households.models import Campaign
from households.policies.locks import unlocked

FORM = "业务规程 §10.2"


def may_fill(user: User, sheet: Sheet) -> Verdict:
    """The village fills its own sheet and its natural villages', until the township has it."""
    place = sheet.division
    if not user.may(Permission.COLLECT, place.path):
        return Verdict.denied("村表由村级填写，您的岗位不能修改")
    return may_change(sheet) & unlocked(place.path, sheet.campaign)


def may_change(sheet: Sheet) -> Verdict:
    """Whether the sheet itself can be filled now, whoever does it; asked for each row of a file."""
    return has_sheet(sheet.division) & _open(sheet)


def has_sheet(place: Division) -> Verdict:
    """Administrative units that exist on paper only have no villagers and no sheet."""
    village = place.parent if place.level == Level.HAMLET else place
    if village is not None and village.village_kind == selectors.VIRTUAL:
        return Verdict.no(Reason(f"{village.name}是统计上的虚拟村，无需填报", clause=FORM))
    if place.valid_until is not None and place.valid_until <= clock.today():
        return Verdict.no(f"{place.name}已于{place.valid_until:%Y-%m-%d}停用，不再填报")
    return Verdict.yes()


def _open(sheet: Sheet) -> Verdict:
    if sheet.state in OPEN_STATES:
        return Verdict.yes()
    return Verdict.no(
        f"该表{sheet.get_state_display()}，须由乡镇退回后才能修改"  # type: ignore[attr-defined]
    )


def may_submit(user: User, sheet: Sheet) -> Verdict:
    """The village hands its sheet to the township, with its natural villages'. Every obstacle at once."""
    village, campaign = sheet.division, sheet.campaign
    if not user.may(Permission.COLLECT, village.path):
        return Verdict.denied("村表由村级提交")
    verdict = has_sheet(village) & unlocked(village.path, campaign) & _open(sheet)
    return verdict & _complete(sheet) & _hamlets(village, campaign) & _clean(sheet)


def _complete(sheet: Sheet) -> Verdict:
    edit = reverse("counties:place_sheet_edit", args=[sheet.division_id])
    if sheet.pk is None:
        return Verdict.no(Reason("本年度还没有填写，请核对上年数据后保存", edit, FORM))
    listed = selectors.listing(sheet.division, clock.today()) is not None
    return Verdict.no(
        *(
            Reason(f"“{line.label}”未填写", f"{edit}#id_{line.name}", FORM)
            for line in selectors.unanswered(sheet, listed=listed)
        )
    )


def _hamlets(village: Division, campaign: Campaign) -> Verdict:
    return Verdict.no(
        *(
            Reason(
                f"自然村表“{hamlet.name}”未填写完整",
                reverse("counties:place_sheet_edit", args=[hamlet.pk]),
                "通知一(一)",
            )
            for hamlet in selectors.unfilled_hamlets(village, campaign)
        )
    )


def _clean(sheet: Sheet) -> Verdict:
    rows = selectors.open_errors(sheet.division, sheet.campaign)
    return Verdict.no(
        *(
            Reason(f"{row.code} {row.title}", reverse("counties:finding", args=[row.pk]))
            for row in rows
        )
    )


def may_review(user: User, sheet: Sheet) -> Verdict:
    """The township passes what a village submitted; not one's own."""
    path = sheet.division.path
    if not user.may(Permission.REVIEW_COLLECTION, path):
        return Verdict.denied("村表由乡镇审核")
    verdict = unlocked(path, sheet.campaign)
    if sheet.state != SheetState.CHECKED:
        verdict &= Verdict.no("只有已提交的村表才能审核")
    if user.pk in (sheet.submitted_by_id, sheet.changed_by_id):
        verdict &= Verdict.no(
            Reason("填写人、提交人不能审核自己经办的采集表", clause="业务规程 §2.2")
        )
    return verdict & _clean(sheet)


def may_return(user: User, sheet: Sheet) -> Verdict:
    """The township sends back, also what it had passed."""
    path = sheet.division.path
    if not user.may(Permission.REVIEW_COLLECTION, path):
        return Verdict.denied("村表由乡镇退回")
    verdict = unlocked(path, sheet.campaign)
    if sheet.state not in (SheetState.CHECKED, SheetState.REVIEWED):
        verdict &= Verdict.no("该表没有提交，不需要退回")
    return verdict


def may_import(user: User, kind: str, division: Division, campaign: Campaign) -> Verdict:
    """Whoever imports households at a place may import its sheets."""
    if kind not in (Kind.VILLAGE, Kind.HAMLET):
        return Verdict.no("县表逐项填写，不能导入")
    if not user.may(Permission.IMPORT_HOUSEHOLDS, division.path):
        return Verdict.denied("您的岗位不能在此区划导入采集表")
    return unlocked(division.path, campaign)


def may_apply(user: User, batch: SheetBatch) -> Verdict:
    """Write what the file was checked for."""
    verdict = may_import(user, batch.kind, batch.division, batch.campaign)
    if batch.state != SheetBatch.State.UPLOADED:
        verdict &= Verdict.no(f"该文件{batch.get_state_display()}，不能再导入")  # type: ignore[attr-defined]
    return verdict


def may_undo(user: User, batch: SheetBatch) -> Verdict:
    """Take an import back; sheets that were filled again since stay as they are."""
    verdict = may_import(user, batch.kind, batch.division, batch.campaign)
    if batch.state != SheetBatch.State.APPLIED:
        verdict &= Verdict.no("该文件没有导入，不需要撤销")
    return verdict
