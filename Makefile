.PHONY: install test test-slow engines bench lint format gold sections speed
PY = .venv/bin/python

install:            ## everything for working on it
	python3 -m venv .venv
	$(PY) -m pip install -e '.[test]'

test:               ## the fast tests
	$(PY) -m pytest -q

test-slow:          ## the slow ones
	$(PY) -m pytest -q -m slow

engines:            ## a batch on every engine, Ray and Spark (needs a JVM) among them
	$(PY) -m pip install -q -e '.[test,dask,ray,spark]'
	$(PY) -m pytest -q -m engines tests/test_batch.py

bench:              ## speed, as ratios within one run
	$(PY) -m pytest -q tests/bench --benchmark-only --override-ini addopts="-ra --strict-markers" -s

lint:               ## style and types
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy

format:             ## write the house style
	.venv/bin/ruff check --fix . && .venv/bin/ruff format .

gold:               ## figures on the half of the own gold that is for tuning
	$(PY) -m matcher evaluate postings corpora/gold/tune.jsonl
