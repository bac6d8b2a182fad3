"""Files papers into a household's folder (户内资料), by hand or by a step that produced the paper."""

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from assistance import verbs
from assistance.models import HouseholdFile, HouseholdFileItem
from assistance.policies import filing as policies
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from fanpin.files.storing import store
from households.models import Household
from households.selectors.parameters import policy_items


@transaction.atomic
def note(
    household: Household,
    *,
    by: User,
    code: str,
    is_present: bool = True,
    upload: UploadedFile | None = None,
    note: str = "",
) -> HouseholdFileItem:
    """A person ticks a paper of the checklist, with the scan or a remark where it lies."""
    household = Household.objects.select_for_update().get(pk=household.pk)
    policies.may_file(by, household).require()
    if is_present and upload is None and not note.strip():
        raise ValidationError({"note": "请上传扫描件，或在说明中写明纸质资料的存放位置"})
    item = _write(household, by=by, code=code, is_present=is_present, note=note)
    if upload is not None:
        store(HouseholdFile, upload, by=by, item=item)
    return item


@transaction.atomic
def note_produced(
    household: Household, *, by: User | None, code: str, link: str
) -> HouseholdFileItem:
    """A step of the procedure produced the paper; called by the service of that step (policy.md §8.3 codes f01…f20)."""
    return _write(household, by=by, code=code, is_present=True, link=link)


def _write(
    household: Household,
    *,
    by: User | None,
    code: str,
    is_present: bool,
    note: str = "",
    link: str = "",
) -> HouseholdFileItem:
    papers = {
        p.code: p for p in policy_items("file_checklist", household.division_path, clock.today())
    }
    if code not in papers:
        raise ValidationError({"code": "户内资料清单中没有这一项"})
    item = HouseholdFileItem.objects.filter(household=household, code=code).first()
    item = item or HouseholdFileItem(household=household, code=code)
    item.is_present, item.note = is_present, note or item.note
    item.link = link or item.link
    item.noted_at, item.noted_by = clock.now(), by
    item.full_clean(exclude=["household", "noted_by"])
    item.save()
    record(
        verbs.FILE_NOTED,
        by=by,
        on=item,
        subject=f"{household}{papers[code].label}",
        path=household.division_path,
        after={"code": code, "is_present": is_present, "link": link},
        note=note,
    )
    return item
