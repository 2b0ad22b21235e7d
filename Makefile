# The commands that people and CI use; README.md says which when.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup system check format test bench soak demo lock clean

$(VENV)/.ready: requirements.lock setup.cfg pyproject.toml
	@echo "· setting up .venv from requirements.lock"
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear $(VENV) || sh config/debian-venv.sh $(PYTHON) $(VENV)
	@$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(VENV)/.ready

# Debian packages that the tests need, where they may be installed; else they are named.
system:
	@sh tests/debian-packages.sh

# All tests, on real servers.
test: setup system interop-setup
	@$(BIN)/pytest

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
