from importlib import import_module

from django.apps import AppConfig

from fanpin.web.extensions import Panel, household_panels


class CountiesConfig(AppConfig):
    name = "counties"
    verbose_name = "比对与闭合"

    def ready(self) -> None:
        import_module("counties.receivers")
        panels = import_module("counties.views.panels")
        household_panels.register(Panel(10, panels.findings_panel))
