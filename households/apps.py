from importlib import import_module

from django.apps import AppConfig

from fanpin.papers.declaring import papers
from fanpin.web.extensions import Panel, Tab, household_tabs, todo_providers, workbench_panels

PAPERS = ("card", "income", "changes", "roster")


class HouseholdsConfig(AppConfig):
    name = "households"
    verbose_name = "农户"

    def ready(self) -> None:
        todo_providers.register(import_module("households.selectors.todos").waiting)
        desk = import_module("households.views.desk")
        workbench_panels.register(Panel(10, desk.dates, beside=True))
        workbench_panels.register(Panel(30, desk.progress))
        papers.register(
            *(import_module(f"households.papers.{name}").PAPER for name in PAPERS),
            import_module("households.papers.card").GUIDE,
        )
        for label, url_name, order in (
            ("概况", "households:detail", 10),
            ("成员", "households:members", 20),
            ("年度采集", "households:collection", 30),
            ("收入", "households:income", 40),
            ("走访帮扶", "households:visits", 65),
            ("变更记录", "households:changes", 90),
        ):
            household_tabs.register(Tab(label, url_name, order, "view_households"))
