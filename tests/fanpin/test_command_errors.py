"""What a refused command tells a script: exit code 1, nothing on standard output, one plain line on standard error."""

import pytest

from fanpin.embedded.refusing import execute

REFUSED = {
    "compare": ("--county", "629999"),
    "check_quality": ("--county", "629999"),
    "closure": ("--county", "629999"),
    "city_summary": ("--city", "6299", "--draft"),
    "receive_ledger": ("police", "没有.xlsx", "--county", "629999"),
    "import_households": ("没有.xlsx", "--county", "629999"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_command_says_why_in_one_line(name, capsys):
    with pytest.raises(SystemExit) as stopped:
        execute(["manage.py", name, *REFUSED[name], "--json", "--no-color"])
    assert stopped.value.code == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("错误：没有代码为6299")
    assert err.count("\n") == 1
