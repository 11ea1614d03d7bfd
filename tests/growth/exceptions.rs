//! The file `kmslab-lint.toml` beside a policy.

use crate::frame::{Reader, Shape::Made, command_on, filled, listed, nested};

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Web","Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}"#;

fn lint(input: &[u8]) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("policy.json");
    std::fs::write(&path, POLICY).expect("written");
    std::fs::write(folder.path().join("kmslab-lint.toml"), input).expect("written");
    match command_on(&["lint"], &path, &[]) {
        // What is no such file is refused with its place.
        Err(message) if !message.contains("the limit `") => Ok(()),
        ended => ended.map(|_| ()),
    }
}

pub const READERS: &[Reader] = &[
    Reader {
        name: "kmslab-lint.toml",
        read: lint,
        repeat: Made(|size| filled(size, "", "[[accept]]\nfinding = \"public\"\nreason = \"so\"\n", "")),
        nest: Made(|size| nested(size, "accept = [", "", "]")),
        widen: Made(|size| {
            let entry = |number| format!("{{finding = \"public\", sid = \"S{number}\", reason = \"so\"}}");
            listed(size, "accept = [", "]", entry)
        }),
        long_token: Made(|size| filled(size, "[[accept]]\nfinding = \"public\"\nreason = \"", "a", "\"\n")),
    },
];
