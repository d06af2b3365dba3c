# `make` lists what can be done. Everything is installed into .venv.
PYTHON ?= python3
VENV ?= .venv
PIP = $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check
MODEL = stcn_efficientnet-lite0_synthetic
PACKAGE = setup.py pyproject.toml requirements/runtime.txt

.PHONY: help install quickstart model test bench lint docs

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/installed  ## Install vosreg into .venv

quickstart: $(VENV)/installed  ## Train, evaluate and draw a small model, in minutes and without a data set
	$(VENV)/bin/python tools/quickstart.py

model: $(VENV)/installed  ## Train the model that ships with vosreg, in three and a half hours; can be interrupted
	$(VENV)/bin/python tools/train.py correspondence/$(MODEL)-3frames_pixel-object.py --resume
	$(VENV)/bin/python tools/train.py correspondence/$(MODEL)-6frames_pixel-object.py --resume \
		--cfg-options load_from=work_dirs/$(MODEL)-3frames_pixel-object/iter_2400.pth
	$(VENV)/bin/python tools/train.py correspondence/$(MODEL)-8frames_pixel-object.py --resume \
		--cfg-options load_from=work_dirs/$(MODEL)-6frames_pixel-object/iter_1200.pth
	$(VENV)/bin/python tools/model_converters/average_checkpoints.py --out work_dirs/stages_2_3.pth \
		work_dirs/$(MODEL)-6frames_pixel-object/iter_1200.pth work_dirs/$(MODEL)-8frames_pixel-object/iter_1000.pth
	$(VENV)/bin/python tools/train.py correspondence/$(MODEL)-6frames-shadows_pixel-object.py --resume \
		--cfg-options load_from=work_dirs/stages_2_3.pth
	$(VENV)/bin/python tools/model_converters/average_checkpoints.py --out work_dirs/model.pth \
		work_dirs/stages_2_3.pth work_dirs/$(MODEL)-6frames-shadows_pixel-object/iter_500.pth
	$(VENV)/bin/python tools/test.py correspondence/$(MODEL)-6frames-shadows_pixel-object.py work_dirs/model.pth

# Threads that wait must sleep: the tests run several processes on the same cores.
test: export OMP_WAIT_POLICY = passive
test: $(VENV)/installed-dev  ## Run the tests
	$(VENV)/bin/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

bench: $(VENV)/installed-dev  ## Run the benchmarks, in minutes; VOSREG_CLIPS names the folder with the clips
	$(VENV)/bin/python benchmarks/run_all.py

lint: $(VENV)/installed-dev  ## Check the style
	$(VENV)/bin/ruff check .

docs: $(VENV)/installed-dev  ## Build the documentation into docs/_build
	$(VENV)/bin/python -m sphinx -W --keep-going docs docs/_build

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(PACKAGE) | $(VENV)/bin/python
	@echo 'Installing vosreg into $(VENV), which takes some minutes'
	$(PIP) --editable .
	touch $@

$(VENV)/installed-dev: $(PACKAGE) requirements/dev.txt requirements/docs.txt | $(VENV)/bin/python
	@echo 'Installing vosreg and its test tools into $(VENV), which takes some minutes'
	$(PIP) --editable '.[all]'
	touch $@ $(VENV)/installed
