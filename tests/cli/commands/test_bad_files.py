"""Files that will not do end in one clear sentence and exit code 2, never a traceback."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

HEADER = "customer_id,date,amount\n"
GOOD = [
    f"{customer},2024-{month:02d}-{day:02d},{amount}"
    for customer, visits in enumerate(
        ([(1, 5)], [(1, 9), (3, 2)], [(2, 1), (2, 20), (4, 4)], [(2, 2)], [(3, 3), (5, 5)]) * 8
    )
    for (month, day), amount in zip(visits, (10.5, 20.0, 12.25), strict=False)
]
ROWS = len(GOOD)
FUTURE = (datetime.now(tz=UTC) + timedelta(days=400)).date().isoformat()


def with_bad(rows, share=0.1):
    """Put bad rows among good ones, the first of them on line 3."""
    count = round(ROWS * share / (1 - share))
    bad = [rows[i % len(rows)] for i in range(count)]
    return [GOOD[0], *bad, *GOOD[1:]]


CASES = {
    "missing column": ("customer_id,date,total\n1,2024-01-01,5\n", "no column 'amount'", "total"),
    "column nearly named": (
        "CustomerID,date,amount\n1,2024-01-01,5\n",
        "no column 'customer_id'",
        "--customer-id CustomerID",
    ),
    "column twice": (
        "customer_id,date,amount,amount\n1,2024-01-01,5,6\n",
        "amount",
        "(?:more than once|same name|twice)",
    ),
    "other separator": (
        "customer_id;date;amount\n1;2024-01-01;5\n",
        "no column",
        "--separator",
    ),
    "no content": ("", "is empty"),
    "blank lines": ("\n\n\n", "is empty"),
    "header alone": (HEADER, "no rows"),
    "one customer": (
        HEADER + "\n".join(f"7,2024-01-{day:02d},5" for day in range(1, 20)),
        "single customer",
    ),
    "all bought once": (
        HEADER + "\n".join(f"{who},2024-01-{who:02d},5" for who in range(1, 20)),
        "all 19 customers",
        "only once",
    ),
    "amounts are words": (
        HEADER + "1,2024-01-01,abc\n1,2024-01-02,def\n2,2024-01-03,ghi\n",
        "3 of 3 rows",
        "amount",
        "line 2",
        "'abc'",
    ),
    "dates of another kind": (
        HEADER + "1,31/12/2023,5\n1,30/12/2023,6\n2,29/12/2023,7\n",
        "3 of 3 rows",
        "--date-format",
    ),
    "dates in the future": (
        HEADER + "\n".join([*GOOD, f"1,{FUTURE},5"]),
        "in the future",
        f"line {ROWS + 2}",
        "--until",
    ),
    "mixed time zones": (
        HEADER + "1,2024-01-01T10:00:00+01:00,5\n1,2024-07-01T10:00:00+02:00,6\n",
        "time zones",
        "--time-zone",
    ),
    "some with a zone": (
        HEADER + "1,2024-01-01T10:00:00Z,5\n1,2024-07-01 10:00:00,6\n",
        "time zones",
        "--time-zone",
    ),
    "garbage in amounts": (
        HEADER + "\n".join(with_bad(["1,2024-01-01,abc", "2,2024-01-01,"])),
        "unreadable amount",
        "line 3: 'abc'",
        "--skip-bad-rows",
    ),
    "garbage everywhere": (
        HEADER + "\n".join(with_bad(["?,x,y", ",,", "1,2024-13-45,5", ",2024-01-01,5"])),
        "cannot be read",
        "customer_id",
        "date",
        "amount",
        "--skip-bad-rows",
    ),
    "amounts without end": (
        HEADER + "\n".join(with_bad(["1,2024-01-01,inf", "1,2024-01-01,1e999"])),
        "unreadable amount",
    ),
    "too many fields": (
        HEADER + "\n".join(with_bad(["1,2024-01-01,5,6,7"])),
        "line 3",
        "--skip-bad-rows",
    ),
    "refunds alone": (
        HEADER + "1,2024-01-01,-5\n2,2024-01-02,-6\n",
        "no rows left",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_one_sentence_and_exit_code_2(run, tmp_path, name):
    text, *expected = CASES[name]
    path = tmp_path / "log.csv"
    path.write_text(text, encoding="utf-8")
    code, out, err = run("score", path, "--out", tmp_path / "out")
    assert code == 2
    assert out == ""
    assert "Traceback" not in err
    assert err.startswith("crmanalytics: ")
    assert err.count("\n") == 1
    for part in expected:
        found = part in err or re.search(part, err)
        assert found, err
    assert not (tmp_path / "out").exists()


def write(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"PAR1 but no more of it", "Parquet"),
        ((HEADER + "M\u00fcller,2024-01-01,5\n").encode("latin-1"), "encoding"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe", ""),
        (b"PK\x03\x04 a workbook", ""),
    ],
    ids=["torn parquet", "latin-1", "picture", "workbook"],
)
def test_other_kinds_of_files(run, tmp_path, content, part):
    code, _, err = run("fit", write(tmp_path / "log.csv", content), "--out", tmp_path)
    assert code == 2
    assert part in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_files_that_are_not_there(run, tmp_path):
    for path in (tmp_path / "absent.csv", tmp_path):
        code, _, err = run("score", path, "--out", tmp_path / "out")
        assert code == 2
        assert str(path) in err
        assert err.count("\n") == 1


def test_a_folder_that_cannot_be_written_to(run, tmp_path):
    blocked = write(tmp_path / "file", b"")
    code, _, err = run("fit", "cdnow-sample", "--out", blocked / "below")
    assert (code, err.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--until", "yesterday"], "until"),
        (["--until", "2023-01-01"], "after until"),
        (["--time-zone", "Mars/Olympus"], "Mars/Olympus"),
        (["--discount-rate", "0.1"], "--margin"),
        (["--check-at", "2025-01-01"], "check_at"),
        (["--amount", "date"], "'date'"),
        (["--exclude-product", "postage"], "exclude_products"),
    ],
)
def test_arguments_that_will_not_do(run, tmp_path, options, part):
    path = write(tmp_path / "log.csv", HEADER + "\n".join(GOOD))
    arguments = ["--penalty", "1", *options]
    code, _, err = run("score", path, "--out", tmp_path / "out", *arguments)
    assert (code, err.count("\n")) == (2, 1), err
    assert part in err


@pytest.mark.parametrize("arguments", [["score"], ["score", "cdnow"], ["nothing"], ["fit", "-x"]])
def test_wrong_calls_end_with_2(run, arguments):
    assert run(*arguments)[0] == 2


def test_help_teaches(run):
    code, out, _ = run("--help")
    assert code == 0
    for word in ("score", "fit", "predict", "Exit codes", "crmanalytics score cdnow"):
        assert word in out
    code, out, _ = run("score", "--help")
    assert code == 0
    for word in ("--until", "--skip-bad-rows", "--discount-rate", "same bytes", "Columns of the"):
        assert word in out
    assert run("--version")[1].strip() == "0.1.0"


def test_bad_rows_are_left_out_when_told_and_accounted_for(run, tmp_path):
    bad = ["1,2024-01-01,abc", ",2024-01-01,5", "2,never,7.25", "1,2024-01-01,5,6"]
    path = write(tmp_path / "log.csv", HEADER + "\n".join(with_bad(bad)))
    out = tmp_path / "out"
    code, text, err = run("score", path, "--out", out, "--skip-bad-rows", "--penalty", "1")
    assert (code, err) == (0, "")
    skipped = len(with_bad(bad)) - ROWS
    counts = [int(n) for n in re.findall(r"left out: ([\d,]+) row", text)]
    assert sum(counts) == skipped
    assert "(money 7.25)" in text or "(money 14.50)" in text
    assert "rows were removed" in (out / "report.html").read_text()
    clean = write(tmp_path / "clean.csv", HEADER + "\n".join(GOOD))
    assert run("fit", clean, "--out", tmp_path / "clean", "--penalty", "1")[0] == 0
    for model in (out / "models").iterdir():
        assert model.read_bytes() == (tmp_path / "clean" / "models" / model.name).read_bytes()


def test_more_than_half_is_too_much_to_leave_out(run, tmp_path):
    path = write(tmp_path / "log.csv", HEADER + "\n".join(with_bad(["1,2024-01-01,x"], 0.6)))
    code, _, err = run("fit", path, "--out", tmp_path, "--skip-bad-rows")
    assert code == 2
    assert "half" in err


OTHER_WAYS = {
    "semicolons": (
        lambda line: line.replace(",", ";").replace(".", ","),
        ["--separator", ";", "--decimal", ","],
    ),
    "dots": (
        lambda line: re.sub(r"(\d{4})-(\d\d)-(\d\d)", r"\3.\2.\1", line),
        ["--date-format", "%d.%m.%Y"],
    ),
    "one offset": (lambda line: re.sub(r"(-\d\d),", r"\1T12:00:00+02:00,", line), []),
    "a zone": (
        lambda line: re.sub(r"(-\d\d),", r"\1 23:30:00Z,", line),
        ["--time-zone", "UTC"],
    ),
}


@pytest.mark.parametrize("name", OTHER_WAYS)
def test_logs_written_in_other_ways_give_the_same_models(run, tmp_path, name):
    change, options = OTHER_WAYS[name]
    header = HEADER.strip().replace(",", ";" if "--separator" in options else ",")
    plain = write(tmp_path / "plain.csv", HEADER + "\n".join(GOOD))
    other = write(tmp_path / "other.csv", "\ufeff" + "\r\n".join([header, *map(change, GOOD)]))
    until = ["--until", "2024-12-31", "--penalty", "1"]
    assert run("fit", plain, "--out", tmp_path / "a", *until)[0] == 0
    code, _, err = run("fit", other, "--out", tmp_path / "b", *until, *options)
    assert (code, err) == (0, "")
    for file in ("purchases.json", "spend.json", "rfm_breaks.json"):
        a, b = (tmp_path / folder / "models" / file for folder in "ab")
        assert a.read_bytes() == b.read_bytes()


@pytest.fixture
def predicted(run, tmp_path):
    """Score a log with models of the plain one, which takes no report."""

    def scores(log, *options):
        plain = write(tmp_path / "plain.csv", HEADER + "\n".join(GOOD))
        assert run("fit", plain, "--out", tmp_path, "--penalty", "1")[0] == 0
        file = tmp_path / "scores.parquet"
        code, _, err = run("predict", log, "--models", tmp_path, "--out", file, *options)
        assert (code, err) == (0, "")
        return pd.read_parquet(file).set_index("customer_id")

    return scores


def test_a_time_zone_moves_stamps_to_its_calendar_days(predicted, tmp_path):
    late = [re.sub(r"(-\d\d),", r"\1T23:30:00Z,", line) for line in GOOD]
    half = [line.replace("Z,", "+00:00,") for line in late[::2]]
    path = write(tmp_path / "log.csv", HEADER + "\n".join([*half, *late[1::2]]))
    scores = predicted(path, "--time-zone", "Europe/Vienna", "--until", "2024-12-31")
    assert str(scores["first_date"].loc[0].date()) == "2024-01-06"


def test_identifiers_with_leading_zeros_stay_apart(predicted, tmp_path):
    lines = [re.sub(r"^(\d+)", r"00\1", line) for line in GOOD]
    path = write(tmp_path / "log.csv", HEADER + "\n".join([*lines, "1,2024-05-05,9.0"]))
    assert {"001", "1"} <= set(predicted(path).index)


def test_price_times_quantity_is_an_amount(predicted, tmp_path):
    log = pd.DataFrame([line.split(",") for line in GOOD], columns=["customer_id", "date", "price"])
    log = log.assign(units=2, date=pd.to_datetime(log["date"]), price=log["price"].astype(float))
    log.to_parquet(tmp_path / "log.parquet")
    scores = predicted(tmp_path / "log.parquet", "--unit-price", "price", "--quantity", "units")
    assert scores["total"].sum() == pytest.approx(2 * log["price"].sum())
