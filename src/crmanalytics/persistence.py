"""Small JSON documents: written atomically, read with suspicion, never executed.

A document names its format, its schema version and the kind of thing that it holds, and carries a
digest of kind and body, so that a truncated or altered file is refused rather than half understood.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import math
import os
import secrets
from pathlib import Path
from typing import Any, Final, Protocol, Self, TypeVar

from crmanalytics.errors import FormatError, ParameterError

__all__ = ["Storable", "load", "read_document", "register", "save", "write_atomically"]

_FORMAT: Final = "crmanalytics"
_SCHEMA: Final = 1
# rooms that may hold storable kinds: nothing else is imported
_ROOMS: Final = ("churn", "clv", "decisions", "loyalty", "rfm", "satisfaction", "segments")


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
    """Class decorator: make a class known to :func:`load` under a name like ``clv.BGNBD``.

    The name's first part is the room whose import registers the class.

    Examples
    --------
    >>> @register("segments.Example")
    ... class Example: ...
    >>> kind_of(Example)
    'segments.Example'
    >>> del _KINDS["segments.Example"]
    """

    def keep(cls: S) -> S:
        _KINDS[kind] = cls
        return cls

    return keep


def kind_of(cls: type[object]) -> str:
    """Return the name under which a class is registered.

    Examples
    --------
    >>> from crmanalytics.clv import BGNBD
    >>> kind_of(BGNBD)
    'clv.BGNBD'
    """
    for kind, known in _KINDS.items():
        if known is cls:
            return kind
    raise ParameterError(f"{cls.__name__} is not a kind of thing that can be saved")


def class_of(kind: object) -> type[Storable]:
    """Return the class registered under a name, importing its room if need be.

    Examples
    --------
    >>> class_of("clv.BGNBD").__name__
    'BGNBD'
    """
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
        If the thing is of no storable kind, or holds values that JSON has no word for.

    Examples
    --------
    >>> import tempfile
    >>> import crmanalytics as crm
    >>> model = crm.clv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     crm.load(save(model, f"{folder}/purchases.json")) == model
    True
    """
    kind, body = kind_of(type(thing)), thing.to_dict()
    document = {"format": _FORMAT, "schema": _SCHEMA, "kind": kind, "body": body}
    try:
        document["sha256"] = _digest(kind, body)
        text = json.dumps(document, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False)
        content = (text + "\n").encode()
    except (TypeError, ValueError) as error:
        raise ParameterError(f"this {kind} cannot be written as JSON: {error}") from error
    return write_atomically(path, content)


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

    Examples
    --------
    >>> import tempfile
    >>> import crmanalytics as crm
    >>> model = crm.clv.GammaGamma(p=6.25, q=3.74, v=15.44)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     crm.load(model.save(f"{folder}/spend.json")).mean_spend == model.mean_spend
    True
    """
    document = read_document(path)
    kind = document["kind"]
    try:
        return class_of(kind).from_dict(document["body"])
    except LookupError as error:
        raise FormatError(f"{path}: a {kind} lacks {error}") from error
    except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
        raise FormatError(f"{path}: {error}") from error


def read_document(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a document and verify its format, version and digest.

    Raises
    ------
    FormatError
        If any of them is not what it should be.

    Examples
    --------
    >>> import tempfile
    >>> from crmanalytics.clv import BGNBD
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save(BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426), f"{folder}/model.json")
    ...     document = read_document(path)
    >>> document["kind"], document["body"]["alpha"]
    ('clv.BGNBD', 4.414)
    """
    try:
        document = json.loads(Path(path).read_bytes(), parse_constant=_refuse, parse_float=_finite)
    except (RecursionError, ValueError) as error:
        raise FormatError(f"{path} is not a whole JSON document: {error}") from error
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise FormatError(f"{path} was not written by crmanalytics")
    if document.get("schema") != _SCHEMA:
        raise FormatError(
            f"{path} has schema version {document.get('schema')!r}; this release reads version "
            f"{_SCHEMA}. Fit again, or use the release that wrote it."
        )
    kind, body = document.get("kind"), document.get("body")
    if not isinstance(kind, str) or not isinstance(body, dict):
        raise FormatError(f"{path} lacks the kind or the body of what was saved")
    if document.get("sha256") != _digest(kind, body):
        raise FormatError(f"{path} was altered after it was saved: its digest does not match")
    return document


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not a JSON number")


def _finite(digits: str) -> float:
    value = float(digits)
    return value if math.isfinite(value) else _refuse(digits)


def _digest(kind: str, body: dict[str, Any]) -> str:
    # the kind is covered too: two models may have parameters of the same names
    text = json.dumps([kind, body], sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def write_atomically(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file so that a reader, or a kill, sees the old content or the new, never a part.

    An existing file keeps its permissions, a new one gets those of the umask; a symbolic link
    stays a link, and the file that it points to is replaced.

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

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(f"{folder}/new/page.html", b"<p>done</p>").read_bytes()
    b'<p>done</p>'
    """
    path = Path(path)
    target = path.resolve() if path.is_symlink() else path
    target.parent.mkdir(parents=True, exist_ok=True)
    # beside the target, since only within one file system does a file take another's place at once
    temporary = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        mode = target.stat().st_mode & 0o777 if target.exists() else None
        _write_through(temporary, content, mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)
    return path


def _write_through(path: Path, content: bytes, mode: int | None) -> None:
    """Write a file that must be new, and wait until the disk has it."""
    with path.open("xb") as file:
        if mode is not None:  # before the content comes: what was private is so at every moment
            path.chmod(mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Wait until the disk knows the new name; only POSIX systems can open a folder for that."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
