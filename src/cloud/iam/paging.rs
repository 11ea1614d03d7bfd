//! Lists in pages: how much of a list an answer holds, and the marker to go on with.
//!
//! Source: IAM API Reference, `Marker` and `MaxItems` of any operation that lists.

use super::super::ApiError;
use super::super::authorization::base36;
use super::{check_length, check_number};

/// The most of an answer that does not ask for a number.
const PAGE: u32 = 100;

/// The most of any answer.
const LARGEST_PAGE: u32 = 1000;

/// A part of a list.
pub(super) struct Page<T> {
    pub items: Vec<T>,
    /// The marker to go on with; `None` at the end of the list.
    pub marker: Option<String>,
}

/// Returns the part of a list that a request asks for; `name` says what tells the entries apart.
///
/// A marker says what was listed last, so that what comes in between does not shift the pages.
pub(super) fn page<T>(
    all: Vec<T>,
    name: impl Fn(&T) -> String,
    marker: Option<&str>,
    most: Option<u32>,
) -> Result<Page<T>, ApiError> {
    let most = most.unwrap_or(PAGE);
    check_number(most, "maxItems", 1, LARGEST_PAGE)?;
    let start = match marker {
        Some(marker) => {
            check_length(marker, "marker", 1, 320)?;
            all.iter().position(|item| base36(&name(item)) == marker).ok_or_else(unknown_marker)? + 1
        }
        None => 0,
    };
    let rest = all.len() - start;
    let items: Vec<T> = all.into_iter().skip(start).take(most as usize).collect();
    let marker = items.last().filter(|_| items.len() < rest).map(|last| base36(&name(last)));
    Ok(Page { items, marker })
}

/// Returns the error for a marker that no answer gave.
///
/// Doubtful: its words. One form is known: the code is that of other values that are not valid.
/// Source: IAM API Reference, ListPolicies, which is silent about it.
fn unknown_marker() -> ApiError {
    ApiError::new("ValidationError", "Invalid Marker.")
}

/// Writes operations that list what one user, role or group has, and their answer: `name` says what tells the entries apart.
macro_rules! listing_operations {
    (
        [$($request:ident($kind:ident, $owner:ident)),+] { $($(#[$doc:meta])* $extra:ident: $type:ty),* $(,)? }
            -> $(#[$about:meta])* $response:ident { $field:ident: $item:ty },
        name: $name:expr,
        |$invocation:ident, $which:ident, $called:ident| $body:expr
    ) => {
        $(#[$about])*
        ///
        /// A list is given out a page at a time.
        #[serde_with::skip_serializing_none]
        #[derive(Clone, Debug, serde::Serialize)]
        #[serde(rename_all = "PascalCase")]
        pub struct $response {
            pub $field: Vec<$item>,
            /// Whether there are more.
            pub is_truncated: bool,
            /// The marker to go on with, if there are more.
            pub marker: Option<String>,
        }

        $crate::cloud::iam::operation::identity_operations! {
            [$($request($kind, $owner)),+] {
                $($(#[$doc])* $extra: $type,)*
                /** The marker of the last answer, to go on from. */
                marker: Option<String>,
                /** At most so many: 1 to 1,000, 100 unless given. */
                max_items: Option<u32>,
            } -> $response, read_only: true,
            |$invocation, $which, $called| {
                let all: Vec<$item> = $body;
                let page = $crate::cloud::iam::paging::page(all, $name, marker.as_deref(), max_items)?;
                let is_truncated = page.marker.is_some();
                Ok($response { $field: page.items, is_truncated, marker: page.marker })
            }
        }
    };
}
pub(super) use listing_operations;

#[cfg(test)]
mod tests {
    use super::*;

    fn paged(marker: Option<&str>, most: Option<u32>) -> Result<Page<u32>, ApiError> {
        page((0..250).collect(), u32::to_string, marker, most)
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let (mut marker, mut sizes, mut seen) = (None, Vec::new(), Vec::new());
        loop {
            let part = paged(marker.as_deref(), None).expect("a page");
            sizes.push(part.items.len());
            seen.extend(part.items);
            marker = part.marker;
            if marker.is_none() {
                break;
            }
        }
        assert_eq!(sizes, [100, 100, 50]);
        assert_eq!(seen, (0..250).collect::<Vec<_>>());
    }

    #[test]
    fn a_number_or_a_marker_that_is_none_is_refused() {
        for (marker, most) in [(None, Some(0)), (None, Some(1001)), (Some("x"), None), (Some(""), None)] {
            assert!(paged(marker, most).is_err(), "{marker:?} {most:?}");
        }
        assert_eq!(paged(None, Some(1000)).expect("a page").items.len(), 250);
    }
}
