"""Takes in what households say of themselves, files it as a clue or answers why not (policy.md §4.1).

Nothing here tells the public page whether a household is on the register.
"""

import secrets
from collections.abc import Sequence

from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record
from fanpin.regions.models import Division
from fanpin.regions.scope import code_of
from fanpin.web.limiting import within_limit
from households.choices import labels
from households.models import Household
from households.selectors.parameters import parameter
from monitoring import verbs
from monitoring.choices import ApplicationState, Channel
from monitoring.models import Application
from monitoring.policies import applications as policies
from monitoring.services import opening

# Read aloud over a telephone without doubt: no letters, no hyphen to forget.
DIGITS = 8
HOUR, DAY = 3600, 86400
SHORTEST = 4
CONSENT = (
    "本人承诺以上情况属实，如有虚假愿承担相应责任；同意村委会、乡镇政府和县级有关部门为核实本户困难情况，"
    "依法查询、核对本户共同生活的家庭成员的户籍、收入、财产等信息，核查时由各成年成员签署书面授权书。"
)
BUSY = "本村今天收到的申请较多，请直接到村委会或拨打乡镇政府电话申请"
TOO_OFTEN = "提交得太频繁，请过一个小时再试，或直接到村委会申请"


def may_ask(village: Division, address: str) -> Verdict:
    """Whether the public page still takes applications from this address and for this village today."""
    hourly = parameter("apply_per_address", village.path, clock.today())
    daily = parameter("apply_per_village", village.path, clock.today())
    if not within_limit("apply.address", address, most=hourly, seconds=HOUR):
        return Verdict.no(TOO_OFTEN)
    if not within_limit("apply.village", village.code, most=daily, seconds=DAY):
        return Verdict.no(BUSY)
    return Verdict.yes()


def may_look(path: str, address: str) -> bool:
    """Whether this address may ask once more where an application stands."""
    hourly = parameter("status_per_address", path, clock.today())
    return within_limit("apply.status", address, most=hourly, seconds=HOUR)


@transaction.atomic
def receive(
    village: Division,
    *,
    channel: str,
    head_name: str,
    applicant: str,
    phone: str,
    facts: str,
    address: str = "",
    difficulties: Sequence[str] = (),
    by: User | None,
) -> Application:
    """Keep an application with its receipt. `by` nobody: the public page, which has agreed to the declaration."""
    if by is not None:
        policies.may_take_in(by, village).require()
    row = Application.objects.create(
        receipt=_receipt(),
        village=village,
        division_path=village.path,
        county_code=code_of(village.path, "county"),
        channel=channel,
        head_name=head_name.strip(),
        applicant=applicant.strip(),
        phone=phone.strip(),
        address=address.strip(),
        difficulties=list(difficulties),
        facts=facts.strip(),
        consent=CONSENT,
        received_on=clock.today(),
        received_at=clock.now(),
        filed_by=by,
    )
    record(verbs.APPLICATION_RECEIVED, by=by, on=row, subject=row.receipt, path=village.path)
    return row


def _receipt() -> str:
    """The day and a number nobody can guess from another one."""
    return f"{clock.today():%Y%m%d}{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


@transaction.atomic
def file(row: Application, household: Household, *, by: User) -> Application:
    """The household is found: the application becomes its clue, which opens a case or joins the one under way."""
    row = _locked(row)
    verdict = policies.may_handle(by, row)
    if household.village_id != row.village_id:
        verdict &= Verdict.no("只能选择申请所在村的农户")
    verdict.require()
    what = labels("risk_type", row.difficulties)
    row.clue = opening.file_clue(
        household,
        source="hotline" if row.channel == Channel.HOTLINE else "self_apply",
        received_on=row.received_on,
        facts=f"{row.facts}（{what}）" if what else row.facts,
        applicant=row.applicant,
        channel=row.get_channel_display(),
        by=by,
    )
    row.household, row.state = household, ApplicationState.FILED
    return _handled(row, verbs.APPLICATION_FILED, "", by)


@transaction.atomic
def decline(row: Application, *, reply: str, by: User) -> Application:
    """Nothing to file: what the applicant was told, and that it can be reviewed by the township."""
    row = _locked(row)
    verdict = policies.may_handle(by, row)
    if len(reply.strip()) < SHORTEST:
        verdict &= Verdict.no(Reason("请写明不予受理的原因和答复情况", field="reply"))
    verdict.require()
    row.state, row.reply = ApplicationState.DECLINED, reply.strip()
    return _handled(row, verbs.APPLICATION_DECLINED, reply, by)


def _locked(row: Application) -> Application:
    rows = Application.objects.select_for_update(of=("self",)).select_related("village")
    return rows.get(pk=row.pk)


def _handled(row: Application, verb: str, note: str, by: User) -> Application:
    row.handled_at, row.handled_by = clock.now(), by
    row.save()
    record(verb, by=by, on=row, subject=row.receipt, path=row.division_path,
           after={"state": row.state}, note=note)  # fmt: skip
    return row
