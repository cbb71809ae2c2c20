# gridops: `make run` starts it, `make test` tests it. Everything else is in CONTRIBUTING.md.
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
PY := .venv/bin/python
export PYTHONUNBUFFERED := 1

.PHONY: run install dev test lint format messages bench demo lock clean

run: install  ## start web, worker and beat; fills a demo the first time (DEMO=0: an empty system)
	@$(PY) manage.py serve $(if $(filter 0 no false off,$(DEMO)),--no-demo)

install: python-found
	@$(PYTHON) tools/install.py

dev: python-found
	@$(PYTHON) tools/install.py --dev

test: dev  ## the whole suite: SQLite, PostgreSQL with Redis, Chromium
	@$(PY) -m tools.test $(ARGS)

lint: dev  ## style, types, layers, templates, migrations, deployment checks, catalogue
	@$(PY) -m tools.lint

format: dev
	@$(PY) -m ruff check --fix-only --quiet . && $(PY) -m ruff format --quiet .

messages: dev  ## bring the Chinese catalogue up to date with the code (needs gettext)
	@$(PY) -m tools.catalogue

bench: dev  ## speed against the floor of each database, into var/bench.json
	@$(PY) -m tests.benchmarks $(ARGS)

demo: install  ## throw the demo's data away and fill it again
	@$(PY) manage.py demo $(ARGS)

lock: dev  ## pin what pyproject.toml asks for
	@$(PY) -m uv pip compile pyproject.toml $(LOCK) -o requirements.txt
	@$(PY) -m uv pip compile pyproject.toml --extra dev -c requirements.txt $(LOCK) -o requirements-dev.txt
LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet

clean:  ## remove what the set-up made; var/ (your data) stays
	rm -rf .venv node_modules locale/*/LC_MESSAGES/*.mo

.PHONY: python-found
python-found:
	@test -n "$(PYTHON)" || { echo "gridops needs Python 3.11 or newer, and found none. On Debian or Ubuntu: apt install python3 python3-venv"; exit 1; }
