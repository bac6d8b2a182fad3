"""What is typed to sign a county and to order a correction."""

from django import forms


class SignForm(forms.Form):
    leader_name = forms.CharField(label="签署领导姓名", max_length=40)


class OrderForm(forms.Form):
    number = forms.CharField(label="更正令文号", max_length=60)
    reason = forms.CharField(label="更正原因", min_length=4, max_length=500)
