#!/usr/bin/env python3
"""The newest section of CHANGELOG.md as a Debian changelog: changelog.py CHANGELOG VERSION MAINTAINER SECONDS."""

import email.utils
import re
import sys
import textwrap


def entries(markdown):
    """Each `- ` of the first section, links without their targets."""
    section = re.split(r"^## .*$", markdown, flags=re.M)[1]
    for item in re.split(r"^- ", section, flags=re.M)[1:]:
        yield re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", " ".join(item.split()))


def main():
    path, version, maintainer, seconds = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        items = list(entries(file.read()))
    print(f"policy ({version}) unstable; urgency=medium\n")
    for item in items:
        print(textwrap.fill(item, 78, initial_indent="  * ", subsequent_indent="    ", break_on_hyphens=False))
    print(f"\n -- {maintainer}  {email.utils.formatdate(int(seconds))}")


if __name__ == "__main__":
    main()
