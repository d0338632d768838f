# Inference on a Napkin. `make` alone says what there is.

PY     = .venv/bin/python
READY  = .venv/.ready
TESTED = .venv/.tested
UV     = 0.13.9

# What else lies on a machine's path stays out of the book; what is compiled once is kept: an import of SymPy takes two seconds without.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

help:
	@echo "make book       build the book, serve it on this machine and print its address"
	@echo "make html       build the book into _build/html (warnings are errors)"
	@echo "make check      lint, format, types and the tests that need no browser, in a minute"
	@echo "make test       build the book and run all tests"
	@echo "make lab        open the chapters in JupyterLab"
	@echo "make bench      measure how fast things are, and write it into the README"
	@echo "make notebooks  execute the chapters and store their outputs"
	@echo "make lock       resolve requirements.txt anew from pyproject.toml"
	@echo "make clean      remove the environment and everything built"

book: html
	@$(PY) _sphinx/serve.py _build/html

html: $(READY)
	@echo "==> Executing the notebooks and building the book"
	@rm -rf _build/html
	@.venv/bin/jupyter-book build . --all -W --keep-going -q
	@echo "==> Built: _build/html/index.html"

check: $(TESTED)
	@echo "==> Lint, format, types"
	@.venv/bin/ruff check --quiet
	@.venv/bin/ruff format --check --quiet
	@.venv/bin/mypy --no-error-summary
	@.venv/bin/oxlint --quiet napkin/page/web
	@echo "==> Tests without a browser"
	@$(PY) -m pytest -q -n 2 -m "not browser and not long" tests

test: html $(TESTED)
	@echo "==> Formulas, notebooks (their stored outputs are golden values), the book in a browser, JupyterLab"
	@$(PY) -m pytest -n 2 --nbval tests chapters

lab: $(READY)
	.venv/bin/jupyter lab chapters

bench: html $(TESTED)
	$(PY) tests/bench.py

notebooks: $(READY)
	@echo "==> Executing the chapters and storing their outputs"
	@$(PY) _sphinx/notebooks.py chapters/*.ipynb

# The environment: made once, and again when what it is made from changes. uv, fetched by pip where there is none, installs
# what requirements.txt pins and has the hashes of, from the index that pip is set to; where it cannot, pip does.
FIND_UV = uv=uv; uv --version >/dev/null 2>&1 || { uv=.venv/bin/uv; [ -x $$uv ] || $(PIP) install uv==$(UV); }
PIP     = $(PY) -m pip --quiet --disable-pip-version-check
INTO    = --quiet --python $(PY) $$($(PY) -m pip config list | sed -n "s/^[^=]*\.index-url='\(.*\)'$$/--default-index \1/p" | head -1)
ITSELF  = --no-deps --no-build-isolation --editable .

$(READY): requirements.txt pyproject.toml
	@python=$$(for name in python3 python3.13 python3.12 python3.11; do \
	  $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	    && echo $$name && break; done); \
	if [ -z "$$python" ]; then echo "The book needs Python 3.11, 3.12 or 3.13 on the PATH."; exit 1; fi; \
	echo "==> Making .venv with $$($$python --version) (once; half a minute)"; \
	rm -rf .venv && $$python -m venv .venv
	@$(FIND_UV); $$uv pip install $(INTO) -r pyproject.toml --extra book --extra sweep -c requirements.txt \
	  && $$uv pip install $(INTO) $(ITSELF) || { $(PIP) install -r requirements.txt && $(PIP) install $(ITSELF); }
	@mkdir -p .venv/etc/ipython  # a kernel need not warn that it listens on this machine without encryption
	@echo "c.IPKernelApp.log_level = 'ERROR'" > .venv/etc/ipython/ipython_kernel_config.py
	@touch $@

$(TESTED): $(READY)
	@echo "==> Adding what the tests need"
	@$(FIND_UV); $$uv pip install $(INTO) -r requirements.txt || $(PIP) install -r requirements.txt
	@touch $@

lock: $(READY)
	@echo "==> Resolving requirements.txt"
	@$(FIND_UV); $$uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	  --upgrade --no-config --no-annotate --quiet --custom-compile-command "make lock" -o requirements.txt

clean:
	rm -rf .venv _build *.egg-info .pytest_cache .ruff_cache .mypy_cache

.PHONY: help book html check test lab bench notebooks lock clean
