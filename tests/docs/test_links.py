"""Links lead somewhere: files and headings here, well-formed addresses elsewhere, names that exist.

What only a network can tell, whether an address still answers, is what `make links` is for.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import crmanalytics as crm

ROOT = Path(__file__).parents[2]
GENERATED = ("_build", "reference", "notebooks", "gallery")  # of docs, by `make docs`
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "benchmarks").glob("*.md"),
        *(ROOT / "notebooks").glob("*.md"),
        *(ROOT / "notebooks").glob("*.ipynb"),
        *(
            path
            for path in (ROOT / "docs").rglob("*.md")
            if path.relative_to(ROOT / "docs").parts[0] not in GENERATED
        ),
    ]
)
ROOMS = tuple(name for name in crm.__all__ if inspect.ismodule(getattr(crm, name)))

CODE = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
LABEL = re.compile(r"^\[[^\]]+\]:\s*<?(\S+?)>?\s*$", re.MULTILINE)
ADDRESS = re.compile(r"\bhttps?:[^\s<>\"'`)\]]+")
DOI = re.compile(r"\bdoi(?:\.org/|:\s*)(\S+?)(?=[\s,;)\]>\"'`]|\.?$|\.\s)", re.IGNORECASE)
DOI_FORM = re.compile(r"10\.\d{4,9}/[-._;()/:A-Za-z0-9]*[A-Za-z0-9)]")
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::\d+)?")
NAME = re.compile(r"`(?:crm\.|crmanalytics\.)?([A-Za-z_][\w.]*)(?:\([^`]*\))?`")
FILES = (".py", ".csv", ".html", ".json", ".parquet", ".md")
NAMES_OF_FORMATS = ("http://www.w3.org/",)  # identifiers, not addresses


def prose(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    return CODE.sub("", text)


def slugs(text: str) -> set[str]:
    """Return the anchors of the headings, as GitHub and MyST name them."""
    found: dict[str, int] = {}
    every = set()
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", CODE.sub("", text), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        every.add(slug if slug not in found else f"{slug}-{found[slug]}")
        found[slug] = found.get(slug, 0) + 1
    return every


def written(target: Path) -> Path | None:
    """Return the file behind a page that `make docs` writes; None if it will write no such page."""
    docs = ROOT / "docs"
    if docs not in target.parents or target.relative_to(docs).parts[0] not in GENERATED:
        return target
    folder, *rest = target.relative_to(docs).parts
    if folder == "notebooks":
        return ROOT.joinpath("notebooks", *rest)
    known = {"index.md", "crmanalytics.md", *(f"crmanalytics.{room}.md" for room in ROOMS)}
    return None if folder == "_build" or (folder == "reference" and rest[0] not in known) else docs


def broken(path: Path, text: str) -> list[str]:
    """Return the links within the repository that lead nowhere."""
    wrong = []
    for link in [*LINK.findall(text), *LABEL.findall(text)]:
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        name, _, anchor = link.partition("#")
        target = written((path.parent / name).resolve() if name else path)
        if target is None or not leads(target, anchor):
            wrong.append(link)
    return wrong


def leads(target: Path, anchor: str) -> bool:
    """Say whether the target is there, with its heading; a page yet to be written has any."""
    if anchor and target.is_file():
        return anchor in slugs(prose(target))
    return target.exists()


def malformed(text: str) -> list[str]:
    """Return addresses that cannot be right: no https, no proper host, a DOI of no valid form."""
    wrong = []
    for address in ADDRESS.findall(text):
        if not address.startswith(NAMES_OF_FORMATS):
            parts = urlsplit(address.rstrip(".,;"))
            if parts.scheme != "https" or not HOST.fullmatch(parts.netloc.lower()):
                wrong.append(address)
    return wrong + [doi for doi in DOI.findall(text) if not DOI_FORM.fullmatch(doi)]


def missing(text: str) -> list[str]:
    """Return names of rooms' members in backticks that do not exist."""
    named = (name for name in NAME.findall(text) if not name.endswith(FILES))
    return [name for name in named if name.partition(".")[0] in ROOMS and not exists(name)]


def exists(dotted: str) -> bool:
    thing = crm
    for part in dotted.split("."):
        try:
            thing = getattr(thing, part)
        except AttributeError:
            try:
                thing = importlib.import_module(f"{thing.__name__}.{part}")
            except (ImportError, AttributeError):
                return False
    return True


def test_there_is_something_to_check():
    names = {path.relative_to(ROOT).as_posix() for path in PAGES}
    assert {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/index.md"} <= names
    assert sum(len(LINK.findall(prose(path))) for path in PAGES) > 30


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path):
    text = prose(path)
    assert broken(path, text) == []
    assert malformed(text) == []
    assert missing(text) == []


def test_addresses_in_the_package_are_well_formed():
    texts = [*(ROOT / "src").rglob("*.py"), ROOT / "pyproject.toml", ROOT / "CITATION.cff"]
    wrong = {path.name: malformed(path.read_text(encoding="utf-8")) for path in texts}
    assert {name: found for name, found in wrong.items() if found} == {}


ROLE = re.compile(r":(?:func|class|meth|mod|attr|data):`~?([\w.]+)`")


@pytest.mark.parametrize("room", ROOMS)
def test_what_docstrings_refer_to_exists(room):
    package = importlib.import_module(f"crmanalytics.{room}")
    inner = getattr(package, "__path__", ())
    parts = [info.name for info in pkgutil.walk_packages(inner, f"{package.__name__}.")]
    modules = [importlib.import_module(name) for name in (package.__name__, *parts)]
    roles = [(each, role) for each in modules for role in ROLE.findall(inspect.getsource(each))]
    assert [f"{each.__name__}: {role}" for each, role in roles if not refers(each, role)] == []


def refers(module, role):
    """Say whether a role names something in the module, its classes, or the packages around it."""
    if role.startswith("crmanalytics."):
        return exists(role.removeprefix("crmanalytics."))
    above = module.__name__.split(".")
    around = [importlib.import_module(".".join(above[:n])) for n in range(1, len(above))]
    first, *rest = role.split(".")
    classes = [value for value in vars(module).values() if inspect.isclass(value)]
    for place in (module, *around, *classes):
        thing = getattr(place, first, None)
        for part in rest:
            thing = getattr(thing, part, None)
        if thing is not None:
            return True
    return False


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("[a](no-such-file.md)", 1),
        ("[a](docs/index.md)", 0),
        ("[a](docs/index.md#no-such-heading)", 1),
        ("[a](README.md#in-a-notebook)", 0),
        ("[a](docs/reference/crmanalytics.clv.md)", 0),
        ("[a](docs/reference/crmanalytics.nothing.md)", 1),
        ("[a](docs/notebooks/no-such.ipynb)", 1),
        ("[a]: no-such-file.md", 1),
    ],
)
def test_a_broken_link_would_be_found(text, count):
    assert len(broken(ROOT / "README.md", text)) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("see https://keepachangelog.com.", 0),
        ("see http://keepachangelog.com", 1),
        ("see https://nowhere", 1),
        ("https://doi.org/10.1287/mksc.1040.0098", 0),
        ("doi: 10.1287/mksc.1040.0098.", 0),
        ("doi:mksc.1040.0098", 1),
        ("https://doi.org/10.12/x", 1),
    ],
)
def test_a_malformed_address_would_be_found(text, count):
    assert len(malformed(text)) == count


@pytest.mark.parametrize(
    ("text", "count"), [("`clv.BGNBD`", 0), ("`crm.clv.BGNDB`", 1), ("`churn.uplift`", 0)]
)
def test_a_name_that_is_not_there_would_be_found(text, count):
    assert len(missing(text)) == count
