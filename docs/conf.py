"""How the documentation is built: `make docs`."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import pages  # noqa: E402 - found only now

project = "crmanalytics"
author = copyright = "The crmanalytics developers"  # noqa: A001 - Sphinx reads this name
version = release = version_of("crmanalytics")

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "myst_nb",
    "sphinx_copybutton",
]
exclude_patterns = ["_build", "decisions/README.md"]
suppress_warnings = ["ref.python"]  # names of parameters in types are no references

myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # notebooks are executed by a test of their own and keep their outputs

autosummary_generate = True
autosummary_imported_members = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_default_options = {
    "members": True,
    "inherited-members": "ClassifierMixin, BaseEstimator",  # all but those of scikit-learn
    "exclude-members": "get_metadata_routing, set_fit_request, set_score_request",
    "show-inheritance": True,
}
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

templates_path = ["_templates"]
html_theme = "furo"
html_title = f"crmanalytics {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
copybutton_prompt_text = ">>> |\\.\\.\\. |\\$ "
copybutton_prompt_is_regexp = True

pages.write(HERE)
