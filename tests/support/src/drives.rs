//! Files and folders on somebody's drive, put there without the work of uploading: their rows, then their bytes.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use playhouse::db::schema::{blobs, drive_entries as entries};
use playhouse::db::{Conn, Error};
use playhouse::ids::{AccountId, BlobId, EntryId};
use uuid::Uuid;

use crate::{Person, TestApp};

/// A file that is put onto a drive.
pub struct NewFile<'a> {
    pub name: &'a str,
    pub content_type: &'a str,
    pub bytes: &'a [u8],
}

impl TestApp {
    /// Runs a change of the database.
    pub async fn change(&self, work: impl Fn(&mut Conn) -> QueryResult<()> + Send + 'static) {
        let done = self
            .app()
            .db
            .write::<_, Error, _>(move |conn| Ok(work(conn)?));
        done.await.unwrap();
    }

    /// Puts a folder into another one; the root is named by the account.
    pub async fn put_folder(&self, owner: &Person, parent: &str, name: &str) -> String {
        self.ensure_root(owner).await;
        let id = EntryId::generate();
        let row = Row::new(owner, Some(parent), name, &id, self.clock.now());
        self.change(move |conn| row.insert(conn)).await;
        id.to_string()
    }

    /// Puts a file of plain bytes into a folder.
    pub async fn put_file(&self, owner: &Person, parent: &str, name: &str, bytes: &[u8]) -> String {
        let file = NewFile {
            name,
            content_type: "application/octet-stream",
            bytes,
        };
        self.put_typed(owner, parent, file).await
    }

    /// Puts a file of any type into a folder.
    pub async fn put_typed(&self, owner: &Person, parent: &str, file: NewFile<'_>) -> String {
        self.ensure_root(owner).await;
        let blob = self.put_blob(file.bytes).await;
        let id = EntryId::generate();
        let mut row = Row::new(owner, Some(parent), file.name, &id, self.clock.now());
        row.content_type = file.content_type.to_owned();
        row.blob = Some((blob, i64::try_from(file.bytes.len()).unwrap()));
        self.change(move |conn| row.insert(conn)).await;
        id.to_string()
    }

    /// Gives a file other bytes, as replacing it does.
    pub async fn replace_bytes(&self, file: &str, bytes: &[u8]) {
        let (id, blob) = (entry_id(file), self.put_blob(bytes).await);
        let size = i64::try_from(bytes.len()).unwrap();
        self.change(move |conn| {
            diesel::update(entries::table.find(&id))
                .set((
                    entries::blob_id.eq(Some(&blob)),
                    entries::size.eq(size),
                    entries::revision.eq(entries::revision + 1),
                ))
                .execute(conn)
                .map(drop)
        })
        .await;
    }

    /// Throws an entry away, or brings it back under its name.
    pub async fn set_trashed(&self, entry: &str, is_trashed: bool) {
        let (id, now) = (entry_id(entry), self.clock.now());
        self.change(move |conn| {
            let name: String = entries::table.find(&id).select(entries::name).first(conn)?;
            diesel::update(entries::table.find(&id))
                .set((
                    entries::trashed_at.eq(is_trashed.then_some(now)),
                    entries::taken_name.eq((!is_trashed).then_some(name)),
                ))
                .execute(conn)
                .map(drop)
        })
        .await;
    }

    /// Puts an entry into another folder under another name.
    pub async fn move_entry(&self, entry: &str, parent: &str, name: &str) {
        let (id, parent, name) = (entry_id(entry), entry_id(parent), name.to_owned());
        self.change(move |conn| {
            diesel::update(entries::table.find(&id))
                .set((
                    entries::parent_id.eq(Some(&parent)),
                    entries::name.eq(&name),
                    entries::taken_name.eq(Some(&name)),
                    entries::sort_name.eq(name.to_lowercase()),
                    entries::revision.eq(entries::revision + 1),
                ))
                .execute(conn)
                .map(drop)
        })
        .await;
    }

    async fn ensure_root(&self, owner: &Person) {
        let row = Row::new(owner, None, "", &entry_id(&owner.id), self.clock.now());
        self.change(move |conn| {
            let root: Option<String> = entries::table
                .find(&row.id)
                .select(entries::name)
                .first(conn)
                .optional()?;
            match root {
                Some(_) => Ok(()),
                None => row.insert(conn),
            }
        })
        .await;
    }

    /// The row of some bytes, and then the bytes: those that no row knows are cleared away when a house opens.
    async fn put_blob(&self, bytes: &[u8]) -> BlobId {
        let (hash, now) = (blake3::hash(bytes), self.clock.now());
        let size = i64::try_from(bytes.len()).unwrap();
        let name = hash.to_hex().to_string();
        let key = name.clone();
        let put = self.app().db.write::<_, Error, _>(move |conn| {
            let known: Option<BlobId> = blobs::table
                .filter(blobs::blake3.eq(&key))
                .select(blobs::id)
                .first(conn)
                .optional()?;
            if let Some(id) = known {
                diesel::update(blobs::table.find(&id))
                    .set(blobs::refs.eq(blobs::refs + 1))
                    .execute(conn)?;
                return Ok(id);
            }
            let id = BlobId::generate();
            diesel::insert_into(blobs::table)
                .values((
                    blobs::id.eq(&id),
                    blobs::blake3.eq(&key),
                    blobs::size.eq(size),
                    blobs::sha256.eq("07".repeat(32)),
                    blobs::created_at.eq(now),
                    blobs::refs.eq(1_i64),
                ))
                .execute(conn)?;
            Ok(id)
        });
        let id = put.await.unwrap();
        let path = self.blob_path(bytes);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        id
    }
}

struct Row {
    id: EntryId,
    account: AccountId,
    parent: Option<EntryId>,
    name: String,
    content_type: String,
    blob: Option<(BlobId, i64)>,
    now: NaiveDateTime,
}

impl Row {
    fn new(
        owner: &Person,
        parent: Option<&str>,
        name: &str,
        id: &EntryId,
        now: NaiveDateTime,
    ) -> Row {
        Row {
            id: id.clone(),
            account: AccountId::from(Uuid::parse_str(&owner.id).unwrap()),
            parent: parent.map(entry_id),
            name: name.to_owned(),
            content_type: String::new(),
            blob: None,
            now,
        }
    }

    fn insert(&self, conn: &mut Conn) -> QueryResult<()> {
        let (blob, size) = self.blob.clone().unzip();
        let kind = if blob.is_some() { "file" } else { "folder" };
        let taken = self.parent.is_some().then(|| self.name.clone());
        diesel::insert_into(entries::table)
            .values((
                entries::id.eq(&self.id),
                entries::account_id.eq(&self.account),
                entries::parent_id.eq(&self.parent),
                entries::kind.eq(kind),
                entries::name.eq(&self.name),
                entries::taken_name.eq(taken),
                entries::sort_name.eq(self.name.to_lowercase()),
                entries::blob_id.eq(blob),
                entries::size.eq(size.unwrap_or(0)),
                entries::content_type.eq(&self.content_type),
                entries::revision.eq(1_i64),
                entries::created_at.eq(self.now),
                entries::modified_at.eq(self.now),
            ))
            .execute(conn)
            .map(drop)
    }
}

fn entry_id(id: &str) -> EntryId {
    EntryId::from(Uuid::parse_str(id).unwrap())
}
