//! `template` and `drift`: the template that a world was made from, and what has drifted from it.
//!
//! Nobody's credentials sign: these are tools of the lab, and no calls. On AWS, DetectStackDrift makes calls that read, as whoever
//! asks for it.

use super::{Printed, Target};
use crate::template::{Scope, lines};

/// What one would click on AWS for the same.
/// Source: AWS CloudFormation User Guide, "Detect drift on an entire CloudFormation stack".
const CLICKS: &str = "In AWS's console: CloudFormation > Stacks > the stack > Stack actions > Detect drift, then View drift results";

/// What is said where no template is.
const NONE: &str = "kmslab: this world was made from no template; `kmslab drift TEMPLATE SCENARIO` compares any with a file\n";

/// Prints the template that the world was made from.
pub fn text(target: &dyn Target) -> Printed {
    target.template().map_or_else(|| Printed::failed(2, NONE), |spec| Printed::ok(spec.text()))
}

/// Runs `drift`, which says what CloudFormation's drift detection would, or `drift all`, which says all.
pub fn drift(target: &dyn Target, scope: Scope, names: &crate::scenario::Names) -> Printed {
    let Some(spec) = target.template() else { return Printed::failed(2, NONE) };
    match spec.drift(target.world(), names) {
        Ok(drift) => {
            let mut said = lines(&drift, scope);
            said.push(CLICKS.to_owned());
            Printed::ok(said.join("\n") + "\n")
        }
        Err(error) => Printed::failed(2, format!("kmslab: drift: {error}\n")),
    }
}
