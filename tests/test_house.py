"""The house rules that neither ruff, mypy nor import-linter can hold."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import crmanalytics as crm

ROOT = Path(__file__).parents[1]
SOURCES = sorted(Path(crm.__file__).parent.rglob("*.py"))
TREES = {source.relative_to(ROOT / "src"): ast.parse(source.read_text()) for source in SOURCES}
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
ROOMS = [name for name in crm.__all__ if inspect.ismodule(getattr(crm, name, None))]


def packages():
    found = pkgutil.walk_packages(crm.__path__, "crmanalytics.")
    return [module.name for module in found if module.ispkg]


def functions():
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, FUNCTION):
                yield f"{module}:{node.name}", node


def code_lines(function, text):
    """How many lines of a body hold code: no docstring, no comment alone, no blank line."""
    lines = range(function.body[0].lineno, function.end_lineno + 1)
    if ast.get_docstring(function):
        doc = function.body[0]
        lines = [n for n in lines if not doc.lineno <= n <= doc.end_lineno]
    held = [text[n - 1].strip() for n in lines]
    return sum(1 for line in held if line and not line.startswith("#"))


def public_functions():
    """Every function that a room exports, and every public method of the classes that it does.

    What several classes inherit is counted once, under the name of the class that defines it.
    """
    return {f"{f.__module__}.{f.__qualname__}": f for f in exported_functions()}.items()


def exported_functions():
    for room in ROOMS:
        module = getattr(crm, room)
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            if inspect.isfunction(thing):
                yield thing
            elif inspect.isclass(thing):
                methods = (
                    m for n, m in inspect.getmembers(thing, inspect.isroutine) if n[0] != "_"
                )
                # what a base class of Python's own brings is not ours to document
                yield from (
                    m
                    for m in methods
                    if (getattr(m, "__module__", None) or "").startswith("crmanalytics")
                )


def test_modules_are_short():
    lengths = {str(s.relative_to(ROOT)): len(s.read_text().splitlines()) for s in SOURCES}
    assert {k: v for k, v in lengths.items() if v > 400} == {}


def test_functions_are_short():
    lengths = {
        f"{source.name}:{node.name}": code_lines(node, source.read_text().splitlines())
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, FUNCTION)
    }
    assert {k: v for k, v in lengths.items() if v > 50} == {}


def test_every_module_says_what_it_is_for():
    assert [str(m) for m, tree in TREES.items() if not ast.get_docstring(tree)] == []


def writes_to_self(node):
    targets = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    return any(
        isinstance(t, ast.Attribute) and isinstance(t.value, ast.Name) and t.value.id == "self"
        for t in targets
    )


# an estimator of scikit-learn holds what it has learned, by that library's rules
LEARNERS = {"crmanalytics/churn/classifier.py:fit"}


def test_objects_do_not_change_after_they_are_made():
    changing = [
        name
        for name, function in functions()
        if name not in LEARNERS
        and function.name not in {"__init__", "__new__", "__post_init__", "__setstate__"}
        and any(writes_to_self(node) for node in ast.walk(function))
    ]
    assert changing == []


@pytest.mark.parametrize("package", packages())
def test_every_exported_name_is_there(package):
    module = importlib.import_module(package)
    assert [n for n in getattr(module, "__all__", ()) if not hasattr(module, n)] == []


def test_every_public_function_is_documented():
    assert [name for name, function in public_functions() if not inspect.getdoc(function)] == []


def test_nine_of_ten_public_functions_show_an_example_that_runs():
    shown = {name: ">>>" in inspect.getdoc(f) for name, f in public_functions()}
    without = sorted(name for name, has in shown.items() if not has)
    assert len(without) <= len(shown) / 10, without


def test_every_parameter_of_a_public_function_is_typed():
    def untyped(function):
        parameters = inspect.signature(function).parameters.values()
        return [
            p.name for p in parameters if p.annotation is p.empty and p.name not in {"self", "cls"}
        ]

    assert {n: untyped(f) for n, f in public_functions() if untyped(f)} == {}


def test_ci_calls_what_the_readme_tells_everyone_to_call():
    script = (ROOT / ".ci" / "run").read_text()
    commands = [
        line
        for line in script.splitlines()
        if line and not line.startswith("#") and not re.match(r"(set|cd|export CI=\S+) ", line)
    ]
    assert commands == ["exec make test"]
    assert "make test" in (ROOT / "README.md").read_text()
