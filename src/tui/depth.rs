//! How many colours the terminal shows, and a theme in no more than those.

use ratatui::style::{Color, Style};

use super::theme::Theme;

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Depth {
    /// Every colour there is.
    #[default]
    All,
    /// 256 of them, by number; macOS Terminal, for one.
    Indexed,
    /// Sixteen that are the terminal's own, as far as it is known.
    Sixteen,
}

impl Depth {
    /// What the terminal says of itself in `COLORTERM` and `TERM`.
    pub fn of_terminal() -> Self {
        let says = |name, words: &[&str]| {
            std::env::var(name).is_ok_and(|value| words.iter().any(|word| value.contains(word)))
        };
        if says("COLORTERM", &["truecolor", "24bit"]) || says("TERM", &["direct"]) {
            Self::All
        } else if says("TERM", &["256"]) {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }

    /// The theme in colours that the terminal shows. One that was asked for is given in 256 colours at the least.
    pub fn fit(self, mut theme: Theme) -> Theme {
        if self != Self::All {
            for role in Theme::ROLES.iter().copied() {
                if let Some(style) = theme.role_mut(role) {
                    *style = Style { fg: style.fg.map(indexed), bg: style.bg.map(indexed), ..*style };
                }
            }
        }
        theme
    }
}

/// The levels of red, green and blue in the colour cube. Source: xterm, `256colres.h`; so are the grays.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The nearest of the colours that have the same number everywhere: the cube from 16 on, the grays from 232 on.
fn indexed(colour: Color) -> Color {
    let Color::Rgb(r, g, b) = colour else { return colour };
    let far = |one: [u8; 3]| -> u32 {
        one.iter().zip([r, g, b]).map(|(x, y)| u32::from(x.abs_diff(y)).pow(2)).sum()
    };
    let cube = (0..216_u8).map(|n| {
        let level = |n: u8| LEVELS[usize::from(n % 6)];
        (16 + n, [level(n / 36), level(n / 6), level(n)])
    });
    let grays = (0..24_u8).map(|n| (232 + n, [8 + 10 * n; 3]));
    let nearest = cube.chain(grays).min_by_key(|(_, levels)| far(*levels));
    nearest.map_or(colour, |(number, _)| Color::Indexed(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::ThemeName;

    #[test]
    fn a_colour_becomes_the_nearest_of_those_with_a_number() {
        assert_eq!(indexed(Color::Rgb(0, 0, 0)), Color::Indexed(16));
        assert_eq!(indexed(Color::Rgb(255, 255, 255)), Color::Indexed(231));
        assert_eq!(indexed(Color::Rgb(0x5f, 0x87, 0xff)), Color::Indexed(69));
        assert_eq!(indexed(Color::Rgb(0x80, 0x82, 0x81)), Color::Indexed(244));
        assert_eq!(indexed(Color::Green), Color::Green);
    }

    #[test]
    fn a_theme_keeps_its_roles_apart_in_256_colours() {
        for name in [ThemeName::Dark, ThemeName::Light, ThemeName::HighContrast] {
            let theme = Depth::Indexed.fit(Theme::new(name));
            assert_ne!(theme.allowed, theme.denied, "{name:?}");
            assert_ne!(theme.allowed, theme.draft, "{name:?}");
            assert_ne!(theme.denied, theme.draft, "{name:?}");
            assert_ne!(theme.frame, theme.frame_focus, "{name:?}");
            assert_ne!(theme.dim, theme.text, "{name:?}");
            assert!(!format!("{theme:?}").contains("Rgb"), "{theme:?}");
        }
        assert_eq!(Depth::All.fit(Theme::new(ThemeName::Light)), Theme::new(ThemeName::Light));
    }
}
