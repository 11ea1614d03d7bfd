//! How a remark on the screen is meant.

/// How something that was said is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastKind {
    Good,
    Bad,
    Note,
}

impl ToastKind {
    /// The kind that suits something that went well, or did not.
    pub fn of(good: bool) -> Self {
        if good { Self::Good } else { Self::Bad }
    }
}
