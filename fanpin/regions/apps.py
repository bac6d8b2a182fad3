from django.apps import AppConfig


class RegionsConfig(AppConfig):
    name = "fanpin.regions"
    verbose_name = "行政区划"
