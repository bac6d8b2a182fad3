"""What the component gallery shows: the components' own names and uses, no persons and no
households.
"""

import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from fanpin.web.components import Action, Bar, Entry, Fact, Problem, Step, TabItem
from fanpin.web.lists import Column

TONES = (
    ("grey", "未开始、已结束"),
    ("blue", "办理中"),
    ("green", "正常、通过、已消除"),
    ("amber", "关注、待核"),
    ("orange", "预警、将到期"),
    ("red", "严重、阻断、逾期"),
)

LIST_ROWS = [
    {
        "pk": n,
        "tone": TONES[n % 6][0],
        "use": TONES[n % 6][1],
        "order": n,
        "amount": n * 1234.5,
        "day": datetime.date(2021, 10, 1) + datetime.timedelta(days=n % 45),
    }
    for n in range(1, 131)
]

LIST_COLUMNS = (
    Column("order", "序号", align="right", sort=True, url="../"),
    Column("use", "用途", sort=True),
    Column("tone", "色调", tone=lambda row: row["tone"], value="use"),
    Column("day", "日期", sort=True),
    Column("amount", "金额", align="right", sort=True, unit="元"),
    Column("note", "备注", hidden=True),
)


class ExampleForm(forms.Form):
    """A form with each kind of field, so that its look and its keys can be tried."""

    units = {"area": "亩", "income": "元", "months": "月"}
    previous = {"area": "3.5", "income": "12000", "road": "cement", "months": 6}

    id_no = forms.CharField(
        label="证件号码", max_length=22, widget=forms.TextInput({"data-id-number": ""})
    )
    name = forms.CharField(label="姓名", max_length=30)
    joined_on = forms.DateField(label="起始日期")
    road = forms.ChoiceField(
        label="入户路类型",
        choices=[
            ("", ""),
            ("dirt", "泥土路"),
            ("gravel", "砂石路"),
            ("cement", "水泥路"),
            ("asphalt", "沥青路"),
        ],
    )
    area = forms.DecimalField(
        label="耕地面积", max_digits=8, decimal_places=2, min_value=0, required=False
    )
    income = forms.DecimalField(label="工资性收入", max_digits=12, decimal_places=2, min_value=0)
    months = forms.IntegerField(label="务工时间", min_value=0, max_value=12, required=False)
    toilet = forms.BooleanField(label="是否有卫生厕所", required=False)
    health = forms.MultipleChoiceField(
        label="健康状况",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            ("healthy", "健康"),
            ("chronic", "长期慢性病"),
            ("serious", "患有大病"),
            ("disabled", "残疾"),
        ],
    )
    water = forms.ChoiceField(
        label="饮水是否安全",
        widget=forms.RadioSelect,
        required=False,
        choices=[("yes", "是"), ("no", "否")],
    )
    note = forms.CharField(
        label="备注",
        required=False,
        widget=forms.Textarea,
        help_text="写明情况，不超过200字",
        max_length=200,
    )

    def clean_id_no(self) -> str:
        value = self.cleaned_data["id_no"].upper()
        if len(value) not in (18, 20, 22):
            raise ValidationError(
                "证件号码应为18、20或22位，现为%(n)s位。",
                params={"n": len(value), "remedy": "请对照证件重新填写"},
            )
        return value


def examples() -> dict:
    """The values of the gallery page, dated within the round of the notice."""
    day = datetime.date(2021, 11, 8)
    moment = datetime.datetime(2021, 11, 8, 9, 30, tzinfo=timezone.get_default_timezone())
    refusal = [Problem("公示未满5天，最早可于2021-11-17提交", clause="通知三（一）")]
    return {
        "title": "组件示例",
        "tones": TONES,
        "refusal": refusal,
        "breadcrumb": [{"label": "工作台", "url": "/"}, {"label": "组件示例", "url": ""}],
        "figures": [
            {"label": "组件", "value": 18, "url": "list/", "unit": "个"},
            {"label": "色调", "value": 6, "url": "#tones", "tone": "blue"},
            {"label": "逾期", "value": 3, "url": "#problems", "tone": "red"},
        ],
        "actions": [Action("列表示例", "list/", tone="primary")],
        "facts": [
            Fact("户编号", "示例"),
            Fact("家庭人口", 5, unit="人"),
            Fact("人均纯收入", 6812.5, unit="元"),
            Fact("收入区间", "2020-10-01 至 2021-09-30"),
            Fact("监测状态", "办理中", tone="blue"),
            Fact("监测类型", None),
            Fact("未处理疑点", 3, url="#problems", unit="条"),
            Fact("下次到期", day),
        ],
        "steps": [
            Step("线索核实", "done", datetime.date(2021, 11, 1), "村级"),
            Step("入户核查", "done", datetime.date(2021, 11, 4), "村级"),
            Step("村内公示", "current", day, "村级", 4),
            Step("乡镇审核", "todo"),
            Step("县级审定", "todo"),
        ],
        "entries": [
            Entry(moment, "村级信息员", "提交公示"),
            Entry(
                moment - datetime.timedelta(days=4, hours=3),
                "村级信息员",
                "完成入户核查",
                "收入核算表已签字",
            ),
        ],
        "tabs": [
            TabItem("概况", "#tabs", True),
            TabItem("成员", "#tabs", count=5),
            TabItem("收入", "#tabs"),
            TabItem("疑点", "#problems", count=3, tone="red"),
            TabItem("变更记录", "#tabs"),
        ],
        "bars": [
            Bar("已完成", 320, "#charts", "green"),
            Bar("办理中", 145, "#charts", "blue"),
            Bar("待核", 60, "#charts", "amber"),
            Bar("逾期", 12, "#charts", "red"),
        ],
        "stacked": [
            Bar(
                "甲乡",
                120,
                "#charts",
                parts=((80, "green", "完成"), (30, "blue", "办理中"), (10, "red", "逾期")),
            ),
            Bar("乙乡", 90, "#charts", parts=((60, "green", "完成"), (30, "blue", "办理中"))),
        ],
        "job": {"done": 4200, "total": 10000, "message": "每秒约800行，约剩7秒"},
        "mixed": [
            Problem(
                "成员出生日期与证件号码不一致", "改出生日期，或核对证件号码", target="id_id_no"
            ),
            Problem("人均纯收入比上年增长超过50%", "核对收入明细", severity="warn"),
        ],
    }
