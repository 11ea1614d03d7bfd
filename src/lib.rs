//! kmslab: a terminal security lab on a simulated AWS.
//!
//! The layers, each importing only what stands to its left:
//! [`limits`] ← [`policy`] ← [`cloud`] ← [`template`] ← [`scenario`] ← [`aws_cli`] ← [`lab`] ← [`narration`] ← { [`report`], [`forms`] } ← { [`tui`], [`plain`] } ← [`cli`] ← `main`.
//! Beside [`lab`] and all above it stand [`wire`] and [`serve`]: [`aws_cli`] ← [`wire`] ← [`serve`] ← [`cli`].
//! Everything anybody does to the simulated cloud is one call of [`cloud::World::call`].

pub mod aws_cli;
pub mod cli;
pub mod cloud;
pub mod forms;
pub mod lab;
pub mod limits;
pub mod narration;
pub mod plain;
pub mod policy;
pub mod report;
pub mod scenario;
pub mod serve;
pub mod template;
pub mod tui;
pub mod wire;
