"""The page: sections put into the template."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from crmanalytics.errors import MissingExtraError
from crmanalytics.persistence import write_atomically
from crmanalytics.report.digest import Digest
from crmanalytics.report.sections import SECTIONS
from crmanalytics.report.sections.digested import digested
from crmanalytics.report.wording import day

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from pathlib import Path

    from crmanalytics.report.material import Material
    from crmanalytics.report.parts import Section

__all__ = ["render", "write"]

_TEMPLATE = "report.html.j2"


def render(material: Material | Digest, *, progress: Callable[[str], None] | None = None) -> str:
    """Return the report as one page of HTML that needs nothing else: no network, no other file.

    Parameters
    ----------
    material : Material or Digest
        What to show. Of a digest, those sections that small tables can make.
    progress : callable, optional
        Called with the name of each section before it is made.

    Returns
    -------
    str
        The page; equal material gives an equal page.

    Raises
    ------
    MissingExtraError
        If jinja2 is not installed.
    DataError
        If the material does not hold what a section needs.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> customers = crm.summarize(log, until="1998-06-30", unit="W")
    >>> breaks = crm.rfm.breaks(customers)
    >>> purchases, spend = crm.clv.BGNBD.fit(customers), crm.clv.GammaGamma.fit(customers)
    >>> scored = crm.rfm.segment(crm.rfm.score(customers, breaks)).assign(
    ...     p_alive=purchases.model.probability_alive,
    ...     p_active=lambda c: purchases.model.probability_active(c, 52),
    ...     expected_purchases=lambda c: purchases.model.expected_purchases(c, 52),
    ...     expected_spend=spend.model.expected_spend,
    ... )
    >>> material = crm.report.Material(
    ...     transactions=log,
    ...     scored=scored,
    ...     purchases=purchases,
    ...     spend=spend,
    ...     breaks=breaks,
    ...     until="1998-06-30",
    ...     horizon=52,
    ...     check_at="1997-09-30",
    ... )
    >>> page = render(material)
    >>> page[:15], page.count("<svg"), "2,357" in page
    ('<!doctype html>', 11, True)
    """
    template = _environment().get_template(_TEMPLATE)
    sections = digested(material) if isinstance(material, Digest) else _made(material, progress)
    page: str = template.render(title=material.title, until=day(material.until), sections=sections)
    return page


def _made(material: Material, progress: Callable[[str], None] | None) -> list[Section]:
    sections = []
    for make in SECTIONS:
        if progress is not None:
            progress(make.__name__)
        sections.append(make(material))
    return sections


def write(
    path: str | os.PathLike[str],
    material: Material | Digest,
    *,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Write the report to a file, in one step.

    Parameters
    ----------
    path : path
        Where to; an existing file is replaced.
    material, progress
        As for :func:`render`.

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    MissingExtraError, DataError
        As for :func:`render`.
    """
    return write_atomically(path, render(material, progress=progress).encode())


def _environment() -> Any:  # noqa: ANN401 - a jinja2 Environment, loaded on first use
    try:
        import jinja2
    except ImportError as error:
        raise MissingExtraError(
            "the report needs jinja2: install it with pip install 'crmanalytics[cli]'"
        ) from error
    folder = files("crmanalytics.report") / "templates"

    def source(name: str) -> str:
        return (folder / name).read_text(encoding="utf-8")

    return jinja2.Environment(
        loader=jinja2.FunctionLoader(source),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
