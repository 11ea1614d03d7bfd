"""Says in lines what differs between two texts of an asset, and between two versions of botocore."""

import json

import kms_operations


def texts(path, old, new):
    """Yields a line for each difference: by key in JSON, by row in a table."""
    if old == new:
        return
    if path.endswith(".zz"):
        old, new = old.lines().splitlines(), new.lines().splitlines()
        yield from (f"- {short(one)}" for one in sorted(set(old) - set(new)))
        yield from (f"+ {short(one)}" for one in sorted(set(new) - set(old)))
        return
    if path.endswith(".json"):
        try:
            lines = list(values("", json.loads(old or "null"), json.loads(new)))
        except json.JSONDecodeError as error:
            lines = [f"cannot be read: {error}"]
    else:
        lines = list(values("", table(old), table(new)))
    yield from lines or ["differs in layout or order only"]


def table(text):
    """Returns the rows of a table: the codes of a service's operation, or the cells of an operation of KMS."""
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    three = [cells for cells in rows if len(cells) == 3]
    return {cells[0]: cells for cells in rows if len(cells) != 3} | {
        f"{service} {operation}": codes.split(",") for service, operation, codes in three
    }


def values(place, old, new):
    """Yields the differences below one place of a document."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            inner = f"{place}.{key}" if place else key
            if key not in new:
                yield f"- {inner}"
            elif key not in old:
                yield f"+ {inner} = {short(new[key])}"
            else:
                yield from values(inner, old[key], new[key])
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new) and not all_texts(old):
        for index, pair in enumerate(zip(old, new)):
            yield from values(f"{place}[{index}]", *pair)
    elif old != new and all_texts(old) and all_texts(new):
        yield from (f"- {place}: {one}" for one in old if one not in new)
        yield from (f"+ {place}: {one}" for one in new if one not in old)
        if sorted(old) == sorted(new):
            yield f"~ {place}: another order"
    elif old != new:
        yield f"~ {place}: {short(old)} -> {short(new)}"


def all_texts(value):
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def short(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else text[:157] + "..."


def operations(old, new, simulated):
    """Yields the operations that another botocore has more or less, and those whose prose about access reads otherwise.

    The prose matters for `tests/data/kms-operations.tsv`, and for whoever simulates it.
    """
    for service in simulated:
        before, after = (one.service(service, "service-2.json")["operations"] for one in (old, new))
        yield from (f"{service}: {name} is new" for name in sorted(after.keys() - before.keys()))
        yield from (f"{service}: {name} is gone" for name in sorted(before.keys() - after.keys()))
        if service == "kms":
            for name in sorted(before.keys() & after.keys()):
                prose = [access_prose(one[name]) for one in (before, after)]
                if prose[0] != prose[1]:
                    yield f"{service}: {name} reads otherwise about access: {short(prose[0])} -> {short(prose[1])}"


def access_prose(operation):
    """Returns the paragraphs about other accounts and permissions."""
    text = kms_operations.plain(operation["documentation"])
    return text.partition("Cross-account use")[2].partition("Related operations")[0].partition("Eventual consistency")[0]
