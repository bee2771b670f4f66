# `make run` serves the dashboard, `make test` checks everything; each makes what it needs first.
.DEFAULT_GOAL := run
.DELETE_ON_ERROR:
.PHONY: run test bench calibrate format

PYTHON := .venv/bin/python
PIP := $(PYTHON) -m pip install --quiet --disable-pip-version-check

run: .venv/.runtime
	@exec $(PYTHON) -m dashboard run

test: .venv/.dev
	@sh .ci/chromium $(PYTHON)
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -m pytest -n 2 --dist loadfile

bench: .venv/.dev
	@exec $(PYTHON) -m benchmarks

calibrate: .venv/.dev
	$(PYTHON) -m tests.calibration.win_rates
	$(PYTHON) -m tests.calibration.deals
	$(PYTHON) -m tests.calibration.differences
	$(PYTHON) -m tests.calibration.ranking
	$(PYTHON) -m tests.calibration.outcomes
	$(PYTHON) -m tests.calibration.score_quality
	$(PYTHON) -m tests.calibration.forecast
	$(PYTHON) -m tests.calibration.vitals
	$(PYTHON) -m tests.calibration.channels
	$(PYTHON) -m tests.calibration.attribution
	$(PYTHON) -m tests.calibration.prospects

format: .venv/.dev
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

$(PYTHON):
	@sh .ci/venv .venv

.venv/.runtime: requirements.txt | $(PYTHON)
	@echo "Installing what the dashboard needs …"
	@$(PIP) -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.runtime
	@echo "Installing what the tests need …"
	@$(PIP) -r requirements-dev.txt
	@touch $@
