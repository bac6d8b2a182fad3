"""Writes the log of logins."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from fanpin import clock
from fanpin.accounts.addresses import address_of
from fanpin.accounts.models import LoginRecord, User


@receiver(user_logged_in)
def note_login(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    LoginRecord.objects.create(
        username=user.username,
        user=user,
        succeeded=True,
        address=address_of(request),
        at=clock.now(),
    )


@receiver(user_login_failed)
def note_failure(
    sender: Any,
    credentials: dict[str, Any],
    request: HttpRequest | None = None,
    **kwargs: Any,
) -> None:
    LoginRecord.objects.create(
        username=str(credentials.get("username", ""))[:150],
        succeeded=False,
        address=address_of(request),
        at=clock.now(),
    )
