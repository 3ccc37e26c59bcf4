"""Pages of section 1, from what the program itself says of its commands (`policy --experimental-dump-help`)."""

from roff import bold, escape, italic, page, paragraph, verbatim

STATUSES = "EXIT STATUS"
# Of the program as a whole; no command's help speaks of it.
SURROUNDINGS = [
    ".SH ENVIRONMENT",
    ".TP", bold("NO_COLOR") + ", " + bold("CLICOLOR_FORCE") + ", " + bold("TERM"),
    *paragraph("Without colour where NO_COLOR is set or TERM is `dumb`; with colour where CLICOLOR_FORCE is set."),
    ".SH FILES",
    ".TP", italic("ROOT/.policy/UID/"),
    *paragraph("Trash, journal, pins and lock of one user, in each root, unless a policy or `--state` names another place."),
    ".TP", italic("/etc/policy/"),
    *paragraph("Where policies for everybody lie by custom. Nothing is read from there unless it is named."),
]


class Command:
    def __init__(self, node, above=()):
        self.words = (*above, node["commandName"])
        self.abstract = node["abstract"]
        self.arguments = [one for one in node.get("arguments", []) if one["shouldDisplay"]]
        self.below = [
            Command(one, self.words) for one in node.get("subcommands", [])
            if one["shouldDisplay"] and one["commandName"] != "help"]
        self.text, self.statuses = parts(node.get("discussion", ""))

    @property
    def page_name(self):
        return "-".join(self.words)

    def all(self):
        yield self
        for one in self.below:
            yield from one.all()


def parts(discussion):
    """What a discussion says, and its table of exit statuses."""
    lines = discussion.split("\n")
    if STATUSES not in lines:
        return lines, []
    start = lines.index(STATUSES)
    return lines[:start], [line.split(None, 1) for line in lines[start + 1:] if line.strip()]


def prose(lines):
    """Paragraphs; what is indented stays as it is."""
    done, block, is_verbatim = [], [], False

    def close():
        nonlocal block
        if block:
            done.extend(verbatim(block) if is_verbatim else [*([".PP"] if done else []), *paragraph(" ".join(block))])
        block = []

    for line in [*lines, ""]:
        indented = line.startswith("  ")
        if not line.strip() or indented != is_verbatim:
            close()
        if line.strip():
            is_verbatim = indented
            block.append(line[2:] if indented else line)
    return done


def typed(name):
    return {"short": "-", "longWithSingleDash": "-"}.get(name["kind"], "--") + name["name"]


def names(argument):
    """As they are typed, short ones first."""
    return sorted((typed(name) for name in argument["names"]), key=len)


def synopsis(command):
    lines = [f'.SY "{escape(" ".join(command.words))}"']
    if command.below:
        lines.append(italic("command"))
    for argument in command.arguments:
        # The empty character: three dots end no sentence.
        more = " ...\\&" if argument["isRepeating"] else ""
        if argument["kind"] == "positional":
            word = italic(argument["valueName"]) + more
            word = f"[{word}]" if argument["isOptional"] else word
            # What follows is another program's.
            lines.append(bold("--") + " " + word if argument["parsingStrategy"] == "postTerminator" else word)
            continue
        word = bold(names(argument)[-1])
        if argument["kind"] == "option":
            word += "\\ " + italic(argument["valueName"])
        lines.append(f"[{word}]{more}" if argument["isOptional"] else word + more)
    return [*lines, ".YS"]


def described(argument):
    text = argument.get("abstract", "")
    if "defaultValue" in argument:
        text += f" Default: `{argument['defaultValue']}`."
    if argument["isRepeating"] and argument["kind"] == "option":
        text += " May be given again."
    return paragraph(text)


def tagged(argument):
    if argument["kind"] == "positional":
        return [".TP", italic(argument["valueName"]), *described(argument)]
    tag = ", ".join(bold(name) for name in names(argument))
    if argument["kind"] == "option":
        tag += " " + italic(argument["valueName"])
    return [".TP", tag, *described(argument)]


def see_also(command, pages):
    """The page above, those beside it, and the language."""
    beside = [one for one in pages if one is not command and one.words[:-1] == command.words[:-1] and len(one.words) > 2]
    above = [one for one in pages if one.words == command.words[:-1]]
    shown = [f".BR {escape(one.page_name)} (1)," for one in [*above, *command.below, *beside]]
    return [".SH SEE ALSO", *shown, ".BR policy (5)"]


def render(command, pages, version):
    first = command.abstract.split(". ")[0].rstrip(".")
    lines = [".SH NAME", *paragraph(f"{command.page_name} - {first}"), ".SH SYNOPSIS", *synopsis(command)]
    lines += [".SH DESCRIPTION", *prose([command.abstract, "", *command.text])]
    if command.below:
        lines.append(".SH COMMANDS")
        for one in command.below:
            lines += [".TP", f".BR {escape(one.page_name)} (1)", *paragraph(one.abstract)]
    positional = [one for one in command.arguments if one["kind"] == "positional"]
    if positional:
        lines += [".SH ARGUMENTS", *(line for one in positional for line in tagged(one))]
    options = [one for one in command.arguments if one["kind"] != "positional"]
    if options:
        lines += [".SH OPTIONS", *(line for one in options for line in tagged(one))]
    if command.statuses:
        lines.append(".SH EXIT STATUS")
        for status, meaning in command.statuses:
            lines += [".TP 4", bold(status), *paragraph(meaning)]
    if len(command.words) == 1:
        lines += SURROUNDINGS
    return page(command.page_name, 1, "Retention policies", version, lines + see_also(command, pages))


def all_pages(dump, version):
    """Pairs of a file's name and its text."""
    pages = list(Command(dump["command"]).all())
    return [(f"{one.page_name}.1", render(one, pages, version)) for one in pages]
