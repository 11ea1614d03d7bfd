"""Makes `tests/data/kms-operations.tsv`: what each operation of KMS needs and allows, from the prose of botocore.

Every operation's documentation has the paragraphs "Cross-account use" and "Required permissions", and that of its
member `KeyId` says which names of a key it takes. What the prose says in words of its own stands in `by_hand.json`.
"""

import re

HEAD = """\
# What each operation of KMS needs and allows. Source: KMS API Reference, "Required permissions", "Cross-account use" and
# "KeyId" of each operation (public service model, botocore, Apache-2.0, {date}). The error codes of each operation stand
# in modelled-errors.tsv.
#
# operation
# cross-account use: `yes`, `no`; `own`: what is listed is one's own, wherever the keys are; `-`: no account has a part in it
# names of the key: `alias`: key id, key ARN, alias name, alias ARN; `key`: key id, key ARN; `-`: none, or in another field
# permissions: action@resource. The key policy decides about `key`, `new-key` (where something moves to) and `replica`;
#   an IAM policy decides about `alias`, `principal` and `any` (no resource); the grant itself about `grant`
"""
CROSS_ACCOUNT = {"Yes.": "yes", "No.": "no", "Not applicable.": "-"}
# Words in the sentence of a permission and what it is a permission for. The first that fits counts.
PLACES = [
    (r"on the (new|destination) KMS key", "new-key"),
    (r"replica key \(", "replica"),
    (r"on the alias", "alias"),
    (r"key policy|on the (primary key|current primary key)", "key"),
    (r"IAM policy", "any"),
]


class Unclear(Exception):
    """The prose of an operation does not say what the table needs."""


def make(botocore, by_hand):
    """Returns the text of the table."""
    model = botocore.service("kms", "service-2.json")
    rows = [row(model, name, by_hand["kmsOperations"].get(name, {})) for name in sorted(model["operations"])]
    head = HEAD.format(date=by_hand["cliModel"]["date"])
    return head + "".join("\t".join(cells) + "\n" for cells in rows)


def row(model, name, by_hand):
    """Returns the cells of one operation. A cell that `by_hand` has is not read from the prose."""
    operation = model["operations"][name]
    prose = plain(operation["documentation"])
    members = model["shapes"][operation["input"]["shape"]]["members"] if "input" in operation else {}
    key_id = plain(members.get("KeyId", {}).get("documentation", ""))
    return [
        name,
        by_hand.get("crossAccount") or cross_account(name, prose),
        by_hand.get("names") or key_names(key_id),
        by_hand.get("permissions") or permissions(name, prose),
    ]


def cross_account_actions(botocore, by_hand):
    """Returns the actions that can be used on a key of another account."""
    rows = [line.split("\t") for line in make(botocore, by_hand).splitlines() if not line.startswith("#")]
    return {one.split("@")[0] for cells in rows if cells[1] == "yes" for one in cells[3].split(" ")}


def cross_account(name, prose):
    found = re.search(r"Cross-account use: (Yes\.|No\.|Not applicable\.)", prose)
    if not found:
        raise Unclear(f"{name}: cross-account use")
    return CROSS_ACCOUNT[found[1]]


def key_names(prose):
    if "alias name" in prose:
        return "alias"
    return "key" if "key ARN" in prose else "-"


def permissions(name, prose):
    paragraph = re.search(r"Required permissions:? *(.*?)(Related operations|Eventual consistency|$)", prose)
    sentences = re.findall(r"kms:(\w+)\b(?!\*)(.*?)(?=kms:|$)", paragraph[1] if paragraph else "")
    found = [f"{action}@{place}" for action, rest in sentences for place in [place_in(rest)] if place]
    if not found:
        raise Unclear(f"{name}: required permissions")
    return " ".join(found)


def place_in(sentence):
    return next((place for words, place in PLACES if re.search(words, sentence)), None)


def plain(html):
    """Returns a text without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))
