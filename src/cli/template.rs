//! `kmslab export --as`: an account of a scenario's world as CloudFormation, Terraform or lines of the AWS CLI.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use super::Exit;
use super::play::{NOWHERE, Screen};
use crate::cloud::{AccountId, World};
use crate::forms::{self, Form, Written};
use crate::lab::disk::Disk;
use crate::lab::hand_in::HandIn;
use crate::lab::saves::Stored;
use crate::lab::share::Sharing;
use crate::plain::output;
use crate::scenario::{self, Names};
use crate::template::Plan;

/// Said at the end of the help.
pub(super) const TEMPLATES: &str = "With --as, the world of the scenario is written as it begins, whatever you did in it, so \
    that the same command writes the same text; --kept writes it as your lab left it. A file is of one account, the home \
    account unless --account names another. What is not in it stands at its top and on standard error: items, backups, \
    sessions, the organization. None of the forms was tried on AWS, where keys and tables cost money. See docs/templates.md.";

/// The form that other tools read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum As {
    /// A template, as JSON
    #[value(name = "cloudformation")]
    CloudFormation,
    /// A file for the provider hashicorp/aws
    Terraform,
    /// Lines of the AWS CLI for a shell
    Aws,
}

impl As {
    fn form(self) -> Form {
        match self {
            Self::CloudFormation => Form::CloudFormation,
            Self::Terraform => Form::Terraform,
            Self::Aws => Form::AwsLines,
        }
    }
}

/// The options of `kmslab export` that are about other tools.
#[derive(Debug, Args)]
pub(super) struct Template {
    /// Write the world of the scenario for other tools instead of what was done in it
    #[arg(id = "form", long = "as", value_name = "FORM", value_enum)]
    pub(super) form: Option<As>,
    /// The file to write, which must not exist yet; without it the text is printed
    #[arg(short, long, value_name = "FILE", requires = "form")]
    out: Option<PathBuf>,
    /// The account to write, instead of the home account of the scenario
    #[arg(long, value_name = "NUMBER", requires = "form")]
    account: Option<String>,
    /// Write the world as your lab left it, drafts left aside, instead of as the scenario begins
    #[arg(long, requires = "form")]
    kept: bool,
}

impl Template {
    /// Writes the account of a scenario in a form.
    pub(super) fn run(
        &self,
        form: As,
        which: &str,
        screen: &Screen,
        out: &mut dyn Write,
    ) -> anyhow::Result<Exit> {
        let (world, names, of) = world(which, self.kept, screen)?;
        let plan = plan(&world, &names, self.account.as_deref())?;
        let Written { text, left_out } = forms::write(&plan, form.form(), &of);
        let text = if form == As::CloudFormation { output::escape(&text) } else { output::shown(&text) };
        match &self.out {
            None => out.write_all(text.as_bytes())?,
            Some(file) => {
                let name = || file.display().to_string();
                Disk::default().create_new(file, &[text.as_bytes()]).with_context(name)?;
                output::line(out, format!("{}: {} resources", name(), plan.resources.len()))?;
            }
        }
        for what in left_out {
            super::say(&format!("left out: {what}"));
        }
        Ok(Exit::Done)
    }
}

/// The world of a scenario as it begins or as a lab left it, what things in it are called, and where it comes from.
pub(super) fn world(which: &str, kept: bool, screen: &Screen) -> anyhow::Result<(World, Names, String)> {
    if !kept {
        let stage = scenario::find(which)?.build()?;
        let of = format!("the scenario {} as it begins", stage.scenario.id);
        return Ok((stage.world, stage.names, of));
    }
    let state = screen.state().context(NOWHERE)?;
    let kept = HandIn::kept(&state, which, Sharing { without_secrets: false, with_paths: true })?;
    let (lab, _) = kept.again(Some(&Stored::named(which)?))?;
    let of = format!("the scenario {} as it was left", kept.scenario);
    Ok((lab.world().clone(), lab.stage().names.clone(), of))
}

/// Writes down an account of a world: the home account, or another one.
pub(super) fn plan(world: &World, names: &Names, account: Option<&str>) -> anyhow::Result<Plan> {
    let account: AccountId = account.map_or_else(|| Ok(names.home.clone()), str::parse)?;
    Ok(scenario::written_down(world, names, Some(&account))?)
}
