# The commands that people and CI use; README.md says which when.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup check format test bench soak demo lock clean

$(VENV)/.ready: requirements.lock setup.cfg pyproject.toml
	@echo "· setting up .venv from requirements.lock"
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(VENV)/.ready

# Format, lint, types, import rules.
check: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy wecreate_module bridges bots tests
	@$(BIN)/lint-imports

format: setup
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock:
	@$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
	  --no-emit-find-links --extra server --extra postgres --extra workers --extra dev \
	  --output-file requirements.lock setup.cfg

clean:
	rm -rf $(VENV) var build *.egg-info
