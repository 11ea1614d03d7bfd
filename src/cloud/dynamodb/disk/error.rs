//! What can go wrong on the disk.

/// An error of the simulated disk. Carries nothing of what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiskError {
    /// Nonce, tag, ciphertext, wrapped key or place is not what was sealed, or the key is another one.
    #[error("stored bytes do not open: they were changed or moved, or the key is another one")]
    Unauthentic,
    /// The bytes opened, but are not a page or an item.
    #[error("stored bytes opened, but are not in the lab's format")]
    Malformed,
    /// More than the format can hold.
    #[error("an item or key is too large to be stored")]
    TooLarge,
}
