//! How large and how deep an expression of JMESPath is, before anything reads it.
//!
//! The reader of the library calls itself for whatever an expression nests, and so does all that works on the tree which
//! it makes. A stack that is too small for that ends the program. So the tokens are counted first, with a bound for how
//! deep the tree becomes: brackets nest, and so do operators that follow each other, as in `a.b.c`.

use std::iter::Peekable;
use std::str::Chars;

use crate::limits::Exceeded;
use crate::limits::console::{QUERY_DEPTH, QUERY_TOKENS};
use crate::limits::steps;

/// Refuses an expression that has too many tokens or nests too deeply.
pub fn check(text: &str) -> Result<(), Exceeded> {
    let mut count = Count::default();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        count.token(c, &mut chars)?;
    }
    steps::add(text.len());
    Ok(())
}

/// What has been counted of the text up to some place.
#[derive(Default)]
struct Count {
    tokens: usize,
    /// The brackets that are open around the innermost one.
    around: Vec<Group>,
    /// How deep all of `around` is together.
    above: usize,
    /// What stands in the innermost bracket.
    here: Group,
}

/// How deep the tree of one element between brackets becomes.
#[derive(Clone, Copy, Default)]
struct Group {
    /// The operators that bind least, `|`, `||` and `&&`: each stands above all before it.
    loose: usize,
    /// The other operators since the last of those.
    tight: usize,
    /// The deepest tree below the loose operators.
    deepest: usize,
}

impl Group {
    fn depth(self) -> usize {
        self.loose + self.tight.max(self.deepest)
    }
}

impl Count {
    /// Counts the token that begins with `c`, and passes over the rest of it.
    fn token(&mut self, c: char, rest: &mut Peekable<Chars<'_>>) -> Result<(), Exceeded> {
        match c {
            ' ' | '\n' | '\t' | '\r' => return Ok(()),
            '\'' | '"' | '`' => {
                while let Some(inner) = rest.next() {
                    if inner == c {
                        break;
                    }
                    if inner == '\\' {
                        rest.next();
                    }
                }
            }
            c if c.is_ascii_alphanumeric() || c == '_' => {
                while rest.next_if(|c| c.is_ascii_alphanumeric() || *c == '_').is_some() {}
            }
            '[' | '(' | '{' => {
                self.here.tight += 1;
                self.above += self.here.loose + self.here.tight;
                self.around.push(std::mem::take(&mut self.here));
            }
            ']' | ')' | '}' => {
                let inner = self.here.depth();
                if let Some(outer) = self.around.pop() {
                    self.here = outer;
                    self.above -= outer.loose + outer.tight;
                    self.here.deepest = outer.deepest.max(outer.tight + inner);
                }
            }
            ',' => self.here = Group { deepest: self.here.depth(), ..Group::default() },
            '|' | '&' => {
                // A single `&` begins an expression of its own.
                let is_loose = rest.next_if_eq(&c).is_some() || c == '|';
                if is_loose {
                    self.here.deepest = self.here.deepest.max(self.here.tight);
                    self.here.loose += 1;
                    self.here.tight = 0;
                } else {
                    self.here.tight += 1;
                }
            }
            '.' | '*' | '!' | '=' | '<' | '>' => self.here.tight += 1,
            _ => {}
        }
        self.tokens += 1;
        QUERY_TOKENS.check(self.tokens)?;
        QUERY_DEPTH.check(self.above + self.here.depth())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nests_is_refused_before_it_is_read() {
        let many = QUERY_DEPTH.size() + 1;
        let forms = [
            "[".repeat(many),
            "(".repeat(many),
            "!".repeat(many),
            "f(".repeat(many),
            "[?".repeat(many),
            "{a: ".repeat(many),
            "a.".repeat(many),
            "*.".repeat(many),
            "[*]".repeat(many),
            "[]".repeat(many),
            "[0]".repeat(many),
            "a || ".repeat(many),
            "a && ".repeat(many),
            "a | ".repeat(many),
            "a == ".repeat(many),
            "&".repeat(2 * many + 1),
            "a[?b].".repeat(many),
            format!("{}a{}", "[a, ".repeat(many), "]".repeat(many)),
            format!("{}{}", "a || ".repeat(many / 2), "[".repeat(many / 2 + 1)),
            format!("{}a{} || b", "[".repeat(many - 1), "]".repeat(many - 1)),
        ];
        for form in forms {
            let start: String = form.chars().take(20).collect();
            assert_eq!(check(&form), Err(Exceeded(&QUERY_DEPTH)), "{start}");
        }
    }

    #[test]
    fn what_stands_side_by_side_does_not_nest() {
        let fields: Vec<String> = (0..400).map(|n| format!("f{n}: a.b[0].c")).collect();
        let any: Vec<String> = (0..150).map(|n| format!("a.b == 'x{n}'")).collect();
        for wide in [format!("Items[].{{{}}}", fields.join(", ")), format!("Items[?{}].a", any.join(" || "))]
        {
            assert_eq!(check(&wide), Ok(()), "{wide}");
        }
        assert_eq!(check("`[[[[[\\`[` == '[[[[[' || \"[[[[[\""), Ok(()));
        assert_eq!(check(&"a, ".repeat(QUERY_TOKENS.size())), Err(Exceeded(&QUERY_TOKENS)));
    }
}
