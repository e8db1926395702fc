//! What lies on the server: by path, by wildcard, and with all that is below it.

use playhouse_api::ErrorCode;
use playhouse_api::client::{self, Client};
use playhouse_api::drive::{Entry, EntryKind, EntryQuery};
use playhouse_api::page::MAX_LIMIT;
use playhouse_cli_support::output::printable;
use playhouse_cli_support::{Code, Failure};
use uuid::Uuid;

use super::path::RemotePath;
use super::pattern::{is_pattern, matches};
use crate::fetch::Name;

/// A deeper tree is none of ours: the server keeps its own at half of this.
const DEEPEST: usize = 128;

/// A file or an empty folder below another, and the folders on the way.
#[derive(Clone, Debug)]
pub(crate) struct Below {
    /// From the folder that was asked for; checked names only.
    pub(crate) folders: Vec<Name>,
    pub(crate) entry: Entry,
}

/// What a path names, if it names anything.
pub(crate) async fn find(client: &Client, path: &str) -> client::Result<Option<Entry>> {
    match client.entry_at(path).await {
        // Only the server's own "nothing there"; another 404 means a wrong address.
        Err(client::Error::Problem(problem)) if problem.status == 404 => Ok(None),
        found => found.map(Some),
    }
}

/// What a path names; an error if it names nothing.
pub(crate) async fn get(client: &Client, path: &RemotePath) -> anyhow::Result<Entry> {
    let found = find(client, &path.to_string()).await?;
    Ok(found.ok_or_else(|| nothing_at(path))?)
}

/// The folder at a path; an error if it is none.
pub(crate) async fn folder(client: &Client, path: &RemotePath) -> anyhow::Result<Entry> {
    let entry = get(client, path).await?;
    if entry.kind == EntryKind::Folder {
        return Ok(entry);
    }
    let message = format!("{} is no folder", printable(&path.to_string()));
    Err(Failure::new(Code::Conflict, message).into())
}

/// The folder at a path, made with those above it if it is not there.
pub(crate) async fn ensure_folder(client: &Client, path: &RemotePath) -> anyhow::Result<Entry> {
    if path.name().is_none() {
        return get(client, path).await;
    }
    match client.create_folder(&path.to_string()).await {
        Err(error) if error.is(ErrorCode::NameTaken) => folder(client, path).await,
        made => Ok(made?),
    }
}

/// Everything directly in a folder.
pub(crate) async fn children(client: &Client, folder: Uuid) -> anyhow::Result<Vec<Entry>> {
    let mut query = EntryQuery {
        parent_id: Some(folder),
        limit: Some(MAX_LIMIT),
        ..EntryQuery::default()
    };
    let mut entries = Vec::new();
    loop {
        let page = client.list_entries(&query).await?;
        entries.extend(page.items);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            return Ok(entries);
        }
    }
}

/// What a word means: the thing that bears this very name, else all that match it as a pattern.
pub(crate) async fn expand(
    client: &Client,
    here: &RemotePath,
    word: &str,
) -> anyhow::Result<Vec<Entry>> {
    let path = here.resolve(word);
    if let Some(entry) = find(client, &path.to_string()).await? {
        return Ok(vec![entry]);
    }
    if !path.names().iter().any(|name| is_pattern(name)) {
        return Err(nothing_at(&path).into());
    }
    let mut found = vec![get(client, &RemotePath::default()).await?];
    for name in path.names() {
        found = step(client, &found, name).await?;
    }
    if found.is_empty() {
        return Err(nothing_at(&path).into());
    }
    Ok(found)
}

/// One name or pattern further down.
async fn step(client: &Client, above: &[Entry], name: &str) -> anyhow::Result<Vec<Entry>> {
    let mut found = Vec::new();
    for entry in above.iter().filter(|it| it.kind == EntryKind::Folder) {
        let path = RemotePath::of_server(&entry.path).join(name).to_string();
        if let Some(entry) = find(client, &path).await? {
            found.push(entry);
        } else if is_pattern(name) {
            let children = children(client, entry.id).await?;
            found.extend(children.into_iter().filter(|it| matches(name, &it.name)));
        }
    }
    Ok(found)
}

/// All files below a folder, and the folders that have none. A name that no file here may have is
/// an error of that entry only.
pub(crate) async fn walk(
    client: &Client,
    top: &Entry,
) -> anyhow::Result<(Vec<Below>, Vec<(Entry, Failure)>)> {
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    let mut open = vec![(Vec::new(), top.clone())];
    while let Some((folders, folder)) = open.pop() {
        if folders.len() > DEEPEST {
            return Err(Failure::new(Code::Failure, "the folders lie too deep").into());
        }
        let children = children(client, folder.id).await?;
        if children.is_empty() {
            found.push(Below {
                folders: folders.clone(),
                entry: folder,
            });
        }
        for entry in children {
            match (Name::of_server(&entry.name), entry.kind) {
                (Err(failure), _) => refused.push((entry, failure)),
                (Ok(name), EntryKind::Folder) => {
                    let mut below: Vec<Name> = folders.clone();
                    below.push(name);
                    open.push((below, entry));
                }
                (Ok(_), EntryKind::File) => found.push(Below {
                    folders: folders.clone(),
                    entry,
                }),
            }
        }
    }
    Ok((found, refused))
}

fn nothing_at(path: &RemotePath) -> Failure {
    let path = printable(&path.to_string());
    Failure::not_found(format!("there is no {path} in the drive"))
}
