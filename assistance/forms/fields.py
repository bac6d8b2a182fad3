"""Form parts of this app: several files in one input, measure items grouped by category."""

from typing import Any

from django import forms

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
