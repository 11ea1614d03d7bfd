//! What is not kept says so, and nothing that was acknowledged is lost: every step to the disk fails once, in every way.

mod faults;
