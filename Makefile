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

install: build
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 .build/release/policy "$(DESTDIR)$(PREFIX)/bin/policy"

clean:
	swift package clean
