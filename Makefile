# Thin names for the scripts, for those who have make.
PREFIX ?= /usr/local
# With the Swift libraries inside, so that it runs where there is no toolchain.
STATIC = swift build -c release --product policy --static-swift-stdlib --scratch-path .build-install

.PHONY: build demo test soak bench lint install deb clean

build:
	scripts/setup
	swift build -c release --product policy

demo:
	scripts/demo

test:
	scripts/test

# The random tests, twenty times as long as in `make test` (10,000 pairs of policies among them), then ten minutes of
# fuzzing for each target, then the official schemas of what other programs read, then the package in a fresh system;
# prints how much was tried.
soak:
	scripts/setup
	POLICY_LONG=$${POLICY_LONG:-20} swift test --disable-xctest 2>&1 | grep -vE '^(◇|✔) '
	scripts/fuzz 600
	scripts/check-formats
	scripts/campaigns whole
	scripts/check-deb

# How fast everything is, beside programs in C and those that people use, in the same run; writes Docs/Performance.md.
# BENCH_PYTHON may name a Python that has polars, DuckDB or pandas. Three builds: the program, the same with the Swift libraries
# inside, and what reads metric files alone (no library: hence `-enable-testing`).
READER = Tests/Benchmarks/Reader
bench:
	scripts/setup
	swift build -c release --product policy
	$(STATIC)
	swift build --package-path $(READER) -c release -Xswiftc -enable-testing
	python3 Tests/Benchmarks/bench.py .build/release/policy --static .build-install/release/policy \
	  --reader $(READER)/.build/release/read-metrics $${BENCH_PYTHON:+--python $$BENCH_PYTHON} --results .build/bench.json --page

lint:
	scripts/lint

# The program with its manual pages and completions.
install:
	scripts/setup
	$(STATIC)
	scripts/install-files .build-install/release/policy "$(DESTDIR)$(PREFIX)"

# A package for the Debian or Ubuntu that this is: .build-install/policy_VERSION_ARCHITECTURE.deb
deb:
	scripts/deb

clean:
	rm -rf .build .build-install Fuzz/.build $(READER)/.build
