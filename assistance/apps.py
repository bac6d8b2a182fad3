from importlib import import_module

from django.apps import AppConfig

from fanpin.papers.declaring import papers
from fanpin.web.extensions import Tab, household_tabs, todo_providers


class AssistanceConfig(AppConfig):
    name = "assistance"
    verbose_name = "帮扶"

    def ready(self) -> None:
        import_module("assistance.rules")
        todos = import_module("assistance.selectors.todos")
        todo_providers.register(todos.waiting)
        papers.register(import_module("assistance.papers.told").PAPER)
        household_tabs.register(Tab("帮扶", "assistance:household", 60, "view_plans"))
