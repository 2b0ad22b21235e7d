# The commands that people and CI use; README.md says which when.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup system vendor interop-setup check format test bench bench-setup soak demo lock clean

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

# What the pages for visitors use of others, as config/web/package-lock.json names it.
NOBLE := scrypt pbkdf2 hmac sha2 _md _u64 utils
vendor:
	@npm ci --prefix config/web --silent
	@for name in $(NOBLE); do \
	  cp config/web/node_modules/@noble/hashes/$$name.js bridges/web/static/noble/; done
	@cp config/web/node_modules/@noble/hashes/LICENSE bridges/web/static/noble/
	@cp config/web/node_modules/tus-js-client/dist/tus.min.js bridges/web/static/tus/
	@for name in tus-js-client js-base64 url-parse querystringify requires-port; do \
	  cp config/web/node_modules/$$name/LICENSE* bridges/web/static/tus/LICENSE.$$name; done

# All tests, on real servers. They wait for servers half of the time, so three files at once.
test: setup system interop-setup
	@$(BIN)/pytest -n 3 --dist loadfile

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

# The story of two people, on the whole stack; DEMO_EXIT=1 stops it at the end.
demo: setup
	@$(BIN)/wecreate demo

JS := tests/interop/js
$(JS)/node_modules/.ready: $(JS)/package-lock.json
	@echo "· setting up matrix-js-sdk and its Node from $<"
	@npm ci --prefix $(JS) --silent
	@touch $@

CALDAV := var/interop/caldav
$(CALDAV)/.ready: tests/interop/caldav/requirements.txt
	@echo "· setting up other people's calendar programs from $<"
	@$(PYTHON) -m venv --clear $(CALDAV) || sh config/debian-venv.sh $(PYTHON) $(CALDAV)
	@$(CALDAV)/bin/pip install -qq --disable-pip-version-check -r $<
	@touch $@

interop-setup: $(JS)/node_modules/.ready $(CALDAV)/.ready

MAUBOT := var/bench/maubot
$(MAUBOT)/.ready: tests/bench/peers/requirements.txt
	@sh tests/debian-packages.sh bench
	@echo "· setting up maubot, the peer; its libolm is built with cmake"
	@$(PYTHON) -m venv --clear $(MAUBOT)
	@$(MAUBOT)/bin/pip install -qq --disable-pip-version-check -r $<
	@touch $@

WEASYPRINT := var/bench/weasyprint
$(WEASYPRINT)/.ready: tests/bench/peers/weasyprint.txt
	@echo "· setting up WeasyPrint, the peer"
	@$(PYTHON) -m venv --clear $(WEASYPRINT) || sh config/debian-venv.sh $(PYTHON) $(WEASYPRINT)
	@$(WEASYPRINT)/bin/pip install -qq --disable-pip-version-check -r $<
	@touch $@

bench-setup: $(MAUBOT)/.ready $(CALDAV)/.ready $(WEASYPRINT)/.ready

# All benchmarks, one table.
bench: setup bench-setup
	@$(BIN)/python -m tests.bench

# The long crash run: 200 kills. SOAK_SEED=n repeats one.
soak: setup
	@$(BIN)/pytest -s -m soak tests/e2e/test_crash.py

clean:
	rm -rf $(VENV) var build *.egg-info
