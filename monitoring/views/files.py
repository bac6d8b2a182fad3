"""The tab 户内资料 of a household: every paper by episode and step, what is missing, the whole as one archive."""

from pathlib import Path
from tempfile import TemporaryDirectory

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header

from fanpin import clock
from fanpin.accounts.access import requires
from fanpin.accounts.roles import Permission as P
from fanpin.jobs.models import Job
from fanpin.papers.declaring import Printing
from households.models import Household
from households.policies.printing import may_print_in_full
from households.views import shell
from households.views.answers import attempt, page
from households.views.printing import link
from monitoring.forms.files import FileForm
from monitoring.papers import bundle
from monitoring.papers.folder import Folder, folder_of
from monitoring.services import printing
from monitoring.views.answering import user_of

ACTIVE = "monitoring:file"


@requires(P.VIEW_CASES)
def tab(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows the file, POST downloads it: at once when it is small, else as a job."""
    household = shell.scoped(request, pk)
    may_show = may_print_in_full(user_of(request), [household.division_path])
    folder = folder_of(household)
    form = FileForm(request.POST) if request.method == "POST" else FileForm()
    reasons = []
    if request.method == "POST" and form.is_valid():
        answer, reasons = attempt(form, lambda: _taken(request, household, folder, form))
        if answer is not None:
            return redirect(answer) if isinstance(answer, Job) else answer
    context = shell.context(request, household, active=ACTIVE)
    context |= {"folder": folder, "form": form, "may_show": may_show}
    return page(request, "monitoring/file.html", context, wrong=(form,), reasons=reasons)


def _taken(
    request: HttpRequest, household: Household, folder: Folder, form: FileForm
) -> HttpResponse | Job:
    user = user_of(request)
    scans, reason = bool(form.cleaned_data["full"]), form.cleaned_data["reason"]
    if bundle.is_large(folder, scans=scans):
        return printing.order_file(
            household, scans=scans, link=link(request), reason=reason, by=user
        )
    printing.take_file(household, scans=scans, reason=reason, by=user)
    printed = Printing(user.name, clock.now(), link(request), full=scans)
    with TemporaryDirectory() as place:
        file = Path(place) / "file.zip"
        bundle.write(file, folder, printed, scans=scans)
        data = file.read_bytes()
    disposition = content_disposition_header(
        as_attachment=True, filename=f"{household}-户内资料.zip"
    )
    headers = {"Content-Disposition": disposition or "", "Cache-Control": "no-store"}
    return HttpResponse(data, content_type="application/zip", headers=headers)
