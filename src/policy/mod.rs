//! The IAM policy language and nothing else.
