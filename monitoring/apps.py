from importlib import import_module

from django.apps import AppConfig

from fanpin.papers.declaring import papers
from fanpin.web.extensions import (
    Panel,
    Tab,
    help_panels,
    household_panels,
    household_tabs,
    todo_providers,
    workbench_panels,
)


class MonitoringConfig(AppConfig):
    name = "monitoring"
    verbose_name = "监测"

    def ready(self) -> None:
        import_module("monitoring.receivers")
        import_module("monitoring.rules.catalogue")
        papers.register(import_module("monitoring.papers.apply").PAPER)
        todo_providers.register(import_module("monitoring.workflow.waiting").waiting)
        views = import_module("monitoring.views.households")
        household_tabs.register(Tab("监测", "monitoring:household", 50, "view_cases"))
        household_tabs.register(Tab("户内资料", "monitoring:file", 70, "view_cases"))
        household_panels.register(Panel(20, views.panel))
        help_panels.register(Panel(20, import_module("monitoring.views.lights").panel))
        papers.register(*import_module("monitoring.papers").registered())
        desk = import_module("monitoring.views.desk")
        workbench_panels.register(Panel(20, desk.stock))
