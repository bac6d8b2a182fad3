from importlib import import_module

from django.apps import AppConfig

from fanpin.papers.declaring import papers
from fanpin.web.extensions import (
    Panel,
    Tab,
    field_notes,
    household_panels,
    household_tabs,
    todo_providers,
)


class CountiesConfig(AppConfig):
    name = "counties"
    verbose_name = "比对与闭合"

    def ready(self) -> None:
        import_module("counties.rules")
        import_module("counties.receivers")
        import_module("counties.comparison.offers")
        panels = import_module("counties.views.panels")
        papers.register(
            *(import_module(f"counties.papers.{name}").PAPER for name in ("village", "county"))
        )
        household_panels.register(Panel(10, panels.findings_panel))
        household_panels.register(Panel(15, panels.key_check_panel))
        field_notes.register(panels.beside_fields)
        household_tabs.register(Tab("疑点", "counties:household", 80, "view_findings"))
        todo_providers.register(import_module("counties.selectors.todos").waiting)
