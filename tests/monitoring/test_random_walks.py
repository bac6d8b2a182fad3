"""At least 5,000 random steps over the procedure never reach what policy.md §5.6 forbids (see wandering)."""

import itertools
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.factories import monitoring
from tests.monitoring.wandering import Wanderer

pytestmark = pytest.mark.django_db

RANDOM = settings(
    max_examples=4, stateful_step_count=100, deadline=None, database=None, print_blob=True,
    phases=[Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip
STEPS, DONE, CHANGES = 1250, 200, 6  # of each of the four, so that no walk stands still


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_no_walk_leaves_the_table(seed: int) -> None:
    tally: Counter[str] = Counter()
    people = monitoring.staff()
    for number in itertools.count(seed * 1000):
        if tally["attempts"] >= STEPS:
            break
        shared = {"people": people, "tally": tally, "_hypothesis_internal_use_seed": number}
        run_state_machine_as_test(type("Walks", (Wanderer,), shared), settings=RANDOM)
    changed = {what for what in tally if ">" in what}
    assert tally["done"] >= DONE
    assert len(changed) >= CHANGES, changed
