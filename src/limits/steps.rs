//! Counts the work that reading and deciding takes, so that tests can compare it with the size of the input.
//!
//! A step is one turn of a loop over what came from outside: a byte that is read, a pair that is compared. Seconds depend on
//! the machine, steps do not. A loop adds its turns once, at its end, and so the count costs nothing that could be measured.
//!
//! Work that could take very long has a budget: [`within`]. Its loops ask [`is_spent`] and end early then, with whatever they
//! have, since nobody will look at it.

use std::cell::Cell;

use super::{Exceeded, Limit};

thread_local! {
    static TAKEN: Cell<u64> = const { Cell::new(0) };
    /// The count from which on the work of this thread has spent its budget.
    static LAST: Cell<u64> = const { Cell::new(u64::MAX) };
    /// The limit that ended the work, where it was another one than that of the steps.
    static ENDED_BY: Cell<Option<&'static Limit>> = const { Cell::new(None) };
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

/// Returns whether the work that this thread does has spent its budget, so that its result counts for nothing.
#[inline]
pub fn is_spent() -> bool {
    taken() > LAST.with(Cell::get) || ENDED_BY.with(Cell::get).is_some()
}

/// Ends the work within the nearest budget, as if it were spent, because something in it is beyond another limit.
///
/// Without a budget around it nothing ends: the caller stops at the limit by itself.
pub fn end(limit: &'static Limit) {
    if LAST.with(Cell::get) != u64::MAX {
        ENDED_BY.with(|ended| ended.set(Some(limit)));
    }
}

/// Does some work within a budget of steps, and gives what came of it also where the budget was spent: for work whose parts
/// are of use by themselves.
pub fn as_far_as<T>(budget: &'static Limit, work: impl FnOnce() -> T) -> (T, Result<(), Exceeded>) {
    /// Gives the budget around this one back, also after a panic.
    struct Around(u64, Option<&'static Limit>);
    impl Drop for Around {
        fn drop(&mut self) {
            LAST.with(|last| last.set(self.0));
            ENDED_BY.with(|ended| ended.set(self.1));
        }
    }
    let last = LAST.with(Cell::get);
    let _around = Around(last, ENDED_BY.with(Cell::get));
    LAST.with(|own| own.set(taken().saturating_add(budget.most).min(last)));
    let done = work();
    let ended = match ENDED_BY.with(Cell::get) {
        Some(limit) => Err(Exceeded(limit)),
        None if is_spent() => Err(Exceeded(budget)),
        None => Ok(()),
    };
    (done, ended)
}

/// Does some work within a budget of steps.
///
/// # Errors
///
/// Returns the limit that the work went beyond.
pub fn within<T>(budget: &'static Limit, work: impl FnOnce() -> T) -> Result<T, Exceeded> {
    let (done, ended) = as_far_as(budget, work);
    ended.map(|()| done)
}
