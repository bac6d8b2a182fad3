"""The screen kernel as a Django app, so that its template tags are found."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "fanpin.web"
    label = "web"
    verbose_name = "界面"
