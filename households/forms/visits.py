"""走访 on the spot, and who helps the household."""

from typing import Any

from django import forms

from fanpin import clock
from fanpin.files.fields import FilesField
from fanpin.files.storing import validate_evidence
from households.choices import choices

MOST_PHOTOS = 9


class VisitForm(forms.Form):
    """What the phone can tell is filled in by the phone; the rest is short."""

    visited_on = forms.DateField(label="走访日期")
    mode = forms.ChoiceField(label="走访方式", choices=choices("visit_mode"), initial="home")
    findings = forms.CharField(
        label="走访情况和发现的问题",
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
    )
    longitude = forms.DecimalField(
        label="经度", required=False, max_digits=9, decimal_places=6, min_value=92, max_value=109
    )
    latitude = forms.DecimalField(
        label="纬度", required=False, max_digits=8, decimal_places=6, min_value=32, max_value=43
    )
    accuracy_m = forms.IntegerField(label="定位误差", required=False, min_value=0, max_value=100000)
    is_home = forms.BooleanField(label="同时作为家庭位置", required=False)
    photos = FilesField(
        label="照片",
        required=False,
        help_text="可拍照或从相册选择，最多9张，上传前自动缩小",
        accept="image/*",
        most=MOST_PHOTOS,
    )
    signature = forms.FileField(
        label="签名",
        required=False,
        help_text="请户主或家庭成员在框内签名；不能手写的，上传签名照片",
        widget=forms.FileInput(attrs={"accept": "image/*", "data-sign": ""}),
        validators=[validate_evidence],
    )
    units = {"accuracy_m": "米"}
    blocks = (
        ("走访", "visited_on mode findings:2"),
        ("位置", "longitude latitude accuracy_m is_home"),
        ("照片和签名", "photos:2 signature:2"),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        kwargs.setdefault("initial", {"visited_on": clock.today()})
        super().__init__(*args, **kwargs)


class HelperForm(forms.Form):
    """Who helps, from when."""

    name = forms.CharField(label="帮扶责任人姓名", max_length=40)
    sex = forms.ChoiceField(label="性别", choices=[("", ""), *choices("sex")])
    political_status = forms.ChoiceField(
        label="政治面貌", required=False, choices=[("", ""), *choices("political_status")]
    )
    unit = forms.CharField(label="帮扶（选派）单位", max_length=100)
    phone = forms.RegexField(
        r"^1\d{10}$", label="联系电话", error_messages={"invalid": "请填写11位手机号码"}
    )
    start_on = forms.DateField(label="帮扶开始时间")
    blocks = (("帮扶责任人", "name sex political_status phone unit:2 start_on"),)

    @property
    def helper(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "start_on"}
