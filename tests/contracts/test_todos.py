"""What waits: every role's to-dos say by when, and each number is the number of rows behind its address."""

import re

from django.test import Client

from fanpin.navigation import todos
from tests.factories import monitoring

# Their page is the county's or the city's own, not a list.
PAGES = {"closure", "summary", "corrections", "returned"}


def test_every_number_is_the_number_of_rows_behind_it(today):
    wrong = []
    for role, user in today.inside.items():
        client = Client()
        client.force_login(user)
        for todo in todos(user, fresh=True):
            if not todo.count or todo.key in PAGES:
                continue
            page = client.get(todo.url, follow=True).content.decode()
            shown = re.search(r'fp-total">([\d,]+) 条', page)
            if shown is None or int(shown[1].replace(",", "")) != todo.count:
                wrong.append(f"{role} {todo.key}: {todo.count}, {shown and shown[1]} at {todo.url}")
    assert not wrong, "\n".join(wrong)


def test_every_to_do_has_a_last_day(today):
    found = {
        (role, todo.key): todo.due_on
        for role, user in today.inside.items()
        for todo in todos(user, fresh=True)
        if todo.count
    }
    assert {key for (_role, key), due in found.items() if due is None} == set()
    assert len({key for _role, key in found}) >= 10, sorted(found)


def test_late_ones_are_counted_by_the_day(today):
    user = today.inside["township_reviewer"]
    before = {t.key: t for t in todos(user, fresh=True)}
    with monitoring.day("2022-01-10"):
        after = {t.key: t for t in todos(user, fresh=True)}
    for key in ("changes", "risks"):
        assert before[key].count == after[key].count
        assert after[key].overdue == after[key].count
        assert after[key].tone == "red"
