# make run      the service on http://127.0.0.1:8000, with a database of its own
# make test     the tests            make check    all that a change must pass
# make docs     docs/journeys.html   make bench    speed      make campaign   long fault and ledger runs
# make format   make lock            make clean
# Written for every make: GNU 3.81 and BSD too, so no conditionals and no functions.

PYTHON = python3
WORKERS = 3
UV = uv
PIP = .venv/bin/python -m pip --disable-pip-version-check -qq install
TEST = .venv/bin/python -m pytest -n $(WORKERS)
COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header

.PHONY: run test check docs bench campaign format lock clean browser

run: .venv/.run-ready
	@exec .venv/bin/tuppence serve

test: .venv/.test-ready browser
	$(TEST)

check: .venv/.test-ready browser
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	$(TEST)

docs: .venv/.test-ready
	.venv/bin/python -m tests.support.render_journeys docs/journeys.html

bench: .venv/.test-ready
	@for file in $$(grep -l '__name__ == "__main__"' tests/bench/*.py); do \
	   echo "== $$file"; .venv/bin/python -m tests.bench.$$(basename $$file .py) || exit 1; \
	 done

campaign: .venv/.test-ready
	@for file in $$(grep -l '__name__ == "__main__"' tests/campaigns/*.py); do \
	   echo "== $$file"; .venv/bin/python -m tests.campaigns.$$(basename $$file .py) || exit 1; \
	 done

format: .venv/.test-ready
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

lock:
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	$(COMPILE) pyproject.toml --group dev --group build -o requirements-dev.lock
	$(COMPILE) pyproject.toml -c requirements-dev.lock -o requirements.lock
	$(COMPILE) --group build -c requirements-dev.lock -o requirements-build.lock

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	 [ -d "/Applications/Google Chrome.app" ] || [ -d /Applications/Chromium.app ] || \
	 echo "The browser tests will be skipped: apt install chromium (Debian), dnf install chromium (Fedora), brew install --cask chromium (macOS)"

# The locks hold hashes, so that what is installed is what was tested, from whichever registry.
.venv/.run-ready: requirements.lock requirements-build.lock pyproject.toml
	@for python in $(PYTHON) python3.14 python3.13 python3.12 python3.11; do \
	   if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; python=; \
	 done; \
	 if [ -z "$$python" ]; then \
	   echo "Tuppence needs Python 3.11 or newer with venv: apt install python3-venv (Debian, Ubuntu), dnf install python3 (Fedora), brew install python (macOS)" >&2; exit 1; \
	 fi; \
	 .venv/bin/python -c '' 2>/dev/null || { echo "Making .venv with $$python"; $$python -m venv --clear .venv; }
	@echo 'Installing the packages of requirements.lock into .venv'
	@$(PIP) --require-hashes -r requirements.lock -r requirements-build.lock
	@$(PIP) --no-index --no-deps --no-build-isolation -e .
	@touch $@

.venv/.test-ready: .venv/.run-ready requirements-dev.lock
	@echo 'Installing the packages of requirements-dev.lock into .venv'
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@
