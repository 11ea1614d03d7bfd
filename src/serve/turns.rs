//! Whose turn it is with something that many want to change.
//!
//! Whoever wants to change it hands in what is to be done, and waits without a thread. One thread at a time works through what was
//! handed in, without a pause between one and the next: a lock that is handed over would stand idle until whoever gets it runs.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// The turns with a `T`.
pub(super) struct Turns<T>(Mutex<Queue<T>>);

struct Queue<T> {
    waiting: VecDeque<Work<T>>,
    /// What is changed; `None` while somebody is at work with it.
    idle: Option<T>,
}

/// Something to be done in its turn. It does not panic.
type Work<T> = Box<dyn FnOnce(&mut T) + Send>;

/// A panic, as it is caught.
type Panic = Box<dyn Any + Send>;

impl<T: Send + 'static> Turns<T> {
    /// The turns with something that nobody is at work with.
    pub fn new(of: T) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Queue { waiting: VecDeque::new(), idle: Some(of) })))
    }

    /// Does something in its turn, and returns what came of it. If it panics, so does this.
    ///
    /// What nobody waits for any more when its turn comes is not done.
    pub async fn take<R: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut T) -> R + Send + 'static,
    ) -> R {
        let (tell, told) = oneshot::channel::<Result<R, Panic>>();
        self.hand_in(Box::new(move |of| {
            if !tell.is_closed() {
                let _gone = tell.send(catch_unwind(AssertUnwindSafe(|| work(of))));
            }
        }));
        match told.await {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => resume_unwind(panic),
            // Only a runtime that ends drops what waits, and whoever waits for it.
            Err(_) => std::future::pending().await,
        }
    }

    fn hand_in(self: &Arc<Self>, work: Work<T>) {
        let mut queue = self.queue();
        queue.waiting.push_back(work);
        let Some(of) = queue.idle.take() else { return };
        drop(queue);
        let turns = self.clone();
        tokio::task::spawn_blocking(move || turns.work_through(of));
    }

    /// Does what waits until nothing does.
    fn work_through(&self, mut of: T) {
        loop {
            let mut queue = self.queue();
            let Some(work) = queue.waiting.pop_front() else {
                queue.idle = Some(of);
                return;
            };
            drop(queue);
            work(&mut of);
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue<T>> {
        // INVARIANT: nothing panics while it is locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn block_on<R>(work: impl Future<Output = R>) -> R {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(work)
    }

    #[test]
    fn what_is_handed_in_is_done_in_order_by_one_at_a_time() {
        let turns = Turns::new(Vec::new());
        block_on(async {
            let (go, wait) = mpsc::channel::<()>();
            let first = turns.take(move |done: &mut Vec<u32>| {
                wait.recv().expect("it may go on");
                done.push(0);
            });
            let others = (1..100).map(|number| turns.take(move |done| done.push(number)));
            let go = async move { go.send(()).expect("it waits") };
            tokio::join!(first, futures::future::join_all(others), go);
        });
        assert_eq!(block_on(turns.take(std::mem::take)), (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn a_panic_is_that_of_whoever_handed_it_in_and_nobody_elses() {
        let turns = Turns::new(0);
        let panics = turns.clone();
        let caught = block_on(async {
            let task = tokio::spawn(async move { panics.take(|_| -> () { panic!("on purpose") }).await });
            turns.take(|count| *count += 1).await;
            task.await
        });
        assert!(caught.is_err_and(|error| error.is_panic()));
        assert_eq!(block_on(turns.take(|count| *count)), 1);
    }

    #[test]
    fn what_nobody_waits_for_is_not_done() {
        let turns = Turns::new(0);
        block_on(async {
            let (go, wait) = mpsc::channel::<()>();
            let mut busy = Box::pin(turns.take(move |_| wait.recv().expect("it may go on")));
            let mut given_up = Box::pin(turns.take(|count| *count += 1));
            assert!(futures::poll!(&mut busy).is_pending());
            assert!(futures::poll!(&mut given_up).is_pending());
            drop(given_up);
            go.send(()).expect("it waits");
            busy.await;
        });
        assert_eq!(block_on(turns.take(|count| *count)), 0);
    }
}
