//! The scenario format and its checks.
