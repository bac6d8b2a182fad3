"""Which household a row means and where it lies: three keys, village names, the uploader's scope."""

from collections.abc import Sequence

import polars as pl

from fanpin.regions.scope import Scope
from fanpin.sheets.reading import ROW
from households.selectors import imports as register
from households.sheets.working import Work, doubled

KEYS = ("hh_code", "national_hh_no", "head18")
_VILLAGE_SUFFIX = r"(居民委员会|村民委员会|村委会|居委会)$"
_TOWNSHIP_SUFFIX = r"(镇|乡|街道|街道办事处)$"
OUT_OF_SCOPE = "不在您的管辖范围内"


def place_households(work: Work, scope: Scope, known: pl.DataFrame) -> None:
    """Give each household row `village_id`, `path`, `hamlet_id`, `id` and refuse what cannot be.

    `known` are the register's households under the keys of the file."""
    find_villages(work, scope)
    _find_hamlets(work)
    _refuse_doubled(work)
    _match(work, known)


def find_heads(work: Work, members: Work) -> None:
    """Give each household row `head18`, its head's own number. A row may leave it to the member
    sheet, when another key joins them."""
    heads = members.frame.filter(pl.col("relation") == "02")
    frame = work.narrow("head_id_no", "national_hh_no", "hh_code")
    frame = frame.with_columns(head18=pl.col("head_id_no").str.slice(0, 18))
    for key in ("national_hh_no", "hh_code"):
        known = heads.filter(pl.col(key).is_not_null() & pl.col("id_no").is_not_null())
        found = known.select(key, __head=pl.col("id_no").str.slice(0, 18)).unique(key)
        frame = frame.join(found, on=key, how="left", maintain_order="left")
        frame = frame.with_columns(head18=pl.coalesce("head18", "__head")).drop("__head")
    work.attach(frame, "head18")


def _stem(name: pl.Expr, suffix: str) -> pl.Expr:
    return name.str.replace(suffix, "")


def find_villages(work: Work, scope: Scope) -> None:
    """Give each row the `path` and `village_id` of the village it names, by code or by names."""
    known = register.villages(scope).with_columns(
        town_stem=_stem(pl.col("township"), _TOWNSHIP_SUFFIX),
        village_stem=_village_stem(pl.col("name")),
    )
    frame = work.narrow("township", "village", "village_code").with_columns(
        town_stem=_stem(pl.col("township"), _TOWNSHIP_SUFFIX),
        village_stem=_village_stem(pl.col("village")),
    )
    by_code = known.select(village_code="code", code_path="path")
    exact = _one(known, ["township", "village"], township="township", village="name")
    alike = _one(known, ["town_stem", "village_stem"])
    alone = _one(known, ["village"], village="name")
    alone_alike = _one(known, ["village_stem"])
    frame = frame.join(by_code, on="village_code", how="left", maintain_order="left")
    for n, (keys, table) in enumerate((exact, alike, alone, alone_alike)):
        named = table.rename({"path": f"path{n}"})
        frame = frame.join(named, on=keys, how="left", maintain_order="left")
    no_town = pl.col("township").is_null()
    path = pl.coalesce(
        "code_path",
        "path0",
        "path1",
        pl.when(no_town).then("path2"),
        pl.when(no_town).then("path3"),
    )
    frame = frame.with_columns(path=path)
    work.attach(
        frame.with_columns(village_id=pl.col("path").str.extract(r"/(\d{12})/$")),
        "path",
        "village_id",
    )
    placed = pl.col("village").is_not_null() | pl.col("village_code").is_not_null()
    work.refuse(
        placed & pl.col("path").is_null(),
        "village",
        pl.lit(f"这个行政村{OUT_OF_SCOPE}，或名称、乡(镇)有误，或有同名村"),
        "请从模板的下拉列表中选择乡(镇)和行政村",
    )


def _village_stem(name: pl.Expr) -> pl.Expr:
    return name.str.replace(_VILLAGE_SUFFIX, "").str.replace(r"(村|社区)$", "")


def _one(known: pl.DataFrame, keys: list[str], **sources: str) -> tuple[list[str], pl.DataFrame]:
    """key columns → path, only where one village has them."""
    chosen = known.select("path", *(pl.col(sources.get(key, key)).alias(key) for key in keys))
    return keys, chosen.filter(pl.len().over(keys) == 1)


def _find_hamlets(work: Work) -> None:
    wanted = work.frame.filter(pl.col("natural_village").is_not_null())
    known = register.hamlets(wanted["village_id"])
    known = known.select(
        hamlet_id="code", natural_village="name", village_id="village_code"
    ).unique(["natural_village", "village_id"])
    work.frame = work.frame.join(
        known, on=["natural_village", "village_id"], how="left", maintain_order="left"
    )
    work.refuse(
        pl.col("natural_village").is_not_null()
        & pl.col("village_id").is_not_null()
        & pl.col("hamlet_id").is_null(),
        "natural_village",
        "该行政村下没有这个自然村",
        "请先在“区划”中登记自然村，或改正名称",
    )


def _refuse_doubled(work: Work) -> None:
    labels = {"hh_code": "hh_code", "national_hh_no": "national_hh_no", "head18": "head_id_no"}
    work.frame = work.frame.with_columns(doubled(labels))
    for key, column in labels.items():
        first = pl.col(f"first_{key}")
        message = pl.lit("与第") + first.cast(pl.String) + pl.lit("行重复")
        work.refuse(first.is_not_null(), column, message, "同一户只保留一行")
    nothing = pl.all_horizontal(pl.col(key).is_null() for key in KEYS)
    work.refuse(
        nothing,
        "head_id_no",
        "没有户编号，也没有户主证件号码",
        "三项户标识至少填一项，成员表填同样的值",
    )


def found_by(keys: Sequence[str], frame: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The frame with the `id` of whom its rows mean: whom the first of these keys finds. `id_<key>` says whom each key
    alone would find."""
    for key in keys:
        found = known.filter(pl.col(key).is_not_null()).select(key, pl.col("id").alias(f"id_{key}"))
        frame = frame.join(found.unique(key), on=key, how="left", maintain_order="left")
    return frame.with_columns(id=pl.coalesce([f"id_{key}" for key in keys]))


def _match(work: Work, known: pl.DataFrame) -> None:
    """Find each row's household in the register by its three keys, which must agree."""
    frame = found_by(KEYS, work.narrow(*KEYS), known)
    work.attach(frame, "id", *(f"id_{key}" for key in KEYS))
    work.refuse(
        pl.col("hh_code").is_not_null() & pl.col("id_hh_code").is_null(),
        "hh_code",
        "系统里没有这个户号",
        "新登记的户请留空；已登记的户请照系统导出的表填写",
    )
    at_odds = pl.any_horizontal(pl.col(f"id_{key}") != pl.col("id") for key in KEYS)
    work.refuse(
        at_odds,
        "head_id_no",
        "户编号与户主证件号码指向系统里不同的户",
        "请核对户编号、户主证件号码；户主已变更的，先办理“变更户主”",
    )
    second = pl.col("id").is_not_null() & (pl.col(ROW) > pl.col(ROW).min().over("id"))
    work.refuse(second, "head_id_no", "这一户在文件中已经出现过", "同一户只保留一行")
