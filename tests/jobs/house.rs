//! A database with a queue, handlers that count, hang or live, and the waiting for what comes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use playhouse::clock::Clock;
use playhouse::config::DatabaseConfig;
use playhouse::db::{self, Db, Target, migrate};
use playhouse::events::Events;
use playhouse::jobs::{Failure, Handlers, JobFilter, Jobs, NewJob, Outcome};
use playhouse::page::PageRequest;
use playhouse_api::admin::Job;
use playhouse_test_support::postgres::TestDatabase;

pub(crate) struct House {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) jobs: Jobs,
    pub(crate) events: Events,
    pub(crate) target: Target,
    _folder: tempfile::TempDir,
    _database: Option<TestDatabase>,
}

pub(crate) fn house() -> House {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create_if_asked();
    let target = match &database {
        Some(database) => Target::Postgres(database.url.clone()),
        None => Target::Sqlite(folder.path().join("jobs.db")),
    };
    migrate::run(&target).unwrap();
    let db = Db::open(&target, &DatabaseConfig::default()).unwrap();
    let (clock, events) = (Clock::default(), Events::default());
    House {
        jobs: Jobs::new(db.clone(), clock.clone(), events.clone()),
        events,
        db,
        clock,
        target,
        _folder: folder,
        _database: database,
    }
}

impl House {
    pub(crate) async fn enqueue(&self, subject: &str) {
        let (now, subject) = (self.clock.now(), subject.to_owned());
        let queued = self.db.write::<_, db::Error, _>(move |conn| {
            Jobs::enqueue_in(conn, now, NewJob::new("count", subject.as_str(), now))
        });
        queued.await.unwrap();
        self.jobs.wake();
    }

    pub(crate) async fn all(&self) -> Vec<Job> {
        let page = PageRequest::read(None, Some(200)).unwrap();
        self.jobs
            .list(JobFilter::default(), page)
            .await
            .unwrap()
            .items
    }

    /// Waits until `holds` for all jobs.
    pub(crate) async fn until(&self, holds: impl Fn(&Job) -> bool) -> Vec<Job> {
        for _ in 0..500 {
            let jobs = self.all().await;
            if jobs.iter().all(&holds) {
                return jobs;
            }
            self.jobs.wake();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{:?}", self.all().await);
    }
}

pub(crate) fn counting(count: &Arc<AtomicU32>, outcome: Result<Outcome, Failure>) -> Handlers {
    let count = Arc::clone(count);
    Handlers::default().on("count", move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        std::future::ready(outcome.clone())
    })
}

pub(crate) fn hanging(count: &Arc<AtomicU32>) -> Handlers {
    let count = Arc::clone(count);
    Handlers::default().on("count", move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        std::future::pending()
    })
}

pub(crate) async fn begun(count: &AtomicU32) {
    while count.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A queue of its own on the same database, as another process has it.
pub(crate) fn other_node(house: &House) -> Jobs {
    let db = Db::open(&house.target, &DatabaseConfig::default()).unwrap();
    Jobs::new(db, house.clock.clone(), Events::default())
}

pub(crate) fn admin() -> playhouse::audit::Actor {
    playhouse::audit::Actor {
        id: None,
        name: "admin".to_owned(),
        request_id: String::new(),
        address: String::new(),
    }
}

impl House {
    pub(crate) async fn put(
        &self,
        job: impl Fn(playhouse::clock::Time) -> NewJob + Send + 'static,
    ) {
        let now = self.clock.now();
        let queued = self
            .db
            .write::<_, db::Error, _>(move |conn| Jobs::enqueue_in(conn, now, job(now)));
        queued.await.unwrap();
    }

    pub(crate) async fn job(&self, subject: &str) -> playhouse_api::admin::JobDetail {
        let payload = Some(subject.to_owned());
        let found = self
            .all()
            .await
            .into_iter()
            .find(|it| it.payload == payload);
        self.jobs.get(found.unwrap().id.into()).await.unwrap()
    }
}

/// Tells when it is dropped, as a tool that is killed with its worker.
pub(crate) struct Alive(Arc<AtomicU32>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

pub(crate) fn living(alive: &Arc<AtomicU32>) -> Handlers {
    let alive = Arc::clone(alive);
    Handlers::default().on("count", move |_| {
        alive.fetch_add(1, Ordering::SeqCst);
        let alive = Alive(Arc::clone(&alive));
        async move {
            std::future::pending::<()>().await;
            drop(alive);
            Ok(Outcome::Done)
        }
    })
}

pub(crate) async fn becomes(count: &AtomicU32, wanted: u32) {
    for _ in 0..1000 {
        if count.load(Ordering::SeqCst) == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it is {} and not {wanted}", count.load(Ordering::SeqCst));
}
