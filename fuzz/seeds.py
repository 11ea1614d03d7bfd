#!/usr/bin/env python3
"""Makes what a fuzz target starts from out of the repository's own data, and a dictionary for its language.

    fuzz/seeds.py TARGET FOLDER DICTIONARY

Writes one file a seed into FOLDER, and DICTIONARY in the form of libFuzzer.
"""

import hashlib
import json
import pathlib
import re
import shlex
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Longer seeds are tried too slowly to be changed often.
MOST_BYTES = 48 << 10


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def rows():
    return [json.loads(line) for line in text("tests/decisions/rows.jsonl").splitlines() if line.strip()]


def lines_for_decide():
    return [json.dumps(row["line"]) for row in rows()]


def policies():
    """Every policy in the lines for decide, once, in two layouts."""
    found = []

    def collect(value):
        if isinstance(value, dict):
            if "Statement" in value:
                found.append(value)
            for inner in value.values():
                collect(inner)
        elif isinstance(value, list):
            for inner in value:
                collect(inner)

    for row in rows():
        collect(row["line"])
    compact = [json.dumps(policy) for policy in found[::3]]
    return compact + [json.dumps(policy, indent=2) for policy in found[1::12]]


def console_lines():
    commands = []
    for path in ["tests/data/cli.sh", "tests/data/key-door.sh", "tests/data/iam-door.sh"]:
        whole = text(path).replace("\\\n", " ")
        commands += [line for line in whole.splitlines() if line and not line.startswith("#")]
    return commands


def words_of(line):
    try:
        return shlex.split(line)
    except ValueError:
        return []


def behind(options):
    """The words behind some options of the console lines, up to the next option."""
    for line in console_lines():
        words = words_of(line)
        for at, word in enumerate(words):
            if word in options:
                values = []
                for value in words[at + 1 :]:
                    if value.startswith("--"):
                        break
                    values.append(value)
                yield word, values


# The commands of the target, by the letter that chooses each: a letter's number modulo 6.
SHORTHAND = {"--tags": "Z", "--constraints": "U", "--item": "V", "--attribute-definitions": "W", "--transact-items": "X",
             "--encryption-context": "Y"}


def shorthand():
    for option, values in behind(set(SHORTHAND)):
        for value in values:
            yield SHORTHAND[option] + value
    yield "U" + "EncryptionContextSubset={a=b,c=d}"
    yield "V" + "id={S=1},n={N=2},l={L=[{S=a},{N=1}]},m={M={k={BOOL=true}}}"
    yield "W" + "AttributeName=a,AttributeType=S"
    yield "X" + "Put={TableName=t,Item={id={S=1}}}"
    yield "Y" + "a=b,c='d e',e=\"f\\\"g\""


def journal_lines():
    """Entries as a journal has them, without checksums."""
    entries = ['{"act":"tess"}', '{"wait":300}', '{"go_to":0}', '"hint"', '"clear"', '"reset"', '"restart_task"',
               '{"watch":null}', '{"answer":{"question":"scan","choose":1}}',
               '{"typed":{"prompt":"tess> ","text":"echo a","printed":"a\\n","code":0,"acting":"tess","variables":{"A":"b"}}}']
    for line in text("tests/data/kmslab-0.1.0/a3-key-policy-door.journal").splitlines():
        entry = json.loads(line.split(" ", 1)[1])
        if "head" in entry:
            entry["head"]["format"] = 2
        if "call" in entry:
            entry["call"]["outcome"] = {"status": "allowed", "hash": "00"}
        entries.append(json.dumps(entry))
    return entries


def groups(lines, size):
    return ["\n".join(lines[at : at + size]) for at in range(0, len(lines), size)]


def scenarios():
    whole = [text(path.relative_to(ROOT)) for path in sorted(ROOT.glob("scenarios/*.json"))]
    whole += [text(path.relative_to(ROOT)) for path in sorted(ROOT.glob("assets/accounts/*.json"))]
    for scenario in whole:
        parsed = json.loads(scenario)
        # Without its words a scenario is short enough to be changed quickly.
        for name in ["myths", "sources", "story", "debrief", "mistakes"]:
            parsed.pop(name, None)
        parsed["tasks"] = parsed.get("tasks", [])[:1]
        parsed["solution"] = parsed.get("solution", [])[:3]
        yield json.dumps(parsed)
        yield json.dumps(dict(parsed, tasks=[], solution=[], invariants=[]))
    yield whole[0]
    several = json.loads(whole[0].replace("Alice", "{{variant:name}}").replace("tess", "{{variant:who}}"))
    yield json.dumps(dict(several, variants={"name": ["Alice", "Bob"], "who": ["tess", "dana"]}, seed=3))


def event_patterns():
    # The patterns of the tests, whose JSON stands in a macro.
    for found in re.findall(r"json!\((\{.+?\})\), (?:true|false|json)", text("src/cloud/eventbridge/pattern/tests.rs"), re.S):
        yield " ".join(found.split())


def expressions():
    item = '{"id": {"S": "1"}, "n": {"N": "-1.5E+3"}, "l": {"L": [{"NULL": true}]}}'
    found = re.findall(r'\("((?:[^"\\]|\\.)+)", ', text("src/cloud/dynamodb/expression/tests.rs"))
    for expression in found:
        yield expression.replace('\\"', '"')
    yield "SET #a = #a + :n, m.k = if_not_exists(m.z, :n), l[1].deep = list_append(l, :l) REMOVE b ADD ns :n DELETE tags :s\n" + item
    yield "id, l[0], m.k, #a\n" + item
    yield "id = :a AND #a BETWEEN :n AND :n\n" + item


def items():
    for name in ["item.json", "key.json", "values.json"]:
        yield text("tests/data/cli/" + name)
    yield '{"a":{"M":{"b":{"L":[{"N":"1"},{"B":"AAE="},{"BOOL":false},{"NULL":true}]}}},"c":{"SS":["x","y"]},"d":{"NS":["1","2E1"]}}'
    yield from ["1,2", "-0.5E-130 9.99e125", "0 -0 1E0", "123456789012345678901234567890.12345678"]


def settings():
    yield "0" + '{"theme": "dark", "ascii": true, "mouse": false, "reduced_motion": true}'
    yield "0" + text("tests/data/kmslab-0.1.0/settings.json")
    keys = json.loads(text("assets/keys.json"))
    for at in range(0, len(keys), 12):
        yield "1" + json.dumps(keys[at : at + 3])
    yield "1" + '[{"action": "hint", "keys": ["H"]}, {"action": "run", "keys": ["h", "s"]}]'
    yield "2" + '{"base": "dark", "styles": {"accent": "#ff8800", "denied": {"fg": "red", "bold": true}}}'


def learning():
    record = {"missed_in": ["a2-full-access-denied"], "since": "2026-12-01", "passed": 1, "asked": 2}
    sitting = {"day": "2026-12-01", "clothes": 1, "questions": [["a2-full-access-denied", "p1"]], "answers": []}
    done = dict(sitting, answers=[{"right": True, "sure": "certain"}])
    yield json.dumps({"kmslab-learning": 1, "beliefs": {"M01": record}, "quizzes": {}})
    yield json.dumps({"kmslab-learning": 1, "quizzes": {"A": {"before": done, "under_way": ["after", sitting]}}})
    yield json.dumps({"kmslab-learning": 2})


def commands_of_plain_mode():
    return re.findall(r'&\["([a-z-]+)"', text("src/plain/commands.rs"))


def plain():
    typed = []
    for path in sorted(ROOT.glob("tests/golden/expected/plain/*"))[:6]:
        typed += re.findall(r"^[\w./-]+> (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    yield from groups(typed, 8)
    yield "edit\n{}\n.\ndiff\napply\nundo\n"
    yield from groups(commands_of_plain_mode(), 8)


def screen():
    yield b"\x8cstess\n\x1b?\x1b"
    yield b"\x55s\x80\x81\n\t\t\x1bzZ\x0e\x10:aws kms list-keys\n"
    yield b"\x7fe{}\n\x1bh\x1bu\x12/who\n\x1bq"
    yield b"\x8a;echo a\n\x1bm\x1b\xdd11;rgb:fafa/fafa/fafa\xdc"


def terminal():
    yield b"\xffq\x1b[A\x1b[1;5C\x1bOP\x1b[<0;12;7M\x1b[<0;12;7m\x1b[I\x1b[Z\x1b\x1b[B"
    yield b"\xff\x1b[200~a text\x1b[201~q\x1b[200~no end"
    yield b"\x03\x1b[?62;4c\x1b]11;rgb:fafa/fafa/fafa\x1b\\\xf0\x9f\x98\x80"


EXCEPTIONS = '[[accept]]\nfinding = "public"\nsid = "Web"\nfile = "policy.json"\nreason = "a public key"\n'


def lint():
    all_policies = policies()
    yield from all_policies[::4]
    for policy in all_policies[:6]:
        yield policy + "\n=====\n" + EXCEPTIONS
    yield '{"Policy": ' + json.dumps(all_policies[0]) + "}"
    yield '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "${aws_kms_key.a.arn}"}]}'
    yield '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": {"Fn::Sub": "arn:aws:s3:::${Bucket}/*"}}]}'


def templates():
    for path in sorted(ROOT.glob("tests/data/templates/*")):
        yield path.read_text(encoding="utf-8")
    for path in sorted(ROOT.glob("tests/snapshots/templates__*.json.snap")):
        yield path.read_text(encoding="utf-8").split("---\n", 2)[2]


def template_words():
    known = re.findall(r'"([A-Z][A-Za-z:]+)"', "".join(text(f"src/template/{name}.rs") for name in ["id", "properties"]))
    return known + POLICY_WORDS + ["!Ref ", "!GetAtt ", "!Sub ", "!Join ", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "${!", "AWS::AccountId",
                                   "Parameters", "Default", "- ", ": ", "|\n", "&a ", "*a", "<<"]


def operators():
    return re.findall(r'"([A-Za-z]+)"', re.search(r"OPERATORS[^=]*= &?\[(.*?)\];", text("tests/golden/decide_lines.rs"), re.S)[1])


POLICY_WORDS = ["Version", "2012-10-17", "2008-10-17", "Id", "Statement", "Sid", "Effect", "Allow", "Deny", "Principal",
                "NotPrincipal", "AWS", "Service", "Federated", "CanonicalUser", "Action", "NotAction", "Resource",
                "NotResource", "Condition", "ForAnyValue:", "ForAllValues:", "IfExists", "aws:PrincipalArn",
                "aws:SourceAccount", "kms:ViaService", "kms:EncryptionContext:", "${aws:username}", "${*}", "${?}", "${$}",
                "${a:b, 'c'}", "arn:aws:iam::111122223333:root", "kms:Decrypt", "*", "\\u0000", "\\ud800"]


def json_words():
    return ["{", "}", "[", "]", '":', '",', "null", "true", "1e999", '\\"', "\\\\"]


def decide_words():
    fields = re.findall(r"pub(?:\(super\))? ([a-z_]+):", text("src/cli/decide/line.rs"))
    camel = [re.sub(r"_(.)", lambda m: m[1].upper(), field) for field in fields]
    return camel + POLICY_WORDS + operators()


def scenario_words():
    names = set()

    def collect(value):
        if isinstance(value, dict):
            names.update(value.get("properties", {}))
            for one in value.get("enum", []):
                names.add(str(one))
            for inner in value.values():
                collect(inner)
        elif isinstance(value, list):
            for inner in value:
                collect(inner)

    collect(json.loads(text("docs/scenario.schema.json")))
    operations = {name for name in names if re.fullmatch(r"[A-Z][A-Za-z]+", name)}
    return sorted(names - operations) + sorted(operations)[:60] + ["{{", "}}", "+100y", "+5m"]


def console_words():
    options = {word for line in console_lines() for word in words_of(line) if word.startswith("--")}
    verbs = {" ".join(words[1:3]) for words in map(words_of, console_lines()) if len(words) > 2}
    return sorted(options | verbs) + ["aws ", "export ", "echo ", "sleep ", "as ", "$(", "${", "&&", "||", "'", '"', "\\\n",
                                      "file://", "fileb://", "<<EOF", "$?", "2>&1", "|", ";", "#"]


QUERY_WORDS = ["abs(", "avg(", "ceil(", "contains(", "ends_with(", "floor(", "join(", "keys(", "length(", "map(", "max(",
               "max_by(", "merge(", "min(", "min_by(", "not_null(", "reverse(", "sort(", "sort_by(", "starts_with(", "sum(",
               "to_array(", "to_number(", "to_string(", "type(", "values(", "@", "&", "[]", "[*]", "[?", "[::-1]", "||", "&&",
               "`1`", "'a'", "==", "!=", "<=", ".{", "|", "Users", "UserName", "Arn"]
EXPRESSION_WORDS = ["AND", "OR", "NOT", "BETWEEN", "IN (", "attribute_exists(", "attribute_not_exists(", "attribute_type(",
                    "begins_with(", "contains(", "size(", "SET ", "REMOVE ", "ADD ", "DELETE ", "if_not_exists(",
                    "list_append(", "<>", "<=", ">=", "#a", "#m", ":a", ":n", ":l", ":s", ":m", ":b", ":t", ":z", "[0]", ".k"]

EVENT_PATTERN_WORDS = ["prefix", "suffix", "anything-but", "equals-ignore-case", "wildcard", "numeric", "exists", "cidr", "$or",
                       "\"<=\"", "10.0.0.0/8", "**", "\\\\*", "detail", "eventName", "list", "words"]

STATE_FILE = """{"kmslab_serve":1,"world":"w","seed":7,"start":"2026-01-05T09:00:00Z","token":"","keys":[]}
{"call":{"at":"2026-01-05T09:00:00Z","caller":{"Root":"111122223333"},"service":"kms","operation":"ListKeys","input":{},"context":{}}}
{"advance":{"at":"2026-01-05T09:00:00Z","seconds":60}}
{"back":1}
"""


def wire_requests():
    return text("tests/data/wire/awscli-1.45.11-requests.txt").split(">>> ")[1:]


def wire_bodies(first):
    bodies = [request.split("\n\n", 1)[1].strip() for request in wire_requests()]
    return [body for body in bodies if body.startswith(first)]


def wire_heads():
    presigned = text("tests/data/wire/botocore-1.44.8-presigned.txt").strip() + "\nhost: 127.0.0.1:18765\n"
    return ["\n" + request.split("\n\n", 1)[0].split("\n", 1)[1] for request in wire_requests()] + [presigned]


SEEDS = {
    "ciphertext": (lambda: ["abc", "\0\0\1", "a"], lambda: []),
    "condition": (lambda: ["StringLike" * 8], operators),
    "console": (lambda: console_lines()[::3] + groups(console_lines(), 6)[::4], console_words),
    "decide": (lines_for_decide, decide_words),
    "duration": (lambda: ["+5m", "1h30m", "+100y", "+1w2d3h4m5s"], lambda: ["y", "w", "99999999999999999999"]),
    "event_pattern": (lambda: list(event_patterns()), lambda: json_words() + EVENT_PATTERN_WORDS),
    "export": (lambda: ["|", "\1\2\3|"] + ["\0\x20\1|" + group for group in groups(journal_lines(), 3)], json_words),
    "expression": (lambda: list(expressions()), lambda: EXPRESSION_WORDS),
    "followed": (policies, lambda: POLICY_WORDS),
    "item": (lambda: list(items()), lambda: json_words() + ["SS", "NS", "BS", "BOOL", "NULL", "E+125", "E-130"]),
    "journal": (lambda: journal_lines() + groups(journal_lines(), 4), json_words),
    "learning": (lambda: list(learning()), json_words),
    "lint": (lambda: list(lint()), lambda: POLICY_WORDS + ["[[accept]]", "finding = ", "reason = ", "\n=====\n", "Fn::Sub"]),
    "notes": (lambda: ["one\x0ctwo\x0c", "no end"], lambda: ["\x0c"]),
    "pattern": (lambda: ["*a?${t:v}c*\nxaybcz\nb", "a${*}b${?}${$}\na*b?$\n", "*(a?)*b\naaaaab\n*"],
                lambda: ["${t:v}", "${*}", "${?}", "${$}", "**", "*?", "\n"]),
    "plain": (lambda: list(plain()), lambda: [word + " " for word in commands_of_plain_mode()] + ["\n.\n"]),
    "policy": (policies, lambda: POLICY_WORDS + operators()),
    "query": (lambda: [value for _, values in behind({"--query"}) for value in values], lambda: QUERY_WORDS),
    "report": (lambda: ["|", "\1\2\3|", "\1\2\3\4|"] + ["\0\x20\1|" + group for group in groups(journal_lines(), 3)],
               lambda: json_words() + ["<!-- kmslab-report 1 html ", "<!-- kmslab-report 1 markdown ", "\n-->"]),
    "scenario": (lambda: list(scenarios()), scenario_words),
    "screen": (lambda: list(screen()), lambda: []),
    "settings": (lambda: list(settings()), json_words),
    "shorthand": (lambda: list(shorthand()), lambda: ["={", "=[", "},", "],", "@=", "file://", "TagKey", "TagValue"]),
    "template": (lambda: list(templates()), template_words),
    "terminals": (lambda: ["light xterm-256color  truecolor\ndark tmux-256color tmux truecolor\n", "pink x\nlight\n"],
                  lambda: ["light ", "dark ", "\n"]),
    "serve_state": (lambda: [STATE_FILE, STATE_FILE.split("\n")[0] + "\n"], json_words),
    "wire_json": (lambda: wire_bodies("{"), json_words),
    "wire_query": (lambda: wire_bodies("Action="), lambda: ["Action=", "&Version=2010-05-08", "&Version=2011-06-15", ".member.1", ".entry.1.key",
                                                            "UserName=", "RoleName=", "Tags", "MaxItems=", "CreateUser", "AssumeRole"]),
    "wire_signature": (wire_heads, lambda: ["AWS4-HMAC-SHA256 ", "Credential=", "SignedHeaders=", "Signature=", "X-Amz-Algorithm=", "X-Amz-Date=",
                                            "X-Amz-Expires=", "x-amz-date: ", "authorization: ", "/us-east-1/kms/aws4_request"]),
    "web_identity": (lambda: [".".join(["eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9", claims, "A" * 86]) for claims in ("e30", "eyJpc3MiOiJodHRwczovL29pZGMua21zbGFiLmV4YW1wbGUifQ")],
                     lambda: ["eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.", ".", "e30"]),
    "terminal": (lambda: list(terminal()), lambda: ["\x1b[", "\x1b[200~", "\x1b[201~", "\x1b[<0;1;1M", "\x1bO", "1;5"]),
}


def entry(word):
    escaped = "".join(chr(b) if 0x20 <= b < 0x7F and b not in b'"\\' else f"\\x{b:02X}" for b in word.encode())
    return f'"{escaped}"'


def main():
    target, folder, dictionary = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    if target not in SEEDS:
        sys.exit(f"{target} has no seeds: give it a row in fuzz/seeds.py")
    seeds, words = SEEDS[target]
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds():
        content = seed if isinstance(seed, bytes) else seed.encode()
        if len(content) <= MOST_BYTES:
            (folder / hashlib.sha1(content).hexdigest()).write_bytes(content)
    kept = {word for word in words() if 0 < len(word.encode()) <= 60}
    dictionary.write_text("\n".join(sorted(map(entry, kept))) + "\n", encoding="utf-8")


main()
