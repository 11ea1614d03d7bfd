//! The real program, built as `bare` is.

fn main() -> std::process::ExitCode {
    kmslab::cli::main()
}
