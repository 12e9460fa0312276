"""What cannot be read, or not in one way only, is refused: in a sentence that says what to do."""

from __future__ import annotations

import gzip
import json
import os
import shutil

import pandas as pd
import pytest

from crmanalytics import persistence

HEADER = "customer_id,date,amount,note\n"
ROWS = [f"{n},2024-01-0{n},5.0,x\n" for n in range(1, 10)]
TORN = "1,2024-01-01,1,234.50,x\n"
OPEN = '1,2024-01-01,5.0,"x\n'


def text(*rows):
    return (HEADER + "".join(rows)).encode()


@pytest.fixture
def predict(refused, models, tmp_path):
    """Score a file of this content, which must be refused."""

    def call(content, *options, name="log.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        out = tmp_path / "scores.csv"
        said = refused("predict", path, "--models", models, "--out", out, *options)
        assert not out.exists()
        return said

    return call


TORN_FILES = {
    "a field too many": (text(*ROWS[:3], TORN, *ROWS[3:]), "1 of 10 rows", "line 5"),
    "... in the first row": (text(TORN, *ROWS), "1 of 10 rows", "line 2"),
    "... in every row": (text(*[TORN] * 9), "9 of 9 rows", "in quotes", "--separator"),
    "commas at the ends": (text(*[r.replace("\n", ",\n") for r in ROWS]), "9 of 9 rows"),
    "a field too few": (text(*ROWS[:3], "1,2024-01-01\n", *ROWS[3:]), "1 of 10 rows", "line 5"),
    "a quote never closed": (text(*ROWS[:3], OPEN, *ROWS[3:]), "quote opened in row 5"),
    "a column twice": (text(*ROWS).replace(b"note", b"amount"), "'amount' more than once"),
    "a row of zeros": (text(*ROWS[:3], "\0" * 40 + "\n"), "1 of 4 rows"),
    "cut off in the middle": (text(*ROWS)[:-11], "1 of 9 rows", "line 10"),
}


@pytest.mark.parametrize("kind", TORN_FILES)
def test_torn_files(predict, kind):
    content, *parts = TORN_FILES[kind]
    said = predict(content)
    assert [part for part in parts if part not in said] == []


def test_a_quote_never_closed_hides_rows_that_must_not_be_skipped(predict):
    said = predict(text(TORN, *ROWS[:3], OPEN, *ROWS[3:]), "--skip-bad-rows")
    assert "is not closed" in said


def test_lines_are_counted_as_an_editor_counts_them(predict):
    rows = ['1,2024-01-01,5.0,"two\nlines"\n', "\n", "\n", "2,never,5.0,x\n"]
    assert "line 6: 'never'" in predict(text(*rows))


@pytest.mark.parametrize("nothing", ["", "  ", "NA", "NULL", "nan", "None", "#N/A"])
def test_nobody_is_no_customer(predict, nothing):
    said = predict(text(*ROWS, f"{nothing},2024-01-01,5.0,x\n"))
    assert "1 with missing customer_id (first: line 11" in said


FOREIGN = {
    "a workbook": (b"PK\x03\x04\x14\0junk", "log.xlsx", "save its table as CSV"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1junk", "log.xls", "save its table as CSV"),
    "UTF-16": (text(*ROWS).decode().encode("utf-16"), "log.csv", "--encoding utf-16"),
    "Latin-1": ("customer_id,date,amount\nZoë".encode("latin-1"), "log.csv", "--encoding latin-1"),
    "packed, cut off": (gzip.compress(text(*ROWS))[:40], "log.csv.gz", "cannot be unpacked"),
    "not packed at all": (text(*ROWS), "log.csv.gz", "cannot be unpacked"),
    "only the beginning of Parquet": (b"PAR1", "log.parquet", "no whole Parquet file"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_files_of_another_kind(predict, kind):
    content, name, part = FOREIGN[kind]
    said = predict(content, name=name)
    assert part in said
    assert name in said


@pytest.mark.parametrize("damage", [slice(0, -200), slice(100, None), slice(0, 20)])
def test_damaged_parquet(refused, log, models, tmp_path, damage):
    path = tmp_path / "log.parquet"
    log.to_parquet(path)
    path.write_bytes(b"PAR1" + path.read_bytes()[4:][damage])
    out = tmp_path / "scores.csv"
    assert "no whole Parquet file" in refused("predict", path, "--models", models, "--out", out)


COLUMNS = {
    "truth as amount": {"amount": True},
    "days as amount": {"amount": pd.Timestamp("2024-01-01")},
    "nothing as amount": {"amount": None},
    "seconds as date": {"date": 1_704_067_200},
    "truth as date": {"date": True},
    "time of day as date": {"date": pd.Timestamp("2024-01-01").time()},
    "nothing as customer": {"customer_id": float("nan")},
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_wrong_types_in_parquet(refused, log, models, tmp_path, kind):
    path, out = tmp_path / "log.parquet", tmp_path / "scores.csv"
    log.assign(**COLUMNS[kind]).to_parquet(path)
    said = refused("predict", path, "--models", models, "--out", out)
    assert f"{len(log):,} of {len(log):,} rows cannot be read" in said
    assert "row 1" in said


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--separator", ""], "--separator must be a single character"),
        (["--separator", "::"], "--separator must be a single character"),
        (["--decimal", "dot"], "--decimal must be a single character"),
        (["--thousands", "."], "--decimal and --thousands cannot both be '.'"),
        (["--encoding", "klingon"], "--encoding"),
        (["--date-format", "%Q"], "--date-format"),
        (["--date-format", "%Y %Q"], "'Q' is a bad directive"),
        (["--date-format", "%Y %Y"], "--date-format"),
        (["--date-format", "mixed"], "where the year is"),
        (["--date-format", ""], "where the year is"),
        (["--date-format", "%Y-%m-%d %z"], "--time-zone"),
        (["--time-zone", "../../etc/passwd"], "../../etc/passwd"),
        (["--until", "2024"], "until must be a date"),
        (["--until", "2023-01-01"], "all are left out (9 after until)"),
        (["--horizon", "inf"], "horizon"),
        (["--discount-rate", "0.1"], "--margin"),
        (["--margin", "0.3"], "--discount-rate"),
        (["--discount-rate", "nan", "--margin", "0.3"], "discount_rate"),
        (["--discount-rate", "-0.1", "--margin", "0.3"], "discount_rate"),
        (["--occasion", "order"], "--order-id"),
        (["--amount", "date"], "'date' is named for more than one purpose"),
        (["--amount", "Amount"], "--amount amount"),
        (["--unit-price", "note"], "--quantity"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_options_that_will_not_do(predict, options, part):
    assert part in predict(text(*ROWS), *options)


def test_horizons_are_not_negative(run, models, tmp_path):
    out = tmp_path / "scores.csv"
    for horizon in ("-1", "nan", "soon"):
        arguments = ["cdnow", "--models", models, "--out", out, "--horizon", horizon]
        code, _, err = run("predict", *arguments)
        assert (code, "--horizon" in err) == (2, True)


def test_there_is_no_such_file(refused, models, tmp_path):
    for path in (tmp_path / "nowhere.csv", tmp_path, ""):
        said = refused("predict", path, "--models", models, "--out", tmp_path / "s.csv")
        assert "directory" in said


def test_where_nothing_can_be_written_nothing_is_begun(refused, monkeypatch, tmp_path):
    def begun(*_: object) -> None:
        pytest.fail("the log was read first")

    monkeypatch.setattr("crmanalytics.cli.app.count", begun)
    (tmp_path / "file").write_text("")
    for command in ("fit", "score"):
        said = refused(command, "cdnow", "--out", tmp_path / "file" / "below")
        assert f"{tmp_path / 'file'} is a file" in said
    monkeypatch.setattr(os, "access", lambda *_: False)
    said = refused("fit", "cdnow", "--out", tmp_path / "new")
    assert f"no permission to write to {tmp_path}" in said
    assert not (tmp_path / "new").exists()


def change(file, **changes):
    document = json.loads(file.read_text()) | changes
    file.write_text(json.dumps(document))


DAMAGE = {
    "missing": (lambda folder: (folder / "spend.json").unlink(), "spend.json"),
    "cut off": (
        lambda folder: (folder / "spend.json").write_bytes(
            (folder / "spend.json").read_bytes()[:-20]
        ),
        "not a whole JSON document",
    ),
    "altered": (lambda folder: change(folder / "spend.json", sha256="0" * 64), "altered"),
    "of another version": (lambda folder: change(folder / "spend.json", schema=9), "version 9"),
    "of unknown kind": (lambda folder: change(folder / "spend.json", kind="os.system"), "altered"),
    "in each other's place": (
        lambda folder: shutil.copy(folder / "purchases.json", folder / "spend.json"),
        "does not hold a fitted GammaGamma",
    ),
    "a fit for limits": (
        lambda folder: shutil.copy(folder / "spend.json", folder / "rfm_breaks.json"),
        "limits of RFM scores",
    ),
    "without a unit": (
        lambda folder: shutil.copy(folder.parent / "timeless.json", folder / "purchases.json"),
        "unit of time",
    ),
    "empty": (lambda folder: (folder / "purchases.json").write_bytes(b""), "purchases.json"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_saved_models_that_will_not_do(refused, log, models, tmp_path, kind):
    import crmanalytics as crm

    customers = crm.summarize(log, until="1998-06-30", unit="W")
    customers.attrs.clear()
    if kind == "without a unit":
        crm.clv.BGNBD.fit(customers).save(tmp_path / "timeless.json")
    folder = shutil.copytree(models, tmp_path / "models")
    damage, part = DAMAGE[kind]
    damage(folder)
    said = refused("predict", "cdnow", "--models", folder, "--out", tmp_path / "s.csv")
    assert part in said
    assert "json" in said


def test_a_kind_that_is_no_model_is_not_imported(refused, models, tmp_path):
    folder = shutil.copytree(models, tmp_path / "models")
    digest = persistence._digest("os.system", {})
    change(folder / "spend.json", kind="os.system", body={}, sha256=digest)
    said = refused("predict", "cdnow", "--models", folder, "--out", tmp_path / "s.csv")
    assert "unknown kind of document: 'os.system'" in said


def test_scores_are_written_as_a_table(refused, models, tmp_path):
    said = refused("predict", "cdnow", "--models", models, "--out", tmp_path / "scores.xlsx")
    assert ".parquet or .csv" in said


def test_a_log_too_small_for_a_model(refused, tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("customer_id,date,amount\n1,2024-01-01,5\n1,2024-02-01,5\n2,2024-02-01,7\n")
    said = refused("fit", path, "--out", tmp_path / "out")
    assert said.startswith("2 customers are not enough to go by")
    assert "--penalty 1" in said
    path.write_text("customer_id,date,amount\n1,2024-01-01,0\n1,2024-02-01,0\n2,2024-02-01,0\n")
    assert "spent money" in refused("fit", path, "--out", tmp_path / "out", "--penalty", "1")
    assert not (tmp_path / "out").exists()
