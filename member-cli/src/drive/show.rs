//! `dir`, `sp` and `pwd`: looking.

use playhouse_api::Page;
use playhouse_api::drive::{Entry, EntryKind};
use playhouse_cli_support::table::{Table, fields, left, right};
use playhouse_cli_support::{Session, output, when};

use super::here::Here;
use super::remote;

/// Lists a folder's children; a file is listed itself, and so is what a wildcard matches.
pub(crate) async fn dir(session: &Session, here: &Here, paths: &[String]) -> anyhow::Result<()> {
    let client = &session.client;
    let words: &[String] = if paths.is_empty() {
        &[String::new()]
    } else {
        paths
    };
    let mut found = Vec::new();
    for word in words {
        found.extend(remote::expand(client, &here.remote(), word).await?);
    }
    let items = match found.as_slice() {
        [folder] if folder.kind == EntryKind::Folder => remote::children(client, folder.id).await?,
        _ => found,
    };
    let page = Page {
        items,
        next_cursor: None,
    };
    session.output.show(&page, || entry_table(&page.items))
}

/// The place on the server: the path, what is used, and what there may be.
pub(crate) async fn sp(session: &Session, here: &Here) -> anyhow::Result<()> {
    let path = here.remote().to_string();
    let drive = session.client.me().await?.drive;
    let free = drive.quota.saturating_sub(drive.used).max(0);
    let shown = serde_json::json!({
        "path": path, "used": drive.used, "quota": drive.quota, "free": free,
    });
    session.output.show(&shown, || {
        fields(&[
            ("server", session.client.base_url().to_owned()),
            ("path", path.clone()),
            ("used", output::bytes(drive.used)),
            ("quota", output::bytes(drive.quota)),
            ("free", output::bytes(free)),
        ])
    })
}

pub(crate) fn pwd(session: &Session, here: &Here) -> anyhow::Result<()> {
    let path = here.remote().to_string();
    session
        .output
        .show(&serde_json::json!({ "path": path }), || {
            output::printable(&path)
        })
}

fn entry_table(entries: &[Entry]) -> String {
    if entries.is_empty() {
        return "Nothing here.\n".to_owned();
    }
    let mut table = Table::new([left("NAME"), right("SIZE"), left("MODIFIED (UTC)")]);
    for entry in entries {
        let (name, size) = match entry.kind {
            EntryKind::Folder => (format!("{}/", entry.name), "-".to_owned()),
            EntryKind::File => (entry.name.clone(), output::bytes(entry.size)),
        };
        table.row([name, size, when::show(entry.modified_at)]);
    }
    table.to_string()
}
