//! The work on one caller: what each layer comes to, for 64 actions at a time.
//!
//! A lane holds, for one resource and up to 64 actions, which of them each layer denies, allows or fails to
//! allow. Actions for which all of that is the same get the same judgement, so it is made once for all of them.

use super::bits::{Bits, WORD, ones};
use super::masks::{Asks, Compiled, Masks};
use super::sides::{Action, Subject, Target};
use crate::policy::Verdict;
use crate::policy::decide::{Case, basis};
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

/// For each action of a grid, what part the policy of one resource plays.
#[derive(Debug, Clone)]
struct Modes {
    known: Bits,
    free: Bits,
    optional: Bits,
    required: Bits,
    cross_account: Bits,
}

impl Modes {
    fn new(target: &Target, actions: usize) -> Self {
        let of = |holds: fn(&(ResourceMode, bool)) -> bool| {
            Bits::of(actions, |action| target.modes.get(action).and_then(Option::as_ref).is_some_and(holds))
        };
        Self {
            known: of(|_| true),
            free: of(|(mode, _)| *mode == ResourceMode::Free),
            optional: of(|(mode, _)| *mode == ResourceMode::Optional),
            required: of(|(mode, _)| *mode == ResourceMode::Required),
            cross_account: of(|(_, cross_account)| *cross_account),
        }
    }
}

/// The facts of the cells of one subject. It is made once and filled for one subject after the other.
pub(super) struct Board<'a> {
    actions: &'a [Action],
    targets: &'a [Target],
    compiled: &'a Compiled,
    /// One entry for each target.
    modes: Vec<Modes>,
    /// How many words the actions take.
    blocks: usize,
    /// By target, then block.
    lanes: Vec<[Noted; LAYERS]>,
    level_allows: Vec<u64>,
    contexts: HashMap<(Option<usize>, Option<usize>), Context>,
}

impl<'a> Board<'a> {
    pub(super) fn new(actions: &'a [Action], targets: &'a [Target], compiled: &'a Compiled) -> Self {
        let blocks = actions.len().div_ceil(WORD);
        let lanes = blocks * targets.len();
        Self {
            actions,
            targets,
            compiled,
            modes: targets.iter().map(|target| Modes::new(target, actions.len())).collect(),
            blocks,
            lanes: vec![[Noted::default(); LAYERS]; lanes],
            level_allows: vec![0; lanes],
            contexts: HashMap::new(),
        }
    }

    /// Decides the cells of one subject, and hands each to `put` with its action and target.
    pub(super) fn decide(&mut self, subject: &Subject, put: impl FnMut(usize, usize, Verdict)) {
        self.lanes.fill([Noted::default(); LAYERS]);
        self.contexts.clear();
        for layer in POLICY_LAYERS {
            if !matches!(layer, Layer::Rcp | Layer::Resource) {
                self.scan(subject, layer, None);
                continue;
            }
            for target in 0..self.targets.len() {
                self.scan(subject, layer, Some(target));
            }
        }
        self.judge(subject, put);
    }

    /// Notes what the statements of a layer come to, for the target it belongs to or for all.
    fn scan(&mut self, subject: &Subject, layer: Layer, owner: Option<usize>) {
        let (all, compiled) = (self.targets, self.compiled);
        let Some(levels) = levels(layer, subject, owner.and_then(|target| all.get(target))) else { return };
        let bounded = self::levels(Layer::Boundary, subject, None).is_some();
        let targets = owner.map_or(0..all.len(), |target| target..target + 1);
        for lane in self.lanes_of(&targets) {
            self.lanes[lane][layer as usize].present = true; // one for each lane and layer
        }
        for sources in levels {
            self.level_allows.fill(0);
            for source in sources {
                let statements = source.document.statements.iter().zip(compiled.of(&source.document));
                for (statement, masks) in statements {
                    let bound = source.bound.as_deref();
                    let admission =
                        statement.principals.admit(&subject.principal, bounded, statement.effect, bound);
                    if let Some(admission) = admission {
                        self.statement(subject, (source, statement, masks), &targets, (layer, admission));
                    }
                }
            }
            for lane in self.lanes_of(&targets) {
                // One for each lane and layer.
                self.lanes[lane][layer as usize].missing |=
                    self.block_of(lane % self.blocks) & !self.level_allows[lane];
            }
        }
    }

    /// Notes a statement that names the caller.
    fn statement(
        &mut self,
        subject: &Subject,
        (source, statement, masks): (&Source, &Statement, &Masks),
        targets: &Range<usize>,
        (layer, admission): (Layer, Admission),
    ) {
        let mut always = None;
        for target in masks.targets.members().filter(|target| targets.contains(target)) {
            let mut here = None;
            for block in 0..self.blocks {
                let lane = target * self.blocks + block;
                let settled = self.settled(lane, statement.effect, layer, admission);
                let open = masks.actions.word(block) & !settled;
                if open == 0 {
                    continue;
                }
                let applies = match masks.asks {
                    None => open,
                    Some(asks) if asks.action => {
                        let holds = |bit: &usize| {
                            let action = block * WORD + bit;
                            self.holds(subject, (source, statement), asks, (target, action))
                        };
                        ones(open).filter(holds).fold(0, |word, bit| word | 1 << bit)
                    }
                    Some(asks) => {
                        let known = if asks.target { &mut here } else { &mut always };
                        let mut ask = || self.holds(subject, (source, statement), asks, (target, 0));
                        if *known.get_or_insert_with(&mut ask) { open } else { 0 }
                    }
                };
                let noted = &mut self.lanes[lane][layer as usize]; // one for each lane and layer
                match statement.effect {
                    Effect::Deny => noted.deny |= applies,
                    Effect::Allow => {
                        self.level_allows[lane] |= applies;
                        noted.allow[admission as usize] |= applies;
                    }
                }
            }
        }
    }

    /// The actions about which another statement of this effect has nothing to add.
    fn settled(&self, lane: usize, effect: Effect, layer: Layer, admission: Admission) -> u64 {
        let noted = &self.lanes[lane][layer as usize]; // one for each lane and layer
        match effect {
            Effect::Deny => noted.deny,
            // Only in a resource's policy does it matter how the caller is named.
            Effect::Allow if layer == Layer::Resource => {
                noted.allow[admission as usize..].iter().fold(0, |all, word| all | word)
            }
            Effect::Allow => self.level_allows[lane],
        }
    }

    /// Whether the conditions hold, and the resources match where they have variables.
    fn holds(
        &mut self,
        subject: &Subject,
        (source, statement): (&Source, &Statement),
        asks: Asks,
        (target, action): (usize, usize),
    ) -> bool {
        let (target_at, action_at) = (asks.target.then_some(target), asks.action.then_some(action));
        let target = self.targets.get(target);
        let arn = target.map(|target| &*target.resource.arn).unwrap_or_default();
        let action = self.actions.get(action).map(|(_, context)| context);
        let context = self.contexts.entry((target_at, action_at)).or_insert_with(|| {
            let target = target.filter(|_| asks.target).map(|target| &target.context);
            subject.context_with(target, action.filter(|_| asks.action))
        });
        let context = source.seen(context);
        (!asks.resources || statement.resources.matches(arn, &context))
            && statement.conditions.iter().all(|condition| condition.holds(&context))
    }

    fn judge(&self, subject: &Subject, mut put: impl FnMut(usize, usize, Verdict)) {
        let cells = self.targets.iter().zip(&self.modes).enumerate();
        let blocks = cells.flat_map(|cell| (0..self.blocks).map(move |block| (cell, block)));
        for (noted, ((target, (body, modes)), block)) in self.lanes.iter().zip(blocks) {
            let [free, optional, required, cross_account] =
                [&modes.free, &modes.optional, &modes.required, &modes.cross_account]
                    .map(|bits| bits.word(block));
            let mut left = modes.known.word(block);
            while left != 0 {
                let bit = left.trailing_zeros();
                let has = |word: u64| word >> bit & 1 == 1;
                let alike = |word: u64| if has(word) { word } else { !word };
                let mut class = left & alike(free) & alike(optional) & alike(required) & alike(cross_account);
                for noted in noted {
                    let [account, origin, direct] = noted.allow;
                    class &= alike(noted.deny) & alike(noted.missing);
                    class &= alike(account) & alike(origin) & alike(direct);
                }
                let mode = match (has(free), has(optional), has(required)) {
                    (true, ..) => ResourceMode::Free,
                    (false, _, true) => ResourceMode::Required,
                    (false, true, false) => ResourceMode::Optional,
                    (false, false, false) => ResourceMode::None,
                };
                let owner = body.resource.owner();
                let case =
                    Case { principal: &subject.principal, owner, mode, cross_account: has(cross_account) };
                let verdict = basis(case, &facts(noted, bit)).verdict();
                for bit in ones(class) {
                    put(block * WORD + bit, target, verdict);
                }
                left &= !class;
            }
        }
    }

    fn lanes_of(&self, targets: &Range<usize>) -> Range<usize> {
        targets.start * self.blocks..targets.end * self.blocks
    }

    /// The ones of the actions in a block.
    fn block_of(&self, block: usize) -> u64 {
        let here = self.actions.len() - block * WORD;
        if here >= WORD { u64::MAX } else { (1 << here) - 1 }
    }
}

/// The facts of one cell. A verdict needs none of the places, so they are all the first.
fn facts(noted: &[Noted; LAYERS], bit: u32) -> Facts {
    let has = |word: u64| word >> bit & 1 == 1;
    let place = Position::new(0, 0, 0);
    let mut facts = Facts::default();
    for layer in POLICY_LAYERS {
        let noted = &noted[layer as usize]; // one for each layer
        let admission = ADMISSIONS.into_iter().rev().find(|a| has(noted.allow[*a as usize]));
        *facts.layer_mut(layer) = LayerFacts {
            present: noted.present,
            deny: has(noted.deny).then_some(place),
            allow: admission.map(|admission| (admission, place)),
            missing: has(noted.missing).then_some(0),
        };
    }
    facts
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
