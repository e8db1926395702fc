//! What happens to uploads beside the requests: expiry, the comparison of rows and files at the start, the pause at
//! the end.

use std::collections::HashSet;

use playhouse_api::page::Page;
use playhouse_api::uploads::UploadRecord;
use uuid::Uuid;

use super::Uploads;
use super::model::{Error, Kind, State, Upload};
use super::quota::{Ended, Quota};
use super::store;
use crate::clock::Time;
use crate::db::Conn;
use crate::ids::{AccountId, UploadId};
use crate::page::PageRequest;

type Result<T> = std::result::Result<T, Error>;

/// Expired uploads that one sweep clears at a time.
const SWEEP: i64 = 500;

impl Uploads {
    /// Removes an upload, whoever owns it: its row, what is in flight, and its file.
    ///
    /// # Errors
    /// When the database or the disk refuses.
    pub async fn discard(&self, id: &UploadId) -> Result<()> {
        self.house.discard(id).await
    }

    /// Removes every upload of an account.
    ///
    /// # Errors
    /// When the database or the disk refuses.
    pub async fn discard_all(&self, owner: &AccountId) -> Result<()> {
        let mut after = None::<UploadId>;
        loop {
            let (owner, from) = (owner.clone(), after.clone());
            let rows = self
                .house
                .db
                .read::<_, Error, _>(move |conn| {
                    Ok(store::list_of(conn, &owner, from.as_ref(), SWEEP)?)
                })
                .await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = Some(last.id.clone());
            for row in rows {
                self.house.discard(&row.id).await?;
            }
        }
    }

    /// The uploads of an account that are not used yet, in the order of their ids. A page may be short and still have a
    /// next one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list(
        &self,
        owner: AccountId,
        page: PageRequest<Uuid>,
    ) -> Result<Page<UploadRecord>> {
        let (fetch, after) = (page.rows_to_fetch(), page.after.map(UploadId::from));
        let rows = self
            .house
            .db
            .read::<_, Error, _>(move |conn| {
                Ok(store::list_of(conn, &owner, after.as_ref(), fetch)?)
            })
            .await?;
        let mut page = page.page(rows, |row| row.id.uuid());
        page.items.retain(|row| row.state != State::Used);
        Ok(page.map(record))
    }

    /// Removes what has expired.
    ///
    /// # Errors
    /// When the database or the disk refuses.
    pub async fn sweep(&self) -> Result<()> {
        loop {
            let (now, quota) = (self.house.clock.now(), self.house.quota());
            let expired = self
                .house
                .db
                .write::<_, Error, _>(move |conn| end_expired(conn, &quota, now))
                .await?;
            for ended in &expired {
                self.house.clear(ended).await?;
            }
            if expired.is_empty() {
                return Ok(());
            }
        }
    }

    /// Compares rows and files, once at the start: a file that no row knows is removed, and so is a row whose file has
    /// lost acknowledged bytes. A file that is longer than its row says is cut back when it is opened. What was all
    /// there when the server stopped is brought to its end; what nobody can go on with is ended.
    ///
    /// # Errors
    /// When the database or the disk refuses.
    pub async fn reconcile(&self) -> Result<()> {
        let staging = self.house.staging.clone();
        // Files first: a row is always there before its file.
        let files = self.house.on_disk(move || staging.list()).await??;
        let rows = self
            .house
            .db
            .read::<_, Error, _>(|conn| Ok(store::list_all(conn)?))
            .await?;
        let known: HashSet<&str> = rows
            .iter()
            .flat_map(|it| [it.id.as_str(), it.file().as_str()])
            .collect();
        for name in files.iter().filter(|it| !known.contains(it.as_str())) {
            tracing::info!(file.name = %name, "removing a staged file that no upload knows");
            let (staging, name) = (self.house.staging.clone(), name.clone());
            self.house.on_disk(move || staging.remove(&name)).await??;
        }
        for row in rows {
            self.reconcile_row(row).await?;
        }
        Ok(())
    }

    async fn reconcile_row(&self, row: Upload) -> Result<()> {
        if row.state == State::Used {
            // Its bytes have their place; the staged name is left over.
            return self.house.remove_file(row.file()).await;
        }
        if row.kind == Kind::Direct && row.created_at < self.house.begun_at {
            tracing::info!(upload.id = %row.id, "ending an upload whose connection went with the server");
            return self.house.discard(&row.id).await;
        }
        let has_file = row.kind != Kind::Final || row.state == State::Complete;
        if has_file && self.has_lost_bytes(&row).await? {
            // A file goes after its row has: somebody may have ended or used the upload meanwhile.
            let now = self.house.find(&row.id).await?;
            if now.is_none_or(|it| it.state == State::Used) {
                return Ok(());
            }
            tracing::error!(upload.id = %row.id, "the file of an upload has lost bytes");
            return self.house.discard(&row.id).await;
        }
        if row.is_due()
            && let Err(error) = self.finish(row.clone()).await
        {
            tracing::warn!(upload.id = %row.id, %error, "could not finish an upload");
        }
        Ok(())
    }

    async fn has_lost_bytes(&self, row: &Upload) -> Result<bool> {
        let (staging, name) = (self.house.staging.clone(), row.file().clone());
        let length = self
            .house
            .on_disk(move || staging.length(name.as_str()))
            .await??;
        let begin = row.part_offset.unwrap_or(0);
        let end = match row.acknowledged {
            0 => 0,
            acknowledged => begin.saturating_add(acknowledged),
        };
        Ok(length.unwrap_or(0) < u64::try_from(end).unwrap_or(0))
    }

    /// Ends every upload in flight, with what arrived recorded, and takes nothing new.
    pub async fn pause_all(&self) {
        self.house.pause_all().await;
    }
}

fn record(row: Upload) -> UploadRecord {
    UploadRecord {
        id: row.id.uuid(),
        file_name: row.file_name,
        content_type: row.content_type,
        path: row.target_path,
        size: row.size,
        acknowledged: row.acknowledged,
        created_at: row.created_at.and_utc(),
        expires_at: row.expires_at.and_utc(),
    }
}

fn end_expired(conn: &mut Conn, quota: &Quota, now: Time) -> Result<Vec<Ended>> {
    let mut ids = store::expired(conn, now, SWEEP)?;
    let alive = store::finals_with_live_parts(conn, &ids, now)?;
    ids.retain(|id| !alive.contains(id));
    quota.end_in(conn, &ids)
}

#[cfg(test)]
mod tests {
    use diesel::{RunQueryDsl as _, sql_query};

    use super::super::model::Purpose;
    use super::*;
    use crate::clock::Clock;
    use crate::config::Config;
    use crate::db::{self, Db, Target, migrate};
    use crate::events::Events;

    fn uploads(folder: &tempfile::TempDir) -> Uploads {
        let target = Target::Sqlite(folder.path().join("house.db"));
        migrate::run(&target).unwrap();
        let config = Config {
            data_dir: folder.path().to_owned(),
            ..Config::default()
        };
        let db = Db::open(&target, &config.database).unwrap();
        Uploads::new(db, Clock::default(), Events::default(), &config)
    }

    /// An upload whose five bytes are acknowledged and whose file is not there.
    async fn without_a_file(uploads: &Uploads) -> Upload {
        let now = uploads.house.clock.now();
        let row = Upload {
            id: UploadId::generate(),
            account_id: AccountId::generate(),
            purpose: Purpose::Movie,
            kind: Kind::Whole,
            file_name: "a.mp4".to_owned(),
            content_type: String::new(),
            metadata: String::new(),
            size: Some(5),
            acknowledged: 5,
            state: State::Complete,
            blake3: None,
            fingerprint: None,
            target_path: None,
            on_conflict: None,
            modified_at: None,
            reserved: 0,
            entry_id: None,
            concat: None,
            file_id: None,
            part_of: None,
            part_offset: None,
            final_id: None,
            part_number: None,
            created_at: now,
            updated_at: now,
            expires_at: now,
            if_match: None,
        };
        let account = format!(
            "INSERT INTO accounts (id, username, username_key, password_hash, role, is_locked, created_at, updated_at) \
             VALUES ('{}', 'a', 'a', '', 'admin', FALSE, '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
            row.account_id
        );
        let kept = row.clone();
        let added = uploads.house.db.write::<_, Error, _>(move |conn| {
            sql_query(&account).execute(conn).map_err(db::Error::from)?;
            Ok(store::insert(conn, &kept)?)
        });
        added.await.unwrap();
        row
    }

    #[actix_web::test]
    async fn an_upload_without_its_bytes_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let uploads = uploads(&folder);
        let row = without_a_file(&uploads).await;
        uploads.reconcile_row(row.clone()).await.unwrap();
        assert!(uploads.house.find(&row.id).await.unwrap().is_none());
    }

    #[actix_web::test]
    async fn one_that_was_used_since_it_was_looked_at_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let uploads = uploads(&folder);
        let row = without_a_file(&uploads).await;
        let id = row.id.clone();
        let used = uploads
            .house
            .db
            .write::<_, Error, _>(move |conn| Ok(store::mark_used(conn, &id, None)?));
        assert!(used.await.unwrap());
        uploads.reconcile_row(row.clone()).await.unwrap();
        let now = uploads.house.find(&row.id).await.unwrap();
        assert_eq!(now.map(|it| it.state), Some(State::Used));
    }
}
