//! Whose turn it is with something that many want to change.
//!
//! Where nobody is at work with it, whoever wants to change it does so at once, on the thread that it runs on: most changes take
//! less time than waking another thread. Otherwise what is to be done is handed in, and waits without a thread. Whoever is at
//! work leaves what was handed in meanwhile to a task, which works through it without a pause between one and the next: a lock
//! that is handed over would stand idle until whoever gets it runs.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// The turns with a `T`.
pub(super) struct Turns<T>(Mutex<Queue<T>>);

struct Queue<T> {
    waiting: VecDeque<Work<T>>,
    /// What is changed; `None` while somebody is at work with it. Nothing waits while nobody is.
    idle: Option<T>,
}

/// Something to be done in its turn. It does not panic.
type Work<T> = Box<dyn FnOnce(&mut T) + Send>;

/// A panic, as it is caught.
type Panic = Box<dyn Any + Send>;

/// How much is done before other tasks of the thread come in between: those that wait for what was done, for example.
const AT_ONCE: usize = 8;

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
        let told = {
            let mut queue = self.queue();
            if let Some(mut of) = queue.idle.take() {
                drop(queue);
                let done = catch_unwind(AssertUnwindSafe(|| work(&mut of)));
                self.pass_on(of);
                return done.unwrap_or_else(|panic| resume_unwind(panic));
            }
            let (tell, told) = oneshot::channel::<Result<R, Panic>>();
            queue.waiting.push_back(Box::new(move |of| {
                if !tell.is_closed() {
                    let _gone = tell.send(catch_unwind(AssertUnwindSafe(|| work(of))));
                }
            }));
            told
        };
        match told.await {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => resume_unwind(panic),
            // Only a runtime that ends drops what waits, and whoever waits for it.
            Err(_) => std::future::pending().await,
        }
    }

    /// Leaves what was changed to a task if others wait for it, and to whoever comes next if nobody does.
    fn pass_on(self: &Arc<Self>, of: T) {
        let mut queue = self.queue();
        if queue.waiting.is_empty() {
            queue.idle = Some(of);
        } else {
            drop(queue);
            tokio::spawn(self.clone().work_through(of));
        }
    }

    /// Does what waits until nothing does.
    async fn work_through(self: Arc<Self>, mut of: T) {
        loop {
            for _ in 0..AT_ONCE {
                let work = {
                    let mut queue = self.queue();
                    let Some(work) = queue.waiting.pop_front() else {
                        queue.idle = Some(of);
                        return;
                    };
                    work
                };
                work(&mut of);
            }
            tokio::task::yield_now().await;
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

    /// Two threads: one may be at work while somebody hands something in.
    fn block_on<R>(work: impl Future<Output = R>) -> R {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(2).build().expect("a runtime").block_on(work)
    }

    /// Has somebody at work until what is returned says or is dropped.
    fn keep_busy<T: Send + 'static>(turns: &Arc<Turns<T>>) -> mpsc::Sender<()> {
        let ((go, wait), (tell, told)) = (mpsc::channel(), mpsc::channel());
        let turns = turns.clone();
        tokio::spawn(async move {
            let work = move |_: &mut T| {
                tell.send(()).expect("somebody waits for it");
                let _dropped = wait.recv();
            };
            turns.take(work).await;
        });
        told.recv().expect("it begins");
        go
    }

    #[test]
    fn what_is_handed_in_is_done_in_order_by_one_at_a_time() {
        let turns = Turns::new(Vec::new());
        block_on(async {
            let busy = keep_busy(&turns);
            let others = (0..100).map(|number| turns.take(move |done: &mut Vec<u32>| done.push(number)));
            let go = async move { drop(busy) };
            tokio::join!(futures::future::join_all(others), go);
        });
        assert_eq!(block_on(turns.take(std::mem::take)), (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn a_panic_is_that_of_whoever_handed_it_in_and_nobody_elses() {
        for waits in [false, true] {
            let turns = Turns::new(0);
            let caught = block_on(async {
                let busy = waits.then(|| keep_busy(&turns));
                let panics = turns.clone();
                let task = tokio::spawn(async move { panics.take(|_| -> () { panic!("on purpose") }).await });
                let counts = turns.take(|count| *count += 1);
                let go = async move { drop(busy) };
                tokio::join!(counts, go);
                task.await
            });
            assert!(caught.is_err_and(|error| error.is_panic()));
            assert_eq!(block_on(turns.take(|count| *count)), 1);
        }
    }

    #[test]
    fn what_nobody_waits_for_is_not_done() {
        let turns = Turns::new(0);
        block_on(async {
            let busy = keep_busy(&turns);
            let mut given_up = Box::pin(turns.take(|count| *count += 1));
            assert!(futures::poll!(&mut given_up).is_pending());
            drop(given_up);
            let asks = turns.take(|count| *count);
            let go = async move { drop(busy) };
            assert_eq!(tokio::join!(asks, go).0, 0);
        });
        assert_eq!(block_on(turns.take(|count| *count)), 0);
    }
}
