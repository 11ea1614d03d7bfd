//! The work on one caller: what each layer comes to, for 64 actions at a time.
//!
//! A lane holds, for one resource and up to 64 actions, which of them each layer denies, allows or fails to
//! allow. Actions for which all of that is the same get the same judgement, so it is made once for all of them.

use super::bits::{Bits, WORD, ones};
use super::masks::{Asks, Masks};
use super::{Grid, Subject, Target, address};
use crate::policy::decide::{Basis, Case, How, basis};
use crate::policy::document::Statement;
use crate::policy::facts::{Facts, LayerFacts, POLICY_LAYERS, Position, levels_in};
use crate::policy::policies::{Layer, ResourceMode, Source};
use crate::policy::principal::Admission;
use crate::policy::request::Context;
use crate::policy::terms::Effect;
use std::collections::HashMap;
use std::ops::Range;

const LAYERS: usize = 8;
const ADMISSIONS: [Admission; 3] = [Admission::Account, Admission::Origin, Admission::Direct];

/// What one layer comes to, one bit an action.
#[derive(Debug, Clone, Copy, Default)]
struct Noted {
    present: bool,
    deny: u64,
    /// By how directly the caller is named.
    allow: [u64; 3],
    missing: u64,
}

/// Which place is meant.
#[derive(Debug, Clone, Copy)]
enum Which {
    Deny,
    Allow,
    Missing,
}

/// For each action of a grid, what part the policy of one resource plays.
#[derive(Debug, Clone)]
pub(super) struct Modes {
    known: Bits,
    optional: Bits,
    required: Bits,
    cross_account: Bits,
}

impl Modes {
    pub(super) fn new(target: &Target, actions: usize) -> Self {
        let of = |holds: fn(&(ResourceMode, bool)) -> bool| {
            Bits::of(actions, |action| target.modes.get(action).is_some_and(holds))
        };
        Self {
            known: of(|_| true),
            optional: of(|(mode, _)| *mode == ResourceMode::Optional),
            required: of(|(mode, _)| *mode == ResourceMode::Required),
            cross_account: of(|(_, cross_account)| *cross_account),
        }
    }
}

/// The facts of the cells of one subject. It is made once and filled for one subject after the other.
pub(super) struct Board {
    targets: Range<usize>,
    actions: usize,
    /// How many words the actions take.
    blocks: usize,
    /// By target, then block.
    lanes: Vec<[Noted; LAYERS]>,
    level_allows: Vec<u64>,
    /// By lane, layer, kind and action; written where a mask has a one, and read only there.
    places: Vec<Position>,
    contexts: HashMap<(Option<usize>, Option<usize>), Context>,
}

impl Board {
    pub(super) fn new(actions: usize, targets: Range<usize>) -> Self {
        let blocks = actions.div_ceil(WORD);
        let lanes = blocks * targets.len();
        Self {
            targets,
            actions,
            blocks,
            lanes: vec![[Noted::default(); LAYERS]; lanes],
            level_allows: vec![0; lanes],
            places: vec![Position::new(0, 0, 0); lanes * LAYERS * 3 * WORD],
            contexts: HashMap::new(),
        }
    }

    /// Decides the cells of one subject, and hands each to `put` with its action and target.
    pub(super) fn decide(&mut self, grid: &Grid, subject: &Subject, put: impl FnMut(usize, usize, Basis)) {
        self.lanes.fill([Noted::default(); LAYERS]);
        self.contexts.clear();
        for layer in POLICY_LAYERS {
            if !matches!(layer, Layer::Rcp | Layer::Resource) {
                self.scan(grid, subject, layer, None);
                continue;
            }
            for target in self.targets.clone() {
                self.scan(grid, subject, layer, Some(target));
            }
        }
        self.scan_grants(grid, subject);
        self.judge(grid, subject, put);
    }

    /// Notes what the statements of a layer come to, for the target it belongs to or for all.
    fn scan(&mut self, grid: &Grid, subject: &Subject, layer: Layer, owner: Option<usize>) {
        let target = owner.and_then(|target| grid.targets.get(target));
        let Some(levels) = levels(layer, subject, target) else { return };
        let targets = owner.map_or(self.targets.clone(), |target| target..target + 1);
        for lane in self.lanes_of(&targets) {
            self.lanes[lane][layer as usize].present = true; // one for each lane and layer
        }
        for (level, sources) in levels.iter().enumerate() {
            self.level_allows.fill(0);
            for (policy, source) in sources.iter().enumerate() {
                let Some(compiled) = grid.compiled.get(&address(&source.document)) else { continue };
                let statements = source.document.statements.iter().zip(compiled.statements.iter());
                for (index, (statement, masks)) in statements.enumerate() {
                    let bound = source.bound.as_deref();
                    let principal = &subject.principal;
                    if let Some(admission) = statement.principals.admit(principal, statement.effect, bound) {
                        let found = Found { layer, admission, place: Position::new(level, policy, index) };
                        self.statement(grid, subject, (statement, masks), &targets, found);
                    }
                }
            }
            self.note_missing(layer, level, &targets);
        }
    }

    fn note_missing(&mut self, layer: Layer, level: usize, targets: &Range<usize>) {
        for lane in self.lanes_of(targets) {
            let all = block_of(self.actions, lane % self.blocks);
            let noted = &mut self.lanes[lane][layer as usize]; // one for each lane and layer
            let missing = all & !self.level_allows[lane] & !noted.missing;
            noted.missing |= missing;
            self.put_places(lane, layer, Which::Missing, missing, Position::new(level, 0, 0));
        }
    }

    /// Notes a statement that names the caller.
    fn statement(
        &mut self,
        grid: &Grid,
        subject: &Subject,
        (statement, masks): (&Statement, &Masks),
        targets: &Range<usize>,
        found: Found,
    ) {
        let mut always = None;
        for target in masks.targets.members().filter(|target| targets.contains(target)) {
            let mut here = None;
            for block in 0..self.blocks {
                let lane = (target - self.targets.start) * self.blocks + block;
                let open = masks.actions.word(block) & !self.settled(lane, statement.effect, found);
                if open == 0 {
                    continue;
                }
                let applies = match masks.asks {
                    None => open,
                    Some(asks) if asks.action => {
                        let holds = |bit: &usize| {
                            let action = block * WORD + bit;
                            self.holds(grid, subject, statement, asks, (target, action))
                        };
                        ones(open).filter(holds).fold(0, |word, bit| word | 1 << bit)
                    }
                    Some(asks) => {
                        let known = if asks.target { &mut here } else { &mut always };
                        let mut ask = || self.holds(grid, subject, statement, asks, (target, 0));
                        if *known.get_or_insert_with(&mut ask) { open } else { 0 }
                    }
                };
                self.note(lane, statement.effect, applies, found);
            }
        }
    }

    /// The actions about which another statement of this effect has nothing to add.
    fn settled(&self, lane: usize, effect: Effect, found: Found) -> u64 {
        let noted = &self.lanes[lane][found.layer as usize]; // one for each lane and layer
        match effect {
            Effect::Deny => noted.deny,
            // Only in a resource's policy, and in grants, does it matter how the caller is named.
            Effect::Allow if matches!(found.layer, Layer::Resource | Layer::Grant) => {
                noted.allow[found.admission as usize..].iter().fold(0, |all, word| all | word)
            }
            Effect::Allow => self.level_allows[lane],
        }
    }

    fn note(&mut self, lane: usize, effect: Effect, applies: u64, found: Found) {
        let noted = &mut self.lanes[lane][found.layer as usize]; // one for each lane and layer
        let (which, new) = match effect {
            Effect::Deny => {
                noted.deny |= applies;
                (Which::Deny, applies)
            }
            Effect::Allow => {
                self.level_allows[lane] |= applies;
                let as_good = &noted.allow[found.admission as usize..];
                let new = applies & !as_good.iter().fold(0, |all, word| all | word);
                noted.allow[found.admission as usize] |= new;
                (Which::Allow, new)
            }
        };
        self.put_places(lane, found.layer, which, new, found.place);
    }

    /// Whether the conditions hold, and the resources match where they have variables.
    fn holds(
        &mut self,
        grid: &Grid,
        subject: &Subject,
        statement: &Statement,
        asks: Asks,
        (target, action): (usize, usize),
    ) -> bool {
        let arn = grid.targets.get(target).map(|target| &*target.resource.arn).unwrap_or_default();
        let context =
            self.context(grid, subject, asks.target.then_some(target), asks.action.then_some(action));
        (!asks.resources || statement.resources.matches(arn, context))
            && statement.conditions.iter().all(|condition| condition.holds(context))
    }

    /// The condition keys of the caller with those of a target and an action.
    fn context(
        &mut self,
        grid: &Grid,
        subject: &Subject,
        target: Option<usize>,
        action: Option<usize>,
    ) -> &Context {
        self.contexts.entry((target, action)).or_insert_with(|| {
            let target = target.and_then(|target| grid.targets.get(target)).map(|target| &target.context);
            let action = action.and_then(|action| grid.actions.get(action)).map(|(_, context)| context);
            let mut context = super::merged(subject, target, action);
            context.add_implied(&subject.principal);
            context
        })
    }

    fn scan_grants(&mut self, grid: &Grid, subject: &Subject) {
        for target in self.targets.clone() {
            let grants = grid.targets.get(target).map(|target| target.grants.as_slice()).unwrap_or_default();
            for (index, grant) in grants.iter().enumerate().filter(|(_, grant)| grant.usable) {
                let Some(admission) = grant.names(&subject.principal) else { continue };
                let found = Found { layer: Layer::Grant, admission, place: Position::new(0, index, 0) };
                for (action, (name, _)) in grid.actions.iter().enumerate() {
                    let holds = grant.covers(name)
                        && grant.constraint.as_ref().is_none_or(|constraint| {
                            constraint.holds(name, self.context(grid, subject, Some(target), Some(action)))
                        });
                    if holds {
                        let lane = (target - self.targets.start) * self.blocks + action / WORD;
                        self.note(lane, Effect::Allow, 1 << (action % WORD), found);
                    }
                }
            }
        }
    }

    fn judge(&self, grid: &Grid, subject: &Subject, mut put: impl FnMut(usize, usize, Basis)) {
        let lanes =
            self.targets.clone().flat_map(|target| (0..self.blocks).map(move |block| (target, block)));
        for ((lane, noted), (target, block)) in self.lanes.iter().enumerate().zip(lanes) {
            let (Some(modes), Some(body)) = (grid.modes.get(target), grid.targets.get(target)) else {
                continue;
            };
            let [optional, required, cross_account] =
                [&modes.optional, &modes.required, &modes.cross_account].map(|bits| bits.word(block));
            let mut left = modes.known.word(block);
            while left != 0 {
                let bit = left.trailing_zeros();
                let has = |word: u64| word >> bit & 1 == 1;
                let alike = |word: u64| if has(word) { word } else { !word };
                let mut class = left & alike(optional) & alike(required) & alike(cross_account);
                for noted in noted {
                    let [account, origin, direct] = noted.allow;
                    class &= alike(noted.deny) & alike(noted.missing);
                    class &= alike(account) & alike(origin) & alike(direct);
                }
                let mode = match (has(optional), has(required)) {
                    (_, true) => ResourceMode::Required,
                    (true, false) => ResourceMode::Optional,
                    (false, false) => ResourceMode::None,
                };
                let owner = body.resource.owner();
                let case =
                    Case { principal: &subject.principal, owner, mode, cross_account: has(cross_account) };
                let judged = basis(case, &self.facts(lane, bit as usize));
                for bit in ones(class) {
                    put(block * WORD + bit, target, self.moved(judged, lane, bit));
                }
                left &= !class;
            }
        }
    }

    /// The facts of one cell.
    fn facts(&self, lane: usize, bit: usize) -> Facts {
        let mut facts = Facts::default();
        for layer in POLICY_LAYERS.into_iter().chain([Layer::Grant]) {
            let noted = &self.lanes[lane][layer as usize]; // one for each lane and layer
            let has = |word: u64| word >> bit & 1 == 1;
            let place = |which| self.places[place_index(lane, layer, which, bit)];
            let admission = ADMISSIONS.into_iter().rev().find(|a| has(noted.allow[*a as usize]));
            *facts.layer_mut(layer) = LayerFacts {
                present: noted.present,
                deny: has(noted.deny).then(|| place(Which::Deny)),
                allow: admission.map(|admission| (admission, place(Which::Allow))),
                missing: has(noted.missing).then(|| place(Which::Missing).level),
            };
        }
        facts
    }

    /// The judgement of a cell that is like another, with this cell's own places.
    fn moved(&self, judged: Basis, lane: usize, bit: usize) -> Basis {
        let place = |which| self.places[place_index(lane, judged.layer, which, bit)];
        let found = match judged.how {
            How::ExplicitDeny => Some(Which::Deny),
            How::ExplicitAllow | How::Delegated => Some(Which::Allow),
            How::RootUser | How::NoAllow => None,
        };
        let found = found.filter(|_| judged.place.is_some()).map(place);
        let level = match judged.how {
            How::NoAllow => Some(place(Which::Missing).level),
            How::ExplicitAllow | How::Delegated | How::RootUser | How::ExplicitDeny => {
                found.map(|place| place.level)
            }
        };
        Basis { place: found, level: level.filter(|_| judged.level.is_some()), ..judged }
    }

    fn lanes_of(&self, targets: &Range<usize>) -> Range<usize> {
        let first = self.targets.start;
        (targets.start - first) * self.blocks..(targets.end - first) * self.blocks
    }

    fn put_places(&mut self, lane: usize, layer: Layer, which: Which, actions: u64, place: Position) {
        for bit in ones(actions) {
            self.places[place_index(lane, layer, which, bit)] = place;
        }
    }
}

/// What is noted of a statement or a grant that names the caller.
#[derive(Clone, Copy)]
struct Found {
    layer: Layer,
    admission: Admission,
    place: Position,
}

fn place_index(lane: usize, layer: Layer, which: Which, bit: usize) -> usize {
    ((lane * LAYERS + layer as usize) * 3 + which as usize) * WORD + bit
}

/// The ones of the actions in a block.
fn block_of(actions: usize, block: usize) -> u64 {
    let here = actions - block * WORD;
    if here >= WORD { u64::MAX } else { (1 << here) - 1 }
}

/// The policies of a layer, as [`crate::policy::facts::levels_of`] would find them for a cell.
fn levels<'a>(layer: Layer, subject: &'a Subject, target: Option<&'a Target>) -> Option<Vec<&'a [Source]>> {
    levels_in(layer, &subject.principal, |layer| match layer {
        Layer::Rcp => target?.rcps.as_ref().map(|levels| levels.iter().map(Vec::as_slice).collect()),
        Layer::Scp => subject.scps.as_ref().map(|levels| levels.iter().map(Vec::as_slice).collect()),
        Layer::Endpoint => subject.endpoint.as_ref().map(|list| vec![list.as_slice()]),
        Layer::Resource => target?.policy.as_ref().map(|source| vec![std::slice::from_ref(source)]),
        Layer::Grant => None,
        Layer::Identity => Some(vec![subject.identity.as_slice()]),
        Layer::Boundary => subject.boundary.as_ref().map(|list| vec![list.as_slice()]),
        Layer::Session => subject.session.as_ref().map(|list| vec![list.as_slice()]),
    })
}
