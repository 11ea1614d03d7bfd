"""Makes `assets/cli-model.json`: what the AWS CLI knows of operations and their parameters, from botocore.

Kept: operations, the types they are made of, which members are required, how output comes in pages, and the least
length or value of what a caller passes. Left out: texts, greatest lengths, patterns, and whatever else the console does
not read.
"""

import json

SCALARS = {
    "string": "string",
    "character": "string",
    "integer": "integer",
    "long": "integer",
    "float": "float",
    "double": "float",
    "boolean": "boolean",
    "blob": "blob",
    "timestamp": "timestamp",
}


class Unwritten(Exception):
    """A service of `by_hand.json` that `docs/operations.md` does not list."""


def make(botocore, by_hand, operations):
    """Returns the text of the asset. `operations` names those of each service that are simulated."""
    by_hand = by_hand["cliModel"]
    services = []
    for name, unsimulated in by_hand["services"].items():
        if name not in operations:
            raise Unwritten(name)
        wanted = sorted(set(operations[name]) | set(unsimulated))
        services.append(f"{compact(name)}:{service(botocore, name, wanted)}")
    head = f'"origin":{compact(by_hand["origin"])},"date":{compact(by_hand["date"])}'
    return "{%s,\"services\":{%s}}\n" % (head, ",".join(services))


def service(botocore, name, wanted):
    """Returns one service as text, with a line for each operation and each type."""
    model = botocore.service(name, "service-2.json")
    pages = botocore.service(name, "paginators-1.json")["pagination"]
    operations = {one: operation(model["operations"][one], pages.get(one)) for one in wanted}
    inputs, reached = set(), set()
    for one in operations.values():
        reach(model["shapes"], one.get("input"), inputs)
        reach(model["shapes"], one.get("output"), reached)
    shapes = {one: shape(model["shapes"], one, one in inputs) for one in sorted(inputs | reached)}
    return '{"operations":{%s},"shapes":{%s}}' % (rows(operations), rows(shapes))


def operation(model, pages):
    """Returns the types of an operation's input and output, and how the output comes in pages."""
    result = {part: model[part]["shape"] for part in ("input", "output") if part in model}
    if pages:
        result["pages"] = {
            "from": pages["input_token"],
            "next": pages["output_token"],
            "more": pages.get("more_results"),
            "results": as_list(pages["result_key"]),
            "keeps": as_list(pages.get("non_aggregate_keys", [])),
            "limit": pages.get("limit_key"),
        }
    return result


def reach(shapes, name, reached):
    """Adds to `reached` a type of several parts, and those it is made of."""
    if name is None or name in reached or shapes[name]["type"] in SCALARS:
        return
    reached.add(name)
    for part in parts(shapes[name]):
        reach(shapes, part["shape"], reached)


def parts(model):
    """Returns the references to the types that a type is made of."""
    return [*model.get("members", {}).values(), *(model[part] for part in ("member", "value") if part in model)]


def shape(shapes, name, is_input):
    """Returns a type of several parts. Least sizes are kept where a caller passes it."""
    model = shapes[name]

    def type_name(reference):
        target = reference["shape"]
        return SCALARS.get(shapes[target]["type"], target)

    def least(reference):
        target = shapes[reference["shape"]]
        return target.get("min", 0) if is_input and target["type"] in SCALARS else 0

    match model["type"]:
        case "structure":
            members = model["members"]
            result = {"members": {key: type_name(member) for key, member in members.items()}}
            result["required"] = model.get("required")
            result["union"] = model.get("union")
            result["least"] = {key: least(member) for key, member in members.items() if least(member)}
        case "list":
            result = {"list": type_name(model["member"])}
            result["least"] = model.get("min", 0) if is_input else 0
            result["each"] = least(model["member"])
        case "map":
            result = {"map": type_name(model["value"]), "each": least(model["value"])}
        case other:
            raise ValueError(f"{name} is of the type {other}, which the console does not know")
    return {key: value for key, value in result.items() if value or key == "members"}


def as_list(value):
    return value if isinstance(value, list) else [value]


def rows(table):
    return ",\n".join(f"{compact(key)}:{compact(value)}" for key, value in table.items())


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
