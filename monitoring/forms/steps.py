"""One form per kind of step: cleaned data becomes the inputs of the workflow."""

from decimal import Decimal
from typing import Any

from django import forms

from fanpin import clock
from households.choices import choices
from monitoring.choices import EndReason, SignMode
from monitoring.forms.cases import CaseForm, date_field
from monitoring.forms.parts import BLANK, NamesField, YesNoField
from monitoring.forms.visits import CheckForm
from monitoring.selectors.case_facts import CaseFacts
from monitoring.workflow import inputs as i
from monitoring.workflow import wording
from monitoring.workflow.requirements import GUARANTEES
from monitoring.workflow.transitions import END, RETURN, Transition

OUT_OF_CHECK = (
    EndReason.CHECKED_OUT,
    EndReason.ABOVE_LINE,
    EndReason.NO_RISK,
    EndReason.FOUR_HAVES,
)


class NoteForm(CaseForm):
    """Nothing but a remark; required where the step asks for a reason."""

    note = forms.CharField(label="说明", widget=forms.Textarea, required=False)
    sections = (("说明", "note:4"),)

    def shape(self) -> None:
        if self.transition.requires:
            self.fields["note"].required = True
            told = self.transition.way in (END, RETURN)
            self.fields["note"].label = "原因" if told else "说明"


class AnalyseForm(CaseForm):
    held_on = date_field("研判日期", initial=clock.today)
    attendees = NamesField(label="参加人员（村两委、驻村工作队等）")
    reasons = forms.CharField(label="研判意见", widget=forms.Textarea)
    sections = (("分析研判", "held_on attendees:3 reasons:4"),)

    def inputs(self) -> i.Analyse:
        d = self.cleaned_data
        return i.Analyse(held_on=d["held_on"], attendees=d["attendees"], reasons=d["reasons"])


class AuthoriseForm(CaseForm):
    """A line for each adult."""

    places = {"signatures": "signed_on"}
    signed_on = date_field("签署日期", initial=clock.today)

    def shape(self) -> None:
        names = []
        for member in self.facts.adults:
            key = f"m{member.pk}"
            self.fields[f"{key}_mode"] = forms.ChoiceField(
                label=f"{member.name}（{member.get_relation_display()}）签署方式",
                choices=[("", "未签署"), *SignMode.choices],
                required=False,
            )
            self.fields[f"{key}_proxy"] = forms.CharField(
                label="代签人", max_length=40, required=False
            )
            names += [f"{key}_mode:2", f"{key}_proxy"]
        self.sections = (("签署", "signed_on:4 " + " ".join(names)),)

    def inputs(self) -> i.Authorise:
        d = self.cleaned_data
        signed = tuple(
            i.Signature(
                member_id=m.pk,
                mode=d[f"m{m.pk}_mode"],
                signed_on=d["signed_on"],
                proxy_name=d[f"m{m.pk}_proxy"],
            )
            for m in self.facts.adults
            if d[f"m{m.pk}_mode"]
        )
        return i.Authorise(signatures=signed)


class DeliberateForm(CaseForm):
    held_on = date_field("评议日期", initial=clock.today)
    place = forms.CharField(label="地点", max_length=60, initial="村委会会议室")
    chair = forms.CharField(label="主持人", max_length=40)
    attendees = NamesField(label="参加人员（村两委、驻村队、党员和村民代表）")
    absentees = NamesField(label="缺席人员", required=False)
    votes_for = forms.IntegerField(label="同意", min_value=0)
    votes_against = forms.IntegerField(label="不同意", min_value=0, initial=0)
    votes_abstain = forms.IntegerField(label="弃权", min_value=0, initial=0)
    minutes = forms.CharField(label="会议记录", widget=forms.Textarea(attrs={"rows": 4}))
    dissent = forms.CharField(
        label="会上异议和答复", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    units = {"votes_for": "票", "votes_against": "票", "votes_abstain": "票"}

    def shape(self) -> None:
        meeting = "held_on place chair attendees:4 absentees:4 votes_for votes_against"
        meeting += " votes_abstain minutes:4 dissent:4"
        blocks = [("会议", meeting)]
        if self.facts.is_marking and self.transition.way != END:
            self._category_rows()
            blocks.append(
                ("评议结论", "category has_hardship confirms_four_haves category_reason:4 needs:4")
            )
        if self.transition.way == END:
            self.fields["note"] = forms.CharField(label="未通过原因", widget=forms.Textarea)
            blocks.append(("结论", "note:4"))
        self.sections = tuple(blocks)

    def _category_rows(self) -> None:
        suggested = self.facts.case.category_suggested
        self.fields["category"] = forms.ChoiceField(
            label="监测对象类别", choices=BLANK + choices("monitor_type"), initial=suggested
        )
        self.fields["has_hardship"] = forms.BooleanField(
            label="基本生活出现严重困难", required=False
        )
        if self.facts.has_four_haves:
            self.fields["confirms_four_haves"] = forms.BooleanField(
                label="评议确认四有例外情形", required=False
            )
        self.fields["category_reason"] = forms.CharField(
            label="类别说明", widget=forms.Textarea, required=False,
            help_text="与系统建议不同的须写明理由，不少于10字",
        )  # fmt: skip
        self.fields["needs"] = forms.CharField(
            label="初步帮扶需求", widget=forms.Textarea, required=False,
            help_text="产业、就业、健康、教育、住房、饮水、兜底等方面需要的帮扶",
        )  # fmt: skip

    def inputs(self) -> i.Deliberate:
        known = ("held_on", "place", "chair", "attendees", "absentees", "dissent", "votes_for",
                 "votes_against", "votes_abstain", "minutes", "category", "has_hardship", "confirms_four_haves",
                 "category_reason", "needs", "note")  # fmt: skip
        d = self.cleaned_data
        return i.Deliberate(**{name: d[name] for name in known if name in d})


class PostForm(CaseForm):
    posted_on = date_field("张贴日期", initial=clock.today)
    place = forms.CharField(label="张贴地点", max_length=80, initial="村委会公示栏")
    text = forms.CharField(
        label="内容", widget=forms.Textarea(attrs={"rows": 8}),
        help_text="不得写身份证号码、电话、银行账号和病情",
    )  # fmt: skip
    sections = (("公示公告", "posted_on place:3 text:4"),)

    def shape(self) -> None:
        self.fields["text"].initial = wording.notice_text(self.facts, self.transition)

    def inputs(self) -> i.Post:
        d = self.cleaned_data
        return i.Post(posted_on=d["posted_on"], place=d["place"], text=d["text"])


class DecideForm(CaseForm):
    note = forms.CharField(label="意见", widget=forms.Textarea)
    visited_on = date_field("实地核实日期", required=False)

    def shape(self) -> None:
        names = "note:4 visited_on"
        if self.transition.name == "government_pass":
            self.fields["is_sealed"] = forms.BooleanField(label="乡镇政府已盖章", required=False)
            names += " is_sealed"
        if self.transition.name in ("county_approve", "county_file"):
            self.fields["category_reason"] = forms.CharField(
                label="认定理由（提请关注、四有例外、超期回退时必填）",
                required=False,
                widget=forms.Textarea,
            )
            names += " category_reason:4"
        self.sections = (("意见", names),)

    def inputs(self) -> i.Decide:
        known = ("note", "visited_on", "is_sealed", "category_reason")
        return i.Decide(**{n: self.cleaned_data[n] for n in known if n in self.cleaned_data})


class EndForm(CaseForm):
    reason = forms.ChoiceField(
        label="原因", choices=BLANK + [(r.value, r.label) for r in OUT_OF_CHECK]
    )
    note = forms.CharField(label="原因说明", widget=forms.Textarea)
    sections = (("核查不纳入", "reason:2 note:4"),)

    def inputs(self) -> i.End:
        return i.End(reason=self.cleaned_data["reason"], note=self.cleaned_data["note"])


class EnterForm(CaseForm):
    national_hh_no = forms.CharField(label="国家系统户编号", max_length=32)
    month = forms.CharField(label="标注月份", max_length=6, help_text="6位数字，例如202111")
    entered_on = date_field("录入日期", initial=clock.today)
    operator = forms.CharField(label="录入人", max_length=40)

    def shape(self) -> None:
        self.fields["national_hh_no"].initial = self.facts.household.national_hh_no
        self.fields["month"].initial = self.facts.case.reference_month
        blocks = [("国家系统录入", "national_hh_no month entered_on operator")]
        if self.transition.name == "eliminate":
            self.fields["contact_name"] = forms.CharField(label="监测联系人", max_length=40)
            self.fields["contact_phone"] = forms.CharField(label="联系人手机", max_length=11)
            self.fields["post_income_pc"] = forms.DecimalField(
                label="消除后人均纯收入", max_digits=12, decimal_places=2, initial=self._income_pc()
            )
            for name, label in GUARANTEES.items():
                self.fields[f"post_{name}"] = YesNoField(
                    label=f"消除后{label}有保障", initial=self._seen(name)
                )
            self.fields["announced_on"] = date_field("公告日期", initial=clock.today)
            self.fields["announce_place"] = forms.CharField(
                label="公告地点", max_length=80, initial="村委会公示栏"
            )
            secured = " ".join(f"post_{name}" for name in GUARANTEES)
            names = (
                f"contact_name contact_phone post_income_pc:2 {secured} announced_on announce_place"
            )
            blocks.append(("消除后监测", names))
            self.units = {"post_income_pc": "元"}
        self.sections = tuple(blocks)

    def _seen(self, name: str) -> str:
        """What the visit found."""
        return "1" if self.facts.check and getattr(self.facts.check, name) else ""

    def _income_pc(self) -> Decimal | None:
        statement = self.facts.check.statement if self.facts.check else None
        return statement.inc_net_pc if statement else None

    def inputs(self) -> i.Enter:
        return i.Enter(**{name: self.cleaned_data[name] for name in self.asked})


FORMS: dict[type[i.Inputs], type[CaseForm]] = {
    i.Inputs: NoteForm,
    i.Analyse: AnalyseForm,
    i.Authorise: AuthoriseForm,
    i.Check: CheckForm,
    i.Deliberate: DeliberateForm,
    i.Post: PostForm,
    i.Decide: DecideForm,
    i.End: EndForm,
    i.Enter: EnterForm,
}


def form_for(facts: CaseFacts, transition: Transition, data: Any = None) -> CaseForm:
    """The form of a step, empty or filled."""
    return FORMS[transition.takes](data, facts=facts, transition=transition)
