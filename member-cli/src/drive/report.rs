//! What became of each file of a `get` or `put`.

use playhouse_cli_support::progress::Board;
use playhouse_cli_support::{Code, Failure, Session, exit, output};
use serde::Serialize;

use crate::exit as own;

/// One file, or an empty folder.
#[derive(Debug, Serialize)]
pub(crate) struct Item {
    /// In the drive.
    pub(crate) remote: String,
    /// Here.
    pub(crate) local: String,
    pub(crate) is_folder: bool,
    pub(crate) size: u64,
    pub(crate) blake3: Option<String>,
    /// Bytes that an earlier call had moved.
    pub(crate) resumed_at: u64,
    /// The same file was there before; nothing was transferred.
    pub(crate) unchanged: bool,
    pub(crate) error: Option<String>,
    pub(crate) exit_code: u8,
}

impl Item {
    /// What has not been tried yet.
    pub(crate) fn new(remote: &str, local: &str, size: u64) -> Self {
        Self {
            remote: remote.to_owned(),
            local: local.to_owned(),
            is_folder: false,
            size,
            blake3: None,
            resumed_at: 0,
            unchanged: false,
            error: None,
            exit_code: 0,
        }
    }

    /// Notes the failure of a download, and says it at once.
    pub(crate) fn failed(self, error: &anyhow::Error, board: &Board) -> Self {
        let name = self.remote.clone();
        self.note(error, board, &name)
    }

    /// Notes the failure of an upload, and says it at once.
    pub(crate) fn failed_here(self, error: &anyhow::Error, board: &Board) -> Self {
        let name = self.local.clone();
        self.note(error, board, &name)
    }

    fn note(mut self, error: &anyhow::Error, board: &Board, name: &str) -> Self {
        let message = format!("{error:#}");
        board.say(&format!("{name}: {message}"));
        self.error = Some(message);
        self.exit_code = own::code_of(error) as u8;
        self.blake3 = None;
        self
    }
}

/// Shows the sum, and fails if one has failed.
pub(crate) fn finish(
    session: &Session,
    verb: &str,
    items: &[Item],
    codes: &[Code],
) -> anyhow::Result<()> {
    let shown = serde_json::json!({ "items": items });
    session.output.show(&shown, || summary(verb, items))?;
    let Some(code) = exit::joint(codes) else {
        return Ok(());
    };
    let message = format!("{} of {} failed", codes.len(), items.len());
    Err(Failure::new(code, message).into())
}

fn summary(verb: &str, items: &[Item]) -> String {
    let moved = items
        .iter()
        .filter(|it| it.exit_code == 0 && !it.unchanged && !it.is_folder);
    let (count, bytes) = moved.fold((0, 0), |(count, bytes), it| (count + 1, bytes + it.size));
    let size = output::bytes(i64::try_from(bytes).unwrap_or(i64::MAX));
    let same = items.iter().filter(|it| it.unchanged).count();
    let files = if count == 1 { "file" } else { "files" };
    let mut text = format!("{verb} {count} {files} ({size}), hashes verified");
    if same > 0 {
        text.push_str(&format!("; {same} there already"));
    }
    text.push('.');
    text
}
