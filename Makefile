# Every verb first sets up what it needs: .venv in this checkout, filled from a lock file.
# PYTHON=/path/to/python chooses the interpreter (3.11 to 3.13).
.DEFAULT_GOAL := help
.PHONY: help demo up verify env test test-cluster volume bench lint lock clean run-env dev-env
.NOTPARALLEL:
ifdef PYTHON
export PYTHON
endif

python := .venv/bin/python
# Importing Airflow makes a folder in its home: not in the user's.
export AIRFLOW_HOME := $(CURDIR)/.airflow

help:
	@echo "make demo   sync two sample teams from a local Wrike through a real Airflow, and look at the rows"
	@echo "make up     Airflow with its UI, the local Wrike beside it, until Ctrl-C"
	@echo "make verify TEAM=aurora   sync a team of 'make up', once that has ended, and compare every row with Wrike"
	@echo "make env    fresh secrets for docker-compose.yaml, in .env"
	@echo "make test   all tests"
	@echo "make test-cluster   of these the one with two Celery workers, of which one is killed"
	@echo "make volume first sync of a very large account: memory, requests and time of each entity"
	@echo "make bench  measure requests, time, CPU, memory; writes docs/benchmarks.md (ONLY=3: one part, SIZE=0.01: small)"
	@echo "make lint   style, types, imports, lock files, the variables file, what deploys"
	@echo "make lock   compile the lock files after a change of requirements*.txt"
	@echo "make clean  remove .venv and .airflow (Airflow's database and the rows staged by demo and up)"

demo: run-env
	@$(python) -m include.local.demo

up: run-env
	@$(python) -m include.local.up

verify: run-env
	@$(python) -m include.local.verify "$(TEAM)"

# Needs no packages: who deploys with Docker needs no .venv.
env:
	@$(or $(PYTHON),python3) -m include.local.env

# Hundreds of processes import our own modules, which some environments forbid to keep compiled.
test: dev-env
	@mkdir -p .pytest_cache
	@$(python) -m compileall -q -j 0 plugins include dags tests
	@$(python) -m pytest --basetemp=.pytest_cache/tmp --numprocesses=2 --dist=loadfile --no-loadscope-reorder

test-cluster: dev-env
	@mkdir -p .pytest_cache
	@$(python) -m pytest --basetemp=.pytest_cache/cluster tests/cluster -rP

volume: dev-env
	@mkdir -p .pytest_cache
	@WRIKE_VOLUME_TASKS=200000 $(python) -m pytest --basetemp=.pytest_cache/tmp -s tests/operators/test_volume.py

# As they are where the package is installed.
bench: dev-env
	@$(python) -m compileall -q -j 0 plugins include dags
	@$(python) -m include.bench $(if $(ONLY),--only $(ONLY)) $(if $(SIZE),--size $(SIZE))

lint: dev-env
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(python) -m mypy
	.venv/bin/lint-imports
	$(python) -m include.local.locks check
	$(python) -m wrike_provider.teams include/teams.yaml
	.venv/bin/yamllint --strict docker-compose*.yaml deploy include
	.venv/bin/hadolint Dockerfile

lock:
	@include/local/setup.sh
	@$(python) -m include.local.locks compile

clean:
	rm -rf .venv .airflow build plugins/*.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

run-env:
	@include/local/setup.sh requirements.lock

dev-env:
	@include/local/setup.sh requirements-dev.lock
