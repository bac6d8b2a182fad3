"""The member sheet (forms.md §1.13), and the short lines of a household that is being registered."""

from typing import Any

from django import forms

from households.choices import HEAD, choices
from households.forms.building import ColumnsForm, fill
from households.forms.households import names
from households.models import Member
from households.selectors import workplaces
from households.services.people import WITHOUT_NUMBER

BLOCKS: tuple[tuple[str, str], ...] = (
    (
        "基本信息",
        "name id_type id_no:2 relation sex birth_date ethnicity political_status member_phone national_person_no "
        "speaks_mandarin",
    ),
    (
        "文化、健康、劳动",
        "education school_status dropout_reason labour health:2 disease_name disability_cert_year",
    ),
    (
        "务工与公益性岗位",
        "work_months works_abroad work_county work_township employer:2 work_channel:2 public_post:2 public_post_months "
        "work_industry work_monthly_income work_start_ym work_end_ym grad_unemployed_reason",
    ),
    (
        "保险与保障",
        "ins_med_resident ins_med_employee ins_critical ins_commercial uninsured_reason ins_accident_subsidy "
        "got_medical_aid got_other_health_aid ins_pension_resident ins_pension_employee dibao_status tekun_status "
        "is_resettled_person is_active_military is_orphan person_groups:4",
    ),
)
BY_NUMBER = "填写证件号码后自动带出"


class MemberForm(ColumnsForm):
    """One person, whole sheet. A head's relation is changed by “变更户主” only, so it is not here for a head."""

    model = Member
    columns = tuple(name for _title, block in BLOCKS for name in names(block))
    blocks = BLOCKS

    def __init__(self, *args: Any, **kwargs: Any):
        row = kwargs.get("row")
        super().__init__(*args, **kwargs)
        if row is not None and row.is_head:
            del self.fields["relation"]
        else:
            others = [pair for pair in choices("relation_to_head") if pair[0] != HEAD]
            self.fields["relation"].choices = [("", ""), *others]  # type: ignore[attr-defined]
            self.fields["relation"].required = True
        self.fields["name"].required = True
        self.fields["sex"].help_text = self.fields["birth_date"].help_text = BY_NUMBER
        self.fields["work_county"].help_text = _workplace(row)
        self.fields["work_township"].help_text = "九位乡级区划代码，在本乡镇内务工时填写"
        fill(self, NUMBER_ATTRS)
        fill(self, {"work_county": {"list": "counties", "inputmode": "numeric"}})

    def clean(self) -> dict[str, Any]:
        return with_number(self, super().clean() or {})


def _workplace(row: Member | None) -> str:
    """What the code now stands for, or how to fill it in."""
    place = workplaces.name_of(row.work_county) if row is not None and row.work_county else ""
    return place or "六位县级区划代码，可按省市名称查找；省外只知到市的选市"


NUMBER_ATTRS: dict[str, dict[str, Any]] = {
    "name": {"autofocus": True},
    "id_no": {"data-id-number": "", "maxlength": 30},
    "sex": {"data-from-id": "sex"},
    "birth_date": {"data-from-id": "birth"},
    "member_phone": {"inputmode": "tel"},
}


def with_number(form: forms.Form, data: dict[str, Any]) -> dict[str, Any]:
    """A number is asked for unless the paper has none; the service judges whether it can be true."""
    if (
        not data.get("id_no")
        and data.get("id_type") not in WITHOUT_NUMBER
        and not form.errors.get("id_no")
    ):
        form.add_error("id_no", "请填写证件号码；确无号码的，证件类型选“无证件”或“出生医学证明”")
    if "id_type" in data and not data["id_type"]:
        data["id_type"] = "id_card"
    return data


class FirstMemberForm(forms.Form):
    """One line of a new household: enough to know the person, the rest follows on the member's page."""

    name = forms.CharField(label="姓名", max_length=40, required=False)
    id_type = forms.ChoiceField(
        label="证件类型", choices=choices("id_type"), initial="id_card", required=False
    )
    id_no = forms.CharField(label="证件号码", max_length=30, required=False)
    relation = forms.ChoiceField(
        label="与户主关系", choices=[("", ""), *choices("relation_to_head")], required=False
    )
    sex = forms.ChoiceField(
        label="性别", choices=[("", ""), ("1", "男"), ("2", "女")], required=False
    )
    birth_date = forms.DateField(label="出生日期", required=False)
    ethnicity = forms.ChoiceField(
        label="民族", choices=choices("ethnicity"), initial="01", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        fill(self, {k: v for k, v in NUMBER_ATTRS.items() if k != "name"})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.filled:
            return data
        for name, text in (("name", "请填写姓名"), ("relation", "请选择与户主关系")):
            if not data.get(name):
                self.add_error(name, text)
        return with_number(self, data)

    @property
    def filled(self) -> bool:
        """Whether somebody stands in this line."""
        return any(self.cleaned_data.get(name) for name in ("name", "id_no"))

    @property
    def values(self) -> dict[str, Any]:
        return {k: v for k, v in self.cleaned_data.items() if k in self.fields}


class FirstMembers(forms.BaseFormSet):
    """The lines of a new household."""

    @property
    def people(self) -> list[dict[str, Any]]:
        return [form.values for form in self.forms if form.filled]

    def clean(self) -> None:
        if any(self.errors):
            return
        heads = sum(person["relation"] == HEAD for person in self.people)
        if heads != 1:
            raise forms.ValidationError(
                "请登记户主（与户主关系选“户主”）"
                if heads == 0
                else "一户只能有一名户主，请核对“与户主关系”"
            )


FirstMembersFormSet = forms.formset_factory(
    FirstMemberForm, formset=FirstMembers, extra=4, max_num=30
)


class UnmaskForm(forms.Form):
    reason = forms.CharField(
        label="查看原因",
        max_length=200,
        min_length=4,
        help_text="将记入审计，例如：核对身份证复印件",
    )
