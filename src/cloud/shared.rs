//! A part of a world that its copies share until one of them changes it.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// A value that copies share until one of them is borrowed to be changed.
///
/// Two that share are the same without a look at what they hold: so it costs nothing to find out that a call has left a
/// service as it was.
#[derive(Default)]
pub(in crate::cloud) struct Shared<T>(Arc<T>);

impl<T> Shared<T> {
    /// Tells whether neither was borrowed to be changed since one was copied from the other. Both must be alive all the time
    /// between.
    pub fn is_shared_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
