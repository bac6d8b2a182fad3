from importlib import import_module

from django.apps import AppConfig


class EmbeddedConfig(AppConfig):
    name = "fanpin.embedded"
    verbose_name = "内置服务"

    def ready(self) -> None:
        import_module("fanpin.embedded.checks")
