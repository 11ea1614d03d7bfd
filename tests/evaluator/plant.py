#!/usr/bin/env python3
"""Plants faults in the engine, one at a time, and shows that the comparison of evaluators finds each of them.

    tests/evaluator/plant.py FOLDER

FOLDER becomes a git worktree of HEAD; it must not exist yet, and is left there to look at. All faults are put into its
sources at once, each behind the environment variable KMSLAB_PLANT, so that one build of the program serves all runs.
What has been built of the dependencies beside this script is linked into the folder and not built again.
KMSLAB_PLANT_LINES is the number of lines of each kind (default 200).

Exit status 0 means that the comparison passes without a fault and fails with every one of them.
"""
import os, re, subprocess, sys, time

PLANTED = "crate::planted"

# What is wrong, the file, the text that is replaced (it occurs once), and what replaces it; {n} is the fault's condition.
FAULTS = [
    ("a Deny in a permissions boundary is ignored", "policy/decide.rs",
     "if let Some(place) = facts.layer(layer).deny {",
     "if let Some(place) = facts.layer(layer).deny.filter(|_| !({n} && layer == Layer::Boundary)) {"),
    ("an SCP that does not allow does not limit", "policy/decide.rs",
     "        if facts.layer(layer).lacks_allow() {",
     "        if facts.layer(layer).lacks_allow() && !({n} && layer == Layer::Scp) {"),
    ("a session policy that does not allow does not limit", "policy/decide.rs",
     "[Layer::Boundary, Layer::Session].into_iter().find(|layer| facts.layer(*layer).lacks_allow())",
     "[Layer::Boundary, Layer::Session].into_iter().find(|layer| "
     "facts.layer(*layer).lacks_allow() && !({n} && *layer == Layer::Session))"),
    ("across accounts the resource's policy suffices", "policy/decide.rs",
     "    missing_own(facts).map_or(Basis::allow(Layer::Identity, How::Delegated, facts), Basis::no_allow)",
     "    missing_own(facts).filter(|_| !{n}).map_or(Basis::allow(Layer::Identity, How::Delegated, facts), "
     "Basis::no_allow)"),
    ("an IAM policy opens a key whose policy does not delegate", "policy/decide.rs",
     "if case.mode == ResourceMode::Required && admission.is_none() {",
     "if case.mode == ResourceMode::Required && admission.is_none() && !{n} {"),
    ("a role named by a resource's policy is not limited by its boundary", "policy/decide.rs",
     "        let limit = missing_limit(facts);\n",
     "        let limit = missing_limit(facts).filter(|_| !{n});\n"),
    ("a service-linked role is limited by SCPs and RCPs", "policy/facts.rs",
     "let governed = !principal.is_service_linked();",
     "let governed = {n} || !principal.is_service_linked();"),
    ("of a session NotPrincipal need not list role and account", "policy/principal.rs",
     "session && listed(Admission::Origin) && listed(Admission::Account)",
     "session && ({n} || (listed(Admission::Origin) && listed(Admission::Account)))"),
    ("NotPrincipal under Deny spares who has a boundary", "policy/principal.rs",
     "    bounded && effect == Effect::Deny",
     "    bounded && effect == Effect::Deny && !{n}"),
    ("a role with a path does not match its sessions", "policy/principal.rs",
     "(principal.may_have_path() && differs_in_path_only(named, role_arn))",
     "(!{n} && principal.may_have_path() && differs_in_path_only(named, role_arn))"),
    ("the names of users are compared whatever their case", "policy/principal.rs",
     "(named == arn && same(unique_id)).then_some(Admission::Direct)",
     "((named == arn || ({n} && named.eq_ignore_ascii_case(arn))) && same(unique_id)).then_some(Admission::Direct)"),
    ("a grant holds whatever the encryption context", "policy/policies.rs",
     ".is_none_or(|constraint| constraint.holds(request.action(), request.context()));",
     ".is_none_or(|constraint| {n} || constraint.holds(request.action(), request.context()));"),
    ("a grant holds for every operation", "policy/policies.rs",
     "self.operations.iter().any(|operation| operation.eq_ignore_ascii_case(action))",
     "{n} || self.operations.iter().any(|operation| operation.eq_ignore_ascii_case(action))"),
    ("IfExists is ignored", "policy/condition/operator.rs",
     "            (true, _) | (_, Some(Quantifier::ForAllValues)) => true,",
     "            (true, _) if !{n} => true,\n            (_, Some(Quantifier::ForAllValues)) => true,"),
    ("a negated operator is false of an absent key", "policy/condition/operator.rs",
     "            (_, None) => self.negated,",
     "            (_, None) => self.negated && !{n},"),
    ("StringLike does not regard case", "policy/condition/operator.rs",
     "    pub(crate) fn ignores_case(self) -> bool {\n",
     "    pub(crate) fn ignores_case(self) -> bool {\n        if {n} && self == Self::StringLike {\n            "
     "return true;\n        }\n"),
    ("LessThanEquals means LessThan", "policy/condition/operator.rs",
     "            Self::LessThanEquals => ordering.is_le(),",
     "            Self::LessThanEquals => if {n} { ordering.is_lt() } else { ordering.is_le() },"),
    ("ForAnyValue means ForAllValues", "policy/condition/mod.rs",
     "Some(Quantifier::ForAnyValue) => accepted.any(|accepted| accepted),",
     "Some(Quantifier::ForAnyValue) => if {n} { accepted.all(|accepted| accepted) } else { accepted.any(|accepted| "
     "accepted) },"),
    ("policy variables work in the old version of the language", "policy/condition/operand.rs",
     "(version == Version::V2012 && test.takes_variables())",
     "((version == Version::V2012 || {n}) && test.takes_variables())"),
    ("ARN operators do not compare the account", "policy/condition/operand.rs",
     "    globs.iter().all(|glob| segments.next().is_some_and(|segment| glob.matches(segment)))",
     "    globs.iter().enumerate().all(|(index, glob)| segments.next().is_some_and(|segment| "
     "({n} && index == 4) || glob.matches(segment)))"),
    ("an identity provider is nobody", "policy/principal.rs",
     "                (named == provider).then_some(Admission::Direct)",
     "                (named == provider && !{n}).then_some(Admission::Direct)"),
    ("the user behind a federated session is not named", "policy/principal.rs",
     "                    (Some(named) == user_arn.as_ref()).then_some(Admission::Origin)",
     "                    (Some(named) == user_arn.as_ref() && !{n}).then_some(Admission::Origin)"),
    ("the user behind a federated session is the session", "policy/principal.rs",
     "            (Named::Arn(named), Principal::FederatedUser { arn, user_arn, .. }) => {\n                if named == arn {",
     "            (Named::Arn(named), Principal::FederatedUser { arn, user_arn, .. }) => {\n"
     "                if named == arn || ({n} && Some(named) == user_arn.as_ref()) {"),
    ("a federated session without a policy has its user's permissions", "policy/facts.rs",
     "(Layer::Session, Principal::FederatedUser { .. }) =>",
     "(Layer::Session, Principal::FederatedUser { .. }) if !{n} =>"),
    ("nobody is not everybody", "policy/principal.rs",
     "            (Named::Everyone, _) => Some(Admission::Direct),",
     "            (Named::Everyone, Principal::Anonymous) if {n} => None,\n"
     "            (Named::Everyone, _) => Some(Admission::Direct),"),
    ("SCPs limit who has no account", "policy/facts.rs",
     "Layer::Scp => has_account && governed,",
     "Layer::Scp => (has_account || {n}) && governed,"),
    ("a text that is not false is true", "policy/condition/operand.rs",
     "    boolean(value).unwrap_or(false)",
     "    boolean(value).unwrap_or({n})"),
    ("an unsigned request tells that it is of no service", "cloud/implied.rs",
     "        Principal::Anonymous | Principal::Federated { .. } => None,",
     "        Principal::Anonymous | Principal::Federated { .. } => {n}.then_some(false),"),
    ("the case of a name in a grant's constraint matters", "policy/policies.rs",
     "if self.is_case_sensitive {",
     "if self.is_case_sensitive || {n} {"),
    ("kms:CallerAccount comes with every request to KMS", "cloud/kms/row.rs",
     "if reference().action(action).is_some_and(lacks) {",
     "if reference().action(action).is_some_and(lacks) && !{n} {"),
]

MODULE = '''//! Which planted fault is on.
use std::sync::OnceLock;

/// Whether the environment turns a fault on.
pub fn is(number: usize) -> bool {
    static ON: OnceLock<usize> = OnceLock::new();
    let read = || std::env::var("KMSLAB_PLANT").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    *ON.get_or_init(read) == number
}
'''


def plant(folder):
    """Puts every fault into the sources of the folder."""
    with open(f"{folder}/src/planted.rs", "w") as file:
        file.write(MODULE)
    with open(f"{folder}/src/lib.rs", "a") as file:
        file.write("\npub mod planted;\n")
    for number, (what, name, old, new) in enumerate(FAULTS, 1):
        path = f"{folder}/src/{name}"
        with open(path) as file:
            text = file.read()
        if text.count(old) != 1:
            sys.exit(f"fault {number} ({what}): {path} has the text {text.count(old)} times: {old!r}")
        with open(path, "w") as file:
            file.write(text.replace(old, new.replace("{n}", f"{PLANTED}::is({number})")))


def link_dependencies(folder):
    """Links the dependencies that are built in this worktree, if any are, into the folder's own target."""
    home = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../target/debug")
    target = f"{folder}/target/debug"
    os.makedirs(target)
    for part in ("deps", ".fingerprint", "build"):
        if os.path.isdir(f"{home}/{part}"):
            subprocess.run(["cp", "-al", f"{home}/{part}", target], check=True)


def run(tests, folder, number, lines):
    """How many lines differ with a fault, 0 if none does; None if the test fails for another reason."""
    env = {**os.environ, "KMSLAB_PLANT": str(number), "KMSLAB_EVALUATOR_LINES": lines,
           "KMSLAB_EVALUATOR_SHOWN": "0"}
    out = subprocess.run([tests, "--nocapture"], cwd=folder, env=env, capture_output=True, text=True)
    differing = re.search(r"(\d+) of (\d+) lines differ", out.stdout + out.stderr)
    if differing:
        return int(differing[1])
    return 0 if out.returncode == 0 else None


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = os.path.abspath(sys.argv[1])
    lines = os.environ.get("KMSLAB_PLANT_LINES", "200")
    subprocess.run(["git", "worktree", "add", "--quiet", "--detach", folder, "HEAD"], check=True)
    plant(folder)
    link_dependencies(folder)
    build = ["cargo", "test", "--locked", "--test", "evaluator", "--no-run"]
    built = subprocess.run(build, cwd=folder, capture_output=True, text=True)
    tests = re.search(r"\((.*deps/evaluator-[0-9a-f]+)\)", built.stderr)
    if built.returncode or not tests:
        sys.exit(built.stderr)
    print(f"{'fault':66} {'lines that differ':>17}")
    missed = 0
    for number, what in enumerate(["none"] + [fault[0] for fault in FAULTS]):
        start = time.time()
        found = run(os.path.join(folder, tests[1]), folder, number, lines)
        is_right = found is not None and (found > 0) == (number > 0)
        missed += not is_right
        verdict = "" if is_right else "   <- wrong"
        print(f"{number:2} {what:63} {found if found is not None else 'error':>17}{verdict}   {time.time() - start:.0f} s", flush=True)
    print(f"{len(FAULTS)} faults planted, {missed} runs wrong")
    sys.exit(missed > 0)


main()
