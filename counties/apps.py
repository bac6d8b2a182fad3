from importlib import import_module

from django.apps import AppConfig


class CountiesConfig(AppConfig):
    name = "counties"
    verbose_name = "比对与闭合"

    def ready(self) -> None:
        import_module("counties.receivers")
