# Inference on a Napkin. `make` alone says what there is.

PY    = .venv/bin/python
READY = .venv/.ready

help:
	@echo "make book       build the book, serve it on this machine and print its address"
	@echo "make html       build the book into _build/html (warnings are errors)"
	@echo "make test       build the book and run the tests"
	@echo "make lab        open the chapters in JupyterLab"
	@echo "make bench      measure how fast things are"
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

test: html
	@echo "==> Formulas, notebooks (their stored outputs are golden values), the book in a browser, JupyterLab"
	@$(PY) -m pytest -n 2 --nbval tests chapters

lab: $(READY)
	.venv/bin/jupyter lab chapters

bench: html
	$(PY) tests/bench.py

notebooks: $(READY)
	@echo "==> Executing the chapters and storing their outputs"
	@$(PY) _sphinx/notebooks.py chapters/*.ipynb

# The environment: made once, and again when what it is made from changes.
$(READY): requirements.txt pyproject.toml
	@python=$$(for name in python3 python3.13 python3.12 python3.11; do \
	  $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	    && echo $$name && break; done); \
	if [ -z "$$python" ]; then echo "The book needs Python 3.11, 3.12 or 3.13 on the PATH."; exit 1; fi; \
	echo "==> Making .venv with $$($$python --version) (once; a few minutes)"; \
	rm -rf .venv && $$python -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@mkdir -p .venv/etc/ipython  # a kernel need not warn that it listens on this machine without encryption
	@echo "c.IPKernelApp.log_level = 'ERROR'" > .venv/etc/ipython/ipython_kernel_config.py
	@touch $@

lock: $(READY)
	@echo "==> Resolving requirements.txt"
	@$(PY) -m venv _build/lock && _build/lock/bin/python -m pip install --quiet uv
	@_build/lock/bin/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
	  --upgrade --no-config --no-annotate --quiet --custom-compile-command "make lock" -o requirements.txt
	@echo "-e ." >> requirements.txt

clean:
	rm -rf .venv _build *.egg-info .pytest_cache

.PHONY: help book html test lab bench notebooks lock clean
