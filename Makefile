# Thin names for the scripts, for those who have make.
PREFIX ?= /usr/local

.PHONY: build demo test lint install clean

build:
	scripts/setup
	swift build -c release --product policy

demo:
	scripts/demo

test:
	scripts/test

lint:
	scripts/lint

# With the Swift libraries inside, so that it runs where there is no toolchain.
install:
	scripts/setup
	swift build -c release --product policy --static-swift-stdlib --scratch-path .build-install
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -s -m 755 .build-install/release/policy "$(DESTDIR)$(PREFIX)/bin/policy"

clean:
	rm -rf .build .build-install
