//! `kmslab play --serve`: one lab on the screen and on the wire.

use std::net::TcpStream;

use serde_json::json;

use super::client::{Pair, Signing};
use super::percent;
use super::server::Port;
use super::terminal::Terminal;

#[test]
fn a_lab_is_played_on_the_screen_and_on_the_wire() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().display().to_string();
    let arguments =
        ["play", "a4", "--theme", "ansi", "--serve", "--listen", "127.0.0.1:0", "--write-profile", &path];
    let mut screen = Terminal::lab((120, 40), &arguments);
    screen.until("This lab answers on http://127.0.0.1:").send("\x1b").until("on 127.0.0.1:").until("LOOK");
    let port = Port::of(folder);
    let scan = || port.json("tess", "dynamodb", "Scan", &json!({"TableName": "CustomerData"}));
    assert_eq!(scan().json()["__type"], "com.amazon.coral.service#AccessDeniedException");
    screen.until("from outside, tess: dynamodb:Scan CustomerData: denied, kms:Decrypt");
    let why = port.control("GET", "explain", &json!(null), &[]).json();
    assert_eq!(
        (&why["operation"], &why["decisions"][1]["action"]),
        (&json!("dynamodb:Scan"), &json!("kms:Decrypt"))
    );
    assert_eq!(port.control("POST", "reset", &json!(null), &[]).status, 403);

    // A key that is made in the lab signs, too; what is being typed stays.
    screen.send(";").send("aws kms list-k");
    let made = port.form("kim", "iam", "Action=CreateAccessKey&UserName=tess");
    let pair = Pair {
        id: made.element("AccessKeyId").to_owned(),
        secret: made.element("SecretAccessKey").to_owned(),
        token: None,
    };
    let own = Signing { pair, region: "us-east-1", service: "sts", later: 0 };
    let who = port.signed(&own, "", "Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!(who.element("Arn"), "arn:aws:iam::111122223333:user/tess");
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]});
    let put = format!(
        "Action=PutUserPolicy&UserName=tess&PolicyName=D&PolicyDocument={}",
        percent(&policy.to_string())
    );
    assert_eq!(port.form("kim", "iam", &put).status, 200);
    screen.until("from outside, kim: iam:PutUserPolicy").until("aws kms list-k");
    assert_eq!(scan().json()["Items"][0]["Name"]["S"], "Alice Johnson");
    screen.until("from outside, tess: dynamodb:Scan CustomerData: allowed").until("aws kms list-k");
    screen.send("\x1b").until_gone("Enter run").send("q");
    let (code, _) = screen.end();
    assert_eq!(code, 0);
    assert!(TcpStream::connect(port.address).is_err(), "nothing listens any more");
}

#[test]
fn a_port_that_is_in_use_is_told_before_the_screen() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let screen = Terminal::lab((80, 24), &["play", "a4", "--serve", "--listen", &address]);
    let (code, said) = screen.end();
    assert_eq!(code, 2);
    assert!(said.contains(&format!("cannot listen on {address}")), "{said}");
    assert!(!said.contains("\x1b[?1049h"), "the screen was entered");
}
