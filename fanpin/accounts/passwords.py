"""Password rules in words a caseworker understands."""

from typing import Any

from django.core.exceptions import ValidationError


class MinimumLength:
    """At least ten characters."""

    least = 10

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < self.least:
            raise ValidationError(self.get_help_text(), code="password_too_short")

    def get_help_text(self) -> str:
        return f"密码至少 {self.least} 个字符"


class MixedCharacters:
    """Letters and digits together."""

    def validate(self, password: str, user: Any = None) -> None:
        if not (any(c.isalpha() for c in password) and any(c.isdigit() for c in password)):
            raise ValidationError(self.get_help_text(), code="password_not_mixed")

    def get_help_text(self) -> str:
        return "密码须同时含有字母和数字"
