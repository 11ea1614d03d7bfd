//! Documents in words: the one on the screen, all there are, the versions of one, and which one a decision came from.

use super::marks::Moments;
use super::{CallStatus, clock};
use crate::cloud::iam::Kind;
use crate::cloud::kms::Manager;
use crate::cloud::organizations::PolicyType;
use crate::cloud::{Arn, DecisionRecord, World};
use crate::lab::{DocumentId, Lab, Point};
use crate::policy::{Layer, PolicyTrace, Principal};

/// The document in the policy pane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentHead {
    /// Which document it is; none if there is none.
    pub id: Option<DocumentId>,
    /// What kind: key policy, identity policy.
    pub kind: String,
    /// Whose it is, where it belongs to somebody: `tess`, `role app`.
    pub owner: String,
    /// Which one: an alias, a policy's name.
    pub subject: String,
    /// The call that applies it: `kms:PutKeyPolicy`; empty if it cannot be changed here.
    pub applied_by: String,
    /// How many statements the last valid text has; none for what is no policy.
    pub statements: Option<usize>,
    /// False for a document that is still to be written.
    pub exists: bool,
    /// Whether the text on screen differs from what is in force.
    pub edited: bool,
    /// Whether the text on screen is a valid policy.
    pub valid: bool,
    /// How many documents there are to walk through, and which this is, from 1.
    pub position: (usize, usize),
}

impl DocumentHead {
    /// What people call the document.
    pub fn noun(&self) -> &'static str {
        match &self.id {
            Some(DocumentId::Item(..)) => "item",
            Some(DocumentId::EventPattern(_)) => "rule",
            Some(_) | None => "policy",
        }
    }

    /// What is written in it.
    pub fn part(&self) -> &'static str {
        match &self.id {
            Some(DocumentId::Item(..)) => "item",
            Some(DocumentId::EventPattern(_)) => "pattern",
            Some(_) | None => "statement",
        }
    }

    /// Tells whether the document is a policy, made of statements.
    pub fn has_statements(&self) -> bool {
        self.statements.is_some()
    }

    /// Tells whether the document is the event pattern of a rule.
    pub fn is_rule(&self) -> bool {
        matches!(self.id, Some(DocumentId::EventPattern(_)))
    }
}

/// A document to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRow {
    /// The heading it stands under.
    pub group: String,
    /// Whose it is and its name.
    pub name: String,
    /// The call that changes it, or why there is none.
    pub about: String,
    /// True for the document on the screen.
    pub shown: bool,
    /// Whether the document has a draft.
    pub draft: bool,
}

/// One version of the document on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRow {
    /// The simulated time of day, behind month and day where the list has several days.
    pub time: String,
    pub who: String,
    pub what: String,
    /// How many lines it has.
    pub lines: usize,
}

/// Two moments against each other, the earlier one first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    pub title: String,
    /// Who gets what at either moment.
    pub verdicts: Vec<(String, CallStatus, CallStatus)>,
    /// Each policy that differs: its name and the lines it has at either moment; none where it is not there.
    pub policies: Vec<(String, [Vec<String>; 2])>,
}

/// The head of the document on the screen.
pub fn head(lab: &Lab) -> DocumentHead {
    let Some(draft) = lab.draft() else { return DocumentHead::default() };
    let id = draft.document();
    let documents = lab.documents();
    let at = documents.iter().position(|d| d == id).map_or(0, |i| i + 1);
    let parsed = id.kind().map(|kind| crate::policy::parse(draft.text(), kind));
    let (kind, owner) = kind_and_owner(id, lab.world());
    DocumentHead {
        id: Some(id.clone()),
        kind,
        owner,
        subject: id.name(lab.world()),
        applied_by: id.action().unwrap_or_default().to_owned(),
        statements: parsed.map(|parsed| parsed.document.map_or(0, |d| d.statements.len())),
        exists: draft.applied().is_some(),
        edited: draft.is_edited(),
        valid: draft.is_valid(),
        position: (at, documents.len()),
    }
}

/// The kind of a document, and whose it is if it belongs to somebody.
fn kind_and_owner(id: &DocumentId, world: &World) -> (String, String) {
    let title = id.title(world);
    let (kind, whose) = match id {
        DocumentId::Inline(..) | DocumentId::Managed(_) => title.split_once(" of ").unwrap_or((&title, "")),
        DocumentId::KeyPolicy(_)
        | DocumentId::Trust(..)
        | DocumentId::TablePolicy(_)
        | DocumentId::Control(..)
        | DocumentId::Item(..)
        | DocumentId::EventPattern(_) => (&*title, ""),
    };
    // A user goes by the name alone, as in the list of the identities.
    (kind.to_owned(), whose.strip_prefix("user ").unwrap_or(whose).to_owned())
}

/// Every document there is to open, under the heading of its kind.
pub fn document_rows(lab: &Lab) -> Vec<(DocumentId, DocumentRow)> {
    let world = lab.world();
    let caller = &lab.persona().caller;
    let shown = lab.draft().map(|d| d.document().clone());
    let mut rows: Vec<(DocumentId, DocumentRow)> = lab
        .all_documents()
        .into_iter()
        .map(|id| {
            let is_new = match &id {
                DocumentId::Item(_, key) => key.is_empty(),
                DocumentId::KeyPolicy(_)
                | DocumentId::Inline(..)
                | DocumentId::Managed(_)
                | DocumentId::Trust(..)
                | DocumentId::TablePolicy(_)
                | DocumentId::Control(..)
                | DocumentId::EventPattern(_) => id.text(world, caller).is_none(),
            };
            let draft = lab.drafts().any(|draft| *draft.document() == id);
            let row = DocumentRow {
                draft,
                group: group(&id).to_owned(),
                name: owner(&id, world),
                about: match id.action() {
                    None => "to read: AWS manages it".to_owned(),
                    Some(action) if is_new => format!("not there yet; {action} writes it"),
                    Some(action) => action.to_owned(),
                },
                shown: shown.as_ref() == Some(&id),
            };
            (id, row)
        })
        .collect();
    rows.sort_by_key(|(id, _)| rank(id));
    rows
}

/// A document in a few words, whose first: `tess: inline-1`.
pub fn document_name(document: &DocumentId, world: &World) -> String {
    let name = owner(document, world);
    name.strip_prefix("user ").map(str::to_owned).unwrap_or(name)
}

/// The drafts in the order in which they are applied, each with the call that does it.
pub fn draft_rows(lab: &Lab) -> Vec<String> {
    let row = |document: &DocumentId| {
        let call = document.action().unwrap_or("it cannot be changed here");
        format!("{} ({call})", document_name(document, lab.world()))
    };
    lab.drafts().map(|draft| row(draft.document())).collect()
}

/// Whether nobody can change the document on the screen: a policy of AWS's own, or that of a key that AWS manages.
pub fn is_read_only(lab: &Lab) -> bool {
    let Some(document) = lab.draft().map(|draft| draft.document().clone()) else { return false };
    match &document {
        DocumentId::KeyPolicy(arn) => {
            let key = lab.world().kms().keys().find(|key| key.arn() == *arn);
            key.is_some_and(|key| matches!(key.manager, Manager::Aws(..)))
        }
        other @ (DocumentId::Inline(..)
        | DocumentId::Managed(_)
        | DocumentId::Trust(..)
        | DocumentId::TablePolicy(_)
        | DocumentId::Control(..)
        | DocumentId::Item(..)
        | DocumentId::EventPattern(_)) => !other.is_editable(),
    }
}

/// Two points of the history against each other, the one with fewer steps behind it first.
pub fn comparison(lab: &Lab, one: Point, other: Point) -> Comparison {
    let (from, to) = if other.position < one.position { (other, one) } else { (one, other) };
    let between = lab.between(from, to);
    let lines =
        |text: Option<String>| text.unwrap_or_default().lines().map(str::to_owned).collect::<Vec<String>>();
    let policies = between.policies.into_iter().map(|policy| {
        // A name is found in the world where the policy is.
        let at = if policy.after.is_some() { to } else { from };
        let world = lab.history().world_at(at);
        let name = format!("{}: {}", policy.document.title(world), owner(&policy.document, world));
        let gone = match (&policy.before, &policy.after) {
            (None, _) => ", new",
            (_, None) => ", gone",
            _ => "",
        };
        (format!("{name}{gone}"), [lines(policy.before), lines(policy.after)])
    });
    let verdicts = lab.personas().iter().zip(&between.answers).map(|(persona, (before, after))| {
        (persona.name.clone(), super::mark(before).status, super::mark(after).status)
    });
    let several = from.branch != to.branch;
    let name = |at: Point| {
        let branch = if several { format!(" of branch {}", at.branch + 1) } else { String::new() };
        format!("step {}{branch} at {}", at.position, clock(lab.history().world_at(at).now()))
    };
    Comparison {
        title: format!("From {} to {}", name(from), name(to)),
        verdicts: verdicts.collect(),
        policies: policies.collect(),
    }
}

fn group(id: &DocumentId) -> &'static str {
    match id {
        DocumentId::KeyPolicy(_) => "Key policies",
        DocumentId::Inline(..) | DocumentId::Managed(_) => "Identity policies and boundaries",
        DocumentId::Trust(..) => "Trust policies of roles",
        DocumentId::TablePolicy(_) => "Resource policies of tables",
        DocumentId::Control(..) => "Policies of the organization",
        DocumentId::Item(..) => "Items",
        DocumentId::EventPattern(_) => "Rules of EventBridge",
    }
}

fn rank(id: &DocumentId) -> usize {
    match id {
        DocumentId::KeyPolicy(_) => 0,
        DocumentId::Inline(..) | DocumentId::Managed(_) => 1,
        DocumentId::Trust(..) => 2,
        DocumentId::TablePolicy(_) => 3,
        DocumentId::Control(..) => 4,
        DocumentId::Item(..) => 5,
        DocumentId::EventPattern(_) => 6,
    }
}

/// A document's name with whose it is.
fn owner(id: &DocumentId, world: &World) -> String {
    let name = id.name(world);
    match id {
        DocumentId::Inline(_, kind, owner, _) => format!("{} {owner}: {name}", kind.word()),
        DocumentId::Managed(_) => {
            let title = id.title(world);
            match title.strip_prefix("Permissions boundary of ") {
                Some(whose) => format!("{whose}: boundary {name}"),
                None => format!("managed: {name}"),
            }
        }
        DocumentId::Control(PolicyType::ServiceControlPolicy, ..) => format!("SCP {name}"),
        DocumentId::Control(PolicyType::ResourceControlPolicy, ..) => format!("RCP {name}"),
        DocumentId::Item(_, key) if key.is_empty() => format!("new item of {name}"),
        DocumentId::TablePolicy(_) => format!("table {name}"),
        DocumentId::Trust(..) => format!("role {name}"),
        DocumentId::EventPattern(_) => format!("rule {name}"),
        DocumentId::KeyPolicy(_) | DocumentId::Item(..) => name.trim_start_matches("alias/").to_owned(),
    }
}

/// The versions of the document on the screen, the newest first, with their texts.
pub fn versions(lab: &Lab) -> Vec<(Option<String>, VersionRow)> {
    let Some(document) = lab.draft().map(|d| d.document().clone()) else { return Vec::new() };
    let versions = lab.versions(&document);
    let moments = Moments::of(versions.iter().map(|version| version.time));
    let mut rows: Vec<_> = versions
        .into_iter()
        .map(|version| {
            let who = version.made.as_ref().map_or_else(|| "start".to_owned(), |made| made.who.clone());
            let what = match (&version.made, &version.text) {
                (None, Some(_)) => "as the scenario begins".to_owned(),
                (None, None) => "not there yet".to_owned(),
                (Some(made), Some(_)) => made.call.action(),
                (Some(made), None) => format!("{} takes it away", made.call.action()),
            };
            let lines = version.text.as_ref().map_or(0, |text| text.lines().count());
            let row = VersionRow { time: moments.say(version.time), who, what, lines };
            (version.text, row)
        })
        .collect();
    rows.reverse();
    rows
}

/// The document that a policy of a decision is.
pub fn document_of(
    record: &DecisionRecord,
    layer: Layer,
    policy: &PolicyTrace,
    world: &World,
) -> Option<DocumentId> {
    let arn = policy.arn.as_deref();
    match layer {
        Layer::Resource => resource_document(record),
        Layer::Identity | Layer::Boundary => match arn {
            Some(arn) => Some(DocumentId::Managed(arn.to_owned())),
            None => inline_document(record, &policy.name, world),
        },
        Layer::Scp | Layer::Rcp => {
            let kind = if layer == Layer::Scp {
                PolicyType::ServiceControlPolicy
            } else {
                PolicyType::ResourceControlPolicy
            };
            let id = arn?.rsplit('/').next()?;
            let mut organizations = world.organizations().all();
            let organization = organizations.find(|o| o.policies().any(|(known, ..)| known == id))?;
            Some(DocumentId::Control(kind, organization.management.clone(), id.to_owned()))
        }
        Layer::Grant | Layer::Session | Layer::Endpoint => None,
    }
}

/// The policy of the resource that a decision was about.
pub fn resource_document(record: &DecisionRecord) -> Option<DocumentId> {
    let text = record.request.resource().arn.to_string();
    let arn: Arn = text.parse().ok()?;
    match (arn.service(), arn.resource().split('/').next()?) {
        ("kms", "key") => Some(DocumentId::KeyPolicy(text)),
        ("dynamodb", "table") => Some(DocumentId::TablePolicy(text)),
        ("iam", "role") => {
            Some(DocumentId::Trust(arn.account_id()?, arn.resource().rsplit('/').next()?.to_owned()))
        }
        _ => None,
    }
}

fn inline_document(record: &DecisionRecord, name: &str, world: &World) -> Option<DocumentId> {
    let (arn, kind) = match record.request.principal() {
        Principal::User { arn, .. } => (arn, Kind::User),
        Principal::RoleSession { role_arn, .. } => (role_arn, Kind::Role),
        Principal::Anonymous
        | Principal::Service { .. }
        | Principal::Root { .. }
        | Principal::FederatedUser { .. }
        | Principal::Federated { .. } => return None,
    };
    let arn: Arn = arn.parse().ok()?;
    let account = arn.account_id()?;
    let who = arn.resource().rsplit('/').next()?;
    let identity = world.iam().identity(&account, kind, who)?;
    if identity.inline.contains_key(name) {
        return Some(DocumentId::Inline(account, kind, identity.name.clone(), name.to_owned()));
    }
    let mut groups =
        identity.groups.iter().filter_map(|group| world.iam().identity(&account, Kind::Group, group));
    let group = groups.find(|group| group.inline.contains_key(name))?;
    Some(DocumentId::Inline(account.clone(), Kind::Group, group.name.clone(), name.to_owned()))
}
