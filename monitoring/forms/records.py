"""Forms of what happens beside the steps: clue, objection, department's answer, opening, object."""

from collections.abc import Iterable
from typing import Any

from django import forms

from fanpin import clock
from fanpin.files.fields import FilesField
from fanpin.files.storing import ACCEPTED
from households.choices import choices
from households.models import Household
from households.selectors.members import roster
from households.selectors.parameters import policy_items
from monitoring.choices import PROMPT_ANSWERS, AnswerResult, EventType, Finding, Outcome
from monitoring.forms.parts import BLANK, DATE, StepForm
from monitoring.models import ComparisonAnswer
from monitoring.workflow import inputs as i

ANSWERS = [(r.value, r.label) for r in AnswerResult if r != AnswerResult.PENDING]
FINDINGS = [(f.value, f.label) for f in Finding if f != Finding.OPEN]
OUTCOMES = [(o.value, o.label) for o in (Outcome.ASSISTED, Outcome.NATURAL)]


class ClueForm(StepForm):
    source = forms.ChoiceField(label="线索来源", choices=BLANK + choices("clue_source"))
    received_on = forms.DateField(label="收到日期", widget=DATE, initial=clock.today)
    applicant = forms.CharField(label="申请人", max_length=40, required=False)
    channel = forms.CharField(
        label="受理方式", max_length=40, required=False, help_text="书面、口述、12317、扫码等"
    )
    department = forms.ChoiceField(
        label="预警部门", choices=[("", "—"), *choices("department")], required=False
    )
    key_group = forms.ChoiceField(
        label="特殊群体", choices=[("", "—"), *choices("special_group")], required=False
    )
    event_type = forms.ChoiceField(
        label="突发事件", choices=[("", "无"), *EventType.choices], required=False
    )
    event_on = forms.DateField(label="事件日期", widget=DATE, required=False)
    facts = forms.CharField(label="家庭情况和困难", widget=forms.Textarea(attrs={"rows": 4}))
    sections = (
        (
            "线索",
            "source received_on applicant channel department key_group event_type event_on facts:4",
        ),
    )


class ObjectionForm(StepForm):
    raised_on = forms.DateField(label="提出日期", widget=DATE, initial=clock.today)
    objector = forms.CharField(label="提出人", max_length=40, required=False, help_text="可匿名")
    content = forms.CharField(label="异议内容", widget=forms.Textarea)
    sections = (("公示异议", "raised_on objector content:4"),)


class ObjectionAnswerForm(StepForm):
    finding = forms.ChoiceField(label="核实结论", choices=BLANK + FINDINGS)
    replied_on = forms.DateField(label="答复日期", widget=DATE, initial=clock.today)
    enquiry = forms.CharField(label="核实情况", widget=forms.Textarea)
    reply = forms.CharField(label="答复内容", widget=forms.Textarea)
    sections = (("核实与答复", "finding replied_on enquiry:4 reply:4"),)


class AnswerForm(StepForm):
    """A department's answer about one family."""

    result = forms.ChoiceField(label="比对结果", choices=BLANK + ANSWERS)
    four_haves = forms.MultipleChoiceField(
        label="四有情形",
        choices=choices("siyou_type"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(label="说明", max_length=300, required=False, widget=forms.Textarea)
    sections = (("比对结果", "result four_haves:4 note:4"),)


class ExplainForm(StepForm):
    explanation = forms.CharField(label="核实情况", max_length=300, widget=forms.Textarea)
    is_exempt = forms.BooleanField(label="属于例外情形", required=False)
    sections = (("核实", "explanation:4 is_exempt"),)

    def __init__(self, *args: Any, row: ComparisonAnswer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if row.result != AnswerResult.HIT:
            del self.fields["is_exempt"]
            return
        items = policy_items("four_haves_type", row.case.division_path, clock.today())
        notes = "；".join(x.note for x in items if x.code in row.four_haves and x.note)
        self.fields["is_exempt"].help_text = notes


class DocumentForm(StepForm):
    """Papers of one name, several pages at once."""

    kind = forms.ChoiceField(label="材料名称")
    upload = FilesField(label="文件", help_text=f"{ACCEPTED}，可一次选多份")

    def __init__(self, *args: Any, names: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = BLANK + [(name, name) for name in names]


class WordsForm(StepForm):
    """A reason or an answer in words; `label` names it."""

    note = forms.CharField(label="原因", widget=forms.Textarea)
    places = {"reason": "note", "handling": "note"}
    sections = (("说明", "note:4"),)

    def __init__(self, *args: Any, label: str = "原因", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = label


class PromptForm(StepForm):
    """What was decided about a prompt, and why."""

    answer = forms.ChoiceField(label="办理结果", widget=forms.RadioSelect)
    note = forms.CharField(label="情况说明", widget=forms.Textarea(attrs={"rows": 3}))
    sections = (("办理", "answer:4 note:4"),)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [(a.value, a.label) for a in PROMPT_ANSWERS[kind]]
        self.fields["answer"].choices = found
        if len(found) == 1:
            self.fields["answer"].initial = found[0][0]


class EliminateForm(StepForm):
    method = forms.ChoiceField(label="风险消除方式", choices=BLANK + choices("elim_method"))
    note = forms.CharField(label="说明", widget=forms.Textarea, required=False)
    sections = (("拟消除", "method note:4"),)

    def inputs(self) -> i.Propose:
        return i.Propose(method=self.cleaned_data["method"], note=self.cleaned_data["note"])


class RollbackForm(StepForm):
    rule_codes = forms.MultipleChoiceField(
        label="存在的不消情形", required=False, widget=forms.CheckboxSelectMultiple
    )
    problem_since = forms.DateField(label="问题出现日期", widget=DATE)
    note = forms.CharField(label="情况和佐证", widget=forms.Textarea)
    sections = (("回退", "rule_codes:4 problem_since note:4"),)

    def __init__(self, *args: Any, household: Household, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = policy_items("no_elim_rule", household.division_path, clock.today())
        self.fields["rule_codes"].choices = [(r.code, f"{r.code.upper()} {r.label}") for r in rows]

    def inputs(self) -> i.Propose:
        d = self.cleaned_data
        return i.Propose(
            rule_codes=tuple(d["rule_codes"]), problem_since=d["problem_since"], note=d["note"]
        )


class RelabelForm(StepForm):
    cause = forms.ChoiceField(label="新风险成因")
    first_seen_on = forms.DateField(label="首次发现日期", widget=DATE)
    event_type = forms.ChoiceField(
        label="突发事件", choices=[("", "无"), *EventType.choices], required=False
    )
    old_problem_persists = forms.BooleanField(label="原风险仍未消除", required=False)
    note = forms.CharField(label="情况", widget=forms.Textarea)
    sections = (("再标注", "cause first_seen_on event_type old_problem_persists note:4"),)

    def __init__(self, *args: Any, household: Household, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = policy_items("risk_cause", household.division_path, clock.today())
        self.fields["cause"].choices = BLANK + [(r.code, r.label) for r in rows]

    def inputs(self) -> i.Relabel:
        return i.Relabel(**self.cleaned_data)


class CategoryForm(StepForm):
    category = forms.ChoiceField(label="新类别", choices=BLANK + choices("monitor_type"))
    deliberated_on = forms.DateField(label="村级评议日期", widget=DATE)
    reason = forms.CharField(label="原因", widget=forms.Textarea)
    sections = (("类别变更", "category deliberated_on reason:4"),)


class VoidForm(StepForm):
    city_filing_no = forms.CharField(label="市州备案文号", max_length=60)
    reason = forms.CharField(label="识别不准的原因", widget=forms.Textarea)
    sections = (("识别不准退出", "city_filing_no:2 reason:4"),)


class RiskForm(StepForm):
    cause = forms.ChoiceField(label="风险成因")
    member = forms.ChoiceField(label="涉及成员", required=False)
    subtype = forms.ChoiceField(
        label="自然灾害子项", choices=BLANK + choices("disaster_subtype"), required=False
    )
    first_seen_on = forms.DateField(label="首次发现日期", widget=DATE, initial=clock.today)
    note = forms.CharField(label="备注", max_length=200, required=False)
    evidence = forms.CharField(label="佐证", max_length=300, widget=forms.Textarea)
    sections = (("新增风险", "cause member subtype first_seen_on note:4 evidence:4"),)

    def __init__(self, *args: Any, household: Household, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = policy_items("risk_cause", household.division_path, clock.today())
        self.fields["cause"].choices = BLANK + [(r.code, r.label) for r in rows]
        people = [(m.pk, m.name) for m in roster(household)]
        self.fields["member"].choices = [("", "全户"), *people]

    def risk(self) -> i.Risk:
        d = self.cleaned_data
        return i.Risk(
            cause=d["cause"],
            member_id=int(d["member"]) if d["member"] else None,
            subtype=d["subtype"],
            note=d["note"],
            first_seen_on=d["first_seen_on"],
        )


class ResolveForm(StepForm):
    outcome = forms.ChoiceField(label="消除方式", choices=BLANK + OUTCOMES)
    evidence = forms.CharField(label="佐证", max_length=300, widget=forms.Textarea)
    sections = (("风险已消除", "outcome evidence:4"),)
