//! Many questions put to many callers at once: who may do what.
//!
//! What a caller brings to a decision is gathered once, and so is what a resource brings. The verdicts come from
//! [`Grid`]s, one for all questions that are put under the same circumstances to the same service. Why a verdict is as
//! it is, is worked out when somebody asks: [`Answers::record`] is what [`World::probe`] answers. Whoever asks for
//! reasons alone waits for no grid: each is decided at the first verdict that it holds.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use super::authorize::{add_keys, resource_of};
use super::permission::{CallerSide, DecisionRecord, Keys, Permission, Probe, Requester, ResourceSide};
use super::service::CallerKey;
use super::{AccountId, ApiError, CallContext, Caller, World};
use crate::policy::{self, Context, Grid, Principal, Request, Source, Subject, Target, Verdict};

/// Whom a question is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Somebody who has credentials of their own.
    Caller(Caller),
    /// A principal whose credentials nobody has used yet, such as any session of a role.
    Principal(Principal),
    /// Somebody whom their own account allows everything, known to this world or not: what the other side decides.
    Outsider(Principal),
}

/// The answers to some questions for some callers.
#[derive(Clone)]
pub struct Answers {
    world: World,
    /// Who asks; an error for one who is nobody here: deleted, or a session that has ended.
    callers: Vec<Result<CallerSide, ApiError>>,
    questions: Vec<Question>,
    sheets: Vec<Sheet>,
    /// The verdicts of cells on which grants bear, by caller and question.
    by_grant: OnceLock<HashMap<(usize, usize), Verdict>>,
}

/// A question, and where its answers stand.
#[derive(Clone)]
struct Question {
    context: CallContext,
    permission: Permission,
    places: Vec<Place>,
}

/// Where the answers to a question stand, with what its resource brings along.
#[derive(Clone)]
struct Place {
    sheet: usize,
    action: usize,
    target: usize,
    resource: ResourceSide,
}

/// A grid of answers.
#[derive(Clone)]
struct Sheet {
    /// By caller: the row in the grid, if they have one.
    rows: Vec<Option<usize>>,
    draft: Draft,
    grid: OnceLock<Grid>,
}

impl World {
    /// Puts each question to everybody in `who`. Nothing is done and nothing recorded.
    pub fn answers(&self, who: &[Who], probes: &[Probe]) -> Answers {
        let callers: Vec<Result<CallerSide, ApiError>> = who.iter().map(|who| self.side_of(who)).collect();
        let mut drafts = Drafts { world: self, callers: &callers, list: Vec::new(), by_kind: Vec::new() };
        let questions: Vec<Question> = probes
            .iter()
            .map(|probe| {
                let (context, permission) = self.question(probe);
                let places = drafts.places_of(&context, &permission);
                Question { context, permission, places }
            })
            .collect();
        let sheet = |draft: Draft| {
            let mut rows = vec![None; callers.len()];
            for (row, caller) in draft.callers.iter().enumerate() {
                rows[*caller] = Some(row); // one for each caller
            }
            Sheet { rows, draft, grid: OnceLock::new() }
        };
        let sheets = drafts.list.into_iter().map(sheet).collect();
        Answers { world: self.clone(), callers, questions, sheets, by_grant: OnceLock::new() }
    }

    /// Returns what somebody brings to every decision; an error for one who is nobody here.
    pub(in crate::cloud) fn side_of(&self, who: &Who) -> Result<CallerSide, ApiError> {
        let unused = |principal: &Principal| self.caller_side(&Caller::Anonymous, principal.clone());
        Ok(match who {
            Who::Caller(caller) => self.caller_side(caller, self.principal(caller)?),
            Who::Principal(principal) => unused(principal),
            Who::Outsider(principal) => {
                let policies: Vec<Source> = self.iam.everything_allowed().into_iter().collect();
                // A federated user has no permissions without a session policy.
                let session = matches!(principal, Principal::FederatedUser { .. });
                let session = session.then(|| Vec::clone(&policies));
                CallerSide { policies, boundary: None, session, ..unused(principal) }
            }
        })
    }
}

impl Answers {
    /// The verdict on a question for a caller; an error for one who is nobody here. `None` if there is no such question
    /// or caller.
    pub fn verdict(&self, caller: usize, question: usize) -> Option<Result<Verdict, &ApiError>> {
        let by_grant = self.by_grant.get_or_init(|| self.decide_by_grant());
        if let Some(verdict) = by_grant.get(&(caller, question)) {
            return Some(Ok(*verdict));
        }
        if let Err(nobody) = self.callers.get(caller)? {
            return Some(Err(nobody));
        }
        let (place, row) = self.place(caller, question)?;
        let sheet = self.sheets.get(place.sheet)?;
        let grid = sheet.grid.get_or_init(|| sheet.draft.decided(&self.world, &self.callers));
        grid.verdict(row, place.action, place.target).map(Ok)
    }

    /// The decision on a question for a caller, with everything it was made from.
    pub fn record(&self, caller: usize, question: usize) -> Option<Result<DecisionRecord, &ApiError>> {
        let side = match self.callers.get(caller)? {
            Ok(side) => side.clone(),
            Err(nobody) => return Some(Err(nobody)),
        };
        let Question { context, permission, .. } = self.questions.get(question)?;
        let resource = self.place(caller, question)?.0.resource.clone();
        Some(Ok(self.world.decide_between(side, resource, context, permission)))
    }

    /// Whether the answer for a caller could be another under conditions: a policy or a grant that bears on it has one
    /// about a condition key that is open.
    pub(in crate::cloud) fn is_conditional(
        &self,
        caller: usize,
        question: usize,
        is_open: &dyn Fn(&str) -> bool,
    ) -> bool {
        let by_grant = || self.by_grant.get_or_init(|| self.decide_by_grant());
        self.is_conditional_by_policy(caller, question, is_open)
            || by_grant().contains_key(&(caller, question))
    }

    /// Does as [`Self::is_conditional`], grants aside.
    pub(in crate::cloud) fn is_conditional_by_policy(
        &self,
        caller: usize,
        question: usize,
        is_open: &dyn Fn(&str) -> bool,
    ) -> bool {
        let Some((Ok(side), place)) = self.callers.get(caller).zip(self.place(caller, question)) else {
            return false;
        };
        let Some(Question { permission, .. }) = self.questions.get(question) else { return false };
        let resource = &place.0.resource;
        let lists = [&side.boundary, &side.session];
        let levels = [&side.scps, &resource.rcps];
        let own = side.policies.iter().chain(lists.into_iter().flatten().flatten());
        let controls = levels.into_iter().flatten().flatten().flatten();
        let sources: Vec<&Source> = own.chain(controls).chain(&resource.policy.source).collect();
        if !policy::has_conditions(&sources, is_open) {
            return false;
        }
        let asked = resource_of(permission, resource.owner.as_ref());
        let request = Request::new(side.principal.clone(), permission.action.as_str(), asked, Context::new());
        policy::is_conditional(&request, &sources, is_open)
    }

    /// Where the answer for a caller stands: the place, and the row of its grid.
    fn place(&self, caller: usize, question: usize) -> Option<(&Place, usize)> {
        let mut places = self.questions.get(question)?.places.iter();
        places.find_map(|place| Some((place, (*self.sheets.get(place.sheet)?.rows.get(caller)?)?)))
    }

    /// Decides the cells on which grants bear: there can be 50,000 on a key, and those of a caller are found at once.
    fn decide_by_grant(&self) -> HashMap<(usize, usize), Verdict> {
        let mut found = HashMap::new();
        for (number, Question { context, permission, places }) in self.questions.iter().enumerate() {
            let Some(Place { resource, .. }) = places.iter().find(|place| place.resource.granted) else {
                continue;
            };
            for (index, side) in self.callers.iter().enumerate() {
                let Ok(side) = side else { continue };
                let requester = Requester { principal: &side.principal, context };
                if !self.world.grants_for(resource, &requester, permission).is_empty() {
                    let record =
                        self.world.decide_between(side.clone(), resource.clone(), context, permission);
                    found.insert((index, number), record.decision.verdict);
                }
            }
        }
        found
    }
}

/// The grids to be, while questions are sorted into them.
struct Drafts<'a> {
    world: &'a World,
    callers: &'a [Result<CallerSide, ApiError>],
    list: Vec<Draft>,
    /// The grids of each kind of question: its circumstances, its service, the keys that it carries of its caller, and the
    /// account that asks where that decides whose the resource is.
    by_kind: Vec<(Kind, usize)>,
}

type Kind = (CallContext, String, Vec<&'static str>, Askers);

/// Whose questions a grid answers.
#[derive(Clone, PartialEq)]
enum Askers {
    /// Everybody's: the resource says by itself whose it is.
    Everybody,
    /// The questions of one account, or of callers without an account: the resource counts as theirs.
    In(Option<AccountId>),
}

/// A grid to be.
#[derive(Clone)]
struct Draft {
    context: CallContext,
    service: String,
    caller_keys: &'static [CallerKey],
    /// The numbers of the callers who have rows.
    callers: Vec<usize>,
    actions: Vec<(Arc<str>, Context)>,
    /// The columns of each action, which differ in the condition keys that come with it.
    known_actions: BTreeMap<String, Vec<(Keys, usize)>>,
    targets: Vec<(Target, ResourceSide)>,
    known_targets: HashMap<Arc<str>, Vec<usize>>,
}

impl Drafts<'_> {
    /// Finds places for the answers to a question: one, or one for each account where the resource has none of its own.
    fn places_of(&mut self, context: &CallContext, permission: &Permission) -> Vec<Place> {
        let resource = self.world.resource_side(None, permission);
        if resource.owner.is_some() {
            return vec![self.place_of(context, permission, Askers::Everybody, resource)];
        }
        let accounts: Vec<Option<AccountId>> = self.accounts().into_keys().collect();
        let place = |acting: Option<AccountId>| {
            let resource = self.world.resource_side(acting.clone(), permission);
            self.place_of(context, permission, Askers::In(acting), resource)
        };
        accounts.into_iter().map(place).collect()
    }

    /// The numbers of the callers by the account they act in.
    fn accounts(&self) -> BTreeMap<Option<AccountId>, Vec<usize>> {
        let mut accounts: BTreeMap<Option<AccountId>, Vec<usize>> = BTreeMap::new();
        for (index, side) in self.callers.iter().enumerate() {
            if let Ok(side) = side {
                let acting = side.principal.account().and_then(|account| account.parse().ok());
                accounts.entry(acting).or_default().push(index);
            }
        }
        accounts
    }

    fn place_of(
        &mut self,
        context: &CallContext,
        permission: &Permission,
        askers: Askers,
        resource: ResourceSide,
    ) -> Place {
        let sheet = self.sheet(context, permission, askers);
        let draft = &mut self.list[sheet]; // found just now
        let action = draft.action(permission);
        let target = draft.target(permission, &resource);
        let modes = &mut draft.targets[target].0.modes; // found just now
        modes.resize(modes.len().max(action + 1), None);
        modes[action] = Some((resource.policy.mode, resource.policy.cross_account)); // just made long enough
        Place { sheet, action, target, resource }
    }

    /// The number of the grid for a kind of question.
    fn sheet(&mut self, context: &CallContext, permission: &Permission, askers: Askers) -> usize {
        let service = permission.service();
        let caller_keys = self.world.caller_keys(service, &permission.action);
        let names: Vec<&'static str> = caller_keys.iter().map(|key| &*key.name).collect();
        let is_it = |((known, of, keys, account), _): &&(Kind, usize)| {
            of == service && *keys == names && *account == askers && known == context
        };
        if let Some((_, sheet)) = self.by_kind.iter().find(is_it) {
            return *sheet;
        }
        let callers = match &askers {
            Askers::In(account) => self.accounts().remove(account).unwrap_or_default(),
            Askers::Everybody => self.accounts().into_values().flatten().collect(),
        };
        self.list.push(Draft {
            context: context.clone(),
            service: service.to_owned(),
            caller_keys,
            callers,
            actions: Vec::new(),
            known_actions: BTreeMap::new(),
            targets: Vec::new(),
            known_targets: HashMap::new(),
        });
        let sheet = self.list.len() - 1;
        self.by_kind.push(((context.clone(), service.to_owned(), names, askers), sheet));
        sheet
    }
}

impl Draft {
    /// The number of an action with its condition keys.
    fn action(&mut self, permission: &Permission) -> usize {
        let known = self.known_actions.entry(permission.action.clone()).or_default();
        if let Some((_, action)) = known.iter().find(|(keys, _)| *keys == permission.keys) {
            return *action;
        }
        let mut context = Context::new();
        add_keys(&mut context, &permission.keys);
        self.actions.push((permission.action.as_str().into(), context));
        known.push((permission.keys.clone(), self.actions.len() - 1));
        self.actions.len() - 1
    }

    /// The number of a resource with what it brings along.
    fn target(&mut self, permission: &Permission, side: &ResourceSide) -> usize {
        let known = self.known_targets.entry(permission.resource.clone()).or_default();
        let is_it =
            |target: &&usize| self.targets.get(**target).is_some_and(|(_, known)| is_same(known, side));
        if let Some(target) = known.iter().find(is_it) {
            return *target;
        }
        let mut context = Context::new();
        add_keys(&mut context, &side.keys);
        let target = Target {
            resource: resource_of(permission, side.owner.as_ref()),
            policy: side.policy.source.clone(),
            rcps: side.rcps.clone(),
            context,
            modes: Vec::new(),
        };
        self.targets.push((target, side.clone()));
        known.push(self.targets.len() - 1);
        self.targets.len() - 1
    }

    /// The grid with its answers.
    fn decided(&self, world: &World, callers: &[Result<CallerSide, ApiError>]) -> Grid {
        // Whoever is nobody here has no row.
        let sides = self.callers.iter().filter_map(|caller| callers.get(*caller)?.as_ref().ok());
        let subject = |side: &CallerSide| {
            let path = world.network_path(&side.principal, &self.context, &self.service);
            Subject {
                principal: side.principal.clone(),
                identity: side.policies.clone(),
                boundary: side.boundary.clone(),
                session: side.session.clone(),
                scps: side.scps.clone(),
                endpoint: path.policies(),
                context: world.keys_of_call(side, &self.context, &path, self.caller_keys),
            }
        };
        let subjects: Vec<Subject> = sides.map(subject).collect();
        let targets: Vec<Target> = self.targets.iter().map(|(target, _)| target.clone()).collect();
        Grid::decide(&subjects, &self.actions, &targets)
    }
}

/// Whether two actions find the same at their resource, but for the part that its policy plays.
fn is_same(one: &ResourceSide, other: &ResourceSide) -> bool {
    let policy = |side: &ResourceSide| {
        let address = |source: &Source| Arc::as_ptr(&source.document).addr();
        side.policy.source.as_ref().map(address)
    };
    // The bounds of the organization are those of the owner and the service, which both have in common; an action can be
    // exempt from them.
    let rcps = |side: &ResourceSide| side.rcps.is_some();
    rcps(one) == rcps(other)
        && policy(one) == policy(other)
        && one.owner == other.owner
        && one.keys == other.keys
}

#[cfg(test)]
mod tests;
