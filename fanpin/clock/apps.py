from django.apps import AppConfig


class ClockConfig(AppConfig):
    name = "fanpin.clock"
    verbose_name = "日历"
