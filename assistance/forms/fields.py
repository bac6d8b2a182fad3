"""Form parts of this app: several files in one input, measure items grouped by category."""

from typing import Any

from django import forms

from fanpin.files.storing import ACCEPTED, validate_evidence
from households.choices import choices, label

ACCEPT = "image/jpeg,image/png,application/pdf"
# Where a measure of a category is filed in the eleven ledgers when nobody says otherwise (policy.md §9).
DOMAIN_OF = {
    "industry": "industry",
    "employment": "employment",
    "finance": "microloan",
    "public_post": "ecology",
    "house_safety": "infrastructure",
    "water_safety": "infrastructure",
    "health": "guarantee",
    "compulsory_edu": "guarantee",
    "other_edu": "guarantee",
    "comprehensive": "guarantee",
    "social": "ew_coop",
    "relocation": "resettlement",
    "living_improve": "infrastructure",
    "infrastructure": "infrastructure",
}


class Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more photos or PDF scans; cleaned to a list."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", Files(attrs={"multiple": True, "accept": ACCEPT}))
        kwargs.setdefault("help_text", f"可选多个{ACCEPTED}，每个不超过 20 MB")
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data]
        found = [super(FilesField, self).clean(one, initial) for one in given]
        uploads = [one for one in found if one]
        for upload in uploads:
            validate_evidence(upload)
        return uploads


def item_choices() -> list[tuple[str, Any]]:
    """措施子项 under their category, as option groups."""
    groups: dict[str, list[tuple[str, str]]] = {code: [] for code, _ in choices("measure_category")}
    for code, name in choices("measure_item"):
        groups[code.partition(".")[0]].append((code, name))
    named = [(label("measure_category", code), items) for code, items in groups.items()]
    return [("", "请选择"), *named]


class KindForm(forms.ModelForm):
    """The item alone says the category; the domain follows from it unless chosen."""

    item = forms.ChoiceField(label="措施", choices=item_choices)
    domain = forms.ChoiceField(
        label="业务领域",
        choices=[("", "按措施自动归入"), *choices("measure_domain")],
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if item := data.get("item"):
            data["category"] = item.partition(".")[0]
            data["domain"] = data.get("domain") or DOMAIN_OF[data["category"]]
        return data
