from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "fanpin.jobs"
    verbose_name = "任务"

    def ready(self) -> None:
        """Each app's jobs.py registers its runners, in the web process as in the worker."""
        autodiscover_modules("jobs")
