"""Makes `tests/data/modelled-errors.tsv`: the error codes that botocore's models name for each simulated operation."""

HEAD = """\
# The error codes that the API models name for each operation that is simulated.
# Source: the public AWS service models (botocore, Apache-2.0), {date}. Columns: service, operation, codes.
"""


def make(botocore, by_hand, operations):
    """Returns the text of the table. `operations` names those of each service that are simulated."""
    lines = []
    for service in sorted(operations):
        model = botocore.service(service, "service-2.json")
        lines += [f"{service}\t{name}\t{','.join(codes(model, name))}\n" for name in sorted(operations[service])]
    return HEAD.format(date=by_hand["cliModel"]["date"]) + "".join(lines)


def codes(model, operation):
    """Returns the codes as they are answered, which are not always the names of their types."""
    errors = [one["shape"] for one in model["operations"][operation].get("errors", [])]
    return [model["shapes"][name].get("error", {}).get("code", name) for name in errors]
