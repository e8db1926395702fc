//! The queue of background work, without the films: what workers do, and what survives them.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use playhouse::clock::Clock;
use playhouse::config::DatabaseConfig;
use playhouse::db::{self, Db, Target, migrate};
use playhouse::events::{Audience, Events};
use playhouse::jobs::{Failure, Handlers, Jobs, NewJob, Outcome};
use playhouse::page::PageRequest;
use playhouse_api::admin::{Job, JobState};
use playhouse_api::events::Event;
use playhouse_test_support::postgres::TestDatabase;

struct House {
    db: Db,
    clock: Clock,
    jobs: Jobs,
    events: Events,
    _folder: tempfile::TempDir,
    _database: Option<TestDatabase>,
}

fn house() -> House {
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
        _folder: folder,
        _database: database,
    }
}

impl House {
    async fn enqueue(&self, subject: &str) {
        let (now, subject) = (self.clock.now(), subject.to_owned());
        let queued = self.db.write::<_, db::Error, _>(move |conn| {
            let job = NewJob {
                kind: "count",
                subject: subject.clone(),
                run_at: now,
            };
            Jobs::enqueue_in(conn, now, job)
        });
        queued.await.unwrap();
        self.jobs.wake();
    }

    async fn all(&self) -> Vec<Job> {
        let page = PageRequest::read(None, Some(200)).unwrap();
        self.jobs.list(None, page).await.unwrap().items
    }

    /// Waits until `holds` for all jobs.
    async fn until(&self, holds: impl Fn(&Job) -> bool) -> Vec<Job> {
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

fn counting(count: &Arc<AtomicU32>, outcome: Result<Outcome, Failure>) -> Handlers {
    let count = Arc::clone(count);
    Handlers::default().on("count", move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        std::future::ready(outcome.clone())
    })
}

fn hanging(count: &Arc<AtomicU32>) -> Handlers {
    let count = Arc::clone(count);
    Handlers::default().on("count", move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        std::future::pending()
    })
}

async fn begun(count: &AtomicU32) {
    while count.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[actix_web::test]
async fn many_workers_do_every_job_once() {
    let house = house();
    let count = Arc::new(AtomicU32::new(0));
    // Two queues on one database, as two nodes have them.
    let other = Jobs::new(house.db.clone(), house.clock.clone(), Events::default());
    let nodes = [
        house.jobs.start(counting(&count, Ok(Outcome::Done)), 3),
        other.start(counting(&count, Ok(Outcome::Done)), 3),
    ];
    for number in 0..40 {
        house.enqueue(&number.to_string()).await;
    }
    let jobs = house.until(|job| job.state == JobState::Done).await;
    assert_eq!(jobs.len(), 40);
    assert_eq!(count.load(Ordering::SeqCst), 40);
    assert!(jobs.iter().all(|job| job.attempts == 1));
    for node in nodes {
        node.stop().await;
    }
    house.clock.advance(TimeDelta::days(8));
    assert_eq!(house.jobs.sweep().await.unwrap(), 40);
}

#[actix_web::test]
async fn a_stopped_worker_gives_its_job_back_at_once() {
    let house = house();
    let count = Arc::new(AtomicU32::new(0));
    house.enqueue("a").await;
    let workers = house.jobs.start(hanging(&count), 1);
    begun(&count).await;
    workers.stop().await;
    let jobs = house.all().await;
    assert_eq!((jobs[0].state, jobs[0].attempts), (JobState::Waiting, 0));
    let workers = house.jobs.start(counting(&count, Ok(Outcome::Done)), 1);
    house.until(|job| job.state == JobState::Done).await;
    workers.stop().await;
}

#[actix_web::test]
async fn the_job_of_a_dead_worker_is_taken_when_its_lease_is_over() {
    let house = house();
    let count = Arc::new(AtomicU32::new(0));
    house.enqueue("a").await;
    // A runtime that is shut down takes its workers with it, as a crash does.
    let jobs = house.jobs.clone();
    let handlers = hanging(&count);
    let doomed = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let _workers = std::mem::ManuallyDrop::new(jobs.start(handlers, 1));
            tokio::time::sleep(Duration::from_millis(300)).await;
        });
        runtime.shutdown_background();
    });
    doomed.join().unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 1);
    let workers = house.jobs.start(counting(&count, Ok(Outcome::Done)), 1);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(
        house.all().await[0].state,
        JobState::Running,
        "the lease still holds"
    );
    house.clock.advance(TimeDelta::minutes(2));
    let jobs = house.until(|job| job.state == JobState::Done).await;
    assert_eq!(jobs[0].attempts, 2);
    workers.stop().await;
}

#[actix_web::test]
async fn a_failure_is_tried_again_later_and_then_given_up() {
    let house = house();
    let count = Arc::new(AtomicU32::new(0));
    house.enqueue("a").await;
    let workers = house
        .jobs
        .start(counting(&count, Err(Failure::passing("no luck"))), 1);
    let is_waiting = |job: &Job| job.state == JobState::Waiting && job.attempts == 1;
    let jobs = house.until(is_waiting).await;
    assert_eq!(jobs[0].last_error.as_deref(), Some("no luck"));
    assert!(jobs[0].run_at > house.clock.now().and_utc());
    while house.all().await[0].state != JobState::Failed {
        house.clock.advance(TimeDelta::hours(1));
        house.jobs.wake();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(count.load(Ordering::SeqCst), 6);
    workers.stop().await;
}

#[actix_web::test]
async fn a_handler_may_fail_for_good_panic_or_ask_for_later() {
    let house = house();
    let handlers = Handlers::default().on("count", |task| async move {
        match task.subject.as_str() {
            "lasting" => Err(Failure::lasting("never")),
            "panics" => panic!("a mistake"),
            _ => Ok(Outcome::Again(
                chrono::DateTime::UNIX_EPOCH.naive_utc() + TimeDelta::days(40_000),
            )),
        }
    });
    for subject in ["lasting", "panics", "later"] {
        house.enqueue(subject).await;
    }
    let workers = house.jobs.start(handlers, 1);
    let has_been_tried = |job: &Job| match job.state {
        JobState::Waiting => job.run_at > house.clock.now().and_utc(),
        state => state != JobState::Running,
    };
    let jobs = house.until(has_been_tried).await;
    assert_eq!((jobs[2].state, jobs[2].attempts), (JobState::Failed, 1));
    assert_eq!((jobs[1].state, jobs[1].attempts), (JobState::Waiting, 1));
    assert!(jobs[1].last_error.as_ref().unwrap().contains("ended badly"));
    assert_eq!((jobs[0].state, jobs[0].attempts), (JobState::Waiting, 0));
    workers.stop().await;
}

#[actix_web::test]
async fn a_kind_that_nobody_knows_fails() {
    let house = house();
    house.enqueue("a").await;
    let workers = house.jobs.start(Handlers::default(), 1);
    let jobs = house.until(|job| job.state == JobState::Failed).await;
    assert!(jobs[0].last_error.as_ref().unwrap().contains("\"count\""));
    workers.stop().await;
}

/// What was pushed: the state and the progress of each job of a film.
fn told(
    pushes: &mut tokio::sync::broadcast::Receiver<playhouse::events::Push>,
) -> Vec<(JobState, f64)> {
    let mut heard = Vec::new();
    while let Ok(push) = pushes.try_recv() {
        assert_eq!(push.to, Audience::Admins);
        match &*push.event {
            Event::Job(job) => {
                assert_eq!((job.movie_id, job.kind.as_str()), (FILM, "count"));
                heard.push((job.state, job.progress));
            }
            other => panic!("{other:?}"),
        }
    }
    heard
}

const FILM: uuid::Uuid = uuid::uuid!("019a9f6e-0000-7000-8000-000000000001");

#[actix_web::test]
async fn admins_hear_how_the_work_on_a_film_goes() {
    use JobState::{Done, Failed, Running, Waiting};
    let house = house();
    let mut pushes = house.events.subscribe();
    let count = Arc::new(AtomicU32::new(0));
    house.enqueue("not a film").await;
    house.enqueue(&FILM.to_string()).await;
    let workers = house.jobs.start(hanging(&count), 2);
    while count.load(Ordering::SeqCst) < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    workers.stop().await;
    assert_eq!(told(&mut pushes), [(Running, 0.0), (Waiting, 0.0)]);
    let workers = house
        .jobs
        .start(counting(&count, Err(Failure::lasting("never"))), 1);
    let jobs = house.until(|job| job.state == Failed).await;
    workers.stop().await;
    assert_eq!(told(&mut pushes), [(Running, 0.0), (Failed, 0.0)]);
    let admin = playhouse::audit::Actor {
        id: None,
        name: "admin".to_owned(),
        request_id: String::new(),
        address: String::new(),
    };
    let film = jobs.iter().find(|job| job.movie_id == Some(FILM)).unwrap();
    house.jobs.retry(admin, film.id.into()).await.unwrap();
    assert_eq!(told(&mut pushes), [(Waiting, 0.0)]);
    let workers = house.jobs.start(counting(&count, Ok(Outcome::Done)), 1);
    house
        .until(|job| job.state == Done || job.movie_id.is_none())
        .await;
    workers.stop().await;
    assert_eq!(told(&mut pushes), [(Running, 0.0), (Done, 1.0)]);
}
