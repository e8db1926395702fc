//! What the command lines of Playhouse have in common, so that nothing is written twice.
//!
//! - [`program`]: one run of a program, from the arguments to the exit code; [`exit`]: the codes;
//! - [`session`]: which server, with which token; [`config`]: where that is kept; [`login`] and
//!   [`password`]: how it gets there;
//! - [`resume`]: transfers that are under way, so that they go on after a kill;
//!   [`progress`]: how far they have come;
//! - [`films`], [`listing`]: a film by its title, lists page by page;
//! - [`table`], [`output`], [`money`], [`when`]: how values are shown and read.
//!
//! Results go to stdout, everything else to stderr. Nothing here knows a command of one program.

pub mod config;
pub mod exit;
pub mod films;
pub mod listing;
pub mod login;
pub mod money;
pub mod output;
pub mod password;
pub mod program;
pub mod progress;
pub mod resume;
pub mod session;
pub mod table;
pub mod when;

pub use config::ConfigDir;
pub use exit::{Code, Failure};
pub use program::Program;
pub use session::{Global, Session};
