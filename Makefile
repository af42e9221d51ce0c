# `make plan` and `make test` are all a newcomer needs; both install what they need into .venv on first use.

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# The first Python of version 3.11 or later; name another with `make PYTHON=... plan`.
PYTHON ?= $(shell for candidate in python3 python3.13 python3.12 python3.11 python; do \
	"$$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$candidate"; break; }; done)
JOBS ?= 2
# Compiled modules are kept even where the environment says otherwise: without them every process of the tests would compile
# the planner, and the libraries whose assertions the test runner rewrites, anew.
unexport PYTHONDONTWRITEBYTECODE
# What is never imported need not be compiled: most of what is installed.
INSTALL := -m pip install --quiet --disable-pip-version-check --no-compile

.DEFAULT_GOAL := help
.PHONY: help install plan test slow lowest newest lowest-environment newest-environment lowest-tests newest-tests lint format types contracts wheel docs pages notebooks pictures readme restate tables campuses lock check clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## */  make \1|/p' Makefile | while IFS='|' read -r name text; do printf '%-16s %s\n' "$$name" "$$text"; done

# Installed again only when the lock or the project file changes. Plain pip, every file checked against its hash.
$(INSTALLED): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later with its venv module is needed; none was found (name one with make PYTHON=...)" >&2; exit 1; }
	@test -x $(BIN)/python -a -x $(BIN)/pip || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python $(INSTALL) --require-hashes -r requirements.lock
	$(BIN)/python $(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

install: $(INSTALLED)  ## create .venv with the locked dependencies

plan: $(INSTALLED)  ## solve the Stargate case, show its plan and write its report
	$(BIN)/planner solve stargate
	@$(BIN)/planner report "$$(ls -dt plans/stargate-*/ | head -n 1)" --out plans/stargate.html

test: $(INSTALLED)  ## the tests, without the slow ones
	$(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile

slow: $(INSTALLED)  ## the slow tests
	$(BIN)/python -m pytest -q -m slow -n $(JOBS)

# Each in an environment of its own, below build/.
lowest: lowest-environment  ## the tests on the lowest supported versions of dependencies
newest: newest-environment  ## the tests on the newest supported versions of dependencies
lowest newest:
	$(MAKE) $@-tests

lowest-environment newest-environment: %-environment: $(INSTALLED)
	rm -rf build/$* && mkdir -p build
	$(BIN)/python .ci/versions.py $* > build/$*.txt
	$(BIN)/python -m venv build/$*
	build/$*/bin/python $(INSTALL) -r build/$*.txt
	build/$*/bin/python $(INSTALL) --no-deps --no-build-isolation -e .

# What is read as text is the same whatever is installed.
lowest-tests newest-tests: %-tests:
	build/$*/bin/python -m pytest -q -n $(JOBS) --dist loadfile -m "not slow and not prose"

lint: $(INSTALLED)  ## style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(INSTALLED)  ## correct style and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(INSTALLED)  ## types, strictly
	$(BIN)/mypy

contracts: $(INSTALLED)  ## check which module imports which
	$(BIN)/lint-imports

wheel: $(INSTALLED)  ## build sdist and wheel into dist/
	rm -rf dist
	$(BIN)/python -m build --no-isolation

docs: $(INSTALLED)  ## build the site of the documentation into build/docs
	rm -rf build/docs
	$(BIN)/python -m sphinx -q -W --keep-going -c docs . build/docs
	@echo "The site is in build/docs: open build/docs/index.html"

pages: $(INSTALLED)  ## the tests of the documentation and the examples
	$(BIN)/python -m pytest -q tests/test_docs.py tests/documents tests/examples

notebooks: $(INSTALLED)  ## execute the texts of examples/ and write their notebooks anew
	$(BIN)/python -m tests.examples.notebooks

findings: $(INSTALLED)  ## find anew what docs/kept has of the nine futures of the page on uncertainty
	$(BIN)/python -m tests.uncertainty.nine_futures

pictures: $(INSTALLED)  ## draw the pictures of the plans in docs/kept anew
	$(BIN)/python docs/site/kept_figures.py

readme: $(INSTALLED)  ## run the README and update its stated outputs
	$(BIN)/python -m tests.documents --slow --write README.md

restate: $(INSTALLED)  ## the same for all pages
	$(BIN)/python -m tests.documents --slow --write

tables: $(INSTALLED)  ## write the pages and the schema that are made from the code
	$(BIN)/planner schema --tables > docs/tables.md
	$(BIN)/planner schema > models/schema.json
	$(BIN)/python -m tests.documents.python_page

campuses: $(INSTALLED)  ## make the case us_campuses anew from sources/us_campuses
	$(BIN)/python -m sources.us_campuses

check: lint types contracts test  ## everything that a change must pass

# Needs uv (any recent version). The lock names no package host: pip takes the user's own.
lock:  ## write requirements.lock
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --no-emit-find-links --quiet --output-file requirements.lock

clean:  ## remove build results and .venv
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
