//! A client that sends one request again and again over some connections, and counts.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::runtime::Runtime;

/// What came of asking.
pub struct Load {
    /// How long each answer took.
    took: Vec<Duration>,
    /// How long all of it took.
    all: Duration,
}

impl Load {
    pub fn count(&self) -> usize {
        self.took.len()
    }

    /// Requests a second.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub fn rate(&self) -> f64 {
        self.took.len() as f64 / self.all.as_secs_f64()
    }

    /// The time within which so many of a hundred answers came, in milliseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        let mut took = self.took.clone();
        took.sort_unstable();
        let at = (took.len() * percent / 100).min(took.len().saturating_sub(1));
        took.get(at).map_or(0.0, |took| took.as_secs_f64() * 1e3)
    }

    /// Several as one.
    pub fn together(loads: &[Self]) -> Self {
        let took = loads.iter().flat_map(|load| load.took.iter().copied()).collect();
        Self { took, all: loads.iter().map(|load| load.all).sum() }
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}

/// Asks over so many connections for so long; each answer must be a good one.
pub fn ask(address: SocketAddr, request: &[u8], connections: usize, time: Duration) -> Load {
    let request: Arc<[u8]> = request.into();
    let runtime = runtime();
    let since = Instant::now();
    let took = runtime.block_on(async {
        let asking: Vec<_> =
            (0..connections).map(|_| tokio::spawn(one(address, request.clone(), since + time))).collect();
        let mut took = Vec::new();
        for asking in asking {
            took.extend(asking.await.expect("no connection fails"));
        }
        took
    });
    Load { took, all: since.elapsed() }
}

async fn one(address: SocketAddr, request: Arc<[u8]>, until: Instant) -> Vec<Duration> {
    let mut stream = connect(address).await;
    let (mut took, mut buffer) = (Vec::new(), Vec::new());
    loop {
        let since = Instant::now();
        if since >= until {
            return took;
        }
        write(&stream, &request).await.expect("it is taken");
        let (status, stays) = answer(&stream, &mut buffer).await.expect("a whole answer");
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&buffer));
        if !stays {
            stream = connect(address).await;
        }
        took.push(since.elapsed());
    }
}

async fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).await.expect("the server listens");
    stream.set_nodelay(true).expect("set");
    stream
}

/// Reads one answer; its status, and whether the connection stays open.
async fn answer(stream: &TcpStream, buffer: &mut Vec<u8>) -> Option<(u16, bool)> {
    buffer.clear();
    loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = std::str::from_utf8(&buffer[..end]).ok()?;
            let status = head.split(' ').nth(1)?.parse().ok()?;
            let header = |wanted: &str| {
                let mut headers = head.lines().filter_map(|line| line.split_once(':'));
                let found = headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
                found.map(|(_, value)| value.trim())
            };
            let stays = header("connection").is_none_or(|value| !value.eq_ignore_ascii_case("close"));
            let length: usize = header("content-length")?.parse().ok()?;
            while buffer.len() < end + 4 + length {
                read(stream, buffer).await?;
            }
            return Some((status, stays));
        }
        read(stream, buffer).await?;
    }
}

/// Reads what there is; nothing once the server has closed.
async fn read(stream: &TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    let mut bytes = [0; 4_096];
    loop {
        stream.readable().await.ok()?;
        match stream.try_read(&mut bytes) {
            Ok(0) => return None,
            Ok(count) => {
                buffer.extend_from_slice(&bytes[..count]);
                return Some(());
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return None,
        }
    }
}

async fn write(stream: &TcpStream, mut bytes: &[u8]) -> Option<()> {
    while !bytes.is_empty() {
        stream.writable().await.ok()?;
        match stream.try_write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return None,
        }
    }
    Some(())
}

/// Asks once; the status of the answer, 0 for none.
pub fn once(address: SocketAddr, request: &[u8]) -> u16 {
    runtime().block_on(async {
        let stream = connect(address).await;
        write(&stream, request).await.expect("it is taken");
        answer(&stream, &mut Vec::new()).await.map_or(0, |(status, _)| status)
    })
}

/// Connections that stay open: half of them idle, the others send a letter of a request now and then. One that the server
/// closes is opened again.
pub struct Waiting {
    /// The connections live in it.
    _runtime: Runtime,
    open: Arc<AtomicUsize>,
}

impl Waiting {
    pub fn open(address: SocketAddr, connections: usize, request: &[u8]) -> Self {
        let (runtime, request) = (runtime(), Arc::<[u8]>::from(request));
        let open = Arc::new(AtomicUsize::new(0));
        for number in 0..connections {
            let (request, open) = (request.clone(), open.clone());
            runtime.spawn(async move {
                loop {
                    let Ok(stream) = TcpStream::connect(address).await else { return };
                    open.fetch_add(1, Ordering::SeqCst);
                    for letter in request.iter() {
                        let slow = number % 2 == 0;
                        if slow && write(&stream, &[*letter]).await.is_none() {
                            break;
                        }
                        let mut nothing = Vec::new();
                        let closed = read(&stream, &mut nothing);
                        if tokio::time::timeout(Duration::from_millis(200), closed).await.is_ok() {
                            break;
                        }
                    }
                    open.fetch_sub(1, Ordering::SeqCst);
                }
            });
        }
        while open.load(Ordering::SeqCst) < connections {
            std::thread::sleep(Duration::from_millis(10));
        }
        Self { _runtime: runtime, open }
    }

    /// How many of the connections are open.
    pub fn open_still(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }
}
