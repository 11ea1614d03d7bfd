//! Reads the element `Condition` of a statement.

use super::Reader;
use crate::policy::condition::{Condition, Operand, Operator, Test};
use crate::policy::json::{Member, Node};
use crate::policy::terms::{Spanned, Version};

impl Reader {
    pub(super) fn conditions(&mut self, statement: &Node) -> Vec<Condition> {
        let Some(block) = statement.get("Condition") else { return Vec::new() };
        let mut conditions = Vec::new();
        for member in self.members(block, "Condition", "Write {\"Operator\": {\"key\": \"value\"}}.") {
            let Some(operator) = Operator::parse(&member.name) else {
                let message = format!("{:?} is no condition operator", member.name);
                let remedy = nearest_operator(&member.name);
                // Without keys it says nothing, and IAM accepts it.
                // Source: getmoto/moto, tests/test_iam/test_iam_policies.py, `valid_policy_documents`, harvested from IAM: an
                // unknown operator over an empty map
                if member.value.as_object().is_some_and(<[Member]>::is_empty) {
                    self.found.warning("bad-operator", member.name_span, message, remedy);
                } else {
                    self.found.error("bad-operator", member.name_span, message, remedy);
                }
                continue;
            };
            let source = Spanned { text: (&*member.name).into(), span: member.name_span };
            let keys = self.members(&member.value, &member.name, "Write {\"key\": \"value\"}.");
            conditions.extend(keys.iter().map(|key| self.condition(operator, source.clone(), key)));
        }
        conditions
    }

    fn members<'a>(&mut self, node: &'a Node<'a>, element: &str, remedy: &str) -> &'a [Member<'a>] {
        node.as_object().unwrap_or_else(|| {
            let message = format!("{element} is {}, not an object", node.kind());
            self.found.error("bad-condition", node.span, message, remedy);
            &[]
        })
    }

    fn condition(&mut self, operator: Operator, source: Spanned, member: &Member) -> Condition {
        let key = Spanned { text: (&*member.name).into(), span: member.name_span };
        if !member.name.contains(':') {
            // IAM accepts such a key, which no request carries. Source: documents that IAM was recorded to accept, moto's
            // tests/test_iam/test_iam_policies.py.
            let message = format!("a condition key starts with a service and a colon: {:?}", member.name);
            self.found.warning(
                "key-without-vendor",
                key.span,
                message,
                "Write aws:KeyName or service:KeyName.",
            );
        }
        let values = self.scalars(&member.value, &member.name);
        let condition = Condition::new(operator, source, key, values, member.span(), self.version);
        if condition.values.is_empty() {
            let remedy = "Add a value, or remove the condition.";
            self.found.warning("no-values", member.span(), "there is no value to compare with", remedy);
        }
        for (value, operand) in condition.values.iter().zip(&condition.operands) {
            if matches!(operand, Operand::Never) {
                let expected = expected_value(operator.test);
                let message = format!("{:?} is not {expected}, so it matches nothing", value.text);
                let code = if matches!(operator.test, Test::Date(_)) { "bad-date" } else { "bad-value" };
                self.found.warning(code, value.span, message, format!("Write {expected}."));
            }
            if self.version == Version::V2012 && value.text.contains("${") && !operator.test.takes_variables()
            {
                let message = "variables are plain text under this operator";
                let remedy = "Use a string or an ARN operator, or write the value itself.";
                self.found.warning("variable-not-replaced", value.span, message, remedy);
            }
        }
        condition
    }
}

fn expected_value(test: Test) -> &'static str {
    match test {
        Test::Numeric(_) => "a number",
        Test::Date(_) => "a date such as 2026-11-21T09:00:00Z",
        Test::Bool | Test::Null => "true or false",
        Test::Binary => "base64",
        Test::IpAddress => "an address or a range such as 203.0.113.0/24",
        Test::Arn => "an ARN of six parts",
        Test::StringEquals | Test::StringEqualsIgnoreCase | Test::StringLike => "a string",
    }
}

/// A remedy that offers the operator that begins most like the name.
fn nearest_operator(name: &str) -> String {
    let common =
        |known: &str| known.bytes().zip(name.bytes()).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
    let nearest = Operator::names().max_by_key(|known| common(known)).filter(|known| common(known) > 3);
    match nearest {
        Some(known) => format!("Did you mean {known}?"),
        None => "Use an operator such as StringEquals, ArnLike or Bool.".to_owned(),
    }
}
