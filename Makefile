# All tasks of developers and CI. `make` alone lists the targets; README says what must be installed first.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Some machines set it for containers. Here hundreds of processes start, and each would compile its libraries again.
unexport PYTHONDONTWRITEBYTECODE

PROFILE ?= tiny
SPEED ?= 20
SHOPS ?=
EXIT ?=

UV := .tools/uv/bin/uv
RUN := python
PACKAGES := $(shell sed -n 's/^packages = \["\(.*\)"\]/\1/p' recommndr/pyproject.toml services/*/pyproject.toml \
	monitoring/pyproject.toml feature_repo/pyproject.toml training/{,importing/,simulation/}pyproject.toml \
	serving/{,engine/}pyproject.toml infra/{native,one_process}/pyproject.toml clients/python/pyproject.toml)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing on this machine: Python environments, jars, Redis, Prometheus, Alertmanager (not started)
	@infra/native/bootstrap.sh

demo: setup ## train, start everything, replay real baskets, show the answers change [PROFILE=tiny|small SPEED=20 SHOPS=boutique EXIT=1]
	@exec recommndr-demo --profile $(PROFILE) --speed $(SPEED) --beside "$(SHOPS)" $(if $(EXIT),--exit)

serve: setup ## train if need be, then everything in one process until Ctrl-C [PROFILE=tiny|small]
	@exec recommndr serve --dev --train --profile $(PROFILE)

check: setup ## ruff, mypy --strict, import-linter, biome, tsc, tests of documents and topics; under a minute
	@ruff check .
	@ruff format --check --quiet .
	@mypy $(PACKAGES:%=-p %)
	@cd flink_jobs && .venv/bin/mypy -p recommndr_flink_jobs
	@cd training/spark && .venv/bin/mypy -p recommndr_spark
	@lint-imports --no-logo 2>&1 | tail -n 12
	@hadolint infra/docker/Dockerfile infra/docker/local-base/Dockerfile
	@zizmor --offline --quiet .github
	@npm run --silent --prefix frontend check
	@pytest -q tests/architecture

browser: setup ## Debian's Chromium (not started), which the storefront's tests look through
	@command -v chromium >/dev/null || infra/native/debian_packages.sh chromium fonts-liberation

test: check browser ## everything CI runs: check, then all tests
	@$(MAKE) --no-print-directory -j 2 test-parts test-workspace

# Flink and Spark have environments of their own. Their output is printed at its end, not mixed with that of the others.
test-parts:
	@{ npm run --silent --prefix frontend test \
		&& (cd flink_jobs && .venv/bin/$(RUN) -m pytest) \
		&& (cd training/spark && .venv/bin/$(RUN) -m pytest); \
	} >.tools/logs/test-parts.log 2>&1 || failed=1; cat .tools/logs/test-parts.log; exit $${failed:-0}

# Two workers: the end-to-end tests mostly wait for servers, and what is left is shared file by file (conftest.py). The tests of
# the architecture are part of `check`.
test-workspace:
	@$(RUN) -m pytest --numprocesses 2 --dist loadfile --durations=80 --durations-min=8 --ignore=tests/architecture

coverage: browser ## all tests, and which code they run; takes twice as long as `make test`
	@rm -f .coverage .coverage.*
	@$(MAKE) --no-print-directory -j 2 test-parts test-workspace RUN="coverage run --data-file=$(CURDIR)/.coverage"
	@coverage combine --quiet
	@coverage report --skip-covered --fail-under=85

faults: setup ## release faulty versions on a running installation, and compare the verdicts with those expected; half an hour
	@python -m tests.faults

bench: setup ## how fast a slot answers, beside the floor of the same machine; ten minutes on a trained profile [PROFILE=tiny|small]
	@python -m tests.load.serving --profile $(PROFILE)

repro: setup ## the pipeline of a profile, by DVC, to a registered bundle [PROFILE=tiny|small]
	@dvc repro register@$(PROFILE)

images: ## build every image (needs Docker)
	@docker compose --profile training build

smoke: ## every image together: from an empty installation to an answer that an event changes (needs Docker)
	@infra/docker/smoke.sh

audit: ## known holes in what the locks name (asks the registries)
	@infra/native/bootstrap.sh uv
	@for project in . flink_jobs training/spark; do \
		$(UV) export --quiet --project $$project --frozen --all-packages --no-dev --no-emit-local \
		| $(UV) tool run --quiet pip-audit@2.10.1 --progress-spinner off --disable-pip --require-hashes -r /dev/stdin; done
	@if [[ -f frontend/package-lock.json ]]; then npm --prefix frontend audit --audit-level=high; fi

secrets: ## secrets in the history, gitleaks (needs Go)
	@go run github.com/zricethezav/gitleaks/v8@v8.30.1 git --no-banner --redact

workflows: ## what actionlint says of .github/workflows (needs Go)
	@go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

docs: setup ## write what is read off the code: reference pages, OpenAPI documents, dashboards
	@python docs/catalogue.py
	@python -m recommndr_monitoring.grafana
	@python -m tests.serving.test_openapi
	@python -m tests.collector.test_openapi
	@python -m tests.rollout.test_openapi
	@python -m tests.http.test_shop_document
	@python -m tests.client.test_api_types

fmt: setup ## format the code and fix what ruff can fix
	@ruff check --fix --quiet .
	@ruff format --quiet .
	@npm run --silent --prefix frontend format

clean: ## forget live state, logs and trained profiles; environments, downloads and the lake of imports (var/lake) stay
	@if [[ -d var ]]; then find var -mindepth 1 -maxdepth 1 ! -name lake -exec rm -rf {} +; fi

.PHONY: help setup demo serve check browser test test-parts test-workspace coverage faults bench repro images smoke audit secrets workflows docs fmt clean
