//! The `kmslab` program: hands the arguments to [`kmslab::cli`].

fn main() -> std::process::ExitCode {
    kmslab::cli::main()
}
