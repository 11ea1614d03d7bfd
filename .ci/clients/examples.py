"""The commands of AWS's documentation: the examples of the AWS CLI's reference, as the package `awscli` brings them.

`examples.tsv` lists them, a row an example: the page, its number on the page, and every place where our output differs from the
one that AWS prints, with the reason. Ids, times, account numbers and what is encrypted or secret are compared by their form
alone. A place that differs without a reason is red, and so is a reason that is not needed any more.
"""

import contextlib
import io
import json
import os
import pathlib
import re
import shlex
import sys
import tempfile

import awscli
import awscli.clidriver

from .documented import Documented
from .server import check

PAGES = pathlib.Path(awscli.__file__).parent / "examples"
TABLE = pathlib.Path(__file__).parent / "examples.tsv"

#: What is compared by its form: each is replaced by a word before two outputs are compared.
FORMS = [
    (r"^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)$", "<time>"),
    (r"^\d{9,10}(\.\d+)?$", "<time>"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<uuid>"),
    (r"\bmrk-[0-9a-f]{32}\b", "<key>"),
    (r"(?<=backup/)\d{14}-[0-9a-f]{8}$", "<backup>"),
    (r"^[0-9a-f]{64}$", "<hex>"),
    (r"\b\d{11,13}\b", "<account>"),
    (r"\b(us|eu|ap|sa|ca)-[a-z]+-\d\b", "<region>"),
    (r"^(A[A-Z0-9]{3})[A-Z0-9]{8,}(EXAMPLE)?(:.*)?$", r"<\1>\3"),
    (r"^[A-Z0-9]{16,}$", "<id>"),
    (r"^[A-Za-z0-9+/=_-]{40,}(\.\.\.)?$", "<bytes>"),
]


class Example:
    """One example of a page: its commands, the files that it shows, and the output that AWS prints."""

    def __init__(self, page, number, text):
        self.page, self.number = page, number
        blocks = code_blocks(text)
        commands = [block for _, block in blocks if block.lstrip().startswith("aws ")]
        self.command = commands[0] if commands else None
        self.files = {}
        self.output = None
        for head, block in blocks:
            if (named := re.search(r"[Cc]ontents of (?:the )?(?:file )?[`*\"]*([\w.-]+\.\w+)", head)) and not block.lstrip().startswith("aws "):
                self.files[named[1]] = block
            elif re.search(r"(Output|output|[Tt]he output|response)[^.]*::?$", head.strip()) and self.output is None:
                self.output = block

    def words(self, substitute):
        joined = self.command.replace("\\\n", " ").replace("^\n", " ")
        return [substitute(word) for word in shlex.split(joined)][1:]


def code_blocks(text):
    """The indented blocks, each with the line before it that ends with `::`."""
    blocks, head, lines = [], "", []
    for line in text.splitlines() + ["end"]:
        if line.startswith((" ", "\t")) and head.rstrip().endswith("::"):
            lines.append(line)
        elif not line.strip():
            lines.append("")
        else:
            if any(lines) and head.rstrip().endswith("::"):
                blocks.append((head, "\n".join(lines).strip("\n")))
            head, lines = line, []
    return blocks


def examples_of(page):
    """The examples of a page: each begins with a bold line. A page without one is one example."""
    text = (PAGES / f"{page}.rst").read_text(encoding="utf-8")
    parts = re.split(r"^\*\*.*\*\*\s*$", text, flags=re.MULTILINE)
    return [Example(page, number + 1, part) for number, part in enumerate(parts[1:] or parts)]


def form(value):
    if isinstance(value, bool) or value is None:
        return value
    text = str(value)
    for pattern, name in FORMS:
        text = re.sub(pattern, name, text)
    return text if isinstance(value, str) or text.startswith("<") else value


def differences(aws, ours, path=""):
    """The places where two outputs differ, each with both values."""
    if isinstance(aws, dict) and isinstance(ours, dict):
        for name in [*aws, *(name for name in ours if name not in aws)]:
            inner = f"{path}.{name}" if path else name
            if name not in ours:
                yield inner, form_of(aws[name]), "nothing"
            elif name not in aws:
                yield inner, "nothing", form_of(ours[name])
            else:
                yield from differences(aws[name], ours[name], inner)
    elif isinstance(aws, list) and isinstance(ours, list):
        for at in range(max(len(aws), len(ours))):
            inner = f"{path}[{at}]"
            if at >= len(ours):
                yield inner, form_of(aws[at]), "nothing"
            elif at >= len(aws):
                yield inner, "nothing", form_of(ours[at])
            else:
                yield from differences(aws[at], ours[at], inner)
    elif form(aws) != form(ours):
        yield path, form_of(aws), form_of(ours)


def form_of(value):
    return json.dumps(value)[:60] if isinstance(value, (dict, list)) else json.dumps(form(value))


def parsed(text):
    """An output as AWS prints it: JSON, nothing, or the text itself, where the page's JSON is none."""
    if text is None or not text.strip():
        return None
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text.strip()


class Runner:
    """Runs commands with the code of the AWS CLI, in this process."""

    def __init__(self, documented):
        self.documented = documented
        self.loader = awscli.clidriver.create_clidriver().session.get_component("data_loader")
        os.environ.update(documented.server.environment | {"AWS_PROFILE": "root", "AWS_DEFAULT_REGION": "us-east-1", "AWS_PAGER": ""})

    def run(self, example, names=()):
        self.documented.back()

        def substitute(text):
            return self.documented.substitute(text, names)

        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            for name, content in (self.documented.files | example.files).items():
                content = content if isinstance(content, bytes) else substitute(content).encode()
                pathlib.Path(name).write_bytes(content)
            words = example.words(substitute)
            out, err = io.TextIOWrapper(io.BytesIO(), write_through=True), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                driver = awscli.clidriver.create_clidriver()
                # The models are read once for all commands.
                driver.session.register_component("data_loader", self.loader)
                code = driver.main(words)
            return code, out.buffer.getvalue().decode(), err.getvalue().strip()


class Listed:
    """A row of the table: an example, the names that stand for others in it, and where its output differs and why."""

    def __init__(self, page, number, names):
        self.page, self.number = page, int(number)
        self.names = [tuple(pair.split("=")) for pair in names.split(",") if pair]
        self.reasons = {}


def read_table():
    """Reads the table: a line an example, and below it, behind a tab, a line for each place that differs."""
    rows = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        if line.startswith("#") or not line:
            continue
        if cells[0]:
            rows.append(Listed(*(cells + [""])[:3]))
        else:
            rows[-1].reasons[cells[1]] = cells[2]
    return rows


def documentation(server, least=60):
    runner = Runner(Documented(server))
    rows = read_table()
    for row in rows:
        name = f"{row.page} {row.number}"
        example = next(example for example in examples_of(row.page) if example.number == row.number)
        code, out, err = runner.run(example, row.names)
        check(f"{name}: {err}", code, 0)
        aws = example.output and runner.documented.substitute(example.output, row.names)
        found = {place: values for place, *values in differences(parsed(aws), parsed(out))}
        for place, (theirs, ours) in found.items():
            if place not in row.reasons:
                sys.exit(f"{name}: {place} is {theirs} at AWS and {ours} here, and no reason says why")
        check(f"{name}: reasons that are not needed", sorted(set(row.reasons) - set(found)), [])
    check("enough examples", len(rows) >= least, True)
    places = sum(len(row.reasons) for row in rows)
    print(f"{len(rows)} examples of AWS's documentation, {places} places in them differ, each for a reason")
