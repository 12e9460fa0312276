"""However a log is written, the same customers come out of it."""

from __future__ import annotations

import bz2
import gzip
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import crmanalytics as crm


@pytest.fixture
def expected(log, models):
    """Return what the library's own calls make of the log."""
    customers = crm.summarize(log, until="1998-06-30", unit="W")
    purchases, spend = crm.load(models / "purchases.json"), crm.load(models / "spend.json")
    scored = crm.rfm.segment(crm.rfm.score(customers, crm.load(models / "rfm_breaks.json")))
    return scored.assign(
        p_alive=purchases.model.probability_alive(customers),
        p_active=purchases.model.probability_active(customers, 52),
        expected_purchases=purchases.model.expected_purchases(customers, 52),
        expected_spend=spend.model.expected_spend(customers),
    )


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def same(scored, expected):
    names = list(expected.columns)
    assert list(scored.columns) == names
    pd.testing.assert_frame_equal(
        scored.astype({"segment": "str"}), expected.astype({"segment": "str"}), check_dtype=False
    )


CSV = {
    "plain": ("log.csv", str.encode, ()),
    "mark of UTF-8": ("log.csv", lambda t: b"\xef\xbb\xbf" + t.encode(), ()),
    "line ends of Windows": ("log.csv", lambda t: t.replace("\n", "\r\n").encode(), ()),
    "empty lines": ("log.csv", lambda t: t.replace("\n", "\n\n", 9).encode(), ()),
    "no end of the last line": ("log.csv", lambda t: t.strip().encode(), ()),
    "blanks": ("log.csv", lambda t: t.replace(",", " , ").encode(), ()),
    "all quoted": (
        "log.csv",
        lambda t: "".join(f'"{x}"\n' for x in t.replace(",", '","').splitlines()).encode(),
        (),
    ),
    "gzip": ("log.csv.gz", lambda t: gzip.compress(t.encode()), ()),
    "bzip2": ("log.csv.bz2", lambda t: bz2.compress(t.encode()), ()),
    "another ending": ("log.txt", str.encode, ()),
    "UTF-16": ("log.csv", lambda t: t.encode("utf-16"), ("--encoding", "utf-16")),
    "semicolons": ("log.csv", lambda t: t.replace(",", ";").encode(), ("--separator", ";")),
    "tabs": ("log.tsv", lambda t: t.replace(",", "\t").encode(), ("--separator", "\t")),
    "tabs as they are typed": (
        "log.tsv",
        lambda t: t.replace(",", "\t").encode(),
        ("--separator", r"\t"),
    ),
    "decimal commas": (
        "log.csv",
        lambda t: t.replace(",", ";").replace(".", ",").encode(),
        ("--separator", ";", "--decimal", ","),
    ),
}


@pytest.mark.parametrize("how", CSV)
def test_csv_files(scores, expected, csv, tmp_path, how):
    name, encode, arguments = CSV[how]
    same(scores(write(tmp_path / name, encode(csv.read_text())), *arguments), expected)


PARQUET = {
    "plain": lambda x: x,
    "whole floats as identifiers": lambda x: x.assign(customer_id=x["customer_id"].astype(float)),
    "nullable integers": lambda x: x.convert_dtypes(),
    "days": lambda x: x.assign(date=x["date"].dt.date),
    "nanoseconds": lambda x: x.assign(date=x["date"].astype("datetime64[ns]")),
    "days as text": lambda x: x.assign(date=x["date"].dt.strftime("%Y-%m-%d")),
    "days as numbers": lambda x: x.assign(date=x["date"].dt.strftime("%Y%m%d").astype(int)),
    "a time zone": lambda x: x.assign(date=x["date"].dt.tz_localize("Asia/Tokyo")),
    "decimals": lambda x: x.assign(amount=[Decimal(str(each)) for each in x["amount"]]),
    "amounts as text": lambda x: x.assign(amount=x["amount"].astype(str)),
    "an index": lambda x: x.set_index("customer_id"),
}


@pytest.mark.parametrize("how", PARQUET)
@pytest.mark.parametrize("name", ["log.parquet", "log"])
def test_parquet_files(scores, expected, log, tmp_path, how, name):
    pq.write_table(pa.Table.from_pandas(PARQUET[how](log)), tmp_path / name)
    same(scores(tmp_path / name), expected)


def test_a_folder_of_parquet_files(scores, expected, log, tmp_path):
    folder = tmp_path / "log.parquet"
    folder.mkdir()
    for part in range(3):
        log.iloc[part::3].to_parquet(folder / f"part-0000{part}.parquet")
    (folder / "_SUCCESS").write_text("")
    same(scores(folder), expected)


def test_a_log_that_comes_along(run, models, tmp_path):
    out = tmp_path / "scores.csv"
    code, _, err = run("predict", "cdnow-sample", "--models", models, "--out", out)
    assert (code, err) == (0, "")
    assert len(pd.read_csv(out)) == 2357


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_own_names_of_columns(scores, expected, log, tmp_path, kind):
    names = {"customer_id": "Kunden-Nr.", "date": "Tag", "amount": "Betrag in €"}
    theirs = log.rename(columns=names).assign(amount="not this one")
    path = tmp_path / f"log.{kind}"
    theirs.to_csv(path, index=False) if kind == "csv" else theirs.to_parquet(path)
    options = [f"--{k.replace('_', '-')}={v}" for k, v in names.items()]
    same(scores(path, *options), expected)


def test_prices_times_quantities_are_amounts(scores, expected, log, tmp_path):
    theirs = log.assign(UnitPrice=log["amount"] / 4, Pieces=4).drop(columns=["amount", "quantity"])
    theirs.to_csv(tmp_path / "log.csv", index=False)
    scored = scores(tmp_path / "log.csv", "--unit-price", "UnitPrice", "--quantity", "Pieces")
    same(scored, expected)


@pytest.mark.parametrize(
    ("ids", "found"),
    [
        (["007", "42", "0"], ["0", "007", "42"]),  # leading zeros are part of a name
        (["7", "42", "0"], [0, 7, 42]),
        (["-7", "42", "0"], [-7, 0, 42]),
        (["+7", "42", "0"], ["+7", "0", "42"]),
        (["7.0", "42", "0"], ["0", "42", "7.0"]),
        (["9" * 25, "42", "0"], ["0", "42", "9" * 25]),
        (["Zoë", "Ann", "ann"], ["Ann", "Zoë", "ann"]),
    ],
)
def test_identifiers_in_csv_files(scores, tmp_path, ids, found):
    rows = "".join(f"{who},2024-01-0{n},5\n" for n, who in enumerate(ids, 1))
    path = write(tmp_path / "log.csv", f"customer_id,date,amount\n{rows}")
    assert scores(path)["customer_id"].tolist() == found


@pytest.mark.parametrize(
    ("ids", "found"),
    [
        (["7", "42"], ["42", "7"]),  # the file says that they are texts
        ([7.0, 42.0], [7, 42]),
        ([2**63 + 7, 2**63 + 42], [2**63 + 7, 2**63 + 42]),
        (pd.Categorical(["b", "a"]), ["a", "b"]),
    ],
)
def test_identifiers_in_parquet_files(scores, tmp_path, ids, found):
    days = pd.to_datetime(["2024-01-01", "2024-01-02"])
    pd.DataFrame({"customer_id": ids, "date": days, "amount": 5.0}).to_parquet(tmp_path / "log")
    assert scores(tmp_path / "log")["customer_id"].tolist() == found


@pytest.mark.parametrize(
    ("written", "options", "amount"),
    [
        ("1234.5", (), 1234.5),
        ("+1234.5", (), 1234.5),
        (".5", (), 0.5),
        ("5.", (), 5.0),
        ("1e3", (), 1000.0),
        ('"1,234.50"', ("--thousands", ","), 1234.5),
        ('"1,234,567.50"', ("--thousands", ","), 1234567.5),
        ("1234567.50", ("--thousands", ","), 1234567.5),
        ('"1.234,50"', ("--thousands", ".", "--decimal", ","), 1234.5),
        ("1'234.50", ("--thousands", "'"), 1234.5),
        ("1 234", ("--thousands", " "), 1234.0),
    ],
)
def test_amounts(scores, tmp_path, written, options, amount):
    path = write(tmp_path / "log.csv", f"customer_id,date,amount\n1,2024-01-01,{written}\n")
    assert scores(path, *options)["total"].tolist() == [amount]


@pytest.mark.parametrize(
    ("written", "options"),
    [
        ('"1,234.50"', ()),
        ('"12,34.50"', ("--thousands", ",")),
        ('"1.234,5"', ("--decimal", ",")),
        ("1.234", ("--decimal", ",")),  # a thousand and more, or one and a bit?
        ("$5", ()),
        ("(5)", ()),
        ("0x10", ()),
        ("1_000", ()),
        ("True", ()),
        ("inf", ()),
        ("1e999", ()),
        ("nan", ()),
        ("NULL", ()),
        ("", ()),
        ("--5", ()),
    ],
)
def test_amounts_that_might_mean_anything(refused, models, tmp_path, written, options):
    path = write(tmp_path / "log.csv", f"customer_id,date,amount\n1,2024-01-01,{written}\n")
    said = refused("predict", path, "--models", models, "--out", tmp_path / "s.csv", *options)
    assert "1 of 1 rows cannot be read: 1 with unreadable amount (first: line 2" in said
    assert "--decimal and --thousands" in said


@pytest.mark.parametrize(
    ("written", "options", "day"),
    [
        ("2024-03-01", (), "2024-03-01"),
        ("20240301", (), "2024-03-01"),
        ("2024/03/01", (), "2024-03-01"),
        ("2024-03-01 23:59", (), "2024-03-01"),
        ("2024-03-01T23:59:59.123456", (), "2024-03-01"),
        ("2024-03-01T23:59:00Z", (), "2024-03-01"),
        ("2024-03-01T23:59:00Z", ("--time-zone", "Asia/Tokyo"), "2024-03-02"),
        ("2024-03-01T23:59:00-0800", (), "2024-03-01"),
        ("2024-03-01T23:59:00-08:00", ("--time-zone", "UTC"), "2024-03-02"),
        ("01.03.2024", ("--date-format", "%d.%m.%Y"), "2024-03-01"),
        ("3/1/24", ("--date-format", "%m/%d/%y"), "2024-03-01"),
        ("1 Mar 2024", ("--date-format", "%d %b %Y"), "2024-03-01"),
        ("2024-03", ("--date-format", "%Y-%m"), "2024-03-01"),
        (
            "01.03.2024 23:59 +0000",
            ("--date-format", "%d.%m.%Y %H:%M %z", "--time-zone", "Asia/Tokyo"),
            "2024-03-02",
        ),
    ],
)
def test_dates(scores, tmp_path, written, options, day):
    path = write(tmp_path / "log.csv", f"customer_id,date,amount\n1,{written},5\n")
    assert scores(path, *options)["first_date"].astype(str).tolist() == [day]


@pytest.mark.parametrize(
    "written",
    ["2024", "2024-03", "now", "today", "1.3.2024", "03/01/2024", "45352", "2024-02-30", "", "-5"],
)
def test_dates_that_might_mean_anything(refused, models, tmp_path, written):
    path = write(tmp_path / "log.csv", f"customer_id,date,amount\n1,{written},5\n")
    said = refused("predict", path, "--models", models, "--out", tmp_path / "s.csv")
    assert "1 with unreadable date (first: line 2" in said
    assert "--date-format" in said


MIXED = "customer_id,date,amount\n1,2024-03-01T23:59:00Z,5\n2,2024-03-01T23:59:00-08:00,5\n"


def test_mixed_offsets_need_a_time_zone(scores, refused, models, tmp_path):
    path = write(tmp_path / "log.csv", MIXED)
    said = refused("predict", path, "--models", models, "--out", tmp_path / "s.csv")
    assert "mixes time zones (offsets: +00:00, -08:00)" in said
    assert "--time-zone" in said
    days = scores(path, "--time-zone", "America/Los_Angeles")["first_date"]
    assert days.astype(str).tolist() == ["2024-03-01", "2024-03-01"]
    days = scores(path, "--time-zone", "UTC")["first_date"]
    assert days.astype(str).tolist() == ["2024-03-01", "2024-03-02"]
