//! Which parts of a line give way where it does not fit: what all ARNs have in common, never the end that says who.

use std::ops::Range;

use super::cells::cells;
use crate::policy::json::lex;

/// The longest line that is shortened, in bytes: a longer one fits no screen in any case.
const MAX_LINE_BYTES: usize = 2_000;

/// How many characters of a key's id say which key it is.
const ID_SHOWN: usize = 8;

/// The length of a key's id, a UUID.
const ID_LENGTH: usize = 36;

/// Returns the bytes of a line that are left out so that it fits in `room` cells, a sign of `sign` cells in the place of each.
///
/// First the front of each ARN gives way, up to its account, then the rest of a key's id. A line that does not fit even so
/// is cut at its end.
pub fn left_out(line: &str, room: usize, sign: usize) -> Vec<Range<usize>> {
    let mut over = match cells(line).checked_sub(room) {
        None | Some(0) => return Vec::new(),
        Some(_) if line.len() > MAX_LINE_BYTES => return Vec::new(),
        Some(over) => over,
    };
    let arns: Vec<Range<usize>> =
        lex(line).filter_map(|token| arn_in(line, token.span.start..token.span.end)).collect();
    let fronts = arns.iter().filter_map(|arn| front(line, arn));
    let ids = arns.iter().filter_map(|arn| rest_of_id(line, arn));
    let mut out = Vec::new();
    for part in fronts.chain(ids) {
        if over == 0 {
            break;
        }
        let saved = cells(line.get(part.clone()).unwrap_or_default()).saturating_sub(sign);
        if saved > 0 {
            over = over.saturating_sub(saved);
            out.push(part);
        }
    }
    out.sort_by_key(|part| part.start);
    out
}

/// The ARN in a string, without its quotes.
fn arn_in(line: &str, token: Range<usize>) -> Option<Range<usize>> {
    let inner = line.get(token.clone())?.trim_matches('"');
    let start = token.start + line.get(token)?.find(inner)?;
    inner.starts_with("arn:").then_some(start..start + inner.len())
}

/// The front of an ARN, which ends with its account.
fn front(line: &str, arn: &Range<usize>) -> Option<Range<usize>> {
    let (resource, _) = line.get(arn.clone())?.match_indices(':').nth(4)?;
    Some(arn.start..arn.start + resource)
}

/// The rest of the id of a key at the end of an ARN.
fn rest_of_id(line: &str, arn: &Range<usize>) -> Option<Range<usize>> {
    let text = line.get(arn.clone())?;
    let (_, id) = text.split_once(":key/").filter(|(_, id)| id.len() == ID_LENGTH && id.is_ascii())?;
    Some(arn.end - id.len() + ID_SHOWN..arn.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_that_says_who_stays() {
        let user = r#"    "Principal": { "AWS": "arn:aws:iam::111122223333:user/tess" },"#;
        let key =
            r#"  "Resource": "arn:aws:kms:us-east-1:111122223333:key/367e4612-0000-4000-8000-000000000000""#;
        let two = r#"["arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/b"]"#;
        let cases = [
            (user, 70, user),
            (user, 50, r#"    "Principal": { "AWS": "…:user/tess" },"#),
            (user, 20, r#"    "Principal": { "AWS": "…:user/tess" },"#),
            (key, 60, r#"  "Resource": "…:key/367e4612-0000-4000-8000-000000000000""#),
            (key, 40, r#"  "Resource": "…:key/367e4612…""#),
            (two, 60, r#"["…:role/a", "arn:aws:iam::111122223333:role/b"]"#),
            (two, 30, r#"["…:role/a", "…:role/b"]"#),
            (r#""Sid": "a long name without an ARN""#, 10, r#""Sid": "a long name without an ARN""#),
        ];
        for (line, room, want) in cases {
            let mut shown = String::new();
            let mut from = 0;
            for part in left_out(line, room, 1) {
                shown.push_str(&line[from..part.start]);
                shown.push('…');
                from = part.end;
            }
            shown.push_str(&line[from..]);
            assert_eq!(shown, want, "in {room}");
        }
    }
}
