from importlib import import_module

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "fanpin.demo"
    verbose_name = "演示数据"

    def ready(self) -> None:
        import_module("fanpin.demo.verbs")
