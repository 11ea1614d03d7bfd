//! Counts the work that reading and deciding takes, so that tests can compare it with the size of the input.
//!
//! A step is one turn of a loop over what came from outside: a byte that is read, a pair that is compared. Seconds depend on
//! the machine, steps do not. A loop adds its turns once, at its end, and so the count costs nothing that could be measured.

use std::cell::Cell;

thread_local! {
    static TAKEN: Cell<u64> = const { Cell::new(0) };
}

/// Adds to the steps that this thread has taken.
#[inline]
pub fn add(steps: usize) {
    TAKEN.with(|taken| taken.set(taken.get().wrapping_add(steps as u64)));
}

/// Returns the steps that this thread has taken since it began.
pub fn taken() -> u64 {
    TAKEN.with(Cell::get)
}

/// Does some work, and counts the steps that this thread took for it.
pub fn counted<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = taken();
    let done = work();
    (done, taken().wrapping_sub(before))
}
