//! The `kmslab` program: hands the arguments to [`kmslab::cli`].

fn main() {}
