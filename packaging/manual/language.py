"""The page of section 5, from the reference of the language."""

import re

from roff import guarded, inline, page, paragraph, verbatim


def cells(row):
    """Of a table's row; a bar in code is no border."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]


def table(rows):
    """The first column names what the others speak of; a third gets the head of its column."""
    head, body = cells(rows[0]), [cells(row) for row in rows[2:]]
    lines = []
    for row in body:
        lines += [".TP", guarded(inline(row[0]))]
        for number, cell in enumerate(row[1:], 1):
            if number > 1:
                lines.append(".br")
            is_named = len(row) > 2 and number == 1
            lines += paragraph(f"*{head[number]}:* {cell}" if is_named else cell)
    return lines


def converted(markdown):
    lines, source, number = [], markdown.split("\n"), 0

    def gather(holds):
        nonlocal number
        found = []
        while number < len(source) and holds(source[number]):
            found.append(source[number])
            number += 1
        return found

    while number < len(source):
        line = source[number]
        heading = re.match(r"(#+) (.*)", line)
        if heading or not line.strip() or line.startswith("<!--"):
            number += 1
            if heading and len(heading[1]) > 1:
                is_section = len(heading[1]) == 2
                lines.append(f'.SH "{inline(heading[2].upper())}"' if is_section else f'.SS "{inline(heading[2])}"')
        elif line.startswith("```"):
            number += 1
            block = verbatim(gather(lambda one: not one.startswith("```")))
            lines += block[1:] if lines and lines[-1].startswith((".SH", ".SS")) else block
            number += 1
        elif line.startswith("|"):
            lines += table(gather(lambda one: one.startswith("|")))
        elif line.startswith("- "):
            number += 1
            item = [line[2:], *gather(lambda one: one.startswith("  "))]
            lines += [".IP \\(bu 2", *paragraph(" ".join(item))]
        else:
            text = gather(lambda one: one.strip() and not re.match(r"#|```|\||- |<!--", one))
            lines += [*([] if lines and lines[-1].startswith((".SH", ".SS")) else [".PP"]), *paragraph(" ".join(text))]
    return lines


def language_page(markdown, version):
    introduction, _, rest = markdown.partition("\n## ")
    # What is written wrong on purpose says so: there is no colour here.
    rest = re.sub(r"<!-- error: (\w+) -->\n```yaml\n", r"```yaml\n# refused: \1\n", "## " + rest)
    body = converted(introduction.split("\n", 1)[1])
    lines = [
        ".SH NAME", "policy \\- the language of retention policies", ".SH DESCRIPTION",
        *(body[1:] if body[0] == ".PP" else body), *converted(rest), ".SH SEE ALSO", ".BR policy (1),",
        ".BR policy\\-check (1),", ".BR policy\\-plan (1),", ".BR policy\\-test (1)"]
    return page("policy", 5, "Retention policies", version, lines)
