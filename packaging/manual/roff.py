"""Text as a manual page wants it: macros of man(7), understood by groff and mandoc alike."""

import re
import textwrap

WIDTH = 74
# What roff would print as a quotation mark, a hyphen or an accent, though a reader types it.
ESCAPES = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}


def escape(text):
    return "".join(ESCAPES.get(character, character) for character in text)


def guarded(line):
    """A line that begins like a request is text all the same."""
    return "\\&" + line if line[:1] in (".", "'") else line


def bold(text):
    return f"\\fB{escape(text)}\\fP"


def italic(text):
    return f"\\fI{escape(text)}\\fP"


def inline(text):
    """One line of Markdown: `code` in bold, *emphasis* and **emphasis** in italics, of a [link](target) the words."""
    text = re.sub(r"(?<!`)\[([^\]]+)\]\([^)]+\)", r"\1", text)
    parts = re.split(r"(`[^`]+`|\*\*[^*]+\*\*|(?<!\w)\*[^*\s][^*]*\*)", text)
    done = []
    for part in parts:
        if part.startswith("`") and len(part) > 2:
            done.append(bold(part[1:-1]))
        elif part.startswith("*") and part.endswith("*") and len(part) > 2:
            done.append(italic(part.strip("*")))
        else:
            done.append(escape(part))
    return "".join(done)


def paragraph(text):
    """Lines of a filled paragraph."""
    whole = inline(" ".join(text.split()))
    return [guarded(line) for line in textwrap.wrap(whole, WIDTH, break_long_words=False, break_on_hyphens=False)]


def verbatim(lines):
    """Lines as they are, set off."""
    return [".sp", ".RS 4", ".nf", *(guarded(escape(line)) for line in lines), ".fi", ".RE"]


def page(name, section, title, version, lines):
    """`title`: the manual that the page belongs to. No date: the same program makes the same page on any day."""
    head = [f'.TH "{escape(name.upper())}" {section} "" "policy {version}" "{title}"', ".nh", ".ad l"]
    return "\n".join([*head, *lines]) + "\n"
