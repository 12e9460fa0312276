"""Small JSON documents: written atomically, read with suspicion, never executed.

A document names its format, its schema version and the kind of thing that it holds, and carries a
digest of its body, so that a truncated or altered file is refused rather than half understood.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Final, Protocol, Self, TypeVar

from crmanalytics.errors import FormatError, ParameterError

__all__ = ["Storable", "load", "read_document", "register", "save", "write_atomically"]

_FORMAT: Final = "crmanalytics"
_SCHEMA: Final = 1
_ROOMS: Final = ("clv", "rfm")  # rooms that may hold storable kinds: nothing else is imported


class Storable(Protocol):
    """What can be saved: anything that can say itself as plain JSON values and be made of them."""

    def to_dict(self) -> dict[str, Any]:
        """Return the content as plain JSON values."""

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> Self:
        """Make the thing of its content, checking it."""


S = TypeVar("S", bound=type[Storable])
_KINDS: dict[str, type[Storable]] = {}


def register(kind: str) -> Any:  # noqa: ANN401 - a decorator that keeps the class's type
    """Class decorator: make a class known to :func:`load` under a name like ``clv.BGNBD``."""

    def keep(cls: S) -> S:
        _KINDS[kind] = cls
        return cls

    return keep


def kind_of(cls: type[object]) -> str:
    """Return the name under which a class is registered."""
    for kind, known in _KINDS.items():
        if known is cls:
            return kind
    raise ParameterError(f"{cls.__name__} is not a kind of thing that can be saved")


def class_of(kind: object) -> type[Storable]:
    """Return the class registered under a name, importing its room if need be."""
    if isinstance(kind, str):
        room = kind.partition(".")[0]
        if kind not in _KINDS and room in _ROOMS:
            importlib.import_module(f"crmanalytics.{room}")
        if kind in _KINDS:
            return _KINDS[kind]
    raise FormatError(f"unknown kind of document: {kind!r}")


def save(thing: Storable, path: str | os.PathLike[str]) -> Path:
    """Write a model or a fit as JSON, atomically.

    Parameters
    ----------
    thing : Storable
        A model, a fit, or another thing of a registered kind.
    path : path
        Where to; an existing file is replaced in one step.

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    ParameterError
        If the thing is of no storable kind.
    """
    body = thing.to_dict()
    document = {
        "format": _FORMAT,
        "schema": _SCHEMA,
        "kind": kind_of(type(thing)),
        "sha256": _digest(body),
        "body": body,
    }
    text = json.dumps(document, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False)
    return write_atomically(path, (text + "\n").encode())


def load(path: str | os.PathLike[str]) -> Any:  # noqa: ANN401 - whatever was saved
    """Read back what :func:`save` wrote.

    Parameters
    ----------
    path : path
        A file written by ``model.save(path)``.

    Returns
    -------
    model or fit
        An equal copy of what was saved.

    Raises
    ------
    FormatError
        If the file is not such a document, or was truncated or altered, or is of another schema
        version.
    FileNotFoundError
        If there is no such file.
    """
    document = read_document(path)
    try:
        return class_of(document["kind"]).from_dict(document["body"])
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"{path}: {error}") from error


def read_document(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a document and verify its format, version and digest."""
    try:
        document = json.loads(Path(path).read_bytes(), parse_constant=_refuse)
    except ValueError as error:
        raise FormatError(f"{path} is not a whole JSON document: {error}") from error
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise FormatError(f"{path} was not written by crmanalytics")
    if document.get("schema") != _SCHEMA:
        raise FormatError(
            f"{path} has schema version {document.get('schema')!r}; this release reads version "
            f"{_SCHEMA}. Fit again, or use the release that wrote it."
        )
    body = document.get("body")
    if not isinstance(body, dict) or document.get("sha256") != _digest(body):
        raise FormatError(f"{path} was altered after it was saved: its digest does not match")
    return document


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not a JSON number")


def _digest(body: dict[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def write_atomically(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file so that a reader, or a kill, sees the old content or the new, never a part.

    Parameters
    ----------
    path : path
        Where to; its folder is made if need be.
    content : bytes
        The whole content.

    Returns
    -------
    Path
        The path written.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
