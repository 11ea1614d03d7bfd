//! Long work on a thread of its own: how far it is, and whether somebody still waits for it.
//!
//! Whoever starts the work holds a [`Ticket`]. The work finds the ticket on its thread, so that no function on the way to
//! a long loop has to pass it on; without one, nobody asks and nobody gives up.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What the one who waits and the one who works know of each other.
#[derive(Debug, Default)]
pub struct Ticket {
    given_up: AtomicBool,
    done: AtomicUsize,
    all: AtomicUsize,
}

impl Ticket {
    /// Says that nobody waits any more.
    pub fn give_up(&self) {
        self.given_up.store(true, Ordering::SeqCst);
    }

    /// Tells whether nobody waits any more.
    pub fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::SeqCst)
    }

    /// Returns how many parts are done, and of how many; none where the work has not said so.
    pub fn progress(&self) -> Option<(usize, usize)> {
        let all = self.all.load(Ordering::Relaxed);
        (all > 0).then(|| (self.done.load(Ordering::Relaxed).min(all), all))
    }
}

thread_local! {
    static TICKET: RefCell<Option<Arc<Ticket>>> = const { RefCell::new(None) };
}

/// Does some work with that ticket on this thread.
pub fn with<T>(ticket: Arc<Ticket>, work: impl FnOnce() -> T) -> T {
    let before = TICKET.with(|held| held.borrow_mut().replace(ticket));
    let done = work();
    TICKET.with(|held| *held.borrow_mut() = before);
    done
}

/// Says how far the work of this thread is. Returns whether somebody still waits for it.
pub fn go_on(done: usize, all: usize) -> bool {
    TICKET.with(|held| {
        let held = held.borrow();
        let Some(ticket) = held.as_ref() else { return true };
        ticket.done.store(done, Ordering::Relaxed);
        ticket.all.store(all, Ordering::Relaxed);
        !ticket.is_given_up()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_tells_how_far_it_is_and_hears_that_nobody_waits() {
        assert!(go_on(1, 2), "without a ticket nobody gives up");
        let ticket = Arc::new(Ticket::default());
        assert_eq!(ticket.progress(), None);
        with(Arc::clone(&ticket), || {
            assert!(go_on(1, 2));
            ticket.give_up();
            assert!(!go_on(3, 2));
        });
        assert_eq!(ticket.progress(), Some((2, 2)));
        assert!(go_on(4, 4), "the ticket went with its work");
    }
}
