from django.apps import AppConfig


class EmbeddedConfig(AppConfig):
    name = "fanpin.embedded"
    verbose_name = "内置服务"
