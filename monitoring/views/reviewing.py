"""The review page of township and county: everything about a case at a glance and the decision beside it; bulk pass."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fanpin import clock
from fanpin.accounts.access import requires
from fanpin.accounts.roles import Permission as P
from fanpin.web.components import Crumb, Fact
from households.selectors.parameters import policy_items
from monitoring.choices import CaseStatus
from monitoring.forms.reviewing import ReviewForm
from monitoring.models import Case, Episode
from monitoring.selectors.case_facts import CaseFacts, case_facts
from monitoring.selectors.pages import page
from monitoring.services import cases, reviewing
from monitoring.views.answering import attempt, user_of
from monitoring.views.cases import answers, case_or_404, case_url, crumbs, keep_papers
from monitoring.views.lights import light_rows
from monitoring.workflow import showing

REVIEWERS = (P.TOWNSHIP_CASE, P.TOWNSHIP_GOVERNMENT, P.COUNTY_CASE)
AT = (CaseStatus.VILLAGE_SUBMITTED, CaseStatus.TOWNSHIP_PASSED)


@requires(*REVIEWERS)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One page: the facts, what others said, and the reviewer's decision."""
    case, user = case_or_404(request, pk), user_of(request)
    if case.status not in AT:
        last = case.steps.select_related("done_by").last()
        messages.info(request, f"本办件现为“{case.get_status_display()}”。{_told(last)}")
        return redirect(case_url(case))
    wrong = keep_papers(request, case) if request.method == "POST" else {}
    facts = case_facts(case)
    transitions = reviewing.checks_of(facts, user)
    phrases = policy_items("review_phrase", case.division_path, clock.today())
    form = ReviewForm(request.POST or None, facts=facts, transitions=transitions, phrases=phrases)
    for name, text in wrong.items():
        form.add_error(name if name in form.fields else None, text)
    if request.method == "POST" and form.is_valid() and not wrong:
        seen = request.POST.get("version", "")
        version = int(seen) if seen.isdigit() else None
        given, t = form.inputs(), form.transition

        def act() -> None:
            cases.apply(case, t.name, by=user, inputs=given, version=version)

        if attempt(form, act):
            messages.success(request, f"已办理：{t.label}")
            return redirect(case_url(case))
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "monitoring/review.html", _context(request, facts, form), status=status)


def _told(step: object) -> str:
    if step is None or step.done_by is None:  # type: ignore[attr-defined]
        return ""
    return f"{step.done_by.name}已办理“{step.label}”。"  # type: ignore[attr-defined]


def _context(request: HttpRequest, facts: CaseFacts, form: ReviewForm) -> dict:
    case, user = facts.case, user_of(request)
    return {
        "title": f"审核　{case.get_kind_display()}　{case.household}",
        "breadcrumb": [*crumbs(case), Crumb(case.number, case_url(case))],
        "case": case,
        "facts": facts,
        "form": form,
        "multipart": form.is_multipart(),
        "summary": showing.summary(facts),
        "figures_of_visit": showing.figures(facts),
        "rules": _rules(facts),
        "answers": answers(request, facts),
        "lights": light_rows(facts.criteria, case.household_id),
        "episodes": Episode.objects.filter(object=case.object).order_by("seq"),
        "matters": reviewing.open_matters(facts).reasons,
        "blocked": reviewing.blocked(facts, user),
        "documents": facts.documents,
        "history": showing.history(facts),
        "back": case_url(case),
    }


def _rules(facts: CaseFacts) -> list[Fact]:
    """What the rules and the departments say of the household today."""
    h = facts.household
    url = page("counties:household", h.pk)
    hits = sum(a.result == "hit" for a in facts.answers)
    conflicts = sum(a.result == "conflict" for a in facts.answers)
    found = [
        Fact("数据错误", h.open_errors, url, unit="条", tone="red" if h.open_errors else "green"),
        Fact("异议", len(facts.objections), unit="条"),
    ]
    if facts.answers:
        found += [
            Fact("反馈部门", len(facts.answers), unit="个"),
            Fact("四有命中", hits, unit="个", tone="red" if hits else "green"),
            Fact("信息不一致", conflicts, unit="个", tone="amber" if conflicts else "green"),
        ]
    return found


@requires(*REVIEWERS)
@require_POST
def pass_many(request: HttpRequest) -> HttpResponse:
    """Bulk pass of the ticked cases where nothing is open."""
    user = user_of(request)
    ids = [int(text) for text in request.POST.getlist("ids") if text.isdigit()]
    rows = Case.objects.within(user.scope).filter(pk__in=ids, status__in=AT).order_by("pk")
    rows = rows.select_related("household__village", "object__household", "episode", "opened_by")
    phrases = policy_items("review_phrase", _path(user), clock.today())
    usual = next((p.label for p in phrases if "pass" in p.flags), "情况属实，同意")
    passed = reviewing.pass_many(rows, opinion=usual, by=user)
    if passed.done:
        messages.success(request, f"已审核通过{len(passed.done)}件，意见：{usual}")
    for case, why in passed.left:
        messages.error(request, f"{case.number} {case.household}：{why}")
    if not passed.done and not passed.left:
        messages.info(request, "没有可以批量审核的办件")
    back = request.POST.get("next", "")
    own = reverse("monitoring:cases")
    return redirect(back if back.startswith("/monitoring/") else f"{own}?waiting=mine")


def _path(user: object) -> str:
    paths = user.scope.paths  # type: ignore[attr-defined]
    return paths[0] if paths else ""
