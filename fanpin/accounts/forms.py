"""Shapes of the account pages."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm

from fanpin.accounts.departments import Department
from fanpin.accounts.models import User
from fanpin.accounts.roles import Role
from fanpin.regions.models import Division
from fanpin.regions.scope import Scope


class LoginForm(AuthenticationForm):
    """User name and password; the refusal says what to do next."""

    error_messages = {
        "invalid_login": "用户名或密码不正确。连续 5 次错误将锁定 15 分钟；忘记密码请联系系统管理员重置。",
        "inactive": "该账号已停用，请联系系统管理员。",
    }
    username = forms.CharField(
        label="用户名", widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": ""})
    )
    password = forms.CharField(
        label="密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class OwnPasswordForm(PasswordChangeForm):
    """The old password and twice the new one."""

    error_messages = {
        "password_mismatch": "两次输入的新密码不一致，请重新输入",
        "password_incorrect": "原密码不正确，请重新输入",
    }


class PostingForm(forms.Form):
    """A role at a division, by code."""

    role = forms.ChoiceField(label="岗位", choices=Role.choices)
    division = forms.CharField(label="区划代码", help_text="如 620421101201；可在“行政区划”中查到")
    department = forms.ChoiceField(
        label="部门", required=False, choices=[("", "（非行业部门不填）"), *Department.choices]
    )
    from_on = forms.DateField(label="任职日期")

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.scope = scope

    def clean_division(self) -> Division:
        code = self.cleaned_data["division"].strip()
        found = Division.objects.within(self.scope).filter(code=code).first()
        if found is None:
            raise forms.ValidationError(f"在您的管辖范围内找不到区划代码“{code}”，请核对")
        return found


class UserForm(PostingForm):
    """A new account with its first post."""

    username = forms.SlugField(label="用户名", max_length=40, help_text="字母、数字、短横线")
    name = forms.CharField(label="姓名", max_length=40)
    phone = forms.RegexField(
        label="手机号",
        regex=r"^1[3-9]\d{9}$",
        required=False,
        error_messages={"invalid": "手机号应为 11 位，以 1 开头"},
    )
    field_order = ["username", "name", "phone", "role", "division", "department", "from_on"]

    def clean_username(self) -> str:
        username = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(f"用户名“{username}”已被使用，请换一个")
        return username


class EndPostingForm(forms.Form):
    until_on = forms.DateField(label="离任日期")


class DemoClockForm(forms.Form):
    day = forms.DateField(label="演示日期")
