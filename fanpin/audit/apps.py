from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "fanpin.audit"
    verbose_name = "审计"
