"""The answer of a policy: yes, or every reason why not. The service raises on it, the page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError


@dataclass(frozen=True)
class Reason:
    """One reason of a refusal, in the caseworker's words, with the place that mends it and the clause behind it."""

    text: str
    url: str = ""
    clause: str = ""
    field: str = ""

    def __str__(self) -> str:
        return self.text


class Refused(ValidationError):
    """A service refused; `reasons` holds all of them at once."""

    def __init__(self, reasons: tuple[Reason, ...]):
        super().__init__([reason.text for reason in reasons], code="refused")
        self.reasons = reasons


@dataclass(frozen=True)
class Verdict:
    """`forbidden` says the person may not; `reasons` say the matter is not ready. Neither: go ahead."""

    reasons: tuple[Reason, ...] = ()
    forbidden: str = ""

    @classmethod
    def yes(cls) -> Verdict:
        return cls()

    @classmethod
    def no(cls, *reasons: str | Reason) -> Verdict:
        return cls(tuple(Reason(r) if isinstance(r, str) else r for r in reasons))

    @classmethod
    def denied(cls, text: str) -> Verdict:
        return cls(forbidden=text)

    @property
    def ok(self) -> bool:
        return not self.reasons and not self.forbidden

    @property
    def all_reasons(self) -> tuple[Reason, ...]:
        """The reasons to show beside a disabled button, permission first."""
        return ((Reason(self.forbidden),) if self.forbidden else ()) + self.reasons

    def __and__(self, other: Verdict) -> Verdict:
        return Verdict(self.reasons + other.reasons, self.forbidden or other.forbidden)

    def require(self) -> None:
        """Raise PermissionDenied or Refused unless the answer is yes."""
        if self.forbidden:
            raise PermissionDenied(self.forbidden)
        if self.reasons:
            raise Refused(self.reasons)
