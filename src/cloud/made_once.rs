//! A value that follows from others, made when it is first asked for.

use std::fmt;
use std::sync::OnceLock;

/// A value that is made when it is first asked for. It follows from the rest of what holds it, and so counts for nothing when
/// two of these are compared or copied.
pub struct MadeOnce<T>(OnceLock<T>);

impl<T> MadeOnce<T> {
    /// The value, made by `make` the first time.
    pub fn get(&self, make: impl FnOnce() -> T) -> &T {
        self.0.get_or_init(make)
    }
}

impl<T> Default for MadeOnce<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> Clone for MadeOnce<T> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<T> PartialEq for MadeOnce<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> fmt::Debug for MadeOnce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}
