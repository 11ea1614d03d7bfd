//! Colours by role, never by name.
//!
//! Panes ask for a role ([`Theme::allowed`], [`Theme::dim`]); only this file knows colours. Each meaning is also a word
//! or a symbol on the screen, so a theme without colours loses nothing. Backgrounds stay the terminal's own, except in
//! high contrast.

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use crate::policy::json::{Token, TokenKind};

/// The themes a person can choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeName {
    /// The terminal's own sixteen colours; on a light background those that are not pale there.
    #[default]
    Ansi,
    /// Soft colours for a dark background.
    Dark,
    /// Soft colours for a light background.
    Light,
    /// Pure colours on black.
    HighContrast,
    /// No colours: bold, dim, underline and reverse only.
    Mono,
}

impl ThemeName {
    /// Every theme, in the order the theme key walks through.
    pub const ALL: [Self; 5] = [Self::Ansi, Self::Dark, Self::Light, Self::HighContrast, Self::Mono];

    /// The name as written on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ansi => "ansi",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
            Self::Mono => "mono",
        }
    }

    /// The theme of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.as_str() == name)
    }

    /// Whether the theme is made for a light background; none if it suits any.
    pub fn for_light(self) -> Option<bool> {
        match self {
            Self::Dark => Some(false),
            Self::Light => Some(true),
            Self::Ansi | Self::HighContrast | Self::Mono => None,
        }
    }

    /// The theme of soft colours for a background.
    pub fn soft(light: bool) -> Self {
        if light { Self::Light } else { Self::Dark }
    }

    /// The themes that suit the background as far as it is known, and those that do not.
    pub fn suiting(light: Option<bool>) -> (Vec<Self>, Vec<Self>) {
        let misfit = |theme: &Self| light.zip(theme.for_light()).is_some_and(|(one, other)| one != other);
        let (others, mut fitting): (Vec<Self>, Vec<Self>) = Self::ALL.into_iter().partition(misfit);
        fitting.sort_by_key(|theme| light.is_some() && theme.for_light() != light);
        (fitting, others)
    }
}

/// Makes the theme of its roles: the field, the name in a person's file, and the way from one to the other. A new role
/// is a row here; the compiler then asks each built-in theme for its style.
macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident,)*) => {
        /// One style for each role.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Theme {
            /// Which theme this is, or stands on.
            pub name: ThemeName,
            /// What the person calls it, if it is one of their own.
            pub own: Option<String>,
            $($(#[$doc])* pub $role: Style,)*
        }

        impl Theme {
            /// The roles a person's own theme may give styles to.
            pub const ROLES: &[&str] = &[$(stringify!($role)),*];

            /// The style of a role, to change it.
            pub fn role_mut(&mut self, role: &str) -> Option<&mut Style> {
                match role {
                    $(stringify!($role) => Some(&mut self.$role),)*
                    _ => None,
                }
            }
        }
    };
}

roles! {
    /// Ordinary text, neither dim nor bold.
    text,
    /// Words of the second rank, and hints.
    dim,
    /// Titles and verdict words.
    title,
    /// The focus, keys, and what can be clicked.
    accent,
    /// What is allowed, and what went well.
    allowed,
    /// What is denied, and errors.
    denied,
    /// A draft and what it changes.
    draft,
    /// Bytes as they lie on the disk.
    stored,
    /// A frame without focus.
    frame,
    /// The frame with focus.
    frame_focus,
    /// The row that is selected in a list.
    selection,
    /// Header and footer bars.
    bar,
    /// The program's name in the header.
    badge,
    /// A line the draft added.
    added,
    /// A line the draft removed (in the diff).
    removed,
    /// The keys of JSON objects.
    json_key,
    /// The strings of JSON texts.
    json_string,
    /// JSON numbers, `true`, `false`, `null`.
    json_word,
    /// The punctuation of JSON texts.
    json_punct,
    /// Text under a finding of severity error.
    error_mark,
    /// Text under a finding of severity warning.
    warn_mark,
    /// A search hit, or the bracket that matches.
    found,
    /// The screen behind everything.
    screen,
}

impl Theme {
    /// The theme of that name.
    pub fn new(name: ThemeName) -> Self {
        match name {
            ThemeName::Ansi => Self::ansi(),
            ThemeName::Dark => Self::from_palette(name, &DARK),
            ThemeName::Light => Self::from_palette(name, &LIGHT),
            ThemeName::HighContrast => Self::from_palette(name, &CONTRAST),
            ThemeName::Mono => Self::mono(),
        }
    }

    /// The same on a background that is known. Of the sixteen colours green and cyan are pale on a light one: there the
    /// accent is blue, and what is allowed is bold.
    pub fn on(self, light: Option<bool>) -> Self {
        if self != Self::ansi() || light != Some(true) {
            return self;
        }
        let blue = Style::new().fg(Color::Blue);
        Self {
            accent: blue,
            frame_focus: blue,
            json_key: blue,
            allowed: Style::new().add_modifier(Modifier::BOLD),
            added: Style::new(),
            ..self
        }
    }

    /// Returns the name of the theme, and the background it is made for unless the terminal is known to have that
    /// one.
    pub fn described(&self, light: Option<bool>) -> String {
        let made_for = self.name.for_light().filter(|made| self.own.is_none() && light != Some(*made));
        match made_for {
            Some(true) => format!("{}, for a light background", self.title_of()),
            Some(false) => format!("{}, for a dark background", self.title_of()),
            None => self.title_of().to_owned(),
        }
    }

    /// What people call it.
    pub fn title_of(&self) -> &str {
        self.own.as_deref().unwrap_or(self.name.as_str())
    }

    /// The lines that decided. A block in reversed video would shine brighter than everything else, and turn each
    /// colour in it into a block of its own: where that is all the theme has, the lines are bold.
    pub fn lit(&self) -> Style {
        if self.selection.add_modifier.contains(Modifier::REVERSED) {
            Style::new().add_modifier(Modifier::BOLD).remove_modifier(Modifier::DIM)
        } else {
            self.selection
        }
    }

    /// Returns the style of a piece of JSON on a line, which may be half typed.
    pub fn json(&self, line: &str, token: Token) -> Style {
        match token.kind {
            TokenKind::Key => self.json_key,
            TokenKind::String => self.json_string,
            // A string that is still open.
            TokenKind::Error if token.span.of(line).starts_with('"') => self.json_string,
            TokenKind::Number | TokenKind::Literal | TokenKind::Error => self.json_word,
            TokenKind::Punctuation => self.json_punct,
        }
    }

    /// Sixteen colours on an unknown background. Yellow on white and blue on black are unreadable in common palettes,
    /// so drafts are black on yellow and the accent is cyan; dim is the terminal's own dimming of the default colour.
    fn ansi() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let dim = plain.add_modifier(Modifier::DIM);
        let underline = Modifier::UNDERLINED;
        Self {
            name: ThemeName::Ansi,
            own: None,
            text: plain,
            dim,
            title: bold,
            accent: plain.fg(Color::Cyan),
            allowed: plain.fg(Color::Green),
            denied: plain.fg(Color::Red),
            draft: plain.fg(Color::Black).bg(Color::Yellow),
            stored: plain.fg(Color::Magenta),
            frame: dim,
            frame_focus: plain.fg(Color::Cyan),
            selection: plain.add_modifier(Modifier::REVERSED),
            bar: plain,
            badge: plain.fg(Color::Black).bg(Color::Cyan).add_modifier(Modifier::BOLD),
            added: plain.fg(Color::Green),
            removed: plain.fg(Color::Red),
            json_key: plain.fg(Color::Cyan),
            json_string: plain,
            json_word: plain.fg(Color::Magenta),
            json_punct: dim,
            error_mark: plain.fg(Color::Red).add_modifier(underline),
            warn_mark: plain.add_modifier(underline),
            found: plain.add_modifier(Modifier::REVERSED),
            screen: plain,
        }
    }

    fn mono() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let dim = plain.add_modifier(Modifier::DIM);
        let underline = plain.add_modifier(Modifier::UNDERLINED);
        let reversed = plain.add_modifier(Modifier::REVERSED);
        Self {
            name: ThemeName::Mono,
            own: None,
            text: plain,
            dim,
            title: bold,
            accent: bold,
            allowed: plain,
            denied: bold,
            draft: underline,
            stored: dim,
            frame: dim,
            frame_focus: bold,
            selection: reversed,
            bar: plain,
            badge: reversed,
            added: bold,
            removed: dim,
            json_key: bold,
            json_string: plain,
            json_word: plain,
            json_punct: dim,
            error_mark: underline,
            warn_mark: underline,
            found: reversed,
            screen: plain,
        }
    }

    fn from_palette(name: ThemeName, p: &Palette) -> Self {
        let base = match p.screen {
            Some(bg) => Style::new().fg(rgb(p.text)).bg(rgb(bg)),
            None => Style::new(),
        };
        let fg = |c: u32| Style::new().fg(rgb(c));
        let bold = Modifier::BOLD;
        let text = if p.screen.is_some() { fg(p.text) } else { Style::new() };
        Self {
            name,
            own: None,
            text,
            dim: fg(p.dim),
            title: text.add_modifier(bold),
            accent: fg(p.accent),
            allowed: fg(p.green),
            denied: fg(p.red),
            draft: fg(p.amber),
            stored: fg(p.violet),
            frame: fg(p.frame),
            frame_focus: fg(p.accent),
            // With their own words' colour: the background may be another than the terminal's.
            selection: fg(p.text).bg(rgb(p.selection)),
            bar: fg(p.text).bg(rgb(p.bar)),
            badge: Style::new().fg(rgb(p.on_accent)).bg(rgb(p.accent)).add_modifier(bold),
            added: Style::new().bg(rgb(p.added)),
            removed: Style::new().bg(rgb(p.removed)),
            json_key: fg(p.cyan),
            json_string: fg(p.green),
            json_word: fg(p.orange),
            json_punct: fg(p.dim),
            error_mark: fg(p.red).add_modifier(Modifier::UNDERLINED),
            warn_mark: fg(p.amber).add_modifier(Modifier::UNDERLINED),
            found: Style::new().fg(rgb(p.on_accent)).bg(rgb(p.amber)),
            screen: base,
        }
    }
}

/// The colours of a soft theme as `0xRRGGBB`.
struct Palette {
    /// The background, where the theme paints its own.
    screen: Option<u32>,
    text: u32,
    dim: u32,
    frame: u32,
    accent: u32,
    on_accent: u32,
    green: u32,
    red: u32,
    amber: u32,
    violet: u32,
    cyan: u32,
    orange: u32,
    bar: u32,
    selection: u32,
    added: u32,
    removed: u32,
}

const DARK: Palette = Palette {
    screen: None,
    text: 0x00d0_d0d0,
    dim: 0x0090_97a5,
    frame: 0x0044_4a57,
    accent: 0x007a_a2f7,
    on_accent: 0x0012_1417,
    green: 0x009e_ce6a,
    red: 0x00f7_768e,
    amber: 0x00e0_af68,
    violet: 0x00a9_8ee0,
    cyan: 0x007d_cfff,
    orange: 0x00ff_9e64,
    bar: 0x001f_2335,
    selection: 0x0028_2e44,
    added: 0x001a_2c20,
    removed: 0x0035_1f27,
};

const LIGHT: Palette = Palette {
    screen: None,
    text: 0x002e_3440,
    dim: 0x005f_6672,
    frame: 0x00c2_c8d2,
    accent: 0x002a_5db0,
    on_accent: 0x00ff_ffff,
    green: 0x001f_701f,
    red: 0x00b8_213a,
    amber: 0x0091_5400,
    violet: 0x006a_40b5,
    cyan: 0x0000_6284,
    orange: 0x0098_4300,
    bar: 0x00e4_e8f0,
    selection: 0x00d9_e4f8,
    added: 0x00dd_f2dd,
    removed: 0x00fa_dfe2,
};

const CONTRAST: Palette = Palette {
    screen: Some(0x0000_0000),
    text: 0x00ff_ffff,
    dim: 0x00d0_d0d0,
    frame: 0x00a0_a0a0,
    accent: 0x0000_ffff,
    on_accent: 0x0000_0000,
    green: 0x0000_ff00,
    red: 0x00ff_7878,
    amber: 0x00ff_ff00,
    violet: 0x00ff_a0ff,
    cyan: 0x0000_ffff,
    orange: 0x00ff_c060,
    bar: 0x0000_0060,
    selection: 0x0000_2850,
    added: 0x0000_4000,
    removed: 0x0060_0000,
};

fn rgb(c: u32) -> Color {
    let [_, r, g, b] = c.to_be_bytes();
    Color::Rgb(r, g, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast of two colours. Source: WCAG 2.1, "contrast ratio".
    fn contrast(one: u32, other: u32) -> f64 {
        let luminance = |colour: u32| {
            let [_, r, g, b] = colour.to_be_bytes();
            let channel = |v: u8| {
                let v = f64::from(v) / 255.0;
                if v <= 0.03928 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
        };
        let (x, y) = (luminance(one), luminance(other));
        (x.max(y) + 0.05) / (x.min(y) + 0.05)
    }

    #[test]
    fn every_word_is_readable_on_its_background() {
        // Source: WCAG 2.1, success criterion 1.4.3, for text of ordinary size.
        const LEAST: f64 = 4.5;
        for (name, p, backgrounds) in [
            ("dark", &DARK, [0x0000_0000, 0x0012_1417, 0x0028_2c34]),
            ("light", &LIGHT, [0x00fa_fafa, 0x00ff_ffff, 0x00fd_f6e3]),
            ("high-contrast", &CONTRAST, [0, 0, 0]),
        ] {
            for bg in backgrounds.into_iter().chain([p.bar, p.selection, p.added, p.removed]) {
                for (role, c) in [
                    ("text", p.text),
                    ("dim", p.dim),
                    ("accent", p.accent),
                    ("allowed", p.green),
                    ("denied", p.red),
                    ("draft", p.amber),
                    ("stored", p.violet),
                    ("json key", p.cyan),
                    ("json word", p.orange),
                ] {
                    let got = contrast(c, bg);
                    assert!(got >= LEAST, "{name} {role} on {bg:06x}: {got:.2}");
                }
            }
            for (role, bg) in [("badge", p.accent), ("found", p.amber)] {
                let got = contrast(p.on_accent, bg);
                assert!(got >= LEAST, "{name} {role}: {got:.2}");
            }
        }
    }

    #[test]
    fn of_sixteen_colours_every_word_is_readable_on_a_background_that_is_known() {
        // Source: xterm's default colours. Of them red and magenta on black reach what WCAG asks of larger text only.
        for (light, paper, ink, least) in [(false, 0, 0x00e5_e5e5, 3.0), (true, 0x00ff_ffff, 0, 4.5)] {
            let xterm = |colour, otherwise| match colour {
                None => otherwise,
                Some(Color::Black) => 0,
                Some(Color::Red) => 0x00cd_0000,
                Some(Color::Green) => 0x0000_cd00,
                Some(Color::Yellow) => 0x00cd_cd00,
                Some(Color::Blue) => 0x0000_00ee,
                Some(Color::Magenta) => 0x00cd_00cd,
                Some(Color::Cyan) => 0x0000_cdcd,
                Some(other) => panic!("not one of the colours in use: {other:?}"),
            };
            let mut theme = Theme::new(ThemeName::Ansi).on(Some(light));
            for role in Theme::ROLES.iter().copied() {
                let style = theme.role_mut(role).expect("a role has a style");
                let got = contrast(xterm(style.fg, ink), xterm(style.bg, paper));
                assert!(got >= least, "{role} on {paper:06x}: {got:.2}");
            }
        }
        let ansi = Theme::new(ThemeName::Ansi);
        assert_eq!((ansi.clone().on(None), ansi.clone().on(Some(false))), (ansi.clone(), ansi));
        assert_eq!(Theme::new(ThemeName::Dark).on(Some(true)), Theme::new(ThemeName::Dark));
    }

    #[test]
    fn what_suits_the_background_comes_first_and_what_does_not_last() {
        let ends = |light| {
            let (fitting, others) = ThemeName::suiting(light);
            (fitting[0], others[others.len() - 1])
        };
        assert_eq!(ends(Some(true)), (ThemeName::Light, ThemeName::Dark));
        assert_eq!(ends(Some(false)), (ThemeName::Dark, ThemeName::Light));
        assert_eq!(ThemeName::suiting(None), (ThemeName::ALL.to_vec(), Vec::new()));
        let said = |theme, light| Theme::new(theme).described(light);
        assert_eq!(said(ThemeName::Light, Some(false)), "light, for a light background");
        assert_eq!(said(ThemeName::Light, Some(true)), "light");
        assert_eq!(said(ThemeName::Dark, None), "dark, for a dark background");
        assert_eq!(said(ThemeName::Mono, None), "mono");
    }

    #[test]
    fn what_decided_is_lit_in_every_theme_and_never_by_reversed_video() {
        for name in ThemeName::ALL {
            let lit = Theme::new(name).lit();
            assert_ne!(lit, Style::new(), "{name:?}");
            assert!(!lit.add_modifier.contains(Modifier::REVERSED), "{name:?}");
        }
    }

    #[test]
    fn names_round_trip_and_each_theme_is_offered_once() {
        for t in ThemeName::ALL {
            assert_eq!(ThemeName::parse(t.as_str()), Some(t));
        }
        for light in [None, Some(true), Some(false)] {
            let (mut offered, others) = ThemeName::suiting(light);
            offered.extend(others);
            offered.sort_by_key(|t| t.as_str());
            offered.dedup();
            assert_eq!(offered.len(), ThemeName::ALL.len());
        }
    }
}
