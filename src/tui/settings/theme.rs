//! A person's own theme: one to stand on, and styles for some of its roles.

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::file::File;
use crate::policy::json::Node;
use crate::tui::theme::{Theme, ThemeName};

/// One member of a theme's file.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Base(ThemeName),
    Styles(IgnoredAny),
}

/// One member of a style.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum StylePart {
    Fg(Colour),
    Bg(Colour),
    Bold(bool),
    Dim(bool),
    Italic(bool),
    Underline(bool),
    Reverse(bool),
}

/// A colour as a person writes it.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Colour(Color);

impl TryFrom<String> for Colour {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let colour = text.parse().map(Self);
        colour.map_err(|_| "a colour is a name such as `cyan`, a number to `255`, or `#rrggbb`")
    }
}

/// Returns the theme if nothing in its file is wrong.
pub(super) fn read(file: &mut File) -> Option<Theme> {
    let root = file.root()?;
    let name = file.stem();
    if ThemeName::parse(&name).is_some() {
        file.report(root.span, format!("`{name}` is a built-in theme; give the file another name"));
    }
    let mut base = ThemeName::default();
    let mut styles = None;
    for (member, part) in file.parts("member", &root) {
        match part {
            Part::Base(name) => base = name,
            Part::Styles(_) => styles = Some(&member.value),
        }
    }
    let mut theme = Theme::new(base);
    theme.own = Some(name);
    if let Some(styles) = styles {
        set_styles(file, styles, &mut theme);
    }
    file.problems.is_empty().then_some(theme)
}

fn set_styles(file: &mut File, styles: &Node, theme: &mut Theme) {
    let Some(roles) = styles.as_object() else {
        file.report(
            styles.span,
            format!("`styles` has a style for each role, and this is {}", styles.kind()),
        );
        return;
    };
    for role in roles {
        let style = style(file, &role.value);
        if let Some(place) = theme.role_mut(&role.name) {
            *place = style;
        } else {
            let known = Theme::ROLES.join("`, `");
            let why = format!("unknown role `{}`, expected one of `{known}`", role.name);
            file.report(role.name_span, why);
        }
    }
}

/// Returns a style: a colour alone, or an object of colours and attributes.
fn style(file: &mut File, node: &Node) -> Style {
    if node.as_str().is_some() {
        return match file.value::<Colour>(node) {
            Ok(Colour(colour)) => Style::new().fg(colour),
            Err(why) => {
                file.report(node.span, why);
                Style::new()
            }
        };
    }
    let mut style = Style::new();
    for (_, part) in file.parts("part of a style", node) {
        let (modifier, on) = match part {
            StylePart::Fg(Colour(colour)) => {
                style = style.fg(colour);
                continue;
            }
            StylePart::Bg(Colour(colour)) => {
                style = style.bg(colour);
                continue;
            }
            StylePart::Bold(on) => (Modifier::BOLD, on),
            StylePart::Dim(on) => (Modifier::DIM, on),
            StylePart::Italic(on) => (Modifier::ITALIC, on),
            StylePart::Underline(on) => (Modifier::UNDERLINED, on),
            StylePart::Reverse(on) => (Modifier::REVERSED, on),
        };
        if on {
            style = style.add_modifier(modifier);
        }
    }
    style
}
