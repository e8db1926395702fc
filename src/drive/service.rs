//! Drives as everybody else uses them: looking at entries, and making folders.

use playhouse_api::drive::EntrySort;
use playhouse_api::page::Page;

use super::listing;
use super::model::{Entry, EntryKey, Error, Node, Usage};
use super::name::DrivePath;
use super::turns::Turns;
use super::{quota, store, tree};
use crate::accounts;
use crate::blobs::Blobs;
use crate::clock::{Clock, Time};
use crate::config::{DriveConfig, TrashConfig};
use crate::db::{Conn, Db};
use crate::ids::{AccountId, EntryId};
use crate::jobs::Jobs;
use crate::page::PageRequest;

pub(super) type Result<T> = std::result::Result<T, Error>;

/// The drives of the house; cheap to copy.
///
/// Every call names the owner whose drive is meant. Ask [`policy`](super::policy) first whether the caller is let in.
#[derive(Clone)]
pub struct Drive {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) jobs: Jobs,
    pub(super) blobs: Blobs,
    pub(super) config: DriveConfig,
    pub(super) trash_days: i64,
    pub(super) turns: Turns,
}

/// What a change is made with: whose drive, when, and by which rules. It goes into transactions by copy.
#[derive(Clone, Debug)]
pub(super) struct Act {
    pub owner: AccountId,
    pub now: Time,
    pub config: DriveConfig,
    pub trash_days: i64,
}

impl Drive {
    #[must_use]
    pub fn new(
        db: Db,
        clock: Clock,
        jobs: Jobs,
        blobs: Blobs,
        config: &DriveConfig,
        trash: &TrashConfig,
    ) -> Self {
        let is_sqlite = db.is_sqlite();
        Self {
            db,
            clock,
            jobs,
            blobs,
            config: config.clone(),
            trash_days: trash.days,
            turns: Turns::new(!is_sqlite),
        }
    }

    pub(super) fn act(&self, owner: AccountId) -> Act {
        Act {
            owner,
            now: self.clock.now(),
            config: self.config.clone(),
            trash_days: self.trash_days,
        }
    }

    /// Runs one change of a drive, when no other change of it runs on this node.
    pub(super) async fn write<T, F>(&self, act: Act, mut change: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn, &Act) -> Result<T> + Send + 'static,
    {
        let _turn = self.turns.of(&act.owner).await;
        self.db.write(move |conn| change(conn, &act)).await
    }

    /// What a path names, if anything. Never something in the trash.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn resolve(&self, owner: AccountId, path: DrivePath) -> Result<Option<Entry>> {
        self.db
            .read(move |conn| {
                let node = tree::resolve_in(conn, &owner, &path)?;
                Ok(node.map(|node| Entry {
                    node,
                    path: path.to_string(),
                }))
            })
            .await
    }

    /// What is at a path, and the folder above it, as far as there are such.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn resolve_with_folder(
        &self,
        owner: AccountId,
        path: DrivePath,
    ) -> Result<(Option<Node>, Option<Node>)> {
        self.db
            .read(move |conn| {
                let Some((above, name)) = path.split_last() else {
                    return Ok((None, tree::resolve_in(conn, &owner, &path)?));
                };
                let Some(folder) = tree::resolve_in(conn, &owner, &above)? else {
                    return Ok((None, None));
                };
                let there = store::find_child(conn, &folder.id, name.as_str())?;
                Ok((Some(folder), there))
            })
            .await
    }

    /// An entry that is not in the trash itself, without its path.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn node(&self, owner: AccountId, id: EntryId) -> Result<Node> {
        let found = self.db.read(move |conn| store::find(conn, &owner, &id));
        let node = found.await?.filter(|it| it.trashed_at.is_none());
        node.ok_or(Error::NotFound)
    }

    /// A reachable entry, if there is one with this id on this drive.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn find(&self, owner: AccountId, id: EntryId) -> Result<Option<Entry>> {
        match self.get(owner, id).await {
            Ok(entry) => Ok(Some(entry)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A reachable entry. The id of the account names the root.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for what is in the trash or below it.
    pub async fn get(&self, owner: AccountId, id: EntryId) -> Result<Entry> {
        self.db
            .read(move |conn| Self::get_in(conn, &owner, &id))
            .await
    }

    /// As [`Drive::get`], for use in a read or a transaction.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn get_in(conn: &mut Conn, owner: &AccountId, id: &EntryId) -> Result<Entry> {
        let (node, way) = tree::live_in(conn, owner, id)?;
        let path = way.path();
        Ok(Entry { node, path })
    }

    /// A reachable entry, or one that was thrown away itself.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for what lies below something in the trash.
    pub async fn look(&self, owner: AccountId, id: EntryId) -> Result<Entry> {
        self.db
            .read(move |conn| {
                let (node, way) = tree::seen_in(conn, &owner, &id)?;
                let path = way.path();
                Ok(Entry { node, path })
            })
            .await
    }

    /// A page of a folder's children.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotAFolder`], [`Error::WrongCursor`].
    pub async fn list(
        &self,
        owner: AccountId,
        folder: EntryId,
        sort: EntrySort,
        page: PageRequest<EntryKey>,
    ) -> Result<Page<Entry>> {
        self.db
            .read(move |conn| {
                let (node, way) = tree::live_in(conn, &owner, &folder)?;
                listing::children(conn, &node, &way.path(), sort, &page)
            })
            .await
    }

    /// A page of the children of the folder that a path names.
    ///
    /// # Errors
    /// As [`Drive::list`].
    pub async fn list_at(
        &self,
        owner: AccountId,
        folder: DrivePath,
        sort: EntrySort,
        page: PageRequest<EntryKey>,
    ) -> Result<Page<Entry>> {
        self.db
            .read(move |conn| {
                let node = tree::resolve_in(conn, &owner, &folder)?.ok_or(Error::NotFound)?;
                listing::children(conn, &node, &folder.to_string(), sort, &page)
            })
            .await
    }

    /// A page of what has `part` in its name, in the whole drive. A page may be short and still have a next one.
    ///
    /// # Errors
    /// [`Error::WrongCursor`].
    pub async fn search(
        &self,
        owner: AccountId,
        part: String,
        sort: EntrySort,
        page: PageRequest<EntryKey>,
    ) -> Result<Page<Entry>> {
        self.db
            .read(move |conn| listing::matching(conn, &owner, &part, sort, &page))
            .await
    }

    /// Makes the folder of that path and those above it, as far as they are missing; answers the folder.
    ///
    /// # Errors
    /// [`Error::NameTaken`] when a file is in the way; [`Error::TooDeep`].
    pub async fn make_folders(&self, owner: AccountId, path: DrivePath) -> Result<Entry> {
        let act = self.act(owner);
        self.write(act, move |conn, act| {
            let node = tree::ensure_folders_in(conn, act, &path)?;
            Ok(Entry {
                node,
                path: path.to_string(),
            })
        })
        .await
    }

    /// Makes a new folder, and those above it as far as they are missing and `with_parents` says so.
    ///
    /// # Errors
    /// [`Error::NameTaken`] when there is something of that name, or a file in the way; [`Error::NotFound`] when a
    /// folder above is missing and is not to be made; [`Error::TooDeep`].
    pub async fn make_folder(
        &self,
        owner: AccountId,
        path: DrivePath,
        with_parents: bool,
    ) -> Result<Entry> {
        let act = self.act(owner);
        self.write(act, move |conn, act| {
            let Some((above, name)) = path.split_last() else {
                return Err(Error::NameTaken("/".to_owned()));
            };
            if !with_parents {
                let parent = tree::resolve_in(conn, &act.owner, &above)?;
                parent.filter(|it| it.is_folder()).ok_or(Error::NotFound)?;
            }
            let parent = tree::ensure_folders_in(conn, act, &above)?;
            if store::find_child(conn, &parent.id, name.as_str())?.is_some() {
                return Err(Error::NameTaken(name.to_string()));
            }
            let node = tree::ensure_folders_in(conn, act, &path)?;
            Ok(Entry {
                node,
                path: path.to_string(),
            })
        })
        .await
    }

    /// The room of an account, for use in a read or a transaction.
    ///
    /// # Errors
    /// When there is no such account, or the database refuses.
    pub fn usage_in(
        &self,
        conn: &mut Conn,
        owner: &AccountId,
    ) -> std::result::Result<Usage, accounts::Error> {
        quota::usage_in(conn, owner, &self.config, self.clock.now())
    }

    /// The room of an account.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn usage(&self, owner: AccountId) -> Result<Usage> {
        let drive = self.clone();
        self.db
            .read::<_, Error, _>(move |conn| Ok(drive.usage_in(conn, &owner)?))
            .await
    }
}
