//! The options that every `aws` command takes.

use std::sync::LazyLock;

use super::args::{self, Spec, Takes};
use super::failure::ErrorFormat;
use super::query::Query;
use super::usage_error::UsageError;

/// Options every command takes, as they were given.
#[derive(Clone, Debug, Default)]
pub struct Global {
    /// The option `--profile`: whose credentials sign.
    pub profile: Option<String>,
    /// The option `--region`: where the call goes.
    pub region: Option<String>,
    /// The option `--output`: how the answer is printed.
    pub output: Option<String>,
    /// The option `--query`: what of the answer is printed.
    pub query: Option<Query>,
    /// True after `--cli-binary-format raw-in-base64-out`.
    pub raw_blobs: bool,
    /// `--no-paginate`: one page only.
    pub one_page: bool,
    /// True after `--no-sign-request`: nobody signs.
    pub unsigned: bool,
    /// The option `--cli-error-format`: how an error is printed.
    pub error_format: Option<ErrorFormat>,
}

/// The options every command takes that are worth offering.
pub const GLOBALS: [&str; 6] = ["profile", "query", "output", "region", "cli-input-json", "no-paginate"];

/// All of them, in the CLI's order. Source: AWS CLI Command Reference, `aws`, global
/// options; `off` and `cli-error-format`: AWS CLI User Guide, "Structured error output in the AWS CLI".
static SPECS: LazyLock<Vec<Spec>> = LazyLock::new(|| {
    let switch = |name: &str| Spec::new(name, Takes::Nothing);
    let one = |name: &str| Spec::new(name, Takes::One);
    let choice = |name: &str, choices| Spec { choices, ..one(name) };
    vec![
        switch("debug"),
        one("endpoint-url"),
        switch("no-verify-ssl"),
        switch("no-paginate"),
        choice("output", &["json", "text", "table", "yaml", "yaml-stream", "off"]),
        one("query"),
        one("profile"),
        one("region"),
        switch("version"),
        choice("color", &["on", "off", "auto"]),
        switch("no-sign-request"),
        one("ca-bundle"),
        one("cli-read-timeout"),
        one("cli-connect-timeout"),
        choice("cli-binary-format", &["base64", "raw-in-base64-out"]),
        switch("no-cli-pager"),
        switch("cli-auto-prompt"),
        switch("no-cli-auto-prompt"),
        choice("cli-error-format", &ErrorFormat::NAMES),
    ]
});

/// Whether an option takes a value, for whatever command it is given.
pub fn is_global(name: &str) -> bool {
    ["cli-input-json", "max-items", "page-size", "starting-token"].contains(&name)
        || SPECS.iter().any(|spec| spec.name == name && spec.takes != Takes::Nothing)
}

/// Whether an option belongs to every command and takes no value.
pub fn takes_nothing(name: &str) -> bool {
    SPECS.iter().any(|spec| spec.name == name && spec.takes == Takes::Nothing)
}

/// What stands for the service's name if only the version was asked for.
pub const VERSION: &str = "--version";

/// Takes the global options out of the words. Answers them, the service's name, and the rest in order.
pub fn global(words: &[String]) -> Result<(Global, Option<String>, Vec<String>), UsageError> {
    let found = args::read(&SPECS, None, words)?;
    let mut global = Global::default();
    for (which, values) in found.options {
        let value = values.into_iter().next();
        match SPECS[which].name.as_str() {
            "profile" => global.profile = value,
            "region" => global.region = value,
            "query" => global.query = value.map(|text| Query::new(&text)).transpose()?,
            "output" => global.output = value,
            "cli-binary-format" => global.raw_blobs = value.as_deref() == Some("raw-in-base64-out"),
            "cli-error-format" => {
                if value.as_deref() == Some("yaml") {
                    return Err(not_here("--cli-error-format yaml", "json says the same"));
                }
                global.error_format = value.as_deref().and_then(ErrorFormat::named);
            }
            "no-paginate" => global.one_page = true,
            "no-sign-request" => global.unsigned = true,
            "version" => return Ok((global, Some(VERSION.to_owned()), Vec::new())),
            "endpoint-url" => {
                return Err(not_here(
                    "--endpoint-url",
                    "the simulated cloud is inside of it, and nothing else is asked",
                ));
            }
            "cli-auto-prompt" => {
                return Err(not_here("--cli-auto-prompt", "Tab completes in the lab's own console"));
            }
            _ => {}
        }
    }
    if let Some(format) = global.output.as_deref().filter(|format| format.starts_with("yaml")) {
        return Err(not_here(&format!("--output {format}"), "json, text, table and off are there"));
    }
    Ok((global, found.place, found.rest))
}

/// Something that the CLI has and this console does not.
pub fn not_here(what: &str, instead: &str) -> UsageError {
    UsageError::NotHere(format!("{what} is not part of this console: {instead}"))
}
