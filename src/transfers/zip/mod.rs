//! A folder as a zip archive that is made while it is sent.
//!
//! Nothing is compressed and nothing is kept on disk: an entry is its file's bytes as they are, with their checksum in
//! a data descriptor behind them, and zip64 fields where a number needs them (PKWARE APPNOTE 6.3.10). The same
//! [`Plan`] always makes the same bytes, so an archive has a length before its first byte is sent and a strong entity
//! tag. Memory is the plan, which is bounded, and two buffers for each response.
//!
//! - [`names`]: what an entry may be called, whatever a member called the file;
//! - [`plan`]: which entries there are, in which order;
//! - `format`: the records of the format;
//! - [`stream`]: the bytes, pulled from a thread that may block;
//! - [`body`]: the response body;
//! - [`open`]: an archive of files that are not known before.

pub mod body;
mod format;
pub mod names;
pub mod open;
pub mod plan;
pub mod stream;

pub use body::Archive;
pub use open::OpenZip;
pub use plan::{Content, Node, NodeKind, Plan, TooMuch};
pub use stream::{Shelf, ZipStream};
