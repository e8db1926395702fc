//! Bytes that have arrived get their place in a tree.

use playhouse_api::uploads::OnConflict;

use super::model::{Content, Entry, Error, Kind, Node};
use super::name::{DrivePath, Name};
use super::quota::{self, Delta};
use super::service::{Act, Drive, Result};
use super::{store, tree, versions};
use crate::blobs::NewBlob;
use crate::clock::Time;
use crate::db::Conn;
use crate::ids::{AccountId, EntryId};
use crate::transfers::conditions::tag_of;

/// A file that is to be put into a tree. Folders above it are made as needed.
#[derive(Clone, Debug)]
pub struct NewFile {
    pub path: DrivePath,
    pub on_conflict: OnConflict,
    pub content_type: String,
    /// When the content changed, as far as its owner knows; now when None.
    pub modified_at: Option<Time>,
    /// The content that it shall replace, as `If-Match` names it; anything when None.
    pub if_match: Option<String>,
}

/// How the bytes of a new file are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counting {
    /// They have been reserved.
    Reserved,
    /// Nobody knows of them yet.
    New,
}

impl Drive {
    /// Puts a finished file of this machine into a tree; it stays in its old place, too. For what arrives otherwise
    /// than as an upload. Answers the entry, and whether it is new.
    ///
    /// # Errors
    /// [`Error::NameTaken`], [`Error::TooDeep`], [`Error::OverQuota`], [`Error::Blobs`].
    pub async fn add(
        &self,
        owner: AccountId,
        file: NewBlob,
        new: NewFile,
    ) -> Result<(Entry, bool)> {
        let reader = owner.clone();
        let find = move |conn: &mut Conn, node: Node| Self::get_in(conn, &reader, &node.id);
        self.take(owner, file, new, Counting::New, find).await
    }

    /// Puts a finished file into a tree, and does the rest of what the transaction is for with the node.
    pub(super) async fn take<T, F>(
        &self,
        owner: AccountId,
        file: NewBlob,
        new: NewFile,
        counting: Counting,
        mut rest: F,
    ) -> Result<(T, bool)>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn, Node) -> Result<T> + Send + 'static,
    {
        let act = self.act(owner);
        let size = file.size;
        let turns = self.turns.clone();
        let _turn = turns.of(&act.owner).await;
        let taken = self.blobs.keep::<_, Error, _>(file, move |conn, blob| {
            let content = new.content(&act, blob.clone(), size);
            let (node, is_new) = place_in(conn, &act, &new, &content, counting)?;
            Ok((rest(conn, node)?, is_new))
        });
        let (made, is_new) = taken.await?;
        if !is_new {
            // An older version may have gone.
            self.jobs.wake();
        }
        Ok((made, is_new))
    }
}

impl NewFile {
    pub(super) fn content(&self, act: &Act, blob_id: crate::ids::BlobId, size: i64) -> Content {
        Content {
            blob_id,
            size,
            content_type: self.content_type.clone(),
            modified_at: self.modified_at.unwrap_or(act.now),
        }
    }

    /// Whether it may take this place. A content is named as downloads of it name it.
    fn check(&self, place: &Place) -> Result<()> {
        let Some(wanted) = self.if_match.as_deref() else {
            return Ok(());
        };
        let there = match place {
            Place::Free(_) => None,
            Place::Replaces(file) => file.digests.as_ref(),
        };
        let fits = there.is_some_and(|there| {
            let tag = format!("\"{}\"", tag_of(&there.blake3));
            wanted.trim() == "*" || wanted.split(',').any(|one| one.trim() == tag)
        });
        if fits { Ok(()) } else { Err(Error::Changed) }
    }
}

/// Puts bytes under a path, and takes over one reference to them. Answers the file, and whether it is a new one.
pub(super) fn place_in(
    conn: &mut Conn,
    act: &Act,
    new: &NewFile,
    content: &Content,
    counting: Counting,
) -> Result<(Node, bool)> {
    let Some((above, name)) = new.path.split_last() else {
        return Err(Error::NameTaken("/".to_owned()));
    };
    let folder = tree::ensure_folders_in(conn, act, &above)?;
    let place = target_in(conn, &folder.id, name, new.on_conflict)?;
    new.check(&place)?;
    let (node, is_new, freed) = match place {
        Place::Free(name) => {
            let node = tree::insert_in(conn, act, &folder.id, &name, Some(content))?;
            (node, true, 0)
        }
        Place::Replaces(file) => {
            let freed = versions::replace_in(conn, act, &file, content)?;
            let node = store::find(conn, &act.owner, &file.id)?.ok_or(Error::NotFound)?;
            (node, false, freed)
        }
    };
    match counting {
        Counting::Reserved => quota::settle_in(conn, act, Delta::settled(content.size, freed))?,
        Counting::New => quota::change_in(conn, act, Delta::used(content.size - freed))?,
    }
    Ok((node, is_new))
}

/// Whether something could be put under a path as things stand.
pub(super) fn check_in(conn: &mut Conn, act: &Act, new: &NewFile) -> Result<()> {
    let Some((above, name)) = new.path.split_last() else {
        return Err(Error::NameTaken("/".to_owned()));
    };
    let mut at = tree::root_in(conn, &act.owner)?;
    for step in above.names() {
        at = match store::find_child(conn, &at.id, step.as_str())? {
            Some(child) if child.is_folder() => child,
            Some(_) => return Err(Error::NameTaken(step.to_string())),
            None if new.if_match.is_some() => return Err(Error::Changed),
            None => return Ok(()),
        };
    }
    // A number is looked for at the end, when it is known which ones are free.
    if new.on_conflict == OnConflict::Rename {
        return Ok(());
    }
    let place = target_in(conn, &at.id, name, new.on_conflict)?;
    new.check(&place)
}

enum Place {
    Free(Name),
    Replaces(Box<Node>),
}

/// Where the file goes. A folder is never replaced by a file.
fn target_in(
    conn: &mut Conn,
    folder: &EntryId,
    name: &Name,
    on_conflict: OnConflict,
) -> Result<Place> {
    let Some(there) = store::find_child(conn, folder, name.as_str())? else {
        return Ok(Place::Free(name.clone()));
    };
    match on_conflict {
        OnConflict::Replace if !there.is_folder() => Ok(Place::Replaces(Box::new(there))),
        OnConflict::Rename => {
            tree::free_name_in(conn, folder, name, Kind::File, None).map(Place::Free)
        }
        OnConflict::Fail | OnConflict::Replace => Err(Error::NameTaken(name.to_string())),
    }
}
