# Two commands do everything, their own set-up included: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

.PHONY: demo test check oracle bench lock format clean

demo: $(READY)
	@$(VENV)/bin/reconcile demo

test: $(READY)
	$(VENV)/bin/python -m pytest -n $(JOBS) --dist worksteal

# What must be clean before a change lands.
check: $(READY)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/pyright
	$(VENV)/bin/lint-imports --no-cache

# The long agreement runs against real Terraform; they need it on PATH and RECONCILE_TF_MIRROR.
oracle: $(READY)
	$(VENV)/bin/python -m pytest -n $(JOBS) --dist worksteal -m oracle --override-ini addopts='-q --strict-markers' --timeout 1800

# How fast and how many calls, against Terraform in the same run; BENCH="calls --sizes 10,100 --json" picks parts of it.
bench: $(READY)
	@$(VENV)/bin/python -m tests.bench $(BENCH)

format: $(READY)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

# Pins every dependency with its hashes; needs uv.
lock:
	uv pip compile --quiet --generate-hashes --universal --no-header --python-version 3.11 \
	  --extra sandbox --group dev pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "reconcile needs Python 3.11 or newer; name one: make PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --require-hashes -r requirements.lock
	$(VENV)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(VENV)/bin/python -m compileall -q reconciler  # as pip does for what is not editable: half of a short run's start
	@touch $@
