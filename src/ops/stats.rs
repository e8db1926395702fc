//! The figures of the house for its admins.
//!
//! Counting a large table takes a while, so what is counted in the database is counted at most once in [`FRESH`], however
//! many ask. What the server knows by itself is told as it is.

use std::sync::Arc;

use chrono::{SubsecRound as _, TimeDelta};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text, Timestamp};
use playhouse_api::admin::{self, JobStats, LiveStats, MinuteStats, RequestStats, StorageStats};
use tokio::sync::Mutex;

use crate::clock::{Clock, Time};
use crate::db::{self, Conn, Db};
use crate::http::metrics::Metrics;
use crate::playback::Playback;
use crate::realtime::Realtime;
use crate::transfers::Uploads;
use crate::transfers::registry::Transfers;

/// Figures of the database are at most this old.
const FRESH: TimeDelta = TimeDelta::seconds(5);

/// Whoever knows what goes on now.
#[derive(Clone)]
pub struct Sources {
    pub realtime: Realtime,
    pub playback: Playback,
    pub transfers: Transfers,
    pub uploads: Uploads,
    pub metrics: Metrics,
}

/// Counts, and remembers for a moment; cheap to copy.
#[derive(Clone)]
pub struct Stats {
    db: Db,
    clock: Clock,
    sources: Sources,
    counted: Arc<Mutex<Option<(Time, admin::Stats)>>>,
}

impl Stats {
    #[must_use]
    pub fn new(db: Db, clock: Clock, sources: Sources) -> Self {
        Self {
            db,
            clock,
            sources,
            counted: Arc::default(),
        }
    }

    /// All figures: those of the database of at most [`FRESH`] ago, and those of this moment.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn figures(&self) -> db::Result<admin::Stats> {
        Ok(admin::Stats {
            live: self.live(),
            requests: self.requests(),
            ..self.counted().await?
        })
    }

    /// Those who ask while somebody counts wait for that count.
    async fn counted(&self) -> db::Result<admin::Stats> {
        let mut counted = self.counted.lock().await;
        let now = self.clock.now();
        if let Some((at, figures)) = &*counted
            && now - *at < FRESH
        {
            return Ok(figures.clone());
        }
        let mut figures = self.db.read(move |conn| count(conn, now)).await?;
        figures.storage.free = self.sources.uploads.free_bytes().await;
        *counted = Some((now, figures.clone()));
        Ok(figures)
    }

    fn live(&self) -> LiveStats {
        let (accounts, connections) = self.sources.realtime.count();
        LiveStats {
            connections: figure(connections),
            accounts_online: figure(accounts),
            streams: figure(self.sources.playback.streams_now()),
            transfers: figure(self.sources.transfers.sending()),
            uploads: figure(self.sources.uploads.receiving()),
        }
    }

    fn requests(&self) -> RequestStats {
        let (minutes, seconds) = self.sources.metrics.recent();
        let last = self.clock.now().trunc_subsecs(0) - TimeDelta::seconds(seconds.cast_signed());
        let minutes = (0..).zip(minutes.iter().rev()).map(|(ago, minute)| {
            let at = last - TimeDelta::minutes(ago);
            MinuteStats {
                at: at.and_utc(),
                requests: minute.requests.cast_signed(),
                errors: minute.errors.cast_signed(),
            }
        });
        let mut minutes: Vec<_> = minutes.collect();
        minutes.reverse();
        RequestStats { minutes }
    }
}

fn figure(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[derive(QueryableByName)]
struct Figure {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    value: i64,
}

/// One statement, so that all figures belong to one moment. SQLite adds integers with a check for overflow, and a cast
/// brings PostgreSQL's sums back to integers.
const FIGURES: &str = "
SELECT 'accounts' AS name, COUNT(*) AS value FROM accounts WHERE deleted_at IS NULL
UNION ALL SELECT 'vip_accounts', COUNT(*) FROM accounts WHERE vip_until > $1
UNION ALL SELECT 'locked_accounts', COUNT(*) FROM accounts WHERE is_locked = $2 AND deleted_at IS NULL
UNION ALL SELECT 'movies', COUNT(*) FROM movies WHERE deleted_at IS NULL
UNION ALL SELECT 'movies_processing', COUNT(*) FROM movies WHERE state = 'processing' AND deleted_at IS NULL
UNION ALL SELECT 'movies_failed', COUNT(*) FROM movies WHERE state = 'failed' AND deleted_at IS NULL
UNION ALL SELECT 'movies_deleted', COUNT(*) FROM movies WHERE deleted_at IS NOT NULL
UNION ALL SELECT 'movie_bytes', CAST(COALESCE(SUM(blobs.size), 0) AS BIGINT)
    FROM movies JOIN blobs ON blobs.id = movies.blob_id
UNION ALL SELECT 'notices', COUNT(*) FROM notices
UNION ALL SELECT 'orders', COUNT(*) FROM orders
UNION ALL SELECT 'revenue', CAST(COALESCE(-SUM(amount), 0) AS BIGINT)
    FROM ledger_entries WHERE kind IN ('order', 'membership')
UNION ALL SELECT 'wallet_total', CAST(COALESCE(SUM(balance), 0) AS BIGINT) FROM wallets
UNION ALL SELECT 'downloads', COUNT(*) FROM download_tickets
UNION ALL SELECT 'downloads_running', COUNT(*) FROM download_tickets WHERE state = 'running'
UNION ALL SELECT 'bytes_sent', CAST(COALESCE(SUM(bytes_sent), 0) AS BIGINT) FROM download_tickets
UNION ALL SELECT 'uploads_open', COUNT(*) FROM uploads WHERE state <> 'used' AND expires_at > $1
UNION ALL SELECT 'jobs_waiting', COUNT(*) FROM jobs WHERE state = 'queued'
UNION ALL SELECT 'jobs_running', COUNT(*) FROM jobs WHERE state = 'running'
UNION ALL SELECT 'jobs_done', COUNT(*) FROM jobs WHERE state = 'done'
UNION ALL SELECT 'jobs_failed', COUNT(*) FROM jobs WHERE state = 'failed'
UNION ALL SELECT 'jobs_cancelled', COUNT(*) FROM jobs WHERE state = 'cancelled'
UNION ALL SELECT 'stored_bytes', CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM blobs WHERE refs > 0";

fn count(conn: &mut Conn, now: Time) -> db::Result<admin::Stats> {
    let figures: Vec<Figure> = diesel::sql_query(FIGURES)
        .bind::<Timestamp, _>(now)
        .bind::<Bool, _>(true)
        .load(conn)?;
    let of = |name: &str| {
        let figure = figures.iter().find(|figure| figure.name == name);
        figure.map_or(0, |figure| figure.value)
    };
    Ok(admin::Stats {
        accounts: of("accounts"),
        vip_accounts: of("vip_accounts"),
        locked_accounts: of("locked_accounts"),
        movies: of("movies"),
        movies_processing: of("movies_processing"),
        movies_failed: of("movies_failed"),
        movies_deleted: of("movies_deleted"),
        movie_bytes: of("movie_bytes"),
        notices: of("notices"),
        orders: of("orders"),
        revenue: of("revenue"),
        wallet_total: of("wallet_total"),
        downloads: of("downloads"),
        downloads_running: of("downloads_running"),
        bytes_sent: of("bytes_sent"),
        uploads_open: of("uploads_open"),
        jobs_waiting: of("jobs_waiting"),
        jobs_failed: of("jobs_failed"),
        jobs: JobStats {
            waiting: of("jobs_waiting"),
            running: of("jobs_running"),
            done: of("jobs_done"),
            failed: of("jobs_failed"),
            cancelled: of("jobs_cancelled"),
        },
        storage: StorageStats {
            used: of("stored_bytes"),
            free: None,
        },
        ..admin::Stats::default()
    })
}
