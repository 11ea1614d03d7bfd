//! The embedded data about services that the policy engine works with.

use std::sync::LazyLock;

use crate::policy::{Reference, Rulebook};

const IAM_REFERENCE: &str = include_str!("../../assets/iam-reference.json");

/// What is known about the services: actions, condition keys, resource types.
pub fn reference() -> &'static Reference {
    static REFERENCE: LazyLock<Reference> = LazyLock::new(|| {
        // The file is part of the program, and a test reads it.
        Reference::parse_tested(IAM_REFERENCE).expect("embedded data")
    });
    &REFERENCE
}

/// What each service demands of the policy documents it keeps.
pub fn rulebook() -> &'static Rulebook {
    static RULEBOOK: LazyLock<Rulebook> = LazyLock::new(|| {
        // The file is part of the program, and a test reads it.
        Rulebook::parse(include_str!("../../assets/policy-rules.json")).expect("embedded data")
    });
    &RULEBOOK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_data_can_be_read() {
        assert!(Reference::parse(IAM_REFERENCE).is_ok(), "every service of it, too");
        assert!(reference().services.values().count() > 4);
        assert!(rulebook().profile("kms-key").is_some());
    }
}
