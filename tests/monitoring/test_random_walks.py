"""At least 5,000 random steps over the procedure never reach what policy.md §5.6 forbids (see wandering)."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.factories import monitoring
from tests.monitoring.wandering import Wanderer

pytestmark = pytest.mark.django_db

STEPS, DONE, CHANGES = 1250, 300, 8  # of each of the four, so that no walk stands still


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_no_walk_leaves_the_table(seed: int) -> None:
    tally: Counter[str] = Counter()
    people = monitoring.staff()
    walks = type(
        "Walks", (Wanderer,),
        {"people": people, "tally": tally, "_hypothesis_internal_use_seed": seed},
    )  # fmt: skip
    run_state_machine_as_test(
        walks,
        settings=settings(
            max_examples=20, stateful_step_count=100, deadline=None, database=None,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck), print_blob=True,
        ),
    )  # fmt: skip
    changed = {what for what in tally if ">" in what}
    assert tally["attempts"] >= STEPS
    assert tally["done"] >= DONE
    assert len(changed) >= CHANGES, changed
