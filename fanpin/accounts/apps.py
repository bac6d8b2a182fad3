from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "fanpin.accounts"
    verbose_name = "用户与岗位"

    def ready(self) -> None:
        from fanpin.accounts import receivers  # noqa: F401, PLC0415
