# Parameters of `make report`, all optional:
#   DATASET=mnist|digits|PATH  NOTEBOOK=02_network  PARAMS="-p epochs 20"  NAME=long
#   EXPECT="02_network.test_accuracy>=0.97"  STRICT=1 (a warning in a notebook fails it)
#   PROFILE=quick|full (a file of notebooks/profiles)  FRESH=1 (nothing from the cache)
#   JOBS=2 (notebooks side by side)
#   TIMEOUT=600 (seconds that a cell may take)  RUN_TIMEOUT=3600 (a notebook)
# Parameters of `make sweep`, of which GRID is needed; NOTEBOOK is 02_network without it:
#   GRID="hidden_units=16,32,64 learning_rate=0.003,0.01"  REPEAT=seed=0..4  NAME=width
#   MAXIMIZE=validation_accuracy  RANDOM=20 (settings from values and from log:1e-4..1e-1)
#   SCHEDULER=tcp://host:8786 (a Dask cluster)  DRY=1 (only says what there is to do)
#   DATASET, PARAMS, JOBS, FRESH and the like as above
PYTHON ?= python3
PRESS = .venv/bin/notebook-press
ifeq ($(origin NAME),environment)
NAME :=# WSL sets NAME to the name of the machine
endif
NOTEBOOKS = $(NOTEBOOK:%=notebooks/%.ipynb)# without it all that pyproject.toml names
quoted = '$(subst ','\'',$(1))'# a path may have an apostrophe
COMMON = $(if $(DATASET),-p dataset $(call quoted,$(DATASET))) $(PARAMS) $(if $(NAME),--name '$(NAME)') \
	$(if $(FRESH),--fresh) $(if $(STRICT),--strict) $(if $(JOBS),--jobs '$(JOBS)') \
	$(if $(TIMEOUT),--timeout '$(TIMEOUT)') $(if $(RUN_TIMEOUT),--run-timeout '$(RUN_TIMEOUT)')
OPTIONS = $(COMMON) $(if $(PROFILE),--profile 'notebooks/profiles/$(PROFILE).yaml') \
	$(if $(EXPECT),--expect '$(EXPECT)')
SWEEP = $(GRID:%=--grid '%') $(REPEAT:%=--repeat '%') $(if $(MAXIMIZE),--maximize '$(MAXIMIZE)') \
	$(if $(RANDOM),--random '$(RANDOM)') $(if $(DRY),--dry-run) \
	$(if $(SCHEDULER),--scheduler '$(SCHEDULER)') $(COMMON)
BENCHMARKS = rival_times recipe_settings rival_settings interval_coverage corruption_times \
	report_time sweep_time page_time fuzz_data mutants chaos photographs
# Each worker of the tests has a core: threads of two would only wait for one another.
ONE_THREAD = OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1
# Many tests wait for a process, a disk or a clock, while another worker has something to do.
ONE_MORE = $$(.venv/bin/python -c 'import os; print((os.cpu_count() or 1) + 1)')
LICENCES = .venv/bin/pip-licenses --with-system --ignore-packages psychic-pancake notebook-press
LICENCE_READ = namex axe-playwright-python# these say it in a file only

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help report slides sweep measure check test test-slow promises mutants lab screenshots lint audit licences bench lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile
	@sed -n 's/^# \{0,1\}//p; /^PYTHON/q' Makefile

report: .venv/ready ## Run the notebooks and publish reports/index.html
	@$(PRESS) build $(NOTEBOOKS) $(OPTIONS)

slides: .venv/ready ## Publish the reports as slides too (PPTX)
	@$(PRESS) build $(NOTEBOOKS) $(OPTIONS) --to html,pdf,pptx

sweep: NOTEBOOK = 02_network
sweep: .venv/ready ## Run a notebook at many points, into reports/sweeps
	@$(PRESS) sweep $(NOTEBOOKS) $(SWEEP)

measure: PROFILE = full
measure: DATASET = mnist
measure: NOTEBOOK = 02_network 03_rivals 04_convolution
measure: NAME = measured# so that no report in its place is found to be as it was
measure: .venv/ready ## Measure what takes long (an hour or more), for notebooks/measured
	@HANDWRITING_KEEP='$(CURDIR)/notebooks/measured' $(PRESS) build $(NOTEBOOKS) $(OPTIONS)

check: .venv/ready ## Compare the published reports with their manifests
	@$(PRESS) check reports

test: .venv/ready ## Run the tests
	$(ONE_THREAD) .venv/bin/python -m pytest -n $(ONE_MORE) --dist loadscope --no-loadscope-reorder -m 'not slow'

test-slow: .venv/ready ## Run the tests that take long, and those by example with more of them
	$(ONE_THREAD) .venv/bin/python -m pytest -n $(ONE_MORE) --dist load -m 'slow or hypothesis' --hypothesis-profile slow

promises: .venv/ready ## List what the tests promise, with each test that proves it
	@.venv/bin/python tests/support/promises.py

mutants: .venv/ready ## See whether tests notice small faults in the press's pure functions
	$(ONE_THREAD) .venv/bin/python benchmarks/mutants.py

lab: .venv/ready ## Open the notebooks in JupyterLab
	.venv/bin/jupyter lab notebooks

screenshots: report ## Take the README's pictures of published pages (needs Chromium)
	.venv/bin/python docs/screenshots.py

lint: .venv/ready ## Check style and types
	.venv/bin/ruff check . && .venv/bin/ruff format --check .
	.venv/bin/mypy

audit: .venv/ready ## Look for known faults in what the lock pins (asks PyPI's advisory service)
	.venv/bin/pip-audit --strict --require-hashes --disable-pip --requirement requirements.lock

licences: .venv/ready ## List the licence of every package; red if one states none
	@$(LICENCES)
	@$(LICENCES) $(LICENCE_READ) --fail-on UNKNOWN >/dev/null

bench: report ## Run the benchmarks (two hours or more)
	.venv/bin/python benchmarks/time_to_accuracy.py --json benchmarks/results/time_to_accuracy.json
	for name in $(BENCHMARKS); do .venv/bin/python benchmarks/$$name.py; done

lock: .venv/ready ## Renew requirements.lock from both pyproject.toml
	.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --group dev --output-file requirements.lock \
		pyproject.toml src/notebook-press/pyproject.toml

clean: ## Remove the reports and every cache (.venv stays)
	find reports -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis src/*.egg-info src/*/*.egg-info src/*/build
	find src tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v < (3, 14) or sys.exit( \
		"expected Python 3.11 to 3.13, found %d.%d: try make PYTHON=python3.12 ..." % v)'
	$(PYTHON) -m venv --clear .venv

# The stamp is the lock that was installed; byte code is compiled once, so that imports are quick.
.venv/lock: requirements.lock | .venv/bin/python
	@cmp -s $< $@ || awk '/^[^ ]/ {uv = /^uv==/} uv' $< | .venv/bin/python -m pip install -q --require-hashes -r /dev/stdin
	@cmp -s $< $@ || .venv/bin/uv pip sync --quiet --compile-bytecode $<
	@cp $< $@

# Both distributions; what their files say of commands and exporters is installed anew when it changes.
.venv/ready: pyproject.toml src/notebook-press/pyproject.toml .venv/lock
	@.venv/bin/uv pip install --quiet --no-deps --no-build-isolation --editable . --editable src/notebook-press
	@touch $@
