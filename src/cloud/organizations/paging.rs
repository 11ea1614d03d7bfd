//! Lists that come in pages.

use serde_json::json;

use super::state::error;
use crate::cloud::ApiError;
use crate::cloud::authorization::base36;

/// The most entries of an answer, of one that asks for no number as well.
///
/// Doubtful: the second. AWS says that such an answer has a length of its own for each operation. One form is known.
/// Source: Organizations API Reference, ListAccounts and its relatives, `MaxResults`: 1 to 20.
const LARGEST_PAGE: i64 = 20;

/// Returns an error for a parameter that cannot be so, with AWS's reason.
/// Source: Organizations API Reference, `InvalidInputException`, whose reasons these are.
fn invalid(reason: &str) -> ApiError {
    error("InvalidInputException", "You specified an invalid value.").with_members(json!({"Reason": reason}))
}

/// Returns one page of a list, and the token to go on from if there is more.
///
/// A token says what was listed last, so that what comes in between does not shift the pages.
pub(super) fn page<T>(
    all: Vec<T>,
    next_token: Option<&str>,
    max_results: Option<i64>,
    id: impl Fn(&T) -> &str,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let most = max_results.unwrap_or(LARGEST_PAGE);
    if most < 1 {
        return Err(invalid("MIN_VALUE_EXCEEDED"));
    }
    if most > LARGEST_PAGE {
        return Err(invalid("MAX_VALUE_EXCEEDED"));
    }
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let start = match next_token {
        Some(token) => {
            let last = all.iter().position(|item| base36(id(item)) == token);
            last.ok_or_else(|| invalid("INVALID_NEXT_TOKEN"))? + 1
        }
        None => 0,
    };
    let is_truncated = all.len() > start.saturating_add(most);
    let page: Vec<T> = all.into_iter().skip(start).take(most).collect();
    let next = page.last().filter(|_| is_truncated).map(|last| base36(id(last)));
    Ok((page, next))
}
