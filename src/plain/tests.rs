use std::cell::RefCell;
use std::rc::Rc;

use super::*;
use crate::scenario;

fn options(scenario: &str) -> Options {
    Options { scenario: scenario.to_owned(), ..Options::default() }
}

fn assert_in_order(text: &str, words: &[&str]) {
    let mut rest = text;
    for word in words {
        let at = rest.find(word).unwrap_or_else(|| panic!("{word:?} does not follow in:\n{text}"));
        rest = &rest[at + word.len()..];
    }
}

#[test]
fn a3_is_played_to_its_end_through_a_pipe() {
    let text = transcript(
        &options("a3"),
        "who\npredict 2\nas tess\nscan\nwhy\nas 1\nsnippet 1 tess\nhint\nhint\nhint\nhint\nsnippet 1 tess\ndiff\napply\nas tess\nscan\nwords It named her.\nstorage\naudit\nsteps\nquit\n",
    );
    assert_in_order(
        &text,
        &[
            "A3. ",
            "Task 1 of 1",
            "NOT YET",
            "Question: ",
            "kim> who",
            "2. tess, user: dynamodb:Scan CustomerData DENY (kms:Decrypt).",
            "You expect: ",
            "You are tess, a user.",
            "tess calls dynamodb:Scan CustomerData: DENY (kms:Decrypt).",
            "is not authorized to perform: kms:Decrypt",
            "kms:Decrypt on key dynamodb-encryption-key as tess, via dynamodb: DENY.",
            "   Denied: the key policy leaves kms:Decrypt to IAM policies, and tess's only IAM policy, AmazonDynamoDBFullAccess, does not allow it.",
            "You are kim, a user.",
            "Statements come after the last hint; hint shows the next.",
            "Hint 4 of 4",
            "tess: DENY (kms:Decrypt) becomes ALLOW.",
            "Applying it as kim would be: ALLOW.",
            "Added, line",
            "kim calls kms:PutKeyPolicy: ALLOW.",
            "tess calls dynamodb:Scan CustomerData: ALLOW.",
            "Alice Johnson",
            "DONE: ",
            "Every task is done.",
            "In your own words, before the lesson",
            "Kept for your report.",
            "Within one account the key policy alone",
            "nonce",
            "Scan by tess: ok.",
            "you are here",
            "Nothing of this session is kept.",
        ],
    );
    assert!(!text.chars().any(|c| ('\u{2500}'..='\u{259f}').contains(&c)), "no boxes: {text}");
}

#[test]
fn a3_is_played_to_its_end_by_aws_lines() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
      {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/tess"}, "Action": "kms:Decrypt",
       "Resource": "*"}]}"#;
    let script = format!(
        "predict 2\naws dynamodb scan --table-name CustomerData --profile tess\n\
         KEY=alias/dynamodb-encryption-key\n\
         KEY=$(aws kms describe-key --key-id $KEY --query KeyMetadata.KeyId --output text)\n\
         aws kms put-key-policy --key-id $KEY --policy-name default \\\n  --policy '{policy}'\n\
         aws dynamodb scan --table-name CustomerData --profile tess --query 'Items[0].Name.S'\nsteps\nundo\nredo\n"
    );
    let text = transcript(&options("a3"), &script);
    assert_in_order(
        &text,
        &[
            "An error occurred (AccessDeniedException) when calling the Scan operation",
            "\"Alice Johnson\"",
            "Every task is done.",
            "tess, dynamodb:Scan: ALLOW, you are here.",
            "Taken back: dynamodb:Scan by tess.",
            "Made again: dynamodb:Scan by tess.",
        ],
    );
}

#[test]
fn a_document_is_edited_by_the_lines_that_follow() {
    let script =
        "edit\n{\"Version\": \"2012-10-17\",\n \"Statement\": [{]}\n.\nshow\ndiscard\nshow\nedit\n{}\n";
    let text = transcript(&options("a3"), script);
    assert_in_order(
        &text,
        &[
            "a draft, not applied.",
            "Error in line 2, column",
            "This is no policy: who gets what is told",
            "\"Statement\": [{]}",
            "The draft is gone",
            "as applied.",
            "The input ended before a line with a single full stop",
        ],
    );
}

#[test]
fn a_draft_is_not_lost_by_opening_another_document_or_by_stepping() {
    let text = transcript(
        &options("a3"),
        "hint\nhint\nhint\nhint\nsnippet 1 tess\nopen 2\nundo\nfix\ndocuments\nopen 1\ndiff\napply all\ndiff\nopen 2\n",
    );
    assert_eq!(text.matches("pply or discard").count(), 2, "{text}");
    assert!(text.contains("1. Key policy alias/dynamodb-encryption-key, a draft."), "{text}");
    assert!(
        text.contains("Added, line") && text.contains("In this order: 1. dynamodb-encryption-key"),
        "{text}"
    );
    assert!(text.contains("1 of 1 applied: dynamodb-encryption-key."), "{text}");
    assert!(text.contains("There is no draft."), "{text}");
    assert!(text.trim_end().contains("policy of user kim") || text.contains("Managed policy"), "{text}");
}

#[test]
fn what_nobody_knows_is_said() {
    let text = transcript(
        &options("a3"),
        "fly\nas nobody\nopen 99\npredict 9\nclock soon\naudit 99\nwho-can\nwho-can nonsense\nnext\nnext yes\nreset\nhelp\n",
    );
    assert_in_order(
        &text,
        &[
            "There is no command `fly`",
            "Nobody here is called `nobody`. There are kim, tess",
            "There is no document `99`",
            "answers.",
            "no stretch of time",
            "There are 0 records.",
            "who-can ACTION",
            "who-can ACTION",
            "next yes goes on",
            "A4. ",
            "reset yes starts",
            "storage: what the disk holds.",
        ],
    );
}

#[test]
fn a_session_goes_on_where_it_was() {
    let state = tempfile::tempdir().expect("a folder");
    let options = Options { state: Some(state.path().to_owned()), ..options("a3") };
    let text = transcript(
        &options,
        "predict 2\nas tess\nscan\nas kim\nhint\nhint\nhint\nhint\nsnippet 1 tess\nquit\n",
    );
    assert!(text.contains("Kept, the draft included."), "{text}");
    let text = transcript(&options, "who\nsteps\ndiff\nreset yes\nsteps\n");
    assert_in_order(
        &text,
        &[
            "continued where you left",
            "You are kim",
            "With the draft: ALLOW.",
            "tess, dynamodb:Scan",
            "Added, line",
            "Started again.",
            "0. ",
        ],
    );
}

#[test]
fn what_comes_from_outside_is_harmless_to_a_terminal() {
    let text = transcript(&options("a3"), "\u{1b}[31mfly\necho \u{1b}]0;x\u{7}\nas \u{9b}1m\n");
    assert!(!text.chars().any(|c| c != '\n' && c.is_control()), "{text:?}");
}

#[test]
fn a_document_follows_a_file_and_never_takes_a_draft_away() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("policy.json");
    let mut options = options("a3");
    options.watch = Some(file.display().to_string());
    let text = transcript(&options, "scan\n");
    assert!(text.contains("it cannot be read"), "{text}");
    std::fs::write(&file, "{\"Version\": \"2012-10-17\", \"Statement\": [\n]\n").expect("written");
    let text = transcript(&options, "scan\nhint\nhint\nhint\nhint\nsnippet 2 tess\n");
    assert_in_order(&text, &["the Key policy alias/dynamodb-encryption-key follows it", "Error in line"]);
    options.watch = Some(format!("nothing={}", file.display()));
    let error = run(&options, &mut &b""[..], &mut Vec::new(), false).expect_err("no such document");
    assert!(error.to_string().contains("there is no document `nothing`"), "{error}");

    // A draft of one's own stays until it is discarded; then the file is taken over.
    let mut lab = Lab::open(scenario::find("a3").expect("there"), None).expect("it opens");
    lab.open_first_document();
    let mut follow = crate::lab::Follow::new(&lab, &file.display().to_string()).expect("it follows");
    let own = lab.draft().expect("open").text().replace("2012-10-17", "2008-10-17");
    lab.set_draft(&own);
    let (words, changed) = follow.look(&mut lab).expect("news");
    assert!(!changed && words.contains("draft of your own"), "{words}");
    assert_eq!(lab.draft().expect("open").text(), own);
    assert_eq!(follow.look(&mut lab), None);
    lab.revert_draft();
    let (words, changed) = follow.look(&mut lab).expect("it waited");
    assert!(changed && words.contains("follows it"), "{words}");
}

#[test]
fn statements_are_for_somebody_and_go_by_their_number() {
    let text = transcript(
        &options("a3"),
        "hint\nhint\nhint\nhint\nsnippet 1\nsnippet 1 nobody\nsnippet 1 kim\nremove 9\nremove 2\ndiff\n",
    );
    assert_in_order(
        &text,
        &[
            "For whom? snippet 1 NAME, of: tess, kim",
            "Nobody here is called `nobody`.",
            "a draft, not applied",
            "remove NUMBER takes",
            "`KeyUser` is out of the draft.",
            "There is no draft.",
        ],
    );
}

#[test]
fn a_statement_is_put_together_from_parts_before_help_is_given() {
    let script = "build\npredict 2\nas tess\nscan\nas kim\nbuild\nbuild put\nbuild 2 2\nbuild 3 3\nbuild 4 9\nbuild 4 2\nbuild 5 2\n\
        build 4 1\nbuild put\ndiff\napply\nas tess\nscan\nbuild x\n";
    let text = transcript(&options("a3"), script);
    assert_in_order(
        &text,
        &[
            "Your guess comes first; then the parts are offered.",
            "  3. { \"AWS\": \"arn:aws:iam::111122223333:user/tess\" }",
            "It means: ____ ____ ____ ____.",
            "Nothing put in: choose the Effect first.",
            "Effect: \"Allow\"",
            "It means: It allows ____ ____ ____.",
            "It means: It allows tess ____ ____.",
            // A number that is not there chooses nothing.
            "It means: It allows tess ____ ____.",
            "It means: It allows tess to encrypt ____.",
            "It means: It allows tess to encrypt with this key.",
            "It means: It allows tess to decrypt with this key.",
            "a draft, not applied",
            "TessReads",
            "tess calls dynamodb:Scan CustomerData: ALLOW.",
        ],
    );
    let text = transcript(&options("d1"), "build\n");
    assert!(text.contains("This task has no parts"), "{text}");
}

#[test]
fn the_reason_is_asked_for_right_behind_the_verdict() {
    let text = transcript(&options("e1"), "predict Yes\npredict Nobody\ntask\nquit\n");
    assert_in_order(
        &text,
        &[
            "You expect: Yes",
            "Question: And why?",
            "A grant allows on its own: no policy has to agree",
            "You expect: Nobody can give what they do not have",
            "DONE: you have made a guess, and said why.",
        ],
    );
    assert_eq!(text.matches("Question: And why?").count(), 1, "it is answered: {text}");
}

#[test]
fn every_document_of_the_world_is_in_reach_by_its_number_and_by_its_name() {
    let lab = Lab::open(scenario::find("e1").expect("there"), None).expect("it opens");
    let all = lab.all_documents();
    let names = all.iter().map(|one| format!("{} {}", one.title(lab.world()), one.name(lab.world())));
    let names: Vec<String> = names.collect();
    assert!(names.iter().any(|name| name == "Inline policy of user kim KeyAdmin"), "mallory acts: {names:?}");
    for (number, name) in names.iter().enumerate() {
        let text =
            transcript(&options("e1"), &format!("documents\nopen {}\nopen {name}\nquit\n", number + 1));
        assert!(text.contains(&format!("{}. {name}", number + 1)), "{text}");
        assert!(!text.contains("There is no document"), "{name}: {text}");
        let (_, opened) = text.split_once(&format!("open {}", number + 1)).expect("it was opened");
        assert!(opened.lines().nth(1).is_some_and(|line| line.starts_with(name)), "{name}: {opened}");
    }
}

/// The finding of E5's second task is who made the grant, and what to take from them.
#[test]
fn the_line_that_comes_next_is_not_named_before_the_hints_where_it_would_be_half_of_the_answer() {
    let pattern = r#"{"source": ["aws.kms"], "detail": {"$or": [{"eventName": ["Decrypt"], "userIdentity": {"accountId": [{"anything-but": ["111122223333", "444455556666"]}]}}, {"eventName": ["CreateGrant"], "requestParameters": {"granteePrincipal": [{"anything-but": {"wildcard": ["arn:aws:iam::111122223333:role/*", "dynamodb.*"]}}]}}, {"eventName": ["DisableKey", "ScheduleKeyDeletion"], "errorCode": ["AccessDenied"]}]}}"#;
    let script = format!(
        "predict The call, with the account\naws events put-rule --name finding --event-pattern '{pattern}'\n\
         predict The stranger's Decrypt, and every\npredict Yes: mallory's own\npredict The data\ntask\n\
         hint\nhint\nhint\nhint\ntask\nquit\n"
    );
    let text = transcript(&options("e5"), &script);
    assert_in_order(
        &text,
        &[
            "Task 1 is done.",
            "Next: an aws line does it.",
            "Hint 4 of 4",
            "Next: aws iam delete-user-policy.",
        ],
    );
    let before = text.split("Hint 1 of 4").next().unwrap_or_default();
    assert!(!before.contains("delete-user-policy"), "{before}");
}

/// A terminal: what is written stays in a buffer until it is flushed, and the person types at what is on the screen.
#[derive(Clone, Default)]
struct Terminal(Rc<RefCell<(Vec<u8>, String)>>);

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let (waiting, shown) = &mut *self.0.borrow_mut();
        shown.push_str(&String::from_utf8_lossy(&std::mem::take(waiting)));
        Ok(())
    }
}

/// The lines that a person types, each with what the screen has to end with before it is typed.
struct Typed<'t>(Terminal, std::slice::Iter<'t, (&'t str, &'t str)>);

impl io::Read for Typed<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some((asked, line)) = self.1.next() else { return Ok(0) };
        let screen = self.0.0.borrow().1.clone();
        assert!(screen.trim_end().ends_with(asked), "{line:?} is typed before {asked:?} is shown:\n{screen}");
        let bytes = line.as_bytes();
        into.get_mut(..bytes.len()).expect("a short line").copy_from_slice(bytes);
        Ok(bytes.len())
    }
}

#[test]
fn whoever_is_to_type_a_document_is_told_so_before() {
    let script = [
        (">", "edit -\n"),
        ("a line with a single full stop ends it.", "{}\n"),
        ("a line with a single full stop ends it.", ".\n"),
        (">", "quit\n"),
    ];
    let mut terminal = Terminal::default();
    let mut input = io::BufReader::new(Typed(terminal.clone(), script.iter()));
    run(&options("a3"), &mut input, &mut terminal, true).expect("memory");
    assert!(terminal.0.borrow().1.contains("is no policy"), "{}", terminal.0.borrow().1);
}

#[test]
fn a_hint_has_the_same_number_wherever_it_stands() {
    // The first hint of the task is about something that is done already: it is passed over.
    let text = transcript(&options("b4"), "predict 1\nas kim\nscan\nhint\ntask\n");
    let given = text.lines().filter(|line| line.starts_with("Hint ")).collect::<Vec<_>>();
    let [told, repeated] = given.as_slice() else { panic!("{text}") };
    assert_eq!(told, repeated);
}
