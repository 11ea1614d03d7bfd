//! The port: connections, their limits, and the end.

use std::io;
use std::net::SocketAddr;
use std::num::NonZero;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::JoinSet;

use super::control::Control;
use super::http::{self, Shared, body_permits};
use crate::limits::wire::{CONNECTIONS, HEAD, HEAD_TIME, HEADERS};

/// Why nothing can be served.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address could be reached from other machines.
    #[error("{0} is not a loopback address: a simulated AWS is served on this machine alone; use 127.0.0.1:{port}", port = .0.port())]
    NotLoopback(SocketAddr),
    /// The system does not give the port.
    #[error("cannot listen on {0}: {1}")]
    Refused(SocketAddr, io::Error),
    /// Threads or signals cannot be had.
    #[error("the server cannot be started: {0}")]
    Start(io::Error),
}

/// A port that is bound.
pub struct Bound {
    runtime: tokio::runtime::Runtime,
    listener: TcpListener,
    address: SocketAddr,
}

/// A server that runs beside something else. Dropped, it ends: requests that run are finished.
pub struct Beside {
    /// Dropped, it asks for the end.
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How long requests that run may go on once the server ends.
const GRACE: Duration = Duration::from_secs(10);

/// The same where somebody waits for the terminal.
const GRACE_BESIDE: Duration = Duration::from_secs(1);

/// How long nothing is accepted after that failed.
const PAUSE: Duration = Duration::from_millis(10);

/// The connections that the system keeps until they are accepted.
const BACKLOG: u32 = 1_024;

/// Binds a port of this machine; port 0 is any that is free.
///
/// # Errors
///
/// If the address is none of this machine's own, or the system refuses.
pub fn bind(address: SocketAddr) -> Result<Bound, ListenError> {
    if !address.ip().is_loopback() {
        return Err(ListenError::NotLoopback(address));
    }
    // More threads than run at the same time would wake each other for every answer. What takes long makes room for another.
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .map_err(ListenError::Start)?;
    let bound = runtime.block_on(async {
        let socket = match address {
            SocketAddr::V4(_) => tokio::net::TcpSocket::new_v4()?,
            SocketAddr::V6(_) => tokio::net::TcpSocket::new_v6()?,
        };
        // A server that is started again at once finds its port still in use without this.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    });
    let (listener, address) = bound.map_err(|error| ListenError::Refused(address, error))?;
    Ok(Bound { runtime, listener, address })
}

impl Bound {
    /// The address, with the port that was found.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Receives the signals that end the server (SIGTERM, SIGINT) from now on.
    ///
    /// # Errors
    ///
    /// If they cannot be received.
    pub fn until_signal(&self) -> Result<impl Future<Output = ()> + use<>, ListenError> {
        self.runtime.block_on(async { ended() }).map_err(ListenError::Start)
    }

    /// Serves until the end is asked for; what runs then is finished.
    pub fn serve(self, control: Control, end: impl Future<Output = ()>) {
        let Self { runtime, listener, .. } = self;
        let shared = Arc::new(Shared { control, bodies: body_permits() });
        runtime.block_on(accept(listener, shared, pin!(end), GRACE));
    }

    /// Serves on threads of its own until what is returned is dropped. It receives no signals.
    ///
    /// # Errors
    ///
    /// If the system gives no thread.
    pub fn serve_beside(self, control: Control) -> Result<Beside, ListenError> {
        let Self { runtime, listener, .. } = self;
        let (end, asked) = oneshot::channel::<()>();
        let serving = move || {
            let shared = Arc::new(Shared { control, bodies: body_permits() });
            let end = async {
                let _dropped = asked.await;
            };
            runtime.block_on(accept(listener, shared, pin!(end), GRACE_BESIDE));
        };
        let thread = std::thread::Builder::new().name("serve".to_owned()).spawn(serving);
        Ok(Beside { end: Some(end), thread: Some(thread.map_err(ListenError::Start)?) })
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.end.take();
        // A panic of the thread was told when it happened.
        let _told = self.thread.take().map(JoinHandle::join);
    }
}

/// Resolves once a signal asks for the end.
fn ended() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Takes connections until the end, then waits for those that are at work.
async fn accept(
    listener: TcpListener,
    shared: Arc<Shared>,
    mut end: Pin<&mut impl Future<Output = ()>>,
    grace: Duration,
) {
    let budget = Arc::new(Semaphore::new(CONNECTIONS.size()));
    let (stop, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut number: u32 = 0;
    loop {
        let accepted = tokio::select! {
            () = end.as_mut() => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // The client has gone, or descriptors are short: others are served meanwhile.
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        // One more than may be open is closed at once.
        let Ok(place) = budget.clone().try_acquire_owned() else { continue };
        number = number.wrapping_add(1);
        let (shared, stopped, number) = (shared.clone(), stopped.clone(), number);
        connections.spawn(async move {
            connection(stream, shared, number, stopped).await;
            drop(place);
        });
    }
    drop(listener);
    let _everybody_has_gone = stop.send(true);
    let _too_long =
        tokio::time::timeout(grace, async { while connections.join_next().await.is_some() {} }).await;
}

/// Serves one connection until it ends, or until the answer to the request that runs when the server is to end.
async fn connection(stream: TcpStream, shared: Arc<Shared>, number: u32, mut stopped: watch::Receiver<bool>) {
    let _only_slower = stream.set_nodelay(true);
    let service = service_fn(move |request| http::answer(shared.clone(), number, request));
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(http::seconds(&HEAD_TIME))
        .max_buf_size(HEAD.size())
        .max_headers(HEADERS.size())
        // A client may say that it sends no more before it has its answer.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    tokio::select! {
        _gone = serving.as_mut() => {}
        _ = stopped.changed() => {
            serving.as_mut().graceful_shutdown();
            let _gone = serving.await;
        }
    }
}
