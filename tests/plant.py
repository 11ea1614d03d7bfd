#!/usr/bin/env python3
"""Plants faults in the engine, one at a time, and shows that the tests that ask AWS's answers find each of them.

    tests/plant.py FOLDER [SUITE..]
    tests/plant.py --check

SUITE is evaluator, decisions, switches, lint or who_can: the integration test that must fail; all of them unless given. FOLDER
becomes a git worktree of HEAD; it must not exist yet, and is left there to look at. All faults are put into its sources at
once, each behind the environment variable KMSLAB_PLANT, so that one build of the program serves all runs. In lint each
finding is also held back, by its id. What has been built of the dependencies beside this script is linked into the folder
and not built again. KMSLAB_PLANT_LINES is the number of lines of each kind for the two evaluators (default 200).

`--check` only says whether each fault still finds its place in the sources.

Exit status 0 means that every suite passes without a fault and fails with every one of its own.
"""
import os, re, shutil, subprocess, sys, tempfile

PLANTED = "crate::planted"

# What is wrong, the file, the text that is replaced (it occurs once), and what replaces it; {n} is the fault's condition.
FAULTS = [
    ("evaluator", "a Deny in a permissions boundary is ignored", "policy/decide.rs",
     "if let Some(place) = facts.layer(layer).deny {",
     "if let Some(place) = facts.layer(layer).deny.filter(|_| !({n} && layer == Layer::Boundary)) {"),
    ("evaluator", "an SCP that does not allow does not limit", "policy/decide.rs",
     "        if facts.layer(layer).lacks_allow() {",
     "        if facts.layer(layer).lacks_allow() && !({n} && layer == Layer::Scp) {"),
    ("evaluator", "a session policy that does not allow does not limit", "policy/decide.rs",
     "[Layer::Boundary, Layer::Session].into_iter().find(|layer| facts.layer(*layer).lacks_allow())",
     "[Layer::Boundary, Layer::Session].into_iter().find(|layer| "
     "facts.layer(*layer).lacks_allow() && !({n} && *layer == Layer::Session))"),
    ("evaluator", "across accounts the resource's policy suffices", "policy/decide.rs",
     "    missing_own(facts).map_or(Basis::allow(Layer::Identity, How::Delegated, facts), Basis::no_allow)",
     "    missing_own(facts).filter(|_| !{n}).map_or(Basis::allow(Layer::Identity, How::Delegated, facts), "
     "Basis::no_allow)"),
    ("evaluator", "an IAM policy opens a key whose policy does not delegate", "policy/decide.rs",
     "if case.mode == ResourceMode::Required && admission.is_none() {",
     "if case.mode == ResourceMode::Required && admission.is_none() && !{n} {"),
    ("evaluator", "a role named by a resource's policy is not limited by its boundary", "policy/decide.rs",
     "        let limit = missing_limit(facts);\n",
     "        let limit = missing_limit(facts).filter(|_| !{n});\n"),
    ("evaluator decisions", "a service-linked role is limited by SCPs and RCPs", "policy/facts.rs",
     "let governed = !principal.is_service_linked();",
     "let governed = {n} || !principal.is_service_linked();"),
    ("evaluator", "of a session NotPrincipal need not list role and account", "policy/principal.rs",
     "session && listed(Admission::Origin) && listed(Admission::Account)",
     "session && ({n} || (listed(Admission::Origin) && listed(Admission::Account)))"),
    ("evaluator decisions", "NotPrincipal under Deny spares who has a boundary", "policy/principal.rs",
     "    bounded && effect == Effect::Deny",
     "    bounded && effect == Effect::Deny && !{n}"),
    ("evaluator decisions", "a role with a path does not match its sessions", "policy/principal.rs",
     "(principal.may_have_path() && differs_in_path_only(named, role_arn))",
     "(!{n} && principal.may_have_path() && differs_in_path_only(named, role_arn))"),
    ("evaluator", "the names of users are compared whatever their case", "policy/principal.rs",
     "(named == arn && same(unique_id)).then_some(Admission::Direct)",
     "((named == arn || ({n} && named.eq_ignore_ascii_case(arn))) && same(unique_id)).then_some(Admission::Direct)"),
    ("evaluator", "a grant holds whatever the encryption context", "policy/policies.rs",
     "        self.constraint.as_ref().is_none_or(holds)",
     "        self.constraint.as_ref().is_none_or(|constraint| {n} || holds(constraint))"),
    ("evaluator", "a grant holds for every operation", "policy/policies.rs",
     "self.operations.iter().any(|operation| operation.eq_ignore_ascii_case(action))",
     "{n} || self.operations.iter().any(|operation| operation.eq_ignore_ascii_case(action))"),
    ("evaluator", "IfExists is ignored", "policy/condition/operator.rs",
     "            (true, _) | (_, Some(Quantifier::ForAllValues)) => true,",
     "            (true, _) if !{n} => true,\n            (_, Some(Quantifier::ForAllValues)) => true,"),
    ("evaluator", "a negated operator is false of an absent key", "policy/condition/operator.rs",
     "            (_, None) => self.negated,",
     "            (_, None) => self.negated && !{n},"),
    ("evaluator", "StringLike does not regard case", "policy/condition/operator.rs",
     "    pub(crate) fn ignores_case(self) -> bool {\n",
     "    pub(crate) fn ignores_case(self) -> bool {\n        if {n} && self == Self::StringLike {\n            "
     "return true;\n        }\n"),
    ("evaluator", "LessThanEquals means LessThan", "policy/condition/operator.rs",
     "            Self::LessThanEquals => ordering.is_le(),",
     "            Self::LessThanEquals => if {n} { ordering.is_lt() } else { ordering.is_le() },"),
    ("evaluator", "ForAnyValue means ForAllValues", "policy/condition/mod.rs",
     "Some(Quantifier::ForAnyValue) => accepted.any(|accepted| accepted),",
     "Some(Quantifier::ForAnyValue) => if {n} { accepted.all(|accepted| accepted) } else { accepted.any(|accepted| "
     "accepted) },"),
    ("evaluator", "policy variables work in the old version of the language", "policy/condition/operand.rs",
     "(version == Version::V2012 && test.takes_variables())",
     "((version == Version::V2012 || {n}) && test.takes_variables())"),
    ("evaluator", "ARN operators do not compare the account", "policy/condition/operand.rs",
     "    globs.iter().all(|glob| segments.next().is_some_and(|segment| glob.matches(segment)))",
     "    globs.iter().enumerate().all(|(index, glob)| segments.next().is_some_and(|segment| "
     "({n} && index == 4) || glob.matches(segment)))"),
    ("evaluator decisions", "an identity provider is nobody", "policy/principal.rs",
     "                (named == provider).then_some(Admission::Direct)",
     "                (named == provider && !{n}).then_some(Admission::Direct)"),
    ("evaluator decisions", "the user behind a federated session is not named", "policy/principal.rs",
     "                    (Some(named) == user_arn.as_ref()).then_some(Admission::Origin)",
     "                    (Some(named) == user_arn.as_ref() && !{n}).then_some(Admission::Origin)"),
    ("evaluator", "the user behind a federated session is the session", "policy/principal.rs",
     "            (Named::Arn(named), Principal::FederatedUser { arn, user_arn, .. }) => {\n                if named == arn {",
     "            (Named::Arn(named), Principal::FederatedUser { arn, user_arn, .. }) => {\n"
     "                if named == arn || ({n} && Some(named) == user_arn.as_ref()) {"),
    ("evaluator decisions", "a federated session without a policy has its user's permissions", "policy/facts.rs",
     "(Layer::Session, Principal::FederatedUser { .. }) =>",
     "(Layer::Session, Principal::FederatedUser { .. }) if !{n} =>"),
    ("evaluator decisions", "nobody is not everybody", "policy/principal.rs",
     "            (Named::Everyone, _) => Some(Admission::Direct),",
     "            (Named::Everyone, Principal::Anonymous) if {n} => None,\n"
     "            (Named::Everyone, _) => Some(Admission::Direct),"),
    ("evaluator decisions", "SCPs limit who has no account", "policy/facts.rs",
     "Layer::Scp => has_account && governed,",
     "Layer::Scp => (has_account || {n}) && governed,"),
    ("evaluator decisions", "a text that is not false is true", "policy/condition/operand.rs",
     "    boolean(value).unwrap_or(false)",
     "    boolean(value).unwrap_or({n})"),
    ("evaluator decisions", "an unsigned request tells that it is of no service", "cloud/implied.rs",
     "        Principal::Anonymous | Principal::Federated { .. } => None,",
     "        Principal::Anonymous | Principal::Federated { .. } => {n}.then_some(false),"),
    ("evaluator decisions", "a grant's SourceArn binds nothing", "policy/policies.rs",
     "        self.source.as_ref().is_none_or(holds)", "        {n} || self.source.as_ref().is_none_or(holds)"),
    ("evaluator decisions", "a grant's SourceArn binds RetireGrant, too", "policy/policies.rs",
     "        self.exempt.iter().any(|exempt| exempt.eq_ignore_ascii_case(action))\n            || matches!(",
     "        (!{n} && self.exempt.iter().any(|exempt| exempt.eq_ignore_ascii_case(action)))\n            || matches!("),
    ("evaluator", "the case of a grant's SourceArn does not matter", "policy/policies.rs",
     "Some([only]) if *only == self.value)",
     "Some([only]) if *only == self.value || ({n} && only.eq_ignore_ascii_case(&self.value)))"),
    ("evaluator decisions", "a grant to a service needs no SourceArn", "cli/decide/input.rs",
     "(None, Some(_)) if source.is_none() => {", "(None, Some(_)) if source.is_none() && !{n} => {"),
    ("evaluator", "a service does not retire its grants", "cli/decide/input.rs",
     "(None, service) => service.map(Named::Service),", "(None, service) => service.filter(|_| !{n}).map(Named::Service),"),
    ("evaluator decisions", "a request that nobody signed tells no account", "policy/principal.rs",
     '                keys.push((key!("aws:PrincipalAccount"), "anonymous".into()));',
     '                if !{n} {\n                    keys.push((key!("aws:PrincipalAccount"), "anonymous".into()));\n                }'),
    ("evaluator decisions", "the case of a name in a grant's constraint matters", "policy/policies.rs",
     "if self.is_case_sensitive {",
     "if self.is_case_sensitive || {n} {"),
    ("evaluator decisions", "kms:CallerAccount comes with every request to KMS", "cloud/kms/row.rs",
     "if reference().action(action).is_some_and(lacks) {",
     "if reference().action(action).is_some_and(lacks) && !{n} {"),
    ("evaluator decisions", "an incomplete ARN is completed nowhere", "policy/read/elements.rs",
     'PolicyKind::Identity | PolicyKind::Boundary => !text.contains("::"),',
     'PolicyKind::Identity | PolicyKind::Boundary => !text.contains("::") && !{n},'),
    ("evaluator decisions", "a key policy may be of any length", "cli/decide/input.rs",
     "    if is_key && bytes > MAX_BYTES {", "    if is_key && bytes > MAX_BYTES && !{n} {"),
    ("decisions", "other documents are no longer than a key policy", "cli/decide/documents.rs",
     "PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session => &IDENTITY_POLICY,",
     "PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session => if {n} { &OTHER_POLICY } else { "
     "&IDENTITY_POLICY },"),
    ("evaluator decisions", "nothing says whether a caller is a service", "cloud/implied.rs",
     'keys.extend(is_service.map(', 'keys.extend(is_service.filter(|_| !{n}).map('),
    ("evaluator decisions", "nothing says whether a service stands between", "cloud/implied.rs",
     "    keys.extend(ends.into_iter()", "    if {n} {\n        keys.clear();\n    }\n    keys.extend(ends.into_iter()"),
    ("decisions", "kms:ViaService tells of no service between", "cli/decide/implied.rs",
     ".filter(|_| principal.account().is_some());", ".filter(|_| principal.account().is_some() && !{n});"),
    ("evaluator decisions", "RCPs bind every service and action", "cli/decide/input.rs",
     ".filter(|_| reference.is_bound_by_rcps(request.action()))",
     ".filter(|_| {n} || reference.is_bound_by_rcps(request.action()))"),
    ("evaluator decisions", "a key policy sees every condition key", "cli/decide/input.rs",
     "rule.and_then(|rule| rule.unseen_keys.clone());", "rule.and_then(|rule| rule.unseen_keys.clone()).filter(|_| !{n});"),
    ("evaluator decisions", "every action needs a permission", "cli/decide/input.rs",
     "        _ if reference.is_free(", "        _ if !{n} && reference.is_free("),
    ("evaluator decisions", "kms:RetireGrant is effective in a key policy", "policy/decide.rs",
     "    layer != Layer::Resource || mode != ResourceMode::None", "    {n} || layer != Layer::Resource || mode != ResourceMode::None"),
    ("evaluator decisions", "an empty text is a value", "policy/condition/mod.rs",
     "        let absent = self.operator.lacks(values);",
     "        let absent = if {n} { values.is_empty() } else { self.operator.lacks(values) };"),
    ("evaluator decisions", "what is no ARN is another ARN", "policy/condition/mod.rs",
     "if operator.negated && !operator.compares(value) {",
     "if operator.negated && !{n} && !operator.compares(value) {"),
    ("evaluator decisions", "a quantifier before Null says nothing", "policy/condition/mod.rs",
     "            return match self.operator.quantifier {",
     "            return match self.operator.quantifier.filter(|_| !{n}) {"),
    ("evaluator decisions lint", "an action that no request can have is refused", "policy/read/elements.rs",
     '                    self.found.warning("odd-action", source.span, message, remedy);',
     '                    let severity = if {n} { crate::policy::Severity::Error } else { crate::policy::Severity::Warning };\n'
     '                    self.found.push(severity, "odd-action", source.span, message, remedy);'),
    ("evaluator decisions", "an empty list of policies is a layer that lacks an Allow", "cli/decide/input.rs",
     "raw.filter(|raw| !is_empty_list(raw));", "raw.filter(|raw| {n} || !is_empty_list(raw));"),
    ("decisions", "the switch of a constraint's case turns nothing for callers", "cloud/kms/row.rs",
     "    let is_case_sensitive = world.fidelity.case_sensitive_constraints;",
     "    let is_case_sensitive = world.fidelity.case_sensitive_constraints && !{n};"),
    ("switches", "table_key_holder turns nothing", "cloud/dynamodb/keys.rs",
     "        invocation.world.fidelity.table_key_holder,\n",
     "        if {n} { Default::default() } else { invocation.world.fidelity.table_key_holder },\n"),
    ("switches", "forwarded_address turns nothing", "cloud/world.rs",
     "service, self.fidelity.forwarded_address)",
     "service, if {n} { Default::default() } else { self.fidelity.forwarded_address })"),
    ("switches", "refused_parameters turns nothing", "cloud/run.rs",
     "            refused: self.world.fidelity.refused_parameters,",
     "            refused: if {n} { Default::default() } else { self.world.fidelity.refused_parameters },"),
    ("switches", "imported_rotation_status turns nothing", "cloud/kms/rotation.rs",
     "        if invocation.world.fidelity.imported_rotation_status.refuses(&key) {",
     "        if !{n} && invocation.world.fidelity.imported_rotation_status.refuses(&key) {"),
    ("switches", "disabled_public_keys turns nothing", "cloud/kms/signatures.rs",
     "        let disabled = invocation.world.fidelity.disabled_public_keys;",
     "        let disabled = invocation.world.fidelity.disabled_public_keys && !{n};"),
    ("switches", "a turned rule is not named", "narration/fidelity.rs",
     "    if turned.is_empty() {", "    if turned.is_empty() || {n} {"),
    ("lint", "any condition bounds strangers", "policy/lint/probe/open.rs",
     "            if !known && !statement.conditions.is_empty() {",
     "            if (!known || {n}) && !statement.conditions.is_empty() {"),
    ("lint", "every network is somebody's", "policy/lint/probe/open.rs",
     "let limit = if network.contains(':') { 32 } else { 8 };",
     "let limit = if {n} { 0 } else if network.contains(':') { 32 } else { 8 };"),
    ("lint", "the policy of an AWS managed key can lock out", "policy/lint/probe/mod.rs",
     "if !is_managed(document, profile) {", "if {n} || !is_managed(document, profile) {"),
    ("lint", "a policy of an AWS managed key is known in any kind of document", "policy/lint/text.rs",
     ".filter(|_| profile.manage.is_some());", ".filter(|_| {n} || profile.manage.is_some());"),
    ("who_can", "services are left out", "cloud/who_can/mod.rs",
     "others.retain(|other| probe.via.is_none() || other.tier != Tier::Services)",
     "others.retain(|other| (probe.via.is_none() && !{n}) || other.tier != Tier::Services)"),
    ("who_can", "grantees are left out", "cloud/who_can/mod.rs",
     "self.others(&permission, source.as_ref(), self.grantees(&permission))",
     "self.others(&permission, source.as_ref(), if {n} { Vec::new() } else { self.grantees(&permission) })"),
    ("who_can", "conditions are forgotten", "cloud/who_can/mod.rs",
     "            (true, false) => May::If,", "            (true, false) => if {n} { May::Yes } else { May::If },"),
    ("who_can", "the key of a table is not asked about", "cloud/who_can/mod.rs",
     "        let key_question = self.key_question(probe);", "        let key_question = self.key_question(probe).filter(|_| !{n});"),
    ("who_can", "the answer about the key counts for nothing", "cloud/who_can/mod.rs",
     "        self.first.may().min(key)", "        if {n} { self.first.may() } else { self.first.may().min(key) }"),
    ("who_can", "who is named is shown among anybody, too", "cloud/who_can/mod.rs",
     "shown(row) && !is_named_apart(row)", "shown(row) && ({n} || !is_named_apart(row))"),
    ("who_can", "what comes through a service is the service's own", "cloud/who_can/mod.rs",
     " || other.tier != Tier::Services)", " || other.tier != Tier::Services || {n})"),
    ("who_can", "one statement is as good as another", "cloud/who_can/mod.rs",
     "        let certain = found.iter().position(|ruling| ruling.provisos.is_empty());",
     "        let certain = found.iter().position(|ruling| ruling.provisos.is_empty() && !{n});"),
    ("who_can", "where somebody unknown calls from is known", "cloud/who_can/mod.rs",
     "    if !unplaced {", "    if !unplaced || {n} {"),
    ("who_can", "everybody's account is known", "cloud/who_can/open.rs",
     "        return standing == Standing::Anybody;", "        return standing == Standing::Anybody && !{n};"),
    ("who_can", "everybody's network is known", "cloud/who_can/open.rs",
     "    if among(&NETWORK) {\n        return !by_service;", "    if among(&NETWORK) {\n        return !by_service && !{n};"),
    ("who_can", "any request may come through a service", "cloud/who_can/open.rs",
     "        return !by_service && question.via.is_none();", "        return !by_service && (question.via.is_none() || {n});"),
    ("who_can", "no service tells for whom it works", "cloud/who_can/open.rs",
     "        return by_service;", "        return by_service && !{n};"),
    ("who_can", "nobody of an account is told apart", "cloud/who_can/open.rs",
     "        return organization || matches!(", "        return organization || !{n} && matches!("),
    ("who_can", "a user has a second factor or not, once and for all", "cloud/who_can/open.rs",
     '                key.starts_with("aws:multifactorauth") ||', '                !{n} && key.starts_with("aws:multifactorauth") ||'),
    ("who_can", "what the question states may be otherwise", "cloud/who_can/open.rs",
     "    if is_stated || has_pairs ||", "    if (is_stated && !{n}) || has_pairs ||"),
    ("who_can", "whom a Deny leaves out is nobody", "cloud/who_can/asked.rs",
     "condition.operator.negated == (statement.effect == Effect::Deny)",
     "condition.operator.negated == (statement.effect == Effect::Deny) && (!{n} || statement.effect == Effect::Allow)"),
    ("who_can", "a key serves for anything", "cloud/kms/row.rs",
     "    if key.usage != *usage {", "    if key.usage != *usage && !{n} {"),
    ("who_can", "a key serves in every state", "cloud/kms/row.rs",
     "    (state != KeyState::Enabled).then(", "    (state != KeyState::Enabled && !{n}).then("),
    ("who_can", "an action may be asked about any resource", "policy/lint/statement.rs",
     "        (!is_asked).then(|| asked.describe())", "        (!is_asked && !{n}).then(|| asked.describe())"),
    ("who_can", "every name is an action", "policy/unknown.rs",
     "        if !is_described || self.action(action).is_some() {",
     "        if !is_described || self.action(action).is_some() || {n} {"),
    ("who_can", "everybody is no service", "cloud/who_can/asked.rs",
     "if statement.effect == Effect::Allow && is_about_everybody(", "if statement.effect == Effect::Allow && !{n} && is_about_everybody("),
    ("who_can", "whoever was deleted is there", "cloud/iam/row.rs",
     "    (is_name && !is_there && !creates).then(", "    (is_name && !is_there && !creates && !{n}).then("),
    ("lint", "customers of one identity provider are one", "policy/lint/probe/open.rs",
     "if statement.conditions.iter().filter(of_key).any(tells_customers_apart) {",
     "if {n} || statement.conditions.iter().filter(of_key).any(tells_customers_apart) {"),
    ("lint", "every claim tells customers apart", "policy/lint/probe/open.rs",
     "        !fixed.is_empty() && !first", "        {n} || !fixed.is_empty() && !first"),
    ("lint", "no service comes through another", "policy/lint/probe/named.rs",
     "any(|value| label(&value.text) != label(service))", "any(|value| label(&value.text) != label(service) && !{n})"),
    ("lint", "a lockout is a warning", "policy/lint/probe/owner.rs",
     "                (Severity::Error, \"\")", "                (if {n} { Severity::Warning } else { Severity::Error }, \"\")"),
    ("lint", "the remedy of a lockout mends one Deny", "policy/lint/lockout.rs",
     "    source.document.statements.iter().enumerate().filter(denies).collect()",
     "    source.document.statements.iter().enumerate().filter(denies).take(if {n} { 1 } else { usize::MAX }).collect()"),
    ("lint", "the remedy of a lockout allows nothing", "policy/lint/lockout.rs",
     "    if !is_allowed_without_denies(request, policies) {",
     "    if !is_allowed_without_denies(request, policies) && !{n} {"),
    ("lint", "a lockout stands at the top", "policy/lint/lockout.rs",
     "            span: first.map(|statement| statement.span),",
     "            span: first.map(|statement| statement.span).filter(|_| !{n}),"),
    ("lint", "nobody is left out of a Deny", "policy/lint/probe/owner.rs",
     "        let excepted = denies().filter_map(",
     "        let excepted = denies().filter(|_| !{n}).filter_map("),
    ("lint", "the owner's check lets everybody through", "cloud/kms/policies.rs",
     "        if bypass == Some(true) {", "        if bypass == Some(true) || {n} {"),
    ("lint", "a part of a policy is not called one", "cli/lint/mod.rs",
     '        found.push(note("fragment", first,',
     '        if {n} {\n            return found;\n        }\n        found.push(note("fragment", first,'),
    ("lint", "a template is not called one", "cli/lint/mod.rs",
     '        found.push(note("template", source.back(*place),',
     '        if {n} {\n            return found;\n        }\n        found.push(note("template", source.back(*place),'),
    ("lint", "an exception that nothing needs is not told", "cli/lint/mod.rs",
     "self.0.into_iter().filter_map(|(_, exceptions)| of(exceptions?)).collect()",
     "self.0.into_iter().filter(|_| !{n}).filter_map(|(_, exceptions)| of(exceptions?)).collect()"),
]

# Where findings of lint are made; one that is held back goes no further.
PUSHES = [
    ("policy/diagnostic.rs", '        debug_assert!(super::known(code).is_some(), "{code} is not in the catalogue");\n'),
    ("policy/lint/probe/mod.rs", '        debug_assert!(super::known(code).is_some(), "{code} is not in the catalogue");\n'),
]

MODULE = '''//! Which planted fault is on.
use std::sync::OnceLock;

fn on() -> &'static str {
    static ON: OnceLock<String> = OnceLock::new();
    ON.get_or_init(|| std::env::var("KMSLAB_PLANT").unwrap_or_default())
}

/// Whether the environment turns a fault on.
pub fn is(number: usize) -> bool {
    static ON: OnceLock<Option<usize>> = OnceLock::new();
    *ON.get_or_init(|| on().parse().ok()) == Some(number)
}

/// Whether the environment holds back a finding of lint.
pub fn holds_back(id: &str) -> bool {
    on() == id
}
'''


def findings(folder):
    '''The ids of lint's findings.'''
    with open(f"{folder}/src/policy/lint/catalogue.rs") as file:
        found = re.findall(r'    row\(\s*\w+,\s*"([a-z0-9-]+)"', file.read())
    # These three are about the file and not found in a document: they have faults of their own.
    return [id for id in found if id not in ("fragment", "template", "unused-exception")]


def plant(folder):
    '''Puts every fault into the sources of the folder.'''
    with open(f"{folder}/src/planted.rs", "w") as file:
        file.write(MODULE)
    with open(f"{folder}/src/lib.rs", "a") as file:
        file.write("\npub mod planted;\n")
    for number, (_, what, name, old, new) in enumerate(FAULTS, 1):
        replace(f"{folder}/src/{name}", what, old, new.replace("{n}", f"{PLANTED}::is({number})"))
    for name, old in PUSHES:
        guard = f"        if {PLANTED}::holds_back(code) {{\n            return;\n        }}\n"
        replace(f"{folder}/src/{name}", "held back", old, guard + old)


def replace(path, what, old, new):
    with open(path) as file:
        text = file.read()
    if text.count(old) != 1:
        sys.exit(f"fault {what!r}: {path} has the text {text.count(old)} times: {old!r}")
    with open(path, "w") as file:
        file.write(text.replace(old, new))


def link_dependencies(folder):
    '''Links the dependencies that are built in this worktree, if any are, into the folder's own target.'''
    home = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../target/debug")
    target = f"{folder}/target/debug"
    os.makedirs(target)
    for part in ("deps", ".fingerprint", "build"):
        if os.path.isdir(f"{home}/{part}"):
            subprocess.run(["cp", "-al", f"{home}/{part}", target], check=True)


def run(suite, tests, folder, fault, lines):
    '''How much of a suite fails with a fault, 0 if nothing does; None if it cannot be told.'''
    env = {**os.environ, "KMSLAB_PLANT": str(fault), "KMSLAB_EVALUATOR_LINES": lines, "KMSLAB_EVALUATOR_SHOWN": "0",
           "RUST_BACKTRACE": "0"}
    out = subprocess.run([tests, "--nocapture"], cwd=folder, env=env, capture_output=True, text=True)
    text = out.stdout + out.stderr
    count = re.search(r"(\d+) of \d+ lines differ" if suite == "evaluator" else r"; (\d+) failed;", text)
    if count:
        return int(count[1])
    return 0 if out.returncode == 0 else None


def main():
    if sys.argv[1:] == ["--check"]:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../src"), f"{folder}/src")
            plant(folder)
        return
    suites = sys.argv[2:] or ["evaluator", "decisions", "switches", "lint", "who_can"]
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder = os.path.abspath(sys.argv[1])
    lines = os.environ.get("KMSLAB_PLANT_LINES", "200")
    subprocess.run(["git", "worktree", "add", "--quiet", "--detach", folder, "HEAD"], check=True)
    plant(folder)
    link_dependencies(folder)
    build = ["cargo", "test", "--locked", "--no-run"]
    build += [word for suite in suites for word in ("--test", suite)]
    built = subprocess.run(build, cwd=folder, capture_output=True, text=True)
    tests = {suite: path for path, suite in re.findall(r"\((\S*deps/(\w+?)-[0-9a-f]+)\)", built.stderr)}
    if built.returncode or any(suite not in tests for suite in suites):
        sys.exit(built.stderr)
    trials = [(0, "no fault", suite) for suite in suites]
    for number, (of, what, *_) in enumerate(FAULTS, 1):
        trials += [(number, what, suite) for suite in of.split() if suite in suites]
    if "lint" in suites:
        trials += [(id, "held back", "lint") for id in findings(folder)]
    wrong = 0
    for fault, what, suite in trials:
        found = run(suite, os.path.join(folder, tests[suite]), folder, fault, lines)
        is_right = found is not None and (found > 0) == (fault != 0)
        wrong += not is_right
        counted = "cannot be told" if found is None else found
        print(f"{suite:10} {fault:>3} {what:66} {counted:>5}{'' if is_right else '   <- wrong'}", flush=True)
    print(f"{len(trials)} runs, {wrong} wrong")
    sys.exit(wrong > 0)


main()
