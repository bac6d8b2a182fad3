"""What every API module shares: permission by posting, the shape of a refusal, masked numbers."""

from typing import Any

from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Verdict
from fanpin.web.formats import mask_id, mask_phone


def user_of(request: Request) -> User:
    """The account behind the request; `holds` has seen to it."""
    assert isinstance(request.user, User)
    return request.user


def holds(*permissions: str) -> type[BasePermission]:
    """A permission class: logged in, and at least one of the permissions held somewhere; else 403 with its name."""
    labels = "、".join(Permission(p).label for p in permissions)

    class Holds(BasePermission):
        message = f"您的岗位没有“{labels}”权限"

        def has_permission(self, request: Request, view: Any) -> bool:
            user = request.user
            if not isinstance(user, User) or not any(user.holds(p) for p in permissions):
                return False
            # As in access.requires: the scope of this request is where such a post lies.
            user.asked = permissions
            return True

    Holds.permissions = permissions  # type: ignore[attr-defined]
    return Holds


class RefusalReasonSerializer(serializers.Serializer):
    """One reason of a refusal."""

    text = serializers.CharField()
    field = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)
    clause = serializers.CharField(allow_blank=True)


class RefusalSerializer(serializers.Serializer):
    """The answer of every 400, 403 and 404."""

    reasons = RefusalReasonSerializer(many=True)
    version = serializers.IntegerField(required=False, help_text="并发修改时，记录当前的版本号")


class ActSerializer(serializers.Serializer):
    """What can be done with a record: whether it is open to me now, and every reason why not."""

    name = serializers.CharField()
    open = serializers.BooleanField(help_text="现在可以由我办理")
    reasons = RefusalReasonSerializer(many=True, source="all_reasons")


def acts(**verdicts: Verdict) -> Any:
    """Acts by name, each with what its policy says."""
    rows = [
        {"name": name, "open": verdict.ok, "all_reasons": verdict.all_reasons}
        for name, verdict in verdicts.items()
    ]
    return ActSerializer(rows, many=True).data


def checked(shape: type[serializers.Serializer], data: Any, *, partial: bool = False) -> Any:
    """What was sent, once its shape is right; else 400 with every place that is wrong."""
    form = shape(data=data, partial=partial)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


class MaskedIdField(serializers.CharField):
    """An identity, certificate or card number with its middle hidden; read only."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        return mask_id(value)


class MaskedPhoneField(MaskedIdField):
    def to_representation(self, value: Any) -> str:
        return mask_phone(value)
