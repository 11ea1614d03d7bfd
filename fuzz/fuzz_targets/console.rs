//! Any lines at the console, in the world of a scenario: the same answer twice, of bounded length, with an exit code of
//! the CLI's; and a text that is not complete says what is missing.
#![no_main]

use std::sync::Arc;

use kmslab::aws_cli::{self, Console};
use kmslab::limits::console::{LINE, VARIABLE};
use kmslab::scenario::Stage;
use kmslab_fuzz::{NoFiles, stage, within};
use libfuzzer_sys::fuzz_target;

thread_local! {
    static STAGE: Stage = stage();
}

fuzz_target!(|text: &str| {
    STAGE.with(|stage| {
        let answer = || {
            let mut world = stage.world.clone();
            let mut console = Console::new(stage.names.clone(), &stage.scenario.start_as, Arc::new(NoFiles));
            let reply = console.run(&mut world, text);
            for name in console.variables().names() {
                let length = console.variables().get(name).map_or(0, str::len);
                assert!(length <= VARIABLE.size(), "{name} has {length} bytes");
            }
            console.prompt(&world);
            (reply.text, reply.code)
        };
        let is_complete = within(64, text.len(), || aws_cli::is_complete(text));
        let (printed, code) = answer();
        assert_eq!((&printed, code), (&answer().0, code), "the same twice");
        assert!(printed.len() <= 64 * LINE.size(), "{} bytes are printed", printed.len());
        assert!(matches!(code, 0 | 1 | 2 | 127 | 252..=255), "exit code {code}");
        if !is_complete {
            assert!(printed.contains("is not complete") && code == 2, "{printed}");
        }
    });
});
