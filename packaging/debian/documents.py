#!/usr/bin/env python3
"""Lays out pages, example policies and what goes with other programs: documents.py REPOSITORY DOC-FOLDER DATA-FOLDER.

Pages keep their places to each other, so that links between them work; a link to what is not shipped becomes its words."""

import os
import re
import shutil
import sys

PAGES = ["README.md", "README.zh-CN.md"]
# Of the repository; the last two lie with the data, because many systems leave /usr/share/doc out.
FOLDERS, DATA = ["Docs"], ["policies", "integrations"]
# Records of development, and what tests need.
LEFT_OUT = {"Decisions", "tests", "__pycache__"}


def copied(source, target):
    shutil.copytree(source, target, ignore=lambda _, names: [name for name in names if name in LEFT_OUT])


def delink(page, places):
    """Takes the links out that lead nowhere. `places`: of a path in the repository, whether it is shipped."""
    with open(page.shipped, encoding="utf-8") as file:
        text = file.read()

    def kept(match):
        target = match[2].split("#")[0]
        if not target or "://" in target:
            return match[0]
        path = os.path.normpath(os.path.join(os.path.dirname(page.original), target))
        return match[0] if places(path) else match[1]

    linkless = re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", kept, text)
    if linkless != text:
        with open(page.shipped, "w", encoding="utf-8") as file:
            file.write(linkless)


class Page:
    def __init__(self, shipped, original):
        self.shipped, self.original = shipped, original


def main():
    repository, documents, data = sys.argv[1:]
    os.makedirs(documents, exist_ok=True)
    os.makedirs(data, exist_ok=True)
    roots = {}
    for name in PAGES:
        shutil.copyfile(os.path.join(repository, name), os.path.join(documents, name))
        roots[name] = os.path.join(documents, name)
    for name in FOLDERS + DATA:
        roots[name] = os.path.join(documents if name in FOLDERS else data, name)
        copied(os.path.join(repository, name), roots[name])
    # The one that editors are told of, and the link that everybody expects.
    for name in DATA:
        os.symlink(os.path.relpath(roots[name], documents), os.path.join(documents, name))
    os.symlink(os.path.relpath(roots["policies"], documents), os.path.join(documents, "examples"))

    def places(path):
        first, _, rest = path.partition("/")
        return first in roots and os.path.exists(os.path.join(roots[first], rest) if rest else roots[first])

    for name, root in roots.items():
        if os.path.isfile(root):
            delink(Page(root, name), places)
        for folder, _, files in os.walk(root):
            for file in files:
                if file.endswith(".md"):
                    path = os.path.join(folder, file)
                    delink(Page(path, os.path.join(name, os.path.relpath(path, root))), places)


if __name__ == "__main__":
    main()
