//! A server that runs while a test does.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::client::{Answer, Pair, Signing, http, send, sign};

/// A port that is served, with the folder that its profiles are in.
pub struct Port {
    pub address: SocketAddr,
    pub folder: tempfile::TempDir,
}

/// A server.
pub struct Server {
    child: Child,
    rest: BufReader<ChildStdout>,
    port: Port,
}

impl std::ops::Deref for Server {
    type Target = Port;

    fn deref(&self) -> &Port {
        &self.port
    }
}

impl Server {
    /// Starts a server with these arguments, on a port of its own.
    pub fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_kmslab"));
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--write-profile"])
            .arg(folder.path())
            .args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let mut rest = BufReader::new(child.stdout.take().expect("it was piped"));
        let mut line = String::new();
        rest.read_line(&mut line).expect("a line");
        let address = line.strip_prefix("listening on http://").expect(&line).trim_end();
        let port = Port { address: address.parse().expect("an address"), folder };
        Self { child, rest, port }
    }

    /// How many descriptors the process has open.
    #[cfg(target_os = "linux")]
    pub fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).expect("it runs").count()
    }

    /// How many bytes of memory the process has.
    #[cfg(target_os = "linux")]
    #[allow(dead_code, reason = "the benchmark of serve asks")]
    pub fn resident(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib =
            line.and_then(|line| line.trim().strip_suffix(" kB")).and_then(|kib| kib.parse::<usize>().ok());
        kib.expect("a figure") << 10
    }

    /// The id of the process.
    #[allow(dead_code, reason = "the benchmark of serve asks")]
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Ends the server by a signal; returns its exit code and what it printed behind the first line.
    #[cfg(unix)]
    pub fn end(mut self) -> (Option<i32>, String) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("it runs");
        let code = self.child.wait().expect("it ends").code();
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.rest, &mut rest).expect("text");
        (code, rest)
    }
}

impl Port {
    /// The port that the profiles of a folder lead to.
    pub fn of(folder: tempfile::TempDir) -> Self {
        let text = std::fs::read_to_string(folder.path().join("config")).expect("a file");
        let address = text.lines().find_map(|line| line.strip_prefix("endpoint_url = http://"));
        Self { address: address.expect("an endpoint").parse().expect("an address"), folder }
    }

    /// A file that the server wrote.
    pub fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).expect("a file")
    }

    /// The keys of a profile.
    pub fn pair(&self, name: &str) -> Pair {
        let text = self.file("credentials");
        let part = text.split_once(&format!("[{name}]\n")).expect("a profile").1;
        let part = part.split('[').next().expect("its lines").to_owned();
        let value = |name: &str| {
            let line = part.lines().find_map(|line| line.strip_prefix(&format!("{name} = ")));
            line.map(str::to_owned)
        };
        Pair {
            id: value("aws_access_key_id").expect("an id"),
            secret: value("aws_secret_access_key").expect("a secret"),
            token: value("aws_session_token"),
        }
    }

    pub fn signing(&self, name: &str, service: &'static str) -> Signing {
        Signing { pair: self.pair(name), region: "us-east-1", service, later: 0 }
    }

    /// Sends a signed request: to a JSON service `Operation` with its input, to IAM or STS a form.
    pub fn signed(&self, signing: &Signing, what: &str, body: &str) -> Answer {
        let (kind, target) = match signing.service {
            "dynamodb" => ("application/x-amz-json-1.0", Some(format!("DynamoDB_20120810.{what}"))),
            "kms" => ("application/x-amz-json-1.1", Some(format!("TrentService.{what}"))),
            _ => ("application/x-www-form-urlencoded; charset=utf-8", None),
        };
        let mut headers =
            vec![("content-type".to_owned(), kind.to_owned()), ("host".to_owned(), self.address.to_string())];
        headers.extend(target.map(|target| ("x-amz-target".to_owned(), target)));
        sign(signing, &mut headers, body);
        send(self.address, &http("POST", "/", &headers, body)).expect("an answer")
    }

    /// The same of a JSON service, by somebody's profile.
    pub fn json(&self, name: &str, service: &'static str, operation: &str, input: &Value) -> Answer {
        self.signed(&self.signing(name, service), operation, &input.to_string())
    }

    /// The same of IAM or STS.
    pub fn form(&self, name: &str, service: &'static str, form: &str) -> Answer {
        let version = if service == "iam" { "2010-05-08" } else { "2011-06-15" };
        self.signed(&self.signing(name, service), "", &format!("{form}&Version={version}"))
    }

    /// Sends a request to the control API, with these headers in place of its own.
    pub fn control(&self, method: &str, name: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let token = self.file("token").trim().to_owned();
        let mut all =
            vec![("host".to_owned(), self.address.to_string()), ("x-kmslab-token".to_owned(), token)];
        for (name, value) in headers {
            all.retain(|(known, _)| known != name);
            all.push(((*name).to_owned(), (*value).to_owned()));
        }
        let body = if *body == json!(null) { String::new() } else { body.to_string() };
        send(self.address, &http(method, &format!("/_kmslab/{name}"), &all, &body)).expect("an answer")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}
