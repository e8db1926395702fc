//! `cd`, `mkdir`, `del`, `mv` and `cp`: moving about, and changing what lies where.

use playhouse_api::drive::{Entry, EntryChanges, EntryKind, NewCopy};
use playhouse_cli_support::{Code, Failure, Session, output};
use uuid::Uuid;

use super::here::Here;
use super::path::RemotePath;
use super::remote;
use super::words::FromTo;
use crate::fetch::OnConflict;

/// Where something goes.
struct Place {
    parent: Uuid,
    /// Its own name when left out.
    name: Option<String>,
}

pub(crate) async fn cd(session: &Session, here: &Here, to: Option<&str>) -> anyhow::Result<()> {
    let path = here.remote().resolve(to.unwrap_or("/"));
    let folder = remote::folder(&session.client, &path).await?;
    // The server's own spelling of the names.
    here.go(RemotePath::of_server(&folder.path));
    Ok(())
}

pub(crate) async fn mkdir(session: &Session, here: &Here, paths: &[String]) -> anyhow::Result<()> {
    for path in paths {
        let path = here.remote().resolve(path).to_string();
        let folder = session.client.create_folder(&path).await?;
        tell(session, &folder, "Made", &folder.path)?;
    }
    Ok(())
}

pub(crate) async fn del(session: &Session, here: &Here, paths: &[String]) -> anyhow::Result<()> {
    // Everything is looked up first: a word that means nothing deletes nothing.
    for entry in expand_all(session, here, paths).await? {
        let etag = Some(entry.etag.as_str());
        session.client.trash_entry(entry.id, etag).await?;
        let done = serde_json::json!({"id": entry.id, "path": entry.path, "done": "deleted"});
        session.output.show(&done, || {
            output::printable(&format!("{} is in the trash.", entry.path))
        })?;
    }
    Ok(())
}

pub(crate) async fn mv(session: &Session, here: &Here, args: &FromTo) -> anyhow::Result<()> {
    let (sources, to) = sources_and_target(session, here, args).await?;
    for entry in sources {
        let place = place(session, &to).await?;
        let changes = EntryChanges {
            name: place.name,
            parent_id: Some(place.parent),
            on_conflict: rule(args.on_conflict),
        };
        let etag = Some(entry.etag.as_str());
        let moved = session
            .client
            .change_entry(entry.id, &changes, etag)
            .await?;
        tell(session, &moved, "Moved to", &moved.path)?;
    }
    Ok(())
}

pub(crate) async fn cp(session: &Session, here: &Here, args: &FromTo) -> anyhow::Result<()> {
    let (sources, to) = sources_and_target(session, here, args).await?;
    for entry in sources {
        let place = place(session, &to).await?;
        let copy = NewCopy {
            parent_id: place.parent,
            name: place.name,
            on_conflict: rule(args.on_conflict),
        };
        let copied = session.client.copy_entry(entry.id, &copy).await?;
        tell(session, &copied, "Copied to", &copied.path)?;
    }
    Ok(())
}

/// Several things go into a folder, which has to be there.
async fn sources_and_target(
    session: &Session,
    here: &Here,
    args: &FromTo,
) -> anyhow::Result<(Vec<Entry>, RemotePath)> {
    let Some((to, sources)) = args.paths.split_last() else {
        return Err(Failure::usage("what goes where?").into());
    };
    let entries = expand_all(session, here, sources).await?;
    let path = here.remote().resolve(to);
    if entries.len() > 1 || to.ends_with('/') {
        remote::folder(&session.client, &path).await?;
    }
    Ok((entries, path))
}

/// Into the folder of that path; else it is the new name.
async fn place(session: &Session, to: &RemotePath) -> anyhow::Result<Place> {
    let found = remote::find(&session.client, &to.to_string()).await?;
    if let Some(folder) = found.filter(|it| it.kind == EntryKind::Folder) {
        return Ok(Place {
            parent: folder.id,
            name: None,
        });
    }
    let (parent, name) = to.split()?;
    let parent = remote::folder(&session.client, &parent).await?;
    Ok(Place {
        parent: parent.id,
        name: Some(name.to_owned()),
    })
}

async fn expand_all(
    session: &Session,
    here: &Here,
    words: &[String],
) -> anyhow::Result<Vec<Entry>> {
    let mut found = Vec::new();
    for word in words {
        found.extend(remote::expand(&session.client, &here.remote(), word).await?);
    }
    if found.iter().any(|entry| entry.parent_id.is_none()) {
        return Err(Failure::new(Code::Usage, "the whole drive stays where it is").into());
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|entry| seen.insert(entry.id));
    Ok(found)
}

fn rule(rule: OnConflict) -> Option<playhouse_api::uploads::OnConflict> {
    Some(rule.into())
}

fn tell(session: &Session, entry: &Entry, verb: &str, path: &str) -> anyhow::Result<()> {
    session
        .output
        .show(entry, || output::printable(&format!("{verb} {path}.")))
}
