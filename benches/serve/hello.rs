//! The least that can be served: axum, and a JSON value for whatever is asked.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use serde_json::{Value, json};

/// Says to this program that it is to be the bare server.
const ASKED: &str = "KMSLAB_BENCH_HELLO";

/// Whether this process is to be the bare server.
pub fn is_asked_for() -> bool {
    std::env::var_os(ASKED).is_some()
}

/// Serves until the process is killed.
pub fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
        // As in `kmslab serve`: an answer is sent at once.
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("set"));
        axum::serve(listener, Router::new().fallback(hello)).await.expect("it serves");
    });
}

async fn hello() -> Json<Value> {
    Json(json!({"message": "hello"}))
}

/// The bare server, in a process of its own.
pub struct Bare {
    child: Child,
    pub address: SocketAddr,
}

impl Bare {
    pub fn start() -> Self {
        let program = std::env::current_exe().expect("a path");
        let mut child =
            Command::new(program).env(ASKED, "1").stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it was piped")).read_line(&mut line).expect("a line");
        Self { child, address: line.trim().parse().expect("an address") }
    }

    /// The id of the process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}
