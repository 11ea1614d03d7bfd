//! Any text as `--query`: an answer that is JSON and bounded, or an error that names the option.
#![no_main]

use std::sync::Arc;

use kmslab::aws_cli::Console;
use kmslab::limits::console::LINE;
use kmslab::scenario::Stage;
use kmslab_fuzz::{NoFiles, quoted, stage, within};
use libfuzzer_sys::fuzz_target;

thread_local! {
    static STAGE: Stage = stage();
}

fuzz_target!(|text: &str| {
    STAGE.with(|stage| {
        let mut world = stage.world.clone();
        let mut console = Console::new(stage.names.clone(), "root", Arc::new(NoFiles));
        let command = format!("aws iam list-users --output json --query {}", quoted(text));
        let reply = within(1 << 12, text.len(), || console.run(&mut world, &command));
        assert!(reply.text.len() <= 16 * LINE.size(), "{} bytes are printed", reply.text.len());
        if reply.code == 0 {
            assert!(serde_json::from_str::<serde_json::Value>(&reply.text).is_ok(), "{}", reply.text);
        } else {
            assert!(!reply.text.trim().is_empty(), "a refusal has words");
            assert!(matches!(reply.code, 252..=255), "exit code {}: {}", reply.code, reply.text);
        }
    });
});
