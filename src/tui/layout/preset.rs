//! The panes of the lab, and the arrangements of them.

/// Makes the panes, all of them in the order Tab walks them, and their names from one table.
macro_rules! panes {
    ($($(#[doc = $about:literal])* $pane:ident $name:literal,)*) => {
        /// A pane of the lab.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Pane {
            $($(#[doc = $about])* $pane,)*
        }

        impl Pane {
            /// The panes in the order Tab walks them.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$pane),*];

            /// Returns the pane's name in one word.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$pane => $name,)*
                }
            }
        }
    };
}

panes! {
    /// Who is there and what they may do.
    Identities "Identities",
    /// The document being read or edited.
    Policy "Policy",
    /// The story, the hints, and how the guesses turned out.
    Story "Story",
    /// What the watched call returns.
    Answer "Answer",
    /// What the watched call returns to the second of two sessions.
    OtherAnswer "Answer B",
    /// `aws` lines, typed and answered.
    Console "Console",
    /// The keys and their grants.
    Keys "Keys",
    /// What the disk holds.
    Storage "Storage",
    /// Why the call ended so.
    Why "Why",
    /// Why the second session's call ended so.
    OtherWhy "Why B",
    /// The audit log, the newest record first.
    Audit "Audit",
    /// Everybody against everything; a pane of its own on large screens.
    Matrix "Matrix",
}

/// Makes the presets, and all of them in the order the layout key walks them, from one table.
macro_rules! presets {
    ($($(#[$about:meta])* $preset:ident,)*) => {
        /// An arrangement of panes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
        pub enum Preset {
            $($(#[$about])* $preset,)*
        }

        impl Preset {
            /// Every preset, in the order the layout key walks them.
            pub const ALL: [Self; [$(stringify!($preset)),*].len()] = [$(Self::$preset),*];
        }
    };
}

presets! {
    #[default]
    Learn,
    /// A tall editor beside its effect.
    Policy,
    /// Two identities at once.
    Compare,
    /// The prompt for `aws` lines.
    Console,
    /// The keys, their grants, and what hangs on them.
    Keys,
    /// The answer beside the disk.
    Storage,
    /// The log and the reasons.
    Audit,
}

impl Preset {
    /// Returns in a sentence what the arrangement is for.
    pub fn about(self) -> &'static str {
        match self {
            Self::Learn => "The usual screen: the task and everything around it",
            Self::Policy => "A tall editor beside its effect",
            Self::Compare => "Two identities at once",
            Self::Console => "The console in the middle",
            Self::Keys => "The keys and their grants in the middle",
            Self::Storage => "The answer beside the disk",
            Self::Audit => "The log beside the reasons",
        }
    }

    /// The preset after this one.
    pub fn next(self) -> Self {
        match self {
            Self::Learn => Self::Policy,
            Self::Policy => Self::Compare,
            Self::Compare => Self::Console,
            Self::Console => Self::Keys,
            Self::Keys => Self::Storage,
            Self::Storage => Self::Audit,
            Self::Audit => Self::Learn,
        }
    }

    /// Returns the name in one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Learn => "learn",
            Self::Policy => "policy",
            Self::Compare => "compare",
            Self::Keys => "keys",
            Self::Console => "console",
            Self::Storage => "storage",
            Self::Audit => "audit",
        }
    }

    /// The pane that the arrangement is named after; none of one that is about several.
    pub fn named(self) -> Option<Pane> {
        match self {
            Self::Policy => Some(Pane::Policy),
            Self::Console => Some(Pane::Console),
            Self::Keys => Some(Pane::Keys),
            Self::Storage => Some(Pane::Storage),
            Self::Audit => Some(Pane::Audit),
            Self::Learn | Self::Compare => None,
        }
    }

    /// The panes that share the place of the first of them, where the screen is not large enough for all.
    pub(super) fn shared(self, large: bool) -> &'static [Pane] {
        match self {
            Self::Learn if !large => &[Pane::Storage, Pane::Audit, Pane::Story, Pane::Keys, Pane::Console],
            Self::Learn
            | Self::Policy
            | Self::Compare
            | Self::Console
            | Self::Keys
            | Self::Storage
            | Self::Audit => &[],
        }
    }

    /// Rows of panes with their weights; the weights of a row are its columns' shares.
    pub(super) fn grid(self, large: bool, editing: bool) -> Vec<(u16, Vec<(Pane, u16)>)> {
        use Pane::{
            Answer, Audit, Console, Identities, Keys, Matrix, OtherAnswer, OtherWhy, Policy, Storage, Story,
            Why,
        };
        match self {
            // While somebody types, the text and its effect come first.
            Self::Learn if editing && !large => vec![
                (64, vec![(Identities, 15), (Policy, 50), (Answer, 35)]),
                (36, vec![(Why, 50), (Storage, 50)]),
            ],
            Self::Learn if large => vec![
                (46, vec![(Identities, 16), (Policy, 48), (Answer, 36)]),
                (26, vec![(Why, 38), (Storage, 32), (Story, 30)]),
                (28, vec![(Matrix, 55), (Audit, 45)]),
            ],
            Self::Learn => vec![
                (57, vec![(Identities, 18), (Policy, 46), (Answer, 36)]),
                (43, vec![(Why, 50), (Storage, 50)]),
            ],
            Self::Policy => {
                vec![(68, vec![(Identities, 20), (Policy, 80)]), (32, vec![(Answer, 50), (Why, 50)])]
            }
            // The ways of both take the room of the document, which comes back for whoever wants it.
            Self::Compare if !editing && !large => {
                vec![(42, vec![(Answer, 50), (OtherAnswer, 50)]), (58, vec![(Why, 50), (OtherWhy, 50)])]
            }
            Self::Compare => vec![
                (38, vec![(Identities, 20), (Policy, 80)]),
                (26, vec![(Answer, 50), (OtherAnswer, 50)]),
                (36, vec![(Why, 50), (OtherWhy, 50)]),
            ],
            Self::Console if large => vec![
                (30, vec![(Identities, 16), (Story, 36), (Answer, 48)]),
                (48, vec![(Console, 60), (Storage, 40)]),
                (22, vec![(Keys, 50), (Audit, 50)]),
            ],
            Self::Console => vec![
                (32, vec![(Identities, 20), (Answer, 80)]),
                (46, vec![(Console, 100)]),
                (22, vec![(Why, 50), (Audit, 50)]),
            ],
            Self::Keys => vec![
                (30, vec![(Identities, 20), (Answer, 80)]),
                (36, vec![(Keys, 100)]),
                (34, vec![(Storage, 50), (Audit, 50)]),
            ],
            Self::Storage => {
                vec![(38, vec![(Identities, 20), (Answer, 80)]), (62, vec![(Storage, 60), (Audit, 40)])]
            }
            Self::Audit => {
                vec![(30, vec![(Identities, 20), (Answer, 80)]), (70, vec![(Why, 50), (Audit, 50)])]
            }
        }
    }
}
