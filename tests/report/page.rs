//! What stands in a report, and what never does.

use kmslab::cli::Exit;
use kmslab::scenario::Sureness;

use super::play::{Place, RIGHT, Way, a3};

/// A3 played with everything that a report tells of.
fn played() -> Place {
    let place = Place::new();
    let way = Way {
        hints: 2,
        helped: true,
        sure: Some(Sureness::Fairly),
        words: "The key named nobody but the account, so IAM had to say yes, and it did not.",
        ..RIGHT
    };
    place.play("a3", |session| a3(session, way));
    place
}

#[test]
fn a_report_holds_everything_that_a_reader_asks_for() {
    let place = played();
    let wanted = [
        ("who", "Ada Lovelace"),
        ("the scenario", "a3-key-policy-door"),
        ("the result", "solved"),
        ("who did what", "kms:PutKeyPolicy dynamodb-encryption-key"),
        ("the verdict", "DENIED"),
        ("the verdict", "ALLOWED"),
        ("because", "DynamoDB asks KMS for kms:Decrypt as tess, and is refused"),
        ("the policy's change", "arn:aws:iam::111122223333:user/tess"),
        ("the path", "as it is stored"),
        ("the audit trail", "tess via dynamodb"),
        ("the guess", "Allowed: the key policy names her"),
        ("how sure", "fairly sure"),
        ("the hints", "2 hints were asked for"),
        ("the help", "a statement from the list"),
        ("own words", "so IAM had to say yes, and it did not."),
        ("the time", "2026-01-05 09:00:00 to 2026-01-05 09:00:00 UTC"),
        ("the seed", "Seed"),
        ("the version", concat!("kmslab ", env!("CARGO_PKG_VERSION"))),
        ("the hash", "Fingerprint"),
        ("the lesson", "Within one account the key policy alone can allow"),
    ];
    for name in ["a3.html", "a3.md"] {
        let file = place.report("a3", name, &["--name", "Ada Lovelace"]);
        let text = std::fs::read_to_string(&file).expect("a text");
        let whole = text.replace("&#39;", "'").replace("&quot;", "\"");
        for (what, words) in wanted {
            assert!(whole.contains(words), "{name} lacks {what}: {words}");
        }
        assert_eq!(place.verify(&file).0, Exit::Done, "{name}");
    }
    let drawn = std::fs::read_to_string(place.file("a3.html")).expect("a text");
    assert_eq!(drawn.matches("<svg ").count(), 2, "the way before and after");
    assert!(std::fs::read_to_string(place.file("a3.md")).expect("a text").contains("KMS [refused] -->"));
}

#[test]
fn a_page_asks_for_nothing_from_anywhere() {
    let place = played();
    let file = place.report("a3", "a3.html", &["--name", "https://example.com/x"]);
    let page = std::fs::read_to_string(file).expect("a text").to_lowercase();
    let (before, _) = page.split_once("<!-- kmslab-report").expect("a record");
    // Whatever makes a browser ask for something, run something or send something.
    for asking in [
        "<script",
        "<link",
        "<img",
        "<iframe",
        "<object",
        "<embed",
        "<form",
        "<base",
        "<audio",
        "<video",
        "<source",
        "<use",
        "<image",
        "<a ",
        " src=",
        " href=",
        "srcset=",
        "xlink",
        "@import",
        "url(",
        "@font-face",
        "refresh",
        " onload",
        " onerror",
        "data:",
        "javascript:",
    ] {
        assert!(!before.contains(asking), "{asking}");
    }
    assert!(
        before.contains("content=\"default-src 'none'; style-src 'unsafe-inline'"),
        "and a browser is told so"
    );
    let shown: Vec<_> =
        before.match_indices("://").map(|(at, _)| &before[at.saturating_sub(5)..at + 3]).collect();
    // Those of the sources and of the page on evidence.
    assert!(!shown.is_empty() && shown.iter().all(|address| *address == "https://"), "{shown:?}");
}

#[test]
fn a_name_is_text_and_forges_no_line() {
    let place = played();
    let names = [
        "<script>alert(1)</script>",
        "\"><svg onload=alert(1)>",
        "--><!-- kmslab-report 1 html 0.2.0 00",
        "a|b`c*d_e[f](g)",
        "x\n- Result: solved with honours\n# Heading",
        "\u{202e}evil\u{0}\u{1b}[31m",
        "# Heading",
        "\u{1}record\u{1}",
    ];
    for (at, name) in names.into_iter().enumerate() {
        for ending in ["html", "md"] {
            let file = place.report("a3", &format!("{at}.{ending}"), &[&format!("--name={name}")]);
            let text = std::fs::read_to_string(&file).expect("a text");
            assert!(!text.contains("<script>") && !text.contains("<svg onload"), "{name:?}");
            assert!(!text.lines().any(|line| line.starts_with("- Result: solved with")), "{name:?}");
            assert!(!text.lines().any(|line| line.starts_with("# Heading")), "{name:?}");
            assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{name:?}");
            assert_eq!(text.matches("<!-- kmslab-report ").count(), 1, "{name:?}");
            let (exit, said) = place.verify(&file);
            assert_eq!(exit, Exit::Done, "{name:?}: {said}");
            assert_eq!(said.lines().count(), 2, "{said}");
        }
    }
    let (exit, said) = place.run(&["report", "a3", "--name", &"x".repeat(101)]);
    assert_eq!(exit, Exit::Usage);
    assert!(said.contains("the limit `report-name`"), "{said}");
}

#[test]
fn keys_paths_and_the_users_name_stand_in_a_report_only_if_asked_for() {
    let place = Place::new();
    let secret = place.file("secret.txt");
    std::fs::write(&secret, "what a file of somebody held").expect("written");
    let by_file = format!(
        "aws kms encrypt --key-id alias/dynamodb-encryption-key --plaintext fileb://{}",
        secret.display()
    );
    let mut plaintext = String::new();
    place.play("a3", |session| {
        let lab = session.lab_mut();
        lab.type_text("aws kms generate-data-key --key-id alias/dynamodb-encryption-key --key-spec AES_256");
        let printed = lab.transcript().shown().last().expect("an answer").printed.to_string();
        let (_, behind) = printed.split_once("\"Plaintext\": \"").expect("a plaintext");
        plaintext = behind.split('"').next().expect("its end").to_owned();
        lab.type_text(&format!(
            "aws kms encrypt --key-id alias/dynamodb-encryption-key --plaintext {plaintext}"
        ));
        lab.type_text(&by_file);
        a3(session, Way { words: "x", ..RIGHT });
        session.lab_mut().say(&format!("the key was {plaintext}"));
    });
    let folder = secret.parent().expect("a folder").to_str().expect("UTF-8").to_owned();
    for ending in ["html", "md"] {
        let file = place.report("a3", &format!("without.{ending}"), &[]);
        let all = unpacked(&std::fs::read_to_string(&file).expect("a text"));
        for secret in [&plaintext, &folder, "d2hhdCBhIGZpbGU", "what a file of somebody"] {
            assert!(!all.contains(secret), "{ending}: {secret}");
        }
        assert!(all.contains("2 calls are left out"), "{ending}: it is said");
        let (exit, said) = place.verify(&file);
        assert_eq!(exit, Exit::Done, "what is left is played as it is: {said}");
        let file = place.report("a3", &format!("with.{ending}"), &["--with-secrets", "--with-paths"]);
        let all = unpacked(&std::fs::read_to_string(&file).expect("a text"));
        assert!(all.contains(&plaintext) && all.contains(&folder), "{ending}: asked for");
        assert_eq!(place.verify(&file).0, Exit::Done);
    }
}

/// A report with its record unpacked behind it.
fn unpacked(text: &str) -> String {
    use base64::Engine as _;
    let (_, comment) = text.split_once("<!-- kmslab-report ").expect("a record");
    let (_, packed) = comment.split_once('\n').expect("a first line");
    let packed: String = packed.split_once("-->").expect("an end").0.split('\n').collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(packed).expect("Base64");
    let json = miniz_oxide::inflate::decompress_to_vec_zlib(&bytes).expect("zlib");
    format!("{text}{}", String::from_utf8(json).expect("UTF-8"))
}

#[test]
fn a_portfolio_holds_every_scenario_that_was_played() {
    let place = played();
    place.play("a2", |session| {
        let lab = session.lab_mut();
        lab.switch(1);
        lab.ask().expect("a scan");
    });
    for ending in ["html", "md"] {
        let file = place.file(&format!("all.{ending}"));
        let (exit, said) = place.run(&["report", "--all", "--out", file.to_str().expect("UTF-8")]);
        assert_eq!(exit, Exit::Done, "{said}");
        assert!(said.contains("2 scenarios"), "{said}");
        let text = std::fs::read_to_string(&file).expect("a text");
        for words in ["Portfolio", "A2 ", "A3 Open the key", "0 of "] {
            assert!(text.contains(words), "{ending}: {words}");
        }
        let (exit, said) = place.verify(&file);
        assert_eq!((exit, said.lines().count()), (Exit::Done, 3), "{said}");
    }
    let (exit, said) = Place::new().run(&["report", "--all"]);
    assert_eq!(exit, Exit::Usage);
    assert!(said.contains("no scenario was played yet"), "{said}");
}

#[test]
fn a_report_of_a_scenario_of_ones_own_is_verified_with_its_file() {
    let place = Place::new();
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/a3-key-policy-door.json"))
            .expect("a3");
    let own = place.file("own.json");
    std::fs::write(&own, text.replace("\"a3-key-policy-door\"", "\"x3-my-own-door\"")).expect("written");
    let name = own.to_str().expect("UTF-8");
    place.play(name, |session| a3(session, RIGHT));
    let file = place.report(name, "own.html", &[]);
    let (exit, said) = place.verify(&file);
    assert_eq!(exit, Exit::Usage, "{said}");
    assert!(said.contains("--scenario FILE"), "{said}");
    let verify =
        |scenario: &str| place.run(&["verify", file.to_str().expect("UTF-8"), "--scenario", scenario]);
    assert_eq!(verify(name).0, Exit::Done);
    // Another text of it would make another report: nobody is accused.
    let other = place.file("other.json");
    let words = std::fs::read_to_string(&own).expect("a text").replace("Let tess", "Please let tess");
    std::fs::write(&other, words).expect("written");
    let (exit, said) = verify(other.to_str().expect("UTF-8"));
    assert_eq!(exit, Exit::Usage, "{said}");
    assert!(said.contains("another text of the scenario"), "{said}");
}

#[test]
fn nothing_is_overwritten_and_a_lab_that_was_not_played_has_no_report() {
    let place = played();
    let file = place.report("a3", "a3.html", &[]);
    let (exit, _) = place.run(&["report", "a3", "--out", file.to_str().expect("UTF-8")]);
    assert_eq!(exit, Exit::Usage);
    let (exit, said) = place.run(&["report", "a4"]);
    assert_eq!(exit, Exit::Usage);
    assert!(said.contains("was not played yet"), "{said}");
    // Printed, it is Markdown, and the same as in a file.
    let (_, printed) = place.run(&["report", "a3"]);
    assert_eq!(printed, std::fs::read_to_string(place.report("a3", "a3.md", &[])).expect("a text"));
}

#[test]
fn progress_stands_in_the_list() {
    let place = played();
    place.play("a2", |session| assert!(session.lab_mut().hint()));
    let (_, listed) = place.run(&["list"]);
    let row = |id: &str| listed.lines().find(|line| line.starts_with(id)).expect("it is listed").to_owned();
    assert!(row("a3-").contains("  done  "), "{listed}");
    assert!(row("a2-").contains("  0 of "), "{listed}");
    assert!(row("a1-").contains("  -  "), "{listed}");
    let (_, json) = place.run(&["list", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let of =
        |id: &str| json.as_array().expect("a list").iter().find(|s| s["id"] == id).expect("listed").clone();
    assert_eq!(of("a3-key-policy-door")["tasksDone"], 1);
    assert_eq!(of("a3-key-policy-door")["tasks"], 1);
    assert_eq!(of("a1-lock-a-table")["tasksDone"], serde_json::Value::Null);
}
