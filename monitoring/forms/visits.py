"""The visit to the household (入户核查): who came, how they live, what they earn, what threatens them."""

from decimal import Decimal
from typing import Any

from django import forms

from fanpin import clock
from households.choices import choices
from monitoring.choices import CheckUnit, Outcome, ScopeBasis
from monitoring.forms.cases import CaseForm, date_field
from monitoring.forms.parts import BLANK, YesNoField, rows
from monitoring.workflow import inputs as i

VISITORS, RISKS = 3, 5
INCOME = {
    "inc_wage": "工资性收入",
    "inc_business": "生产经营性收入",
    "inc_property": "财产性收入",
    "inc_transfer": "转移性收入",
    "exp_business": "生产经营性支出",
    "claim_income": "理赔收入",
    "self_pay": "合规自付支出",
}
SHOCKS = [("rigid_expense", "刚性支出骤增"), ("income_collapse", "收入骤减")]


class CheckForm(CaseForm):
    """The visit. Which parts show depends on the kind of case."""

    places = {"visitors": "v1_name", "risks": "r1_cause", "income": "inc_wage"}
    units = dict.fromkeys(INCOME, "元") | {"income_months": "个月"}

    checked_on = date_field("核查日期", initial=clock.today)
    household_signed = forms.BooleanField(label="农户已签字确认", required=False)
    situation = forms.CharField(
        label="家庭情况", widget=forms.Textarea(attrs={"rows": 4}),
        help_text="人口、健康、就学、劳动力、住房、饮水、保障和主要困难",
    )  # fmt: skip
    house_safe = YesNoField(label="住房安全有保障")
    water_safe = YesNoField(label="饮水安全有保障")
    schooling_ok = YesNoField(label="义务教育有保障")
    insured = YesNoField(label="基本医疗有保障")
    guarantee_note = forms.CharField(label="存在问题的具体情况", required=False)
    longitude = forms.DecimalField(label="经度", max_digits=9, decimal_places=6, required=False)
    latitude = forms.DecimalField(label="纬度", max_digits=8, decimal_places=6, required=False)

    def shape(self) -> None:
        self._visitor_rows()
        blocks = [
            ("核查组（至少两人，一人来自乡镇或驻村工作队）",
             "checked_on household_signed:3 " + rows("v", VISITORS, ("name", "unit"))),
            ("家庭情况", "situation:4"),
            ("“三保障”和饮水安全",
             "house_safe water_safe schooling_ok insured guarantee_note:2 longitude latitude"),
        ]  # fmt: skip
        if self.facts.case.kind != "rollback":
            self._income_rows()
            blocks.append(("收入测算（按核查月份确定周期）", " ".join(INCOME)))
        if self.facts.is_marking:
            self._shock_rows()
            blocks.append(("突发情况", "scope_basis has_shock event_on shock_kinds:4 shock_note:4"))
        if self.facts.case.kind == "eliminate":
            blocks += self._elimination_rows()
        else:
            self._risk_rows()
            names = ("cause", "member", "first_seen_on", "subtype", "note:4")
            blocks.append(("返贫致贫风险（第一项为主要风险，最多五项）", rows("r", RISKS, names)))
        self.sections = tuple(blocks)

    def _visitor_rows(self) -> None:
        for n in range(1, VISITORS + 1):
            self.fields[f"v{n}_name"] = forms.CharField(
                label=f"核查人{n}", max_length=40, required=False
            )
            self.fields[f"v{n}_unit"] = forms.ChoiceField(
                label="所属", choices=BLANK + CheckUnit.choices, required=False
            )

    def _income_rows(self) -> None:
        for name, label in INCOME.items():
            self.fields[name] = forms.DecimalField(
                label=label, min_value=0, max_digits=12, decimal_places=2, required=False
            )

    def _shock_rows(self) -> None:
        self.fields["scope_basis"] = forms.ChoiceField(
            label="纳入范围依据", choices=BLANK + ScopeBasis.choices
        )
        self.fields["has_shock"] = forms.BooleanField(label="有突发事件", required=False)
        self.fields["event_on"] = date_field("事件日期", required=False)
        self.fields["shock_kinds"] = forms.MultipleChoiceField(
            label="突发影响", choices=SHOCKS, required=False, widget=forms.CheckboxSelectMultiple
        )
        self.fields["shock_note"] = forms.CharField(
            label="突发情况及佐证", required=False, widget=forms.Textarea
        )

    def _risk_rows(self) -> None:
        people = [("", "全户"), *((m.pk, m.name) for m in self.facts.members)]
        causes = BLANK + [(c.code, c.label) for c in self.facts.risk_causes.values()]
        for n in range(1, RISKS + 1):
            self.fields[f"r{n}_cause"] = forms.ChoiceField(
                label=f"风险{n}", choices=causes, required=False
            )
            self.fields[f"r{n}_member"] = forms.ChoiceField(
                label="涉及成员", choices=people, required=False
            )
            self.fields[f"r{n}_first_seen_on"] = date_field("首次发现日期", required=False)
            self.fields[f"r{n}_subtype"] = forms.ChoiceField(
                label="自然灾害子项", choices=BLANK + choices("disaster_subtype"), required=False
            )
            self.fields[f"r{n}_note"] = forms.CharField(
                label="备注", max_length=200, required=False
            )

    def _elimination_rows(self) -> list[tuple[str, str]]:
        self.fields["income_stable"] = YesNoField(label="收入持续稳定")
        self.fields["income_months"] = forms.IntegerField(
            label="已稳定月数", min_value=0, max_value=600
        )
        self.fields["rigid_expense_open"] = YesNoField(label="仍有大额刚性支出未解决")
        self.fields["household_agrees"] = YesNoField(label="农户认可消除")
        self.fields["disagreement"] = forms.CharField(label="农户意见", required=False)
        names = []
        for risk in self._live():
            name = f"e{risk.pk}_outcome"
            bearer = f"（{risk.member.name}）" if risk.member else ""
            self.fields[name] = forms.ChoiceField(
                label=f"{risk}{bearer}", choices=BLANK + Outcome.choices
            )
            names.append(name)
        answers = "income_stable income_months rigid_expense_open household_agrees disagreement:4"
        return [("成效", answers), ("登记的风险是否消除", " ".join(names))]

    def _live(self) -> list[Any]:
        return [r for r in self.facts.episode_risks if r.is_live]

    def inputs(self) -> i.Check:
        d = self.cleaned_data
        plain = (
            "checked_on", "household_signed", "situation", "house_safe", "water_safe", "schooling_ok",
            "insured", "guarantee_note", "longitude", "latitude", "scope_basis", "has_shock", "event_on",
            "shock_note", "income_stable", "income_months", "rigid_expense_open", "household_agrees",
            "disagreement",
        )  # fmt: skip
        return i.Check(
            visitors=self._visitors(),
            risks=self._outcomes() if self.facts.case.kind == "eliminate" else self._risks(),
            income=self._income(),
            shock_kinds=tuple(d.get("shock_kinds", ())),
            **{name: d[name] for name in plain if name in d},
        )

    def _visitors(self) -> tuple[i.Visitor, ...]:
        d = self.cleaned_data
        return tuple(
            i.Visitor(name=d[f"v{n}_name"], unit=d[f"v{n}_unit"])
            for n in range(1, VISITORS + 1)
            if d[f"v{n}_name"] and d[f"v{n}_unit"]
        )

    def _income(self) -> dict[str, Decimal] | None:
        if "inc_wage" not in self.fields:
            return None
        return {
            name: self.cleaned_data[name] for name in INCOME if self.cleaned_data[name] is not None
        }

    def _risks(self) -> tuple[i.Risk, ...]:
        d = self.cleaned_data
        return tuple(
            i.Risk(
                cause=d[f"r{n}_cause"],
                member_id=int(d[f"r{n}_member"]) if d[f"r{n}_member"] else None,
                subtype=d[f"r{n}_subtype"],
                note=d[f"r{n}_note"],
                first_seen_on=d[f"r{n}_first_seen_on"],
            )
            for n in range(1, RISKS + 1)
            if d[f"r{n}_cause"]
        )

    def _outcomes(self) -> tuple[i.Risk, ...]:
        return tuple(
            i.Risk(
                cause=r.cause,
                member_id=r.member_id,
                subtype=r.subtype,
                note=r.note,
                outcome=self.cleaned_data[f"e{r.pk}_outcome"],
                episode_risk_id=r.pk,
            )
            for r in self._live()
        )
