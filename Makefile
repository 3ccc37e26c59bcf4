# Thin names for the scripts, for those who have make.
PREFIX ?= /usr/local

.PHONY: build demo test soak bench lint install clean

build:
	scripts/setup
	swift build -c release --product policy

demo:
	scripts/demo

test:
	scripts/test

# The random tests, twenty times as long as in `make test` (10,000 pairs of policies among them), then ten minutes of
# fuzzing for each target, then the official schemas of what other programs read; prints how much was tried.
soak:
	scripts/setup
	POLICY_LONG=$${POLICY_LONG:-20} swift test --disable-xctest 2>&1 | grep -vE '^(◇|✔) '
	scripts/fuzz 600
	scripts/check-formats
	scripts/campaigns whole

# How fast everything is, beside programs in C and those that people use, in the same run; writes Docs/Performance.md.
# BENCH_PYTHON may name a Python that has polars, DuckDB or pandas.
bench:
	scripts/setup
	swift build -c release --product policy
	python3 Tests/Benchmarks/bench.py .build/release/policy $${BENCH_PYTHON:+--python $$BENCH_PYTHON} --results .build/bench.json --page
	python3 Tests/Benchmarks/apply.py .build/release/policy

lint:
	scripts/lint

# With the Swift libraries inside, so that it runs where there is no toolchain.
install:
	scripts/setup
	swift build -c release --product policy --static-swift-stdlib --scratch-path .build-install
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -s -m 755 .build-install/release/policy "$(DESTDIR)$(PREFIX)/bin/policy"

clean:
	rm -rf .build .build-install Fuzz/.build
