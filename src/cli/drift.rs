//! `kmslab drift`: a template of CloudFormation beside the world of a scenario.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use super::Exit;
use super::play::Screen;
use super::template::{plan, world};
use crate::cloud::AccountId;
use crate::limits::{file, template::FILE};
use crate::plain::output;
use crate::template::{self, Checked, Difference, For, Scope, Template};

/// Said at the end of the help.
const WORDS: &str = "The statuses are those of CloudFormation's drift detection: IN_SYNC, MODIFIED, DELETED, and NOT_CHECKED for \
    what it does not compare. Only properties that the template states are checked, as there. What the world has beside them \
    is listed behind `not in the template`, which CloudFormation does not tell. Exit codes: 0 the world is as the template \
    states it and has nothing else, 1 it is not, 2 the template or the scenario cannot be read. See docs/templates.md.";

/// Arguments of `kmslab drift`.
#[derive(Debug, Args)]
#[command(after_long_help = WORDS)]
pub struct Drift {
    /// A template of CloudFormation, JSON or YAML, such as `kmslab export --as cloudformation` writes
    #[arg(value_name = "TEMPLATE")]
    template: PathBuf,
    /// The id of a scenario, which may be shortened (a3), or a file
    #[arg(value_name = "ID|FILE")]
    scenario: String,
    /// Compare with the world as your lab left it, drafts left aside, instead of as the scenario begins
    #[arg(long)]
    kept: bool,
    /// The account to compare with, instead of the home account of the scenario
    #[arg(long, value_name = "NUMBER")]
    account: Option<String>,
    /// The value of a parameter of the template; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter)]
    parameter: Vec<(String, String)>,
    /// Pass over resources of types that kmslab does not have: they are NOT_CHECKED
    #[arg(long)]
    skip_unknown: bool,
    /// Print JSON, its names as the AWS CLI prints them
    #[arg(long)]
    json: bool,
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    pair.map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or_else(|| "write NAME=VALUE".to_owned())
}

impl Drift {
    /// Prints what has drifted.
    pub fn run(&self, screen: &Screen, out: &mut dyn Write) -> anyhow::Result<Exit> {
        let (world, names, of) = world(&self.scenario, self.kept, screen)?;
        let actual = plan(&world, &names, self.account.as_deref())?;
        let account: AccountId = actual.account.parse()?;
        let parameters: BTreeMap<String, String> = self.parameter.iter().cloned().collect();
        let wanted = For {
            account: &account,
            region: &names.region,
            parameters: &parameters,
            skips_unknown: self.skip_unknown,
        };
        let expected = read(&self.template, &wanted)?;
        let drift = template::Drift::of(&expected, &actual);
        if self.json {
            output::json(out, &as_json(&drift))?;
        } else {
            output::line(out, format!("{} beside {of}, account {account}", self.template.display()))?;
            for line in template::lines(&drift, Scope::Whole) {
                output::line(out, line)?;
            }
        }
        Ok(if drift.is_equal() { Exit::Done } else { Exit::Failed })
    }
}

/// Reads the template of a file.
fn read(path: &std::path::Path, wanted: &For<'_>) -> anyhow::Result<Template> {
    let name = || path.display().to_string();
    let text = file::text(file::read_named(path, &FILE).with_context(name)?).with_context(name)?;
    template::read(&text, wanted).map_err(|error| anyhow::anyhow!("{}:{error}", name()))
}

/// The names are those of DescribeStackResourceDrifts and DescribeStackDriftDetectionStatus, where there is one.
/// Source: CloudFormation API Reference.
fn as_json(drift: &template::Drift) -> Value {
    let difference = |found: &Difference| {
        let Difference { path, change, expected, actual } = found;
        json!({
            "PropertyPath": path, "ExpectedValue": expected, "ActualValue": actual, "DifferenceType": change.word(),
        })
    };
    let resource = |one: &Checked| {
        json!({
            "LogicalResourceId": one.logical,
            "ResourceType": one.type_name,
            "StackResourceDriftStatus": one.status.word(),
            "PropertyDifferences": one.differences.iter().map(difference).collect::<Value>(),
            "NotInTemplate": one.unstated.iter().map(difference).collect::<Value>(),
        })
    };
    let other = |other: &template::Other| json!({"ResourceType": other.type_name, "Name": other.name});
    json!({
        "StackDriftStatus": if drift.has_drifted() { "DRIFTED" } else { "IN_SYNC" },
        "StackResourceDrifts": drift.resources.iter().map(resource).collect::<Value>(),
        "NotInTemplate": drift.others.iter().map(other).collect::<Value>(),
        "NotCompared": drift.not_compared,
    })
}
