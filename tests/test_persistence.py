"""Documents: what goes in comes out, and nothing else is taken for one of ours."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import stat
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics import persistence
from crmanalytics.errors import FormatError, ParameterError
from crmanalytics.persistence import load, read_document, register, save, write_atomically

SOURCES = Path(crm.__file__).parent


@register("tests.Pair")
@dataclass(frozen=True)
class Pair:
    name: object
    values: object

    def to_dict(self):
        return asdict(self)

    @classmethod
    def from_dict(cls, body):
        return cls(
            name=body["name"], values=[body["values"][i] for i in range(len(body["values"]))]
        )


@register("tests.Twin")
class Twin(Pair):
    """Another kind with fields of the same names."""


@pytest.fixture
def saved(tmp_path):
    return save(Pair("first", [0.1, 2, None, True]), tmp_path / "pair.json")


def rewrite(path, **changes):
    document = json.loads(path.read_text())
    path.write_text(json.dumps(document | changes))


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)


@given(name=st.text(st.characters(exclude_categories=["Cs"])), values=st.lists(json_values))
def test_what_was_saved_is_loaded(tmp_path_factory, name, values):
    thing = Pair(name, values)
    path = tmp_path_factory.mktemp("round") / "thing.json"
    assert load(save(thing, path)) == thing


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_keep_every_bit(tmp_path_factory, value):
    path = save(Pair("float", [value]), tmp_path_factory.mktemp("bits") / "thing.json")
    assert load(path).values[0].hex() == value.hex()


def test_a_document_is_readable_text(saved):
    document = json.loads(saved.read_text(encoding="utf-8"))
    assert document["format"] == "crmanalytics"
    assert document["schema"] == 1
    assert document["kind"] == "tests.Pair"
    assert document["body"] == {"name": "first", "values": [0.1, 2, None, True]}
    path = save(Pair("Лучшие клиенты", []), saved)
    assert "Лучшие клиенты" in path.read_text(encoding="utf-8")


def test_the_same_thing_is_the_same_bytes(tmp_path):
    thing = Pair("a", [{"z": 1, "b": 2}])
    one, two = save(thing, tmp_path / "1"), save(Pair("a", [{"b": 2, "z": 1}]), tmp_path / "2")
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"bytes", "\ud800"])
def test_what_json_cannot_say_is_refused_and_the_old_file_stays(saved, value):
    before = saved.read_bytes()
    with pytest.raises(ParameterError, match=r"tests\.Pair cannot be written as JSON"):
        save(Pair("second", [value]), saved)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


def test_only_registered_classes_are_saved(tmp_path):
    class Stranger(Pair):
        pass

    with pytest.raises(ParameterError, match="Stranger"):
        save(Stranger("x", []), tmp_path / "stranger.json")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "another"}, "not written by crmanalytics"),
        ({"schema": 2}, "schema version 2; this release reads version 1"),
        ({"schema": None}, "schema version None"),
        ({"body": {"name": "first", "values": [0.1, 2, None, False]}}, "altered"),
        ({"kind": "tests.Twin"}, "altered"),
        ({"sha256": "0" * 64}, "altered"),
        ({"sha256": None}, "altered"),
        ({"kind": ["tests.Pair"]}, "lacks the kind or the body"),
        ({"body": [1]}, "lacks the kind or the body"),
    ],
)
def test_altered_documents_are_refused(saved, changes, message):
    rewrite(saved, **changes)
    with pytest.raises(FormatError, match=message) as caught:
        load(saved)
    assert str(saved) in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[1, 2]",
        b'"text"',
        b'{"anything": 1}',
        b"\x80\x04\x95pickle",
        b"\xff\xfe\xff",
        b'{"format": "crmanalytics", "schema": 1}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" + b"9" * 5_000 + b"]",
    ],
    ids=lambda content: repr(content[:12]),
)
def test_foreign_files_are_refused(tmp_path, content):
    path = tmp_path / "foreign.json"
    path.write_bytes(content)
    with pytest.raises(FormatError):
        load(path)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_numbers_that_json_does_not_have_are_refused(saved, word):
    saved.write_text(saved.read_text().replace("0.1", word))
    with pytest.raises(FormatError, match=f"{word} is not a JSON number"):
        load(saved)


def test_every_truncation_is_refused(saved):
    whole = saved.read_bytes()
    for length in range(len(whole) - 2):  # the last bytes are the closing brace and a line's end
        saved.write_bytes(whole[:length])
        with pytest.raises(FormatError):
            load(saved)


def test_every_flipped_bit_of_the_content_is_noticed(saved):
    thing, whole = load(saved), saved.read_bytes()
    for position in range(len(whole)):
        saved.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        try:
            assert load(saved) == thing  # between two values, where a space may be another one
        except FormatError:
            continue


def test_unknown_kinds_are_refused_and_import_nothing(tmp_path):
    inside = ["clv.Nothing", "clv.__import__", "clv.os.system", "rfm.__class__", "clv.", "clv"]
    outside = ["os.system", "", "antigravity", "crmanalytics.clv.BGNBD", "..clv", "clv/../os"]
    for kind in inside + outside:
        document = {"format": "crmanalytics", "schema": 1, "kind": kind, "body": {}}
        document["sha256"] = persistence._digest(kind, {})
        path = tmp_path / "unknown.json"
        path.write_text(json.dumps(document))
        with pytest.raises(FormatError, match="unknown kind") as caught:
            load(path)
        assert str(path) in str(caught.value)
    assert "antigravity" not in sys.modules


@pytest.mark.parametrize("body", [{}, {"name": "x"}, {"name": "x", "values": 3}])
def test_bodies_that_make_no_thing_are_refused(tmp_path, body):
    document = {"format": "crmanalytics", "schema": 1, "kind": "tests.Pair", "body": body}
    document["sha256"] = persistence._digest("tests.Pair", body)
    path = tmp_path / "half.json"
    path.write_text(json.dumps(document))
    with pytest.raises(FormatError, match=r"half\.json"):
        load(path)


@pytest.mark.parametrize("depth", [100, 700, 950, 5_000, 100_000])
@pytest.mark.parametrize(("begin", "end"), [("[", "]"), ('{"a":', "}")], ids=["lists", "dicts"])
def test_nesting_without_end_is_refused_whatever_the_digest_says(tmp_path, depth, begin, end):
    body = '{"name":"x","values":' + begin * depth + "1" + end * depth + "}"
    digest = hashlib.sha256(f'["clv.BGNBD",{body}]'.encode()).hexdigest()
    head = '{"format": "crmanalytics", "schema": 1, "kind": "clv.BGNBD"'
    path = tmp_path / "deep.json"
    path.write_text(f'{head}, "sha256": "{digest}", "body": {body}}}')
    with pytest.raises(FormatError, match=r"deep\.json"):
        load(path)


def test_a_file_that_is_not_there_is_the_usual_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nowhere.json")
    with pytest.raises(FileNotFoundError):
        read_document(tmp_path / "nowhere.json")


@pytest.mark.slow
def test_every_kind_is_found_by_a_process_that_has_imported_nothing():
    kinds = {
        kind
        for source in SOURCES.rglob("*.py")
        for kind in re.findall(r'^@register\("([\w.]+)"\)', source.read_text(), re.MULTILINE)
    }
    assert {"clv.BGNBD", "clv.Fit", "rfm.Breaks"} <= kinds
    code = (
        "import sys; from crmanalytics.persistence import class_of, kind_of\n"
        "for kind in sys.argv[1:]: assert kind_of(class_of(kind)) == kind, kind"
    )
    for first in {kind.partition(".")[0]: kind for kind in kinds}.values():
        rest = sorted(kinds - {first})
        subprocess.run([sys.executable, "-c", code, first, *rest], check=True, timeout=60)


def test_writing_makes_folders_and_returns_the_path(tmp_path):
    path = tmp_path / "a" / "b" / "page.html"
    assert write_atomically(str(path), b"text") == path
    assert path.read_bytes() == b"text"
    assert [p.name for p in path.parent.iterdir()] == ["page.html"]


def test_a_name_as_long_as_the_file_system_allows(tmp_path):
    path = tmp_path / ("n" * 255)
    assert write_atomically(path, b"text").read_bytes() == b"text"


@pytest.mark.parametrize(("umask", "expected"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_permissions_of_the_umask(tmp_path, umask, expected):
    code = "import sys; from crmanalytics.persistence import *; write_atomically(sys.argv[1], b'')"
    path = tmp_path / "new"
    subprocess.run([sys.executable, "-c", code, path], check=True, umask=umask, timeout=60)
    assert stat.S_IMODE(path.stat().st_mode) == expected


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666])
def test_an_existing_file_keeps_its_permissions(tmp_path, mode):
    path = tmp_path / "old"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_atomically(path, b"new")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", mode)


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "elsewhere" / "page"
    target.write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to(target)
    assert write_atomically(link, b"new") == link
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize(("home", "step"), [(os, "fsync"), (Path, "replace")])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, home, step):
    path = tmp_path / "page"
    path.write_bytes(b"old")

    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(home, step, fail)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"new")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("page", b"old")]


KILLED = """
import os, signal, sys
from pathlib import Path
from crmanalytics import persistence

def die(*args):
    os.kill(os.getpid(), signal.SIGKILL)

setattr({home}, {step!r}, die)
persistence.write_atomically(sys.argv[1], b"new" * 100_000)
"""


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have kill -9")
@pytest.mark.parametrize(("home", "step"), [("os", "fsync"), ("Path", "replace")])
def test_a_kill_in_the_middle_of_writing_leaves_the_old_file(tmp_path, home, step):
    path = tmp_path / "page"
    path.write_bytes(b"old")
    code = KILLED.format(home=home, step=step)
    ended = subprocess.run([sys.executable, "-c", code, path], check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"
    assert [p.suffix for p in tmp_path.iterdir() if p != path] == [".part"]
    write_atomically(path, b"newer")
    assert path.read_bytes() == b"newer"


REWRITING = """
import sys
from crmanalytics.persistence import write_atomically
for i in range(10_000):
    write_atomically(sys.argv[1], bytes([65 + i % 26]) * 50_000)
"""


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have kill -9")
def test_readers_and_a_kill_at_any_moment_see_whole_files_only(tmp_path):
    path = tmp_path / "page"
    path.write_bytes(b"A" * 50_000)
    seen = set()
    with subprocess.Popen([sys.executable, "-c", REWRITING, path]) as child:
        while len(seen) < 4:
            content = path.read_bytes()
            assert len(content) == 50_000
            assert len(set(content)) == 1
            seen.add(content[0])
            assert child.poll() is None
        child.kill()
    content = path.read_bytes()
    assert (len(content), len(set(content))) == (50_000, 1)
