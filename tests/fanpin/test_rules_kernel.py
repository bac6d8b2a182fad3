"""The rule kernel on facts of its own: nothing here knows a household."""

from datetime import date

import polars as pl
import pytest

from fanpin.rules import Registry, Rule, blank, evaluate, has, lit_in, missing_parameters, parameter

ON = date(2021, 11, 8)


def rule(code="T-1", **changes):
    given = {
        "code": code,
        "title": "面积为空",
        "severity": "error",
        "subject": "plot",
        "group": "地块",
        "when": pl.col("area") == 0,
        "condition": "面积为0",
        "detail": "面积 {area} 亩",
        "remedy": "请填写面积。",
        "fields": ("area",),
    }
    return Rule(**given | changes)


def plots(**columns):
    height = len(next(iter(columns.values())))
    base = {"id": list(range(1, height + 1)), "household_id": [7] * height}
    return {"plot": pl.DataFrame(base | columns)}


def judged(frames, *rules, **options):
    registry = Registry()
    registry.add(*rules)
    return evaluate(frames, on=ON, registry=registry, **options)


def test_a_hit_names_rule_subject_household_and_the_figures():
    found = judged(plots(area=[0.0, 2.5]), rule())
    assert found.rows() == [("T-1", "plot", 1, 7, "面积 0 亩")]


def test_nothing_wrong_gives_an_empty_frame_of_the_same_shape():
    found = judged(plots(area=[1.0]), rule())
    assert found.is_empty()
    assert found.columns == ["code", "subject", "subject_id", "household_id", "detail"]


def test_an_unanswered_field_does_not_violate_a_comparison():
    assert judged(plots(area=[None, 1.0]), rule()).is_empty()


def test_blank_has_and_lit_in_read_unanswered_as_told():
    frames = plots(kind=["a,b", None, "c"], area=[1.0, None, 1.0])
    found = judged(
        frames,
        rule("B", when=blank("area"), detail="空"),
        rule("H", when=has("kind", "b", "c"), detail="含"),
        rule("N", when=~has("kind", "a"), detail="不含"),
        rule("L", when=lit_in("kind", ("c",)), detail="是"),
    )
    hit = {code: found.filter(code=code)["subject_id"].to_list() for code in "BHNL"}
    assert hit == {"B": [2], "H": [1, 3], "N": [2, 3], "L": [3]}


def test_a_window_looks_over_the_whole_household():
    alone = pl.col("head").sum().over("household_id") == 0
    frames = plots(head=[0, 0, 1])
    frames["plot"] = frames["plot"].with_columns(household_id=pl.Series([1, 1, 2]))
    assert judged(frames, rule(when=alone, detail="无"))["household_id"].to_list() == [1, 1]


def test_details_are_said_in_words():
    frames = plots(
        area=[0.0], kind=["a,b"], has=[True], on=[date(2021, 9, 30)], none=pl.Series([None], dtype=pl.String)
    )  # fmt: skip
    found = judged(
        frames,
        rule(detail="{kind}，{has}，{on}，{none}"),
        labels={"kind": {"a": "甲", "b": "乙"}},
    )
    assert found["detail"].to_list() == ["甲、乙，是，2021-09-30，未填"]


def test_a_rule_counts_only_between_its_dates():
    later = rule(effective_from=date(2022, 4, 1))
    over = rule("T-2", effective_to=date(2021, 11, 7))
    last = rule("T-3", effective_to=ON)
    assert judged(plots(area=[0.0]), later, over, last)["code"].to_list() == ["T-3"]


def test_a_rule_without_its_policy_value_is_left_out_and_named():
    large = rule(when=pl.col("area") > parameter("max"), needs=("max",))
    assert judged(plots(area=[9.0]), large).is_empty()
    assert missing_parameters([large], {}) == {"T-1": ["max"]}
    assert judged(plots(area=[9.0]), large, parameters={"max": 5}).height == 1


def test_a_preparation_adds_columns_for_all_rules():
    registry = Registry()
    registry.add(rule(when=pl.col("double") > 5, detail="两倍 {double}"))

    @registry.prepared_by
    def double(frames, values):
        return {"plot": frames["plot"].with_columns(double=pl.col("area") * 2)}

    found = evaluate(plots(area=[3.0]), on=ON, registry=registry)
    assert found["detail"].to_list() == ["两倍 6"]


def test_a_code_is_declared_once():
    registry = Registry()
    registry.add(rule())
    with pytest.raises(ValueError, match="T-1"):
        registry.add(rule())


def test_a_frame_in_pieces_whose_first_holds_no_hit_is_said_in_words_too():
    right, wrong = plots(area=[1.0, 1.0])["plot"], plots(area=[0.0, 0.0])["plot"]
    frames = {"plot": pl.concat([right, wrong], rechunk=False)}
    assert judged(frames, rule())["detail"].to_list() == ["面积 0 亩"] * 2


def test_few_and_many_rows_are_judged_alike():
    few = judged(plots(area=[0.0, 1.0]), rule())
    many = judged(plots(area=[0.0, 1.0] * 5_000), rule())
    assert many.height == few.height * 5_000
