//! What is simulated of each operation and what is not: stated beside its declaration, checked against the models,
//! and written to `docs/operations.md`.

use std::fmt::Write as _;

use kmslab::cloud::{Call, Fidelity, SERVICES};
use serde_json::{Value, json};

use super::lab::{Lab, call};
use super::model::MODEL;

#[test]
fn the_parameters_that_are_refused_are_those_that_cannot_be_sent() {
    let lab = Lab::new(7, Fidelity::instant());
    let mut wrong = Vec::new();
    for service in SERVICES {
        for support in service.operations {
            let found =
                |r: &&super::lab::Request| r.service == service.prefix && r.operation == support.operation;
            let request = lab.requests.iter().find(found).expect("a request");
            let is_refused = |name: &String| {
                let mut input = request.input.clone();
                input[name] = Value::Null;
                let error = Call::decode(service.prefix, support.operation, input).err();
                error.is_some_and(|e| {
                    e.message.contains("unknown field") || e.message.contains("not simulated")
                })
            };
            let members = MODEL.members(service.prefix, support.operation).into_iter().map(|(name, ..)| name);
            let refused: Vec<String> = members.filter(is_refused).collect();
            if refused != support.refuses {
                wrong.push(format!("{} {} refuses: {refused:?}", service.prefix, support.operation));
            }
        }
    }
    assert!(wrong.is_empty(), "the declarations in `service!` say otherwise:\n{}", wrong.join("\n"));
}

#[test]
fn a_parameter_that_is_not_simulated_is_said_to_be_so() {
    let lab = Lab::new(7, Fidelity::instant());
    let mut tried = 0;
    for service in SERVICES {
        for support in service.operations {
            let found =
                |r: &&super::lab::Request| r.service == service.prefix && r.operation == support.operation;
            let request = lab.requests.iter().find(found).expect("a request");
            for parameter in support.refuses {
                let mut input = request.input.clone();
                input[parameter] = json!("x");
                let error = Call::decode(service.prefix, support.operation, input).expect_err(parameter);
                let text =
                    format!("The parameter {parameter} of {} is not simulated here", support.operation);
                assert_eq!(error.message, text);
                tried += 1;
            }
        }
    }
    assert!(tried > 0);
}

#[test]
fn the_trail_records_no_parameter_that_its_declaration_does_not_list() {
    let lab = Lab::new(7, Fidelity::instant());
    let mut wrong = Vec::new();
    for request in &lab.requests {
        let service = SERVICES.iter().find(|service| service.prefix == request.service).expect("a service");
        let records = service.operation(request.operation).expect("an operation").records;
        let outcome = call(&mut lab.world.clone(), request).expect("it can be read");
        let parameters = &outcome.events.first().expect("a record").request_parameters;
        for name in parameters.as_object().into_iter().flat_map(serde_json::Map::keys) {
            let is_it = |listed: &&&str| listed[..1].to_lowercase() + &listed[1..] == *name;
            if !records.iter().any(|listed| is_it(&listed)) {
                wrong.push(format!("{} {} records {name}", request.service, request.operation));
            }
        }
    }
    assert!(wrong.is_empty(), "the declarations in `service!` say otherwise:\n{}", wrong.join("\n"));
}

/// The page as the code has it.
fn page() -> String {
    let mut page = String::from(
        "# Operations\n\nMade from the code; `UPDATE_DOCS=1 cargo test --test every_operation` writes it anew.\n\n\
         Every operation is authorized, checks its input, and leaves its audit record. What is listed here is what it \
         does otherwise than AWS, on purpose. Parameters listed as refused answer `ValidationException` (IAM and STS: \
         `ValidationError`) with the text `The parameter .. is not simulated here`. An operation that is not listed \
         answers `UnknownOperationException`.\n\nNothing is throttled, costs money, or is only eventually consistent, \
         unless a switch under a scenario's `fidelity` says so.\n",
    );
    let mut write = |text: &str| page.push_str(text);
    for service in SERVICES {
        write(&format!("\n## {}\n\n", service.prefix));
        for difference in service.differs {
            write(&format!("- {difference}\n"));
        }
        if !service.differs.is_empty() {
            write("\n");
        }
        write(
            "| operation | what it does | parameters refused | otherwise than on AWS |\n|---|---|---|---|\n",
        );
        let mut operations = service.operations.to_vec();
        operations.sort_by_key(|support| support.operation);
        for support in operations {
            let refuses: Vec<String> = support.refuses.iter().map(|name| format!("`{name}`")).collect();
            let mut row = String::new();
            let _infallible = writeln!(
                row,
                "| `{}` | {} | {} | {} |",
                support.operation,
                support.summary.trim(),
                refuses.join(", "),
                support.differs.join("<br>")
            );
            write(&row);
        }
    }
    page
}

#[test]
fn the_page_of_operations_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, page()).expect("docs can be written");
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == page(),
        "docs/operations.md is stale: run `UPDATE_DOCS=1 cargo test --test every_operation`"
    );
}

/// A service that `services!` in `src/cloud/call.rs` lacks compiles, and nobody can call it.
#[test]
fn every_service_stands_in_the_table() {
    let cloud = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cloud");
    let written: Vec<std::path::PathBuf> = std::fs::read_dir(cloud)
        .expect("a folder")
        .map(|entry| entry.expect("readable").path())
        .filter(|folder| {
            let text = std::fs::read_to_string(folder.join("mod.rs")).unwrap_or_default();
            text.contains("pub const SERVICE: Service")
        })
        .collect();
    let known: Vec<&str> = SERVICES.iter().map(|service| service.prefix).collect();
    assert_eq!(written.len(), known.len(), "{written:?} against {known:?}");
}
