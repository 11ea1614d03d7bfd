"""Hostile inputs through files and pipes, made from small programs.

A row is a name and a function that makes it: a dict with `argv`, and if it needs them `stdin`, `files` (a text, bytes, or
what makes the file at a path), `before` and `after` (functions of the folder; `after` answers what is wrong), and what
differs from the limits in `main.py`.
"""

import base64
import hashlib
import json
import os
import pathlib
import re
import socket
import subprocess
import threading
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KIB, MIB = 1 << 10, 1 << 20
# Whatever is refused for its size names the limit.
LIMIT = r"limit `[a-z-]+`"
# Except a number that is none: it is refused for what it is.
LIMIT_OR_RANGE = LIMIT + r"|within the range of a 64-bit float"
A3 = "a3-key-policy-door"
ALLOW_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def fifo(path):
    os.mkfifo(path)


def link_to(target):
    return lambda path: path.symlink_to(target)


# Policies and lines for decide.


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def statement(**changes):
    return dict({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}, **changes)


def line(policies, context=None, resource="arn:aws:s3:::b/k", **more):
    request = {"principal": "arn:aws:iam::111122223333:user/kim", "action": "s3:GetObject", "resource": resource}
    if context:
        request["context"] = context
    return json.dumps(dict({"request": request, "identityPolicies": policies}, **more)) + "\n"


def decided(text, *options, **more):
    return dict({"argv": ["decide", *options], "stdin": text}, **more)


def variables(count, length):
    condition = {"StringLike": {"a:c": "${a:b}" * count}}
    return line([policy(statement(Condition=condition))], {"a:b": ["x" * length], "a:c": ["x" * length * 2]})


def wild(count, length):
    pattern = "arn:aws:s3:::b/*" + "a?" * count + "b*"
    return line([policy(statement(Resource=pattern))], resource="arn:aws:s3:::b/" + "a" * length)


def many_keys(count):
    return policy(statement(Condition={"StringEquals": {f"aws:RequestTag/k{n}": "v" for n in range(count)}}))


def decide_rows():
    yield "decide: variables in a pattern, 28 KB", lambda: decided(variables(4700, 4700))
    yield "decide: variables with a long value", lambda: decided(variables(3000, 10_000))
    yield "decide: variables with a value of 1 MB", lambda: decided(variables(10, 900_000))
    yield "decide: question marks behind a star, 96 KB", lambda: decided(wild(6000, 96 * KIB))
    yield "decide: question marks against 900 KB", lambda: decided(wild(6000, 900 * KIB))
    yield "decide --explain: 500 condition keys", lambda: decided(line([many_keys(500)]), "--explain")
    yield "decide --explain: 100 policies of 500 keys", lambda: decided(
        line([many_keys(500) for _ in range(100)]), "--explain", output=64 * MIB)
    yield "decide --explain: SCPs in 100 levels of 5", lambda: decided(
        line([ALLOW_ALL], scps=[[many_keys(60)] * 5 for _ in range(100)]), "--explain", output=64 * MIB)
    yield "decide: 1,500 patterns for 1,000 values", lambda: decided(line(
        [policy(statement(Condition={"ForAllValues:StringLike": {"a:b": [f"*{n}x*" for n in range(1500)]}}))],
        {"a:b": ["y" * 40 + str(n) for n in range(1000)]}))
    yield "decide: a line without an end", lambda: decided(b"x" * (40 * MIB), says=[LIMIT])
    yield "decide: a device without an end", lambda: dict(argv=["decide", "/dev/zero"], says=[LIMIT])
    yield "decide: 4,000 documents of 20 KB", lambda: decided(
        "".join(line([policy(*[statement(Sid=f"S{n}x{k}") for k in range(250)])]) for n in range(4000)), cpu=60,
        output=16 * MIB)
    yield "decide: a nest of 900 KB", lambda: decided('{"request":' + "[" * (900 * KIB) + "\n")


# Lint.


def lint_rows():
    def linted(text, *options, **more):
        return dict({"argv": ["lint", *options, "p.json"], "files": {"p.json": text}}, **more)

    def one_line(count):
        return json.dumps(policy(*[statement(Action=f"s3:Nothing{n}") for n in range(count)]))

    for count in (1400, 10_000):
        for form in ("text", "json", "sarif"):
            yield f"lint --format {form}: {count} unknown actions in one line", lambda c=count, f=form: linted(
                one_line(c), "--format", f, status=(1, 2))
    yield "lint: 7 MB of bad escapes", lambda: linted('{"a": "' + "\\q" * (3500 * KIB) + '"}')
    yield "lint: 500,000 repeated names", lambda: linted("{" + '"a":1,' * 500_000 + '"a":1}')
    yield "lint: beyond the limit", lambda: linted(" " * (9 * MIB), status=(2,), says=[LIMIT])
    yield "lint: a device without an end", lambda: dict(argv=["lint", "/dev/zero"], status=(2,), says=[LIMIT])
    yield "lint: exceptions that are a pipe", lambda: dict(
        argv=["lint", "p.json"], files={"p.json": json.dumps(ALLOW_ALL), "kmslab-lint.toml": fifo}, status=(2,),
        says=["not a regular file"])
    yield "lint: 20,000 exceptions", lambda: dict(argv=["lint", "p.json"], files={
        "p.json": one_line(2000), "kmslab-lint.toml": '[[accept]]\nfinding = "public"\nreason = "x"\n' * 20_000})
    yield "lint: nested tables of exceptions", lambda: dict(argv=["lint", "p.json"], status=(2,), files={
        "p.json": json.dumps(ALLOW_ALL), "kmslab-lint.toml": "a = " + "[" * (500 * KIB)})


# Templates.


def template_rows():
    def drifted(text, **more):
        return dict({"argv": ["drift", "t.yaml", "a2"], "files": {"t.yaml": text}, "status": (2,)}, **more)

    def policy_of(statements):
        return json.dumps({"Resources": {"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {
            "ManagedPolicyName": "p", "PolicyDocument": {"Statement": statements}}}}})

    laughs = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    yield "drift: a small sound template", lambda: drifted(policy_of([]), status=(1,))
    yield "drift: a billion laughs", lambda: drifted("a0: &a0 ha\n" + laughs, says=["takes no aliases"])
    yield "drift: YAML nested 500,000 deep in brackets", lambda: drifted("[" * 500_000, says=[LIMIT])
    yield "drift: YAML nested 500,000 deep in blocks", lambda: drifted("- " * 500_000, says=[LIMIT])
    yield "drift: 1 MB of question marks", lambda: drifted("? " * (512 * KIB - 10))
    yield "drift: a key of 1 MB", lambda: drifted("a" * (MIB - 10) + ": 1\n")
    yield "drift: 100,000 names in one mapping", lambda: drifted("".join(f"a{n}: 1\n" for n in range(100_000)))
    yield "drift: 100,000 references", lambda: drifted(policy_of([{"Ref": "AWS::AccountId"}] * 30_000), status=(1,), output=8 * MIB)
    yield "drift: a long value 200,000 times", lambda: drifted(json.dumps({
        "Parameters": {"A": {"Type": "String", "Default": "x" * 400_000}},
        "Resources": {"U": {"Type": "AWS::IAM::User", "Properties": {"UserName": {"Fn::Sub": "${A}" * 100_000}}}}}), says=[LIMIT])
    yield "drift: a value of 400 KB 20,000 times", lambda: drifted(json.dumps({
        "Parameters": {"A": {"Type": "String", "Default": "x" * 400_000}},
        "Resources": {"U": {"Type": "AWS::IAM::User", "Properties": {"UserName": "u", "Tags": [{"Key": {"Ref": "A"}, "Value": {
            "Ref": "A"}}] * 10_000}}}}), says=[LIMIT])
    yield "drift: a policy of 800 KB for 240 users", lambda: drifted(json.dumps({"Resources": {
        **{f"U{n}": {"Type": "AWS::IAM::User", "Properties": {"UserName": f"u{n}"}} for n in range(240)},
        "P": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "Users": [f"u{n}" for n in range(240)],
                                                         "PolicyDocument": {"Statement": ["x"] * 160_000}}}}}), says=[LIMIT])
    yield "drift: beyond the limit", lambda: drifted("#" * (2 * MIB), says=[LIMIT])
    yield "drift: a device without an end", lambda: dict(argv=["drift", "/dev/zero", "a2"], status=(2,), says=[LIMIT])


# Scenarios.


# The smallest scenario of the papers.
SMALLEST = re.search(r"```json\n(.*?)```", (ROOT / "docs/scenarios.md").read_text(encoding="utf-8"), re.S)[1]


def scenario(**changes):
    whole = json.loads(SMALLEST)
    del whole["$schema"]
    whole.update(changes)
    return whole


def with_account(**changes):
    whole = scenario()
    whole["world"]["accounts"]["111122223333"].update(changes)
    return whole


def with_checks(*asked):
    """The checks of the task, behind the one that is there."""
    whole = scenario()
    whole["tasks"][0]["checks"] += [{"id": f"c{n}", "say": "it holds", "check": one} for n, one in enumerate(asked)]
    return whole


def with_steps(*steps):
    whole = scenario()
    whole["solution"] = [*steps, *whole["solution"]]
    return whole


TESS_READS = {"outcome": {"as": "tess", "do": "dynamodb:Scan", "with": {"TableName": "Notes"}, "items": 1}}
SCAN = {"as": "kim", "do": "dynamodb:Scan", "with": {"TableName": "Notes"}}


def only(names):
    asked = {"only": {"action": "kms:Decrypt", "on": "k1", "allowed": [f"u{n}" for n in range(names)]}}
    whole = with_checks(*[asked] * names)
    users = whole["world"]["accounts"]["111122223333"]["users"]
    users.update({f"u{n}": {"attach": ["AdministratorAccess"]} for n in range(names)})
    return whole


def expanding(count):
    key = {"TableName": "Notes", "Key": {"Id": {"S": "1"}}}
    doubled = {"TableName": "Notes", "Item": {"Id": {"S": "1"}, "Text": {"S": "{{y.Item.Text.S}}" * count}}}
    return with_steps(*[{"as": "kim", "do": "dynamodb:GetItem", "with": key, "save": "y"},
                        {"as": "kim", "do": "dynamodb:PutItem", "with": doubled}] * 2)


def expanding_unseen(count):
    """Each step keeps what it was given, so that nothing is too long for AWS before it is expanded."""
    key = {"TableName": "Notes", "Key": {"Id": {"S": "1"}}}
    item = {"Id": {"S": "2"}, "L": {"L": [{"S": "{{y.Item.Text.S}}"}] * count}}
    whole = with_steps({"as": "kim", "do": "dynamodb:GetItem", "with": key, "save": "y"},
                       *[{"as": "kim", "do": "dynamodb:PutItem", "with": {"TableName": "Notes", "Item": item}}] * 4)
    whole["world"]["accounts"]["111122223333"]["tables"]["Notes"]["items"][0]["Text"] = "x" * 300_000
    return whole


def rotating(keys):
    whole = with_account(keys={f"k{n}": {"aliases": [f"alias/a{n}"]} for n in range(1, keys + 1)})
    rotate = [{"as": "kim", "do": "kms:EnableKeyRotation", "with": {"KeyId": f"k{n}"}} for n in range(1, keys + 1)]
    whole["solution"] = [*rotate, *[{"wait": "+99y"}] * 10, *whole["solution"]]
    # Who may do what with 100 keys is another question.
    del whole["invariants"]
    return whole


def pairs(count):
    made = {"as": "kim", "do": "kms:GenerateDataKeyPairWithoutPlaintext", "with": {"KeyId": "k1", "KeyPairSpec": "RSA_4096"}}
    whole = scenario()
    whole["world"]["before"] = [made] * count
    return whole


def many_tasks(count):
    whole = scenario()
    whole["tasks"] += [{"id": f"t{n}", "say": "Do it.", "hints": ["Look."],
                        "checks": [{"id": f"t{n}c", "say": "it holds", "check": TESS_READS}]}
                       for n in range(count)]
    whole["invariants"] = [{"id": f"i{n}", "say": "it holds", "check": {
        "state": {"of": "k1", "field": "KeyState", "is": "Enabled"}}} for n in range(count)]
    return whole


def asked_later(count):
    probe = {"as": "tess", "action": "kms:Decrypt", "on": "k1", "at": "+99y"}
    return with_checks(*[{"decision": {"probe": probe, "is": "allow"}}] * count)


def nested_checks(count):
    text = json.dumps(TESS_READS)
    return json.dumps(with_checks(TESS_READS)).replace(text, '{"all":[' * count + text + "]}" * count)


def users(count):
    whole = scenario()
    whole["world"]["accounts"]["111122223333"]["users"].update({f"u{n}": {} for n in range(count)})
    return whole


def items(count):
    return with_account(tables={"Notes": {"key": "k1", "items": [{"Id": str(n), "Text": "x"} for n in range(count)]}})


def from_template(parameter, resources):
    whole = scenario()
    whole["world"]["template"] = {"account": "111122223333", "json": {
        "Parameters": {"A": {"Type": "String", "Default": parameter}}, "Resources": resources}}
    return whole


def templated_users(count):
    return from_template("x", {f"U{n}": {"Type": "AWS::IAM::User", "Properties": {"UserName": f"u{n}"}} for n in range(count)})


def templated_values(count):
    user = {"UserName": "u", "Tags": [{"Key": f"k{n}", "Value": {"Ref": "A"}} for n in range(count)]}
    return from_template("x" * 10 * count, {"U": {"Type": "AWS::IAM::User", "Properties": user}})


def variants(count):
    return scenario(variants={f"v{n}": ["x", "y"] for n in range(count)}, teaches=[f"{{{{variant:v{n}}}}}" for n in range(count)])


def filled(count):
    return scenario(variants={"a": ["x", "y" * 150]}, story=["{{variant:a}}" * count], seed=1)


# Scenarios that grow: how they are made, how large they are a danger, and how small a sound one is, which shows that the
# large one is what it is meant to be.
SCENARIOS = {
    "texts that expand in texts": (expanding, 3000, 2),
    "texts that expand side by side": (expanding_unseen, 3000, 1),
    "steps": (lambda count: with_steps(*[SCAN] * count), 1000, 3),
    "checks": (lambda count: with_checks(*[TESS_READS] * count), 10_000, 3),
    "only, names by checks": (only, 1000, 3),
    "keys that rotate for 990 years": (rotating, 100, 2),
    "checks 99 years later": (asked_later, 300, 2),
    "pairs of RSA 4096": (pairs, 40, 1),
    "items": (items, 200_000, 5),
    "users": (users, 100_000, 5),
    "users of a template": (templated_users, 10_000, 3),
    "values that a template repeats": (templated_values, 5_000, 3),
    "tasks by invariants": (many_tasks, 10_000, 2),
    "empty texts": (lambda count: scenario(story=[""] * count), 1_000_000, 0),
    "words of a story": (lambda count: scenario(story=["word " * count]), 1400 * KIB, 3),
    "variants": (variants, 1000, 2),
    "words of a variant": (filled, 100_000, 3),
    "digits of a number": (lambda count: json.dumps(scenario()).replace('"minutes": 3', '"minutes": ' + "3" * count), MIB, 1),
    "checks inside of checks": (nested_checks, 5000, 3),
}
# So large they were a danger, too, and are nearer to what somebody may write.
SMALLER = {"steps": 200, "only, names by checks": 100, "empty texts": 60_000}


def of_scenario(made, count, *command, **more):
    def row():
        whole = made(count)
        text = whole if isinstance(whole, str) else json.dumps(whole)
        return dict(argv=[*command, "./x.json"], files={"x.json": text}, **more)
    return row


def scenario_rows():
    for name, (made, large, small) in SCENARIOS.items():
        yield f"check: {small} {name}", of_scenario(made, small, "check", status=(0, 1))
        yield f"run: {small} {name}", of_scenario(made, small, "run", status=(0, 1))
        for count in filter(None, [large, SMALLER.get(name)]):
            for command in (["run"], ["check"]):
                yield f"{command[0]}: {count:,} {name}", of_scenario(made, count, *command, refused_says=[LIMIT_OR_RANGE])
        yield f"play --plain: {large:,} {name}", of_scenario(
            made, large, "play", "--plain", stdin="task\nscan\nquit\n", refused_says=[LIMIT_OR_RANGE])
    yield "who-can: 20,000 users", of_scenario(users, 20_000, "who-can", "kms:Decrypt", "k1", "--scenario")
    yield "check: a pipe in a folder", lambda: dict(argv=["check", "d"], files={"d/x.json": fifo}, status=(2,))
    yield "check: beyond the limit", lambda: dict(
        argv=["check", "./x.json"], files={"x.json": " " * (9 * MIB)}, status=(2,), says=[LIMIT])
    yield "run: a device without an end", lambda: dict(argv=["run", "/dev/zero"], status=(2,), says=[LIMIT])

    def forged():
        text = json.dumps(scenario(id="a3: sound\nx"))
        return dict(argv=["check", "./x.json"], files={"x.json": text}, status=(1, 2), never_says=[r"(?m)^a3: sound$"])
    yield "check: a name with a line break", forged

    def chain(count, circle=False):
        ids = [f"x{n}-link" for n in range(count)]
        files = {}
        for at, name in enumerate(ids):
            needs = f"chain.{at + 1}" if at + 1 < count or not circle else "chain.0"
            # Without a solution there is nothing to widen, which takes longer than all else.
            whole = scenario(id=name, teaches=[f"chain.{at}"], requires=[needs], solution=[])
            files[f"d/{name}.json"] = json.dumps(whole)
        return dict(argv=["check", "d"], files=files, status=(1, 2), cpu=40)
    yield "check: 500 scenarios that require each other in a row", lambda: chain(500)
    yield "check: 500 scenarios that require each other in a circle", lambda: chain(500, True)
    yield "check: 40 scenarios with their solutions", lambda: dict(argv=["check", "d"], status=(0, 1), cpu=40, files={
        f"d/x{n}.json": json.dumps(scenario(id=f"x{n}-name-tess", teaches=[f"example.{n}"])) for n in range(40)})


# The console.


def console_rows():
    def typed(text, **more):
        return dict({"argv": ["console"], "stdin": text, "status": (0, 1, 2, 127, 252, 253, 254, 255)}, **more)

    def query(expression, **more):
        quoted = expression.replace("'", "'\\''")
        return typed(f"aws kms list-keys --query '{quoted}'\n", **more)

    forms = {"[": "[", "[?": "[?", "f(": "f(", "a.a": "a.", "!": "!", "&": "&", "(": "(", "{a:": "{a:", "a|": "a|",
             "a||": "a||", "[[]": "[]", "a[*]": "a[*].", "`[": "`["}
    for name, part in forms.items():
        for size in (8 * KIB, 200 * KIB):
            tail = "a" if part.endswith((".", "|", "!", "&", "(", ":")) else ""
            yield f"console: --query of {name} again and again, {size >> 10} KB", lambda p=part, s=size, t=tail: query(
                p * (s // len(p)) + t)
    yield "console: --query that multiplies", lambda: query(" | ".join(["[" + ",".join("@" * 10) + "]"] * 9), says=[LIMIT])
    yield "console: --query that multiplies with join", lambda: query(" | ".join(["join('',[" + ",".join("@" * 10) + "])"] * 9))
    yield "console: a variable that doubles", lambda: typed(
        "A=xxxxxxxxxx\n" + 'A="$A$A$A$A$A$A$A$A$A$A"\n' * 9, says=[LIMIT])
    yield "console: a word that doubles", lambda: typed("A=" + "x" * 60_000 + "\necho " + "$A" * 60_000 + "\n")
    yield "console: a device as a blob", lambda: typed(
        "aws kms encrypt --key-id k --plaintext fileb:///dev/zero\n", says=["not a regular file|" + LIMIT])
    yield "console: a pipe as a document", lambda: typed(
        "aws kms put-key-policy --key-id k --policy file://p\n", files={"p": fifo})
    yield "console: 120 KB in one quote of many lines", lambda: typed("echo '" + "a\n" * (60 * KIB) + "'\n")
    yield "console: a line beyond the limit", lambda: typed("echo " + "x" * (2 * MIB) + "\n", says=[LIMIT])
    yield "console: an unclosed quote beyond the limit", lambda: typed("echo '" + "x\n" * MIB, says=[LIMIT])
    yield "console: shorthand in shorthand", lambda: typed(
        "aws dynamodb put-item --table-name t --item '" + "a={M={" * 15_000 + "'\n")
    event = '{"id":1,"account":1,"source":1,"time":1,"region":1,"detail-type":1,"detail":{"l":[' + '{"a":"' + "ab" * 4 + '"},' * 20_000 + '1]}}'
    small = '{"id":1,"account":1,"source":1,"time":1,"region":1,"detail-type":1,"detail":{"l":[{"a":"b"}]}}'
    asked = "aws events test-event-pattern --event-pattern '{\"detail\":{\"l\":{\"a\":[{\"wildcard\":\"*a*b*c\"}]}}}' --event '"
    yield "console: an event of 20,000 objects", lambda: typed(asked + event + "'\n")
    yield "console: an event of one", lambda: typed(asked + small + "'\n")
    yield "console: an expression in brackets", lambda: typed(
        "aws dynamodb scan --table-name t --filter-expression '" + "(" * 100_000 + "a = b" + ")" * 100_000 + "'\n")
    yield "console: an item in items", lambda: typed(
        "aws dynamodb put-item --table-name t --item '" + '{"a":{"M":' * 30_000 + "{}" + "}}" * 30_000 + "'\n")
    yield "console: 20,000 tags", lambda: typed(
        "aws kms create-key --tags " + " ".join(f"TagKey=k{n},TagValue=v" for n in range(20_000)) + "\n")
    yield "console: 8,000 commands", lambda: typed("echo a\n" * 8000)


# Plain mode, journals and exports.


def plain(text, scenario_name="a3", **more):
    return dict({"argv": ["play", scenario_name, "--plain"], "stdin": text}, **more)


def journal_of(folder):
    return folder / "state/kmslab/labs" / f"{A3}.journal"


def begun(program, folder):
    """A journal as kmslab begins it."""
    env = dict(os.environ, HOME=str(folder), XDG_STATE_HOME=str(folder / "state"))
    subprocess.run([program, "play", "a3", "--plain"], input=b"hint\nedit\n{}\n.\n", env=env, cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)


def with_entries(entries):
    """Begins a journal and adds entries to those that are in it, with sound checksums."""
    def before(program, folder):
        begun(program, folder)
        path = journal_of(folder)
        lines = path.read_bytes().splitlines()
        last = bytes.fromhex(lines[-1][:16].decode())
        added = []
        done = [json.loads(line[17:]) for line in lines]
        for entry in entries(done):
            text = json.dumps(entry, separators=(",", ":")).encode()
            last = hashlib.sha256(last + text).digest()[:8]
            added.append(last.hex().encode() + b" " + text)
        path.write_bytes(b"\n".join([*lines, *added]) + b"\n")
    return before


def exported(entries):
    """An export of a journal with these entries."""
    def before(program, folder):
        with_entries(entries)(program, folder)
        journal = journal_of(folder).read_bytes()
        head = f"kmslab-lab 1 {A3} {len(journal)} {hashlib.sha256(journal).hexdigest()}\n"
        (folder / "x.lab").write_bytes(head.encode() + journal)
        journal_of(folder).unlink()
    return before


def reported(entries):
    """A report whose record has these entries, and whose checksum fits."""
    def before(program, folder):
        with_entries(entries)(program, folder)
        words = hashlib.sha256((ROOT / f"scenarios/{A3}.json").read_bytes()).hexdigest()
        engine = json.loads(journal_of(folder).read_bytes().splitlines()[0][17:])["head"]["engine"]
        lab = dict(scenario=A3, words=words, left_out=0, journal=journal_of(folder).read_text())
        record_into(folder / "x.html", json.dumps(dict(engine=engine, kind="html", labs=[lab])).encode(), engine)
        journal_of(folder).unlink()
    return before


def strange(folder):
    """What is no hand-in."""
    (folder / "folder").mkdir(parents=True)
    fifo(folder / "pipe")
    link_to("/dev/zero")(folder / "device")
    link_to("nowhere")(folder / "dangling")
    with open(folder / "huge.html", "wb") as file:
        file.truncate(40 << 30)


def record_into(path, record, engine="0.2.0"):
    """A page with nothing but a record in it."""
    packed = base64.b64encode(zlib.compress(record, 9))
    head = f"<!-- kmslab-report 1 html {engine} ".encode()
    whole = head + b"0" * 64 + b"\n" + packed + b"\n-->\n"
    path.write_bytes(whole.replace(b"0" * 64, hashlib.sha256(whole).hexdigest().encode(), 1))


def torn(path):
    """An end that is not sound, in which each word could be the checksum of the line before."""
    with open(path, "ab") as journal:
        for _ in range(40):
            journal.write(b"0123456789abcdef " * 30_000 + b"\n")


def call(operation, given, service="kms", who="kim", caller=None):
    context = {"region": "us-east-1", "source_ip": "198.51.100.7", "user_agent": "kmslab", "secure_transport": True,
               "connection": 0, "keys": {}}
    return {"call": {"who": who, "caller": caller or {"User": ["111122223333", "kim"]}, "service": service,
                     "operation": operation, "input": given, "context": context,
                     "outcome": {"status": "allowed", "hash": "00"}}}


def new_users(count):
    return [call("CreateUser", {"UserName": f"u{n}"}, "iam", "root", {"Root": "111122223333"}) for n in range(count)]


def new_pairs(count):
    given = {"KeyId": "alias/dynamodb-encryption-key", "KeyPairSpec": "RSA_4096"}
    return [call("GenerateDataKeyPairWithoutPlaintext", given)] * count


def cut_and_flipped_rows():
    """A journal that is cut or has a bit turned, at some places: what is read was written, and the file is not worse."""
    lines = "aws kms list-keys\nas tess\nscan\nundo\nscan\nclock +5m\naws sts get-caller-identity\n"

    def spoil(change):
        def before(program, folder):
            env = dict(os.environ, HOME=str(folder), XDG_STATE_HOME=str(folder / "state"))
            subprocess.run([program, "play", "a3", "--plain"], input=lines.encode(), env=env, cwd=folder, check=True,
                           stdout=subprocess.DEVNULL)
            path = journal_of(folder)
            whole = path.read_bytes()
            (folder / "whole").write_bytes(whole)
            path.write_bytes(change(whole))
            (folder / "spoilt").write_bytes(change(whole))
        return before

    def kept(folder):
        whole, spoilt = (folder / "whole").read_bytes(), (folder / "spoilt").read_bytes()
        now = journal_of(folder).read_bytes() if journal_of(folder).exists() else b""
        if now == spoilt:
            return None
        # What was cut off lies beside the journal, and nothing is lost but the line that was not whole.
        cut = journal_of(folder).with_suffix(".journal.cut")
        beside = cut.read_bytes().rstrip(b"\n") if cut.exists() else b""
        sound = whole[: len(os.path.commonprefix([whole, spoilt]))]
        sound = sound[: sound.rfind(b"\n") + 1]
        if not now.startswith(sound):
            return "whole lines of the journal are lost"
        if spoilt[len(sound):].rstrip(b"\n") not in (beside, b""):
            return "what was cut off is lost"
        return None

    for tenth in range(10):
        at = lambda whole, tenth=tenth: len(whole) * tenth // 10 + tenth
        yield f"journal: cut at {tenth} tenths", lambda at=at: plain(
            "steps\n", before=spoil(lambda whole: whole[: at(whole)]), after=kept)
        yield f"journal: a bit turned at {tenth} tenths", lambda at=at, tenth=tenth: plain(
            "steps\n", before=spoil(lambda whole: whole[: at(whole)] + bytes([whole[at(whole)] ^ (1 << tenth % 8)])
                                    + whole[at(whole) + 1:]), after=kept)
    yield "journal: the last line lost but for its end", lambda: plain(
        "steps\n", says=["cut"], after=kept,
        before=spoil(lambda whole: whole[: whole.rfind(b"\n", 0, -1) + 1] + b"\0" * 40 + whole[-30:]))


def notes_without_end(folder):
    """Somebody who presents and sends a page that never ends."""
    path = folder / "state/kmslab/notes.sock"
    path.parent.mkdir(parents=True, exist_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(1)

    def send():
        stream, _ = listener.accept()
        try:
            for _ in range(600):
                stream.sendall(b"x" * MIB)
        except OSError:
            pass
        stream.close()
        listener.close()

    threading.Thread(target=send, daemon=True).start()


def mode_of_state(folder):
    wide = [str(path) for path in [folder / "state/kmslab", folder / "state/kmslab/labs"] if path.stat().st_mode & 0o077]
    return f"open to others: {wide}" if wide else None


def lab_rows():
    yield "plain: a state folder that cannot be", lambda: plain(
        "scan\nquit\n", env={"XDG_STATE_HOME": "/dev/null/x"}, says=["(?i)not kept"])
    yield "plain: files may not grow", lambda: plain("echo a\n" * 40 + "quit\n", file_bytes=1500, says=["(?i)not kept"])
    yield "plain: a variable that doubles", lambda: plain(
        "export A=xxxxxxxxxx\n" + 'export A="$A$A$A$A$A$A$A$A$A$A"\n' * 9 + "quit\n", says=[LIMIT],
        after=lambda folder: "the journal has more than 4 MB" if journal_of(folder).stat().st_size > 4 * MIB else None)
    yield "plain: a long variable and 30 lines", lambda: plain(
        "export A=" + "x" * 500_000 + "\n" + "echo a\n" * 30,
        after=lambda folder: "the journal has more than 4 MB" if journal_of(folder).stat().st_size > 4 * MIB else None)
    yield "plain: a text of 245 KB", lambda: plain(
        "edit\n" + json.dumps(policy(*[statement(Sid=f"S{n}") for n in range(3000)]), indent=0) + "\n.\ndiff\nwho\n", cpu=12)
    yield "plain: a text beyond the limit", lambda: plain(
        "edit\n" + "x\n" * MIB, says=[LIMIT + "|more than 1,048,576 bytes"])
    yield "plain: edit a device", lambda: plain("edit /dev/zero\nquit\n", says=["not a regular file|" + LIMIT])
    yield "plain: a line beyond the limit", lambda: plain("x" * (2 * MIB) + "\n", status=(2,), says=[LIMIT])
    yield "plain --watch: a pipe", lambda: dict(
        argv=["play", "a3", "--plain", "--watch", "p"], stdin="task\nquit\n", files={"p": fifo}, says=["not a regular file"])
    yield "plain --watch: 12,000 statements", lambda: dict(
        argv=["play", "a3", "--plain", "--watch", "p"], stdin="task\nquit\n", cpu=12,
        files={"p": json.dumps(policy(*[statement(Sid=f"S{n}") for n in range(11_000)]))})
    yield "plain: a journal that is a pipe", lambda: plain("task\nquit\n", files={f"state/kmslab/labs/{A3}.journal": fifo},
                                                           says=["(?i)not kept"])
    yield "plain: a journal that is a device", lambda: plain(
        "task\nquit\n", files={f"state/kmslab/labs/{A3}.journal": link_to("/dev/zero")}, says=["(?i)not kept"])
    yield "plain: a journal that is a link to another file", lambda: plain(
        "task\nquit\n", says=["(?i)not kept"],
        files={"other": "not a journal", f"state/kmslab/labs/{A3}.journal": link_to("../../../other")},
        after=lambda folder: None if (folder / "other").read_text() == "not a journal" else "the other file was changed")
    yield "plain: a journal of 300 MB without an end", lambda: plain(
        "task\nquit\n", says=["(?i)not kept"],
        files={f"state/kmslab/labs/{A3}.journal": lambda path: (path.touch(), os.truncate(path, 300 * MIB))})
    yield "plain: a torn journal whose lines are full of checksums", lambda: plain(
        "task\nquit\n", before=lambda program, folder: (begun(program, folder), torn(journal_of(folder))))
    yield "plain: the state is for its owner alone", lambda: plain("hint\nquit\n", after=mode_of_state)
    yield "plain: a journal of 400 new users", lambda: plain("task\nquit\n", before=with_entries(lambda done: new_users(400)))
    # Reading the last answer makes its pair; all others are left unmade.
    yield "plain: a journal of 400 pairs of RSA 4096", lambda: plain(
        "task\nquit\n", before=with_entries(lambda done: new_pairs(400)))
    yield "import: 400 new users", lambda: dict(
        argv=["import", "x.lab"], before=exported(lambda done: new_users(400)))
    yield "import: 400 pairs of RSA 4096", lambda: dict(
        argv=["import", "x.lab"], before=exported(lambda done: new_pairs(400)))
    yield "import: waits beyond the calendar", lambda: dict(
        argv=["import", "x.lab"], before=exported(lambda done: [{"wait": 2**62}] * 3), status=(2,))
    def drafts(done):
        document = next(entry["draft"]["document"] for entry in done if "draft" in entry)
        return [{"draft": {"document": document, "text": json.dumps({"Sid": n})}} for n in range(20_000)]
    yield "import: 20,000 drafts", lambda: dict(argv=["import", "x.lab"], before=exported(drafts), cpu=20)
    yield "import: a pipe without a lab", lambda: dict(argv=["import", "/dev/zero"], status=(2,))
    yield "verify: a device", lambda: dict(argv=["verify", "/dev/zero"], status=(2,), says=[LIMIT])
    yield "verify: a record that unpacks to 64 MB", lambda: dict(
        argv=["verify", "x.html"], before=lambda _, folder: record_into(folder / "x.html", b" " * (64 * MIB)), status=(2,),
        says=[LIMIT])
    # Each call of the record says that it ended otherwise, and so nobody is told that the report is genuine.
    yield "verify: 400 new users", lambda: dict(
        argv=["verify", "x.html"], before=reported(lambda done: new_users(400)), status=(1,), says=["NOT GENUINE"])
    yield "verify: 3 waits beyond the calendar", lambda: dict(
        argv=["verify", "x.html"], before=reported(lambda done: [{"wait": 2**62}] * 3), status=(1,), says=["NOT GENUINE"])
    yield "verify: 30,000 waits", lambda: dict(
        argv=["verify", "x.html"], before=reported(lambda done: [{"wait": 1}] * 30_000), status=(2,), says=[LIMIT])
    yield "grade: pipes, links and devices", lambda: dict(
        argv=["grade", "class"], before=lambda _, folder: strange(folder / "class"), status=(1,), says=["5 not read"])
    yield "export: to a file that is there", lambda: dict(
        argv=["export", "a3", "x.lab"], before=begun, files={"x.lab": ""}, status=(2,),
        never_says=["File exists.*File exists"])
    yield "notes: a page without an end", lambda: dict(
        argv=["notes"], before=lambda _, folder: notes_without_end(folder), says=[LIMIT])
    yield "--help: to a full device", lambda: dict(argv=["--help"], stdout="/dev/full", status=(1, 2))
    yield "decide: to a full device", lambda: dict(
        argv=["decide"], stdin=line([ALLOW_ALL]), stdout="/dev/full", status=(1, 2))


# Four kinds of bulk for every command that reads.


def bulk(size):
    return {
        "repeat": lambda: '{"a": 1}\n' * (size // 9),
        "nest": lambda: "[" * size,
        "nest of objects": lambda: '{"a":' * (size // 5),
        "widen": lambda: '{"format": 1, "Statement": [' + "1," * (size // 2) + "1]}",
        "long text": lambda: '{"format": 1, "Version": "' + "x" * size + '"}',
        "long name": lambda: '{"format": 1, "' + "x" * size + '": 1}',
        "long number": lambda: '{"format": ' + "1" * size + "}",
        "zero bytes": lambda: b"\0" * size,
        "no UTF-8": lambda: b"\xff\xfe" * (size // 2),
    }


def bulk_rows():
    for size in (64 * KIB, MIB - 100):
        for name, made in bulk(size).items():
            def as_file(*argv, made=made):
                return lambda: dict(argv=[*argv, "./x.json"], files={"x.json": made()})

            # Each line has an answer, of which a line that is refused shows a part.
            def as_input(*argv, made=made, status=(0, 1, 2)):
                return lambda: dict(argv=list(argv), stdin=made(), status=status, output=32 * size, cpu=60)

            told = f"{name} of {size >> 10} KB"
            yield f"check: {told}", as_file("check")
            yield f"run: {told}", as_file("run")
            yield f"lint: {told}", as_file("lint")
            yield f"import: {told}", as_file("import")
            yield f"decide: {told}", as_input("decide")
            yield f"decide --explain: {told}", as_input("decide", "--explain")
            yield f"console: {told}", as_input("console", status=(0, 1, 2, 127, 252, 255))
            yield f"plain: {told}", as_input("play", "a3", "--plain")


def rows():
    for part in (decide_rows, lint_rows, template_rows, scenario_rows, console_rows, lab_rows, cut_and_flipped_rows, bulk_rows):
        yield from part()
