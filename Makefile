# crmanalytics: everything is done from here. `make help` lists the targets.

# the first Python that is new enough; override with `make PYTHON=/path/to/python ...`
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
RUN := $(VENV)/bin
OLDEST := .venv-oldest
RESULTS := results/cdnow
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test lint types layers unit slow oldest browser docs package validation links bench format build clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: $(VENV)/.demo ## score the customers of the CDNOW log and write a report
	$(RUN)/crmanalytics score cdnow --out $(RESULTS) --until 1998-06-30 --unit W \
		--horizon 52 --discount-rate 0.10 --margin 0.30

test: lint types layers browser unit slow oldest docs package ## lint, types, layers, tests and doctests

lint: $(VENV)/.test ## ruff: style and format
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .

types: $(VENV)/.test ## mypy --strict on the package
	$(RUN)/mypy

layers: $(VENV)/.test ## who may import whom
	$(RUN)/lint-imports

unit: $(VENV)/.test ## tests, and the examples in docstrings and documents
	$(RUN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow"

slow: $(VENV)/.test ## the tests that take their time
	$(RUN)/python -m pytest -n $(WORKERS) --dist worksteal -m slow

oldest: $(OLDEST)/.test ## the tests again on the oldest supported pandas and numpy
	$(OLDEST)/bin/python -m pytest -n $(WORKERS) --dist worksteal tests -m "not browser and not slow" -q

# The report is opened in a headless browser. On a machine of one's own the browser tests are skipped
# where there is none; CI must have one, and fetches it where it may.
browser:
ifneq ($(CI),)
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || \
		(apt-get update -qq && apt-get install -y -qq chromium chromium-driver >/dev/null)
endif

docs: $(VENV)/.docs ## the documentation, to docs/_build/html
	$(RUN)/python -m sphinx -W --keep-going --quiet -j auto docs docs/_build/html

validation: $(VENV)/.test ## docs/validation.md: every published number next to ours
	$(RUN)/python docs/validate.py

links: $(VENV)/.docs ## whether the links out of the documentation still lead somewhere
	$(RUN)/python -m sphinx -b linkcheck --quiet docs docs/_build/links

bench: $(VENV)/.test ## time the library beside its peers (minutes)
	for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(RUN)/python $$script || exit 1; done

format: $(VENV)/.test ## let ruff mend what it can
	$(RUN)/ruff check --fix .
	$(RUN)/ruff format .

build: $(VENV)/.test ## wheel and source distribution
	rm -rf dist
	$(RUN)/python -m build --quiet

# what users get is neither editable nor beside its tests: install both files where nothing else is
package: build ## install the wheel (newest pandas) and the sdist (pandas 2) elsewhere, and use them
	sh tests/installed.sh "$(PYTHON)" "$$(ls dist/*.whl)" "pandas>=3"
	sh tests/installed.sh "$(PYTHON)" "$$(ls dist/*.tar.gz)" "pandas<3"

clean: ## remove what the other targets made
	rm -rf $(VENV) $(OLDEST) results dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or say make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --upgrade pip

$(VENV)/.demo: pyproject.toml | $(VENV)/bin/python
	$(RUN)/python -m pip install --quiet --editable ".[cli]"
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	$(RUN)/python -m pip install --quiet --editable ".[test]"
	@touch $@ $(VENV)/.demo

$(VENV)/.docs: pyproject.toml | $(VENV)/bin/python
	$(RUN)/python -m pip install --quiet --editable ".[docs]"
	@touch $@

$(OLDEST)/.test: pyproject.toml tests/oldest.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or say make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip install --quiet --upgrade pip
	$(OLDEST)/bin/python -m pip install --quiet --editable ".[test]" --constraint tests/oldest.txt
	@touch $@
