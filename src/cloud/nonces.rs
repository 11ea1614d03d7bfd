//! For tests: every nonce that is used under a key, with what it was used for.

use std::cell::RefCell;
use std::collections::HashMap;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::AeadInOut;
use sha2::{Digest as _, Sha256};

/// A key, by what it makes of nothing, and a nonce.
type Use = ([u8; 16], [u8; 12]);

thread_local! {
    static SEEN: RefCell<Option<HashMap<Use, [u8; 32]>>> = const { RefCell::new(None) };
}

/// Begins to note what this thread seals.
pub(in crate::cloud) fn watch() {
    SEEN.with_borrow_mut(|seen| *seen = Some(HashMap::new()));
}

/// Returns how many uses were noted, and stops.
pub(in crate::cloud) fn seen() -> usize {
    SEEN.take().map_or(0, |seen| seen.len())
}

/// Notes a use. Panics if the same key and nonce were used for anything else.
pub(in crate::cloud) fn note(cipher: &Aes256Gcm, nonce: &[u8; 12], aad: &[u8], plaintext: &[u8]) {
    SEEN.with_borrow_mut(|seen| {
        let Some(seen) = seen else { return };
        let tag = cipher.encrypt_inout_detached((&[0; 12]).into(), b"", (&mut [][..]).into()).expect("a tag");
        let what = Sha256::new().chain_update(aad).chain_update([0; 16]).chain_update(plaintext).finalize();
        let before = seen.insert((tag.into(), *nonce), what.into());
        assert!(before.is_none_or(|before| before == <[u8; 32]>::from(what)), "a nonce met two plaintexts");
    });
}
