"""What day it is and which days are working days. The only place that asks the system clock for a business date."""

from fanpin.clock.days import (
    add_working_days,
    is_working_day,
    late_since,
    month_of,
    now,
    today,
    working_days_between,
)

__all__ = [
    "add_working_days",
    "is_working_day",
    "late_since",
    "month_of",
    "now",
    "today",
    "working_days_between",
]
