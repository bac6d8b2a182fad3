"""The pages without login: a household applies for itself, and asks where its application stands.

They never look into the register, so they cannot tell who stands in it; every refusal has the same words.
"""

from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from fanpin.accounts.addresses import address_of
from fanpin.regions.models import Division, Level
from fanpin.regions.scope import path_to
from monitoring.choices import Channel
from monitoring.forms.applications import PublicForm, StatusForm
from monitoring.selectors import applications as selectors
from monitoring.services import applications as services

TOO_MANY = 429
SALT = "monitoring.application"
DAY = 24 * 3600
UNKNOWN = "没有查到，请核对受理编号和联系电话后四位"
LATER = "查询得太频繁，请过一个小时再试"
PROVINCE = "/62/"


@require_GET
def places(request: HttpRequest) -> HttpResponse:
    """From the province down to the village whose form is wanted; the tree is public."""
    code = request.GET.get("place", "") or PROVINCE.strip("/")
    place = Division.objects.filter(pk=code, valid_until__isnull=True).first()
    if place is None or place.level in (Level.VILLAGE, Level.HAMLET):
        raise Http404
    below = place.children.filter(valid_until__isnull=True).order_by("code")
    return render(
        request, "public/places.html", {"title": "自主申请", "place": place, "below": below}
    )


@never_cache
@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest, code: str) -> HttpResponse:
    """The form of one village, as its square code opens it."""
    village = selectors.open_village(code)
    if village is None:
        raise Http404
    form = PublicForm(request.POST or None)
    if form.is_valid():
        try:
            services.may_ask(village, address_of(request) or "").require()
            row = services.receive(village, channel=Channel.SCAN, by=None, **form.given())
        except ValidationError as refused:
            form.take_refusal(refused)
            return _form(request, form, village, TOO_MANY)
        return redirect("monitoring:apply_received", token=signing.dumps(row.receipt, salt=SALT))
    return _form(request, form, village, 422 if form.is_bound else 200)


def _form(request: HttpRequest, form: PublicForm, village: Division, status: int) -> HttpResponse:
    context = {
        "title": "自主申请",
        "form": form,
        "village": village,
        "consent": services.CONSENT,
    }
    return render(request, "public/apply.html", context, status=status)


@never_cache
@require_GET
def received(request: HttpRequest, token: str) -> HttpResponse:
    """The receipt, for whoever has just applied."""
    try:
        receipt = signing.loads(token, salt=SALT, max_age=DAY)
    except signing.BadSignature:
        raise Http404 from None
    return render(request, "public/received.html", {"title": "已收到申请", "receipt": receipt})


@never_cache
@require_http_methods(["GET", "POST"])
def status(request: HttpRequest) -> HttpResponse:
    """Receipt and the last four digits of the telephone give the public words of the step, and nothing else."""
    form = StatusForm(request.POST or None)
    words, code = "", 200
    if form.is_valid():
        if services.may_look(path_to(PROVINCE, "province"), address_of(request) or ""):
            words = selectors.told(**form.cleaned_data) or UNKNOWN
        else:
            words, code = LATER, TOO_MANY
    elif form.is_bound:
        code = 422
    context = {"title": "查询办理进度", "form": form, "words": words}
    return render(request, "public/status.html", context, status=code)
