//! Scenario files: read, and their worlds set up.

use kmslab::scenario::{self, Scenario};

use crate::frame::{Reader, Shape::Lacks, Shape::Made, listed};

/// Reads a file and sets its world up. What is wrong with it is no refusal, what is too much is.
fn open(input: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(input).expect("text");
    let read = scenario::read_with_problems("x.json", text).map(|(scenario, problems)| {
        let first = problems.into_iter().next();
        first.map_or(Ok(scenario), Err)
    });
    let opened = read.and_then(|scenario| scenario).and_then(Scenario::build);
    match opened {
        Err(error) if error.to_string().contains("the limit `") => Err(error.to_string()),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Puts the words of a translation into a scenario of the program.
fn translate(input: &[u8]) -> Result<(), String> {
    let original = scenario::find_embedded("a3").expect("embedded").text;
    match scenario::translate("x.json", std::str::from_utf8(input).expect("text"), original) {
        Err(error) if error.to_string().contains("the limit `") => Err(error.to_string()),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// What every scenario here begins with, its world left aside.
const HEAD: &str = r#"{"format":1,"id":"x-x","title":"x","minutes":0,"clock":"2026-01-05T09:00:00Z","start_as":"root","tasks":[],"solution":[],"wrong":[]"#;

/// A scenario of about so many bytes, of which most stand in a list at one place of its world.
fn world(size: usize, before: &str, close: &str, part: impl Fn(usize) -> String) -> Vec<u8> {
    let open = format!(r#"{HEAD},"teaches":[],"world":{{"accounts":{{"111122223333":{{{before}"#);
    listed(size, &open, &format!("{close}}}}}}}}}"), part)
}

/// The beginning of a file that offers something, up to a list of ideas.
fn offering(variants: &str) -> String {
    format!(r#"{HEAD},"world":{{"accounts":{{}}}},"variants":{{{variants}}},"teaches":["#)
}

/// A scenario of about so many bytes, of which most stand in the template of its world.
fn templated(size: usize, before: &str, close: &str, part: impl Fn(usize) -> String) -> Vec<u8> {
    let open = format!(
        r#"{HEAD},"teaches":[],"world":{{"accounts":{{"111122223333":{{}}}},"template":{{"account":"111122223333",{before}"#
    );
    listed(size, &open, &format!("{close}}}}}}}"), part)
}

pub const READERS: &[Reader] = &[
    Reader {
        name: "scenario",
        read: open,
        repeat: Made(|size| {
            let item = |number| format!(r#"{{"Id":"{number}","Text":"{}"}}"#, "a".repeat(2_000));
            world(size, r#""tables":{"Tab":{"items":["#, "]}}", item)
        }),
        nest: Made(|size| {
            let times = size / 12;
            let deep = format!("{}1{}", r#"{"a":["#.repeat(times), "]}".repeat(times));
            let text = world(0, r#""keys":{"k":{"policy":"#, "}}", |_| String::new());
            let text = String::from_utf8(text).expect("text");
            let fit = size.saturating_sub(text.len()) / 8;
            let deep = if deep.len() > size {
                format!("{}1{}", r#"{"a":["#.repeat(fit), "]}".repeat(fit))
            } else {
                deep
            };
            let (before, after) = text.split_once(r#""policy":"#).expect("the place");
            let padded = format!(r#"{before}"policy":{deep}{after}"#);
            let blanks = size.saturating_sub(padded.len());
            (padded + &" ".repeat(blanks)).into_bytes()
        }),
        widen: Made(|size| world(size, r#""users":{"#, "}", |number| format!(r#""u{number}":{{}}"#))),
        long_token: Made(|size| {
            world(size, r#""name":""#, "\"", |_| "a".repeat(1_000))
                .into_iter()
                .map(|b| if b == b'!' { b'a' } else { b })
                .collect()
        }),
    },
    Reader {
        name: "scenario, variants",
        read: open,
        repeat: Made(|size| {
            let text = "{{variant:a}}".repeat(8);
            listed(size, &offering(r#""a":["x","a word that is longer"]"#), r"]}", |_| format!("\"{text}\""))
        }),
        nest: Lacks("nothing that is put in holds a placeholder"),
        widen: Made(|size| listed(size, r#"{"format":1,"variants":{"#, "}}", |n| format!(r#""v{n}":["x","y"]"#))),
        long_token: Made(|size| {
            let long = "a".repeat(size.saturating_sub(60));
            format!(r#"{{"format":1,"variants":{{"a":["x","{long}"]}}}}"#).into_bytes()
        }),
    },
    Reader {
        name: "scenario, template",
        read: open,
        repeat: Made(|size| {
            let policy = ["Resources:", "  P:", "    Type: AWS::IAM::ManagedPolicy", "    Properties:", "      ManagedPolicyName: p", "      PolicyDocument: [a"];
            let lines: Vec<String> = policy.iter().map(|line| format!("\"{line}\",")).collect();
            let lines = lines.concat();
            templated(size, &format!(r#""yaml":[{lines}"#), r#","]"]"#, |_| "\", [kms:Decrypt, kms:Encrypt]\"".to_owned())
        }),
        nest: Made(|size| {
            let fit = size.saturating_sub(300) / 8;
            let deep = format!("{}1{}", r#"{"a":["#.repeat(fit), "]}".repeat(fit));
            templated(0, &format!(r#""json":{{"Resources":{deep}"#), "}", |_| String::new())
        }),
        widen: Made(|size| {
            let user = |n| format!("\"  U{n}: {{Type: AWS::IAM::User, Properties: {{UserName: u{n}}}}}\"");
            templated(size, r#""yaml":["Resources:","#, "]", user)
        }),
        long_token: Made(|size| {
            let key = r#""json":{"Resources":{"K":{"Type":"AWS::KMS::Key","Properties":{"Description":""#;
            templated(size, key, r#""}}}}"#, |_| "b".repeat(500))
        }),
    },
    Reader {
        name: "scenario, translation",
        read: translate,
        repeat: Made(|size| listed(size, r#"{"translates":"a3","debrief":["#, "]}", |_| "\"a word\"".to_owned())),
        nest: Made(|size| {
            let fit = size.saturating_sub(40) / 10;
            format!(r#"{{"translates":"a3","tasks":{}1{}}}"#, r#"{"why":["#.repeat(fit), "]}".repeat(fit)).into_bytes()
        }),
        widen: Made(|size| listed(size, r#"{"translates":"a3","tasks":{"#, "}}", |n| format!(r#""t{n}":{{"say":"x"}}"#))),
        long_token: Made(|size| {
            format!(r#"{{"translates":"a3","title":"{}"}}"#, "a".repeat(size.saturating_sub(40))).into_bytes()
        }),
    },
    Reader {
        name: "scenario, problems",
        read: open,
        repeat: Made(|size| world(size, r#""users":{},"keys":{"a":{"aliases":["#, "]}}", |_| "\"x\"".to_owned())),
        nest: Made(|size| {
            let fit = size / 8;
            format!("{}{}", "[".repeat(fit * 4), "]".repeat(fit * 4)).into_bytes()
        }),
        widen: Made(|size| world(size, r#""keys":{"#, "}", |number| format!("\n\"a/{number}\":{{}}"))),
        long_token: Made(|size| world(size, r#""name":""#, "\\q\"", |_| "b".repeat(500))),
    },
];
