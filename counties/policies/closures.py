"""Who may check, sign and order a correction, and what stands in the way."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from counties.models import ClosureRun, ClosureSignature
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.regions.models import Division
from households.models import Campaign
from households.policies.locks import unlocked
from households.selectors.parameters import parameter


def may_run(user: User, county: Division, campaign: Campaign) -> Verdict:
    """The county runs its checks until it has signed."""
    if not user.may(Permission.RUN_CLOSURE, county.path):
        return Verdict.denied("您的岗位不能运行县级闭合检查")
    return unlocked(county.path, campaign)


def may_sign(user: User, run: ClosureRun) -> Verdict:
    """The county signs when nothing blocks and the other findings are explained (policy.md §11.4)."""
    county = run.division
    if not user.may(Permission.SIGN_CLOSURE, county.path):
        return Verdict.denied("您的岗位不能签署县级闭合")
    return unlocked(county.path, run.campaign) & ready(run)


def ready(run: ClosureRun) -> Verdict:
    """What stands in the way of a signature, each with its figures and link."""
    reasons = []
    county = run.division
    if run.blocking:
        url = _findings(county, "yes")
        reasons.append(Reason(f"阻断项{run.blocking}条未闭合", url, "业务规程 §11.4"))
    for result in run.results.all():
        if result.obstacle:
            where = "counties:ledgers" if "台账" in result.obstacle else "households:parameters"
            reasons.append(Reason(f"{result.code}：{result.obstacle}", reverse(where)))
        elif result.violations:
            url = reverse("counties:closure_items", args=[run.division_id, result.code])
            reasons.append(Reason(f"{result.code}：{result.violations}条", url))
    day = timezone.localtime(run.run_at).date()
    needed = parameter("warnings_explained_percent", run.division.path, day)
    if run.others and run.others_settled * 100 < needed * run.others:
        reasons.append(
            Reason(
                f"其他疑点{run.others}条，已说明认可{run.others_settled}条，不足{needed:f}%",
                _findings(county, "no"),
                "业务规程 §11.4",
            )
        )
    return Verdict.no(*reasons)


def _findings(county: Division, blocking: str) -> str:
    """The list of what is open in a county: of what blocks, or of the rest."""
    query = urlencode({"state": "live", "division": county.path, "blocking": blocking})
    return f"{reverse('counties:findings')}?{query}"


def may_order_correction(user: User, signature: ClosureSignature) -> Verdict:
    """Only the county itself lifts its signature, by an order with number and reason."""
    if not user.may(Permission.SIGN_CLOSURE, signature.division.path):
        return Verdict.denied("更正令由县级下达")
    if not signature.in_force:
        return Verdict.no(f"该版已由更正令{signature.order_no}解除锁定")
    return Verdict.yes()
