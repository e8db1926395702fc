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
use playhouse::jobs::{Failure, Handlers, JobFilter, Jobs, Lane, NewJob, Outcome};
use playhouse::page::PageRequest;
use playhouse_api::admin::{Job, JobState};
use playhouse_api::events::Event;
use playhouse_test_support::postgres::TestDatabase;

struct House {
    db: Db,
    clock: Clock,
    jobs: Jobs,
    events: Events,
    target: Target,
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
        target,
        _folder: folder,
        _database: database,
    }
}

impl House {
    async fn enqueue(&self, subject: &str) {
        let (now, subject) = (self.clock.now(), subject.to_owned());
        let queued = self.db.write::<_, db::Error, _>(move |conn| {
            Jobs::enqueue_in(conn, now, NewJob::new("count", subject.as_str(), now))
        });
        queued.await.unwrap();
        self.jobs.wake();
    }

    async fn all(&self) -> Vec<Job> {
        let page = PageRequest::read(None, Some(200)).unwrap();
        self.jobs
            .list(JobFilter::default(), page)
            .await
            .unwrap()
            .items
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
        house.jobs.start(counting(&count, Ok(Outcome::Done)), 3, 0),
        other.start(counting(&count, Ok(Outcome::Done)), 3, 0),
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
    let workers = house.jobs.start(hanging(&count), 1, 0);
    begun(&count).await;
    workers.stop().await;
    let jobs = house.all().await;
    assert_eq!((jobs[0].state, jobs[0].attempts), (JobState::Waiting, 0));
    let workers = house.jobs.start(counting(&count, Ok(Outcome::Done)), 1, 0);
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
            let _workers = std::mem::ManuallyDrop::new(jobs.start(handlers, 1, 0));
            tokio::time::sleep(Duration::from_millis(300)).await;
        });
        runtime.shutdown_background();
    });
    doomed.join().unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 1);
    let workers = house.jobs.start(counting(&count, Ok(Outcome::Done)), 1, 0);
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
        .start(counting(&count, Err(Failure::passing("no luck"))), 1, 0);
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
    let workers = house.jobs.start(handlers, 1, 0);
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
    let workers = house.jobs.start(Handlers::default(), 1, 0);
    let jobs = house.until(|job| job.state == JobState::Failed).await;
    assert!(jobs[0].last_error.as_ref().unwrap().contains("\"count\""));
    workers.stop().await;
}

/// What was pushed: the state and the progress of each job of a film.
fn told(
    pushes: &mut tokio::sync::broadcast::Receiver<playhouse::events::Push>,
) -> Vec<(JobState, i32)> {
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
    let workers = house.jobs.start(hanging(&count), 2, 0);
    while count.load(Ordering::SeqCst) < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    workers.stop().await;
    assert_eq!(told(&mut pushes), [(Running, 0), (Waiting, 0)]);
    let workers = house
        .jobs
        .start(counting(&count, Err(Failure::lasting("never"))), 1, 0);
    let jobs = house.until(|job| job.state == Failed).await;
    workers.stop().await;
    assert_eq!(told(&mut pushes), [(Running, 0), (Failed, 0)]);
    let admin = playhouse::audit::Actor {
        id: None,
        name: "admin".to_owned(),
        request_id: String::new(),
        address: String::new(),
    };
    let film = jobs.iter().find(|job| job.movie_id == Some(FILM)).unwrap();
    house.jobs.retry(admin, film.id.into()).await.unwrap();
    assert_eq!(told(&mut pushes), [(Waiting, 0)]);
    let workers = house.jobs.start(counting(&count, Ok(Outcome::Done)), 1, 0);
    house
        .until(|job| job.state == Done || job.movie_id.is_none())
        .await;
    workers.stop().await;
    assert_eq!(told(&mut pushes), [(Running, 0), (Done, 100)]);
}

/// A queue of its own on the same database, as another process has it.
fn other_node(house: &House) -> Jobs {
    let db = Db::open(&house.target, &DatabaseConfig::default()).unwrap();
    Jobs::new(db, house.clock.clone(), Events::default())
}

fn admin() -> playhouse::audit::Actor {
    playhouse::audit::Actor {
        id: None,
        name: "admin".to_owned(),
        request_id: String::new(),
        address: String::new(),
    }
}

impl House {
    async fn put(&self, job: impl Fn(playhouse::clock::Time) -> NewJob + Send + 'static) {
        let now = self.clock.now();
        let queued = self
            .db
            .write::<_, db::Error, _>(move |conn| Jobs::enqueue_in(conn, now, job(now)));
        queued.await.unwrap();
    }

    async fn job(&self, subject: &str) -> playhouse_api::admin::JobDetail {
        let payload = Some(subject.to_owned());
        let found = self
            .all()
            .await
            .into_iter()
            .find(|it| it.payload == payload);
        self.jobs.get(found.unwrap().id.into()).await.unwrap()
    }
}

#[actix_web::test]
async fn processes_on_one_database_share_the_work_and_do_it_once() {
    let house = house();
    let count = Arc::new(AtomicU32::new(0));
    let nodes = [other_node(&house), other_node(&house)];
    for number in 0..60 {
        house.enqueue(&number.to_string()).await;
    }
    let workers: Vec<_> = nodes
        .iter()
        .map(|node| node.start(counting(&count, Ok(Outcome::Done)), 2, 0))
        .collect();
    let jobs = house.until(|job| job.state == JobState::Done).await;
    assert_eq!((jobs.len(), count.load(Ordering::SeqCst)), (60, 60));
    assert!(
        jobs.iter()
            .all(|job| job.attempts == 1 && job.progress == 100)
    );
    for node in workers {
        node.stop().await;
    }
}

#[actix_web::test]
async fn the_most_important_job_comes_first_and_long_work_keeps_none_waiting() {
    let house = house();
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    for (priority, name) in [(0, "b"), (5, "a"), (-1, "c")] {
        house
            .put(move |now| NewJob {
                priority,
                payload: name.to_owned(),
                ..NewJob::new("count", "x", now)
            })
            .await;
    }
    house
        .put(|now| NewJob {
            lane: Lane::Long,
            ..NewJob::new("long", "x", now)
        })
        .await;
    let seen = Arc::clone(&order);
    let handlers = Handlers::default()
        .on("count", move |task| {
            seen.lock().unwrap().push(task.payload);
            std::future::ready(Ok(Outcome::Done))
        })
        .on("long", |_| std::future::pending());
    let workers = house.jobs.start(handlers, 1, 1);
    house
        .until(|job| match job.kind.as_str() {
            "long" => job.state == JobState::Running,
            _ => job.state == JobState::Done,
        })
        .await;
    assert_eq!(*order.lock().unwrap(), ["a", "b", "c"]);
    workers.stop().await;
}

#[actix_web::test]
async fn a_job_says_how_far_it_is_and_what_its_tool_said() {
    let house = house();
    let mut pushes = house.events.subscribe();
    house
        .put(|now| NewJob {
            payload: "720p".to_owned(),
            ..NewJob::new("count", FILM.to_string(), now)
        })
        .await;
    let handlers = Handlers::default().on("count", |task| async move {
        task.report.progress(42);
        task.report.log("frame 7\n");
        std::future::pending().await
    });
    let workers = house.jobs.start(handlers, 1, 0);
    house.until(|job| job.progress == 42).await;
    let seen = house.job("720p").await;
    assert_eq!(seen.log_tail, "frame 7\n");
    assert!(seen.job.heartbeat_at.is_some());
    workers.stop().await;
    assert_eq!(
        told(&mut pushes),
        [
            (JobState::Running, 0),
            (JobState::Running, 42),
            (JobState::Waiting, 0)
        ]
    );
}

/// Tells when it is dropped, as a tool that is killed with its worker.
struct Alive(Arc<AtomicU32>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn living(alive: &Arc<AtomicU32>) -> Handlers {
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

async fn becomes(count: &AtomicU32, wanted: u32) {
    for _ in 0..1000 {
        if count.load(Ordering::SeqCst) == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it is {} and not {wanted}", count.load(Ordering::SeqCst));
}

#[actix_web::test]
async fn a_cancelled_job_ends_at_once_with_what_it_asked_for_and_can_be_tried_again() {
    let house = house();
    let alive = Arc::new(AtomicU32::new(0));
    let given_up = Arc::new(std::sync::Mutex::new(Vec::new()));
    let heard = Arc::clone(&given_up);
    // Another node cancels: this one sees it in the row.
    let other = other_node(&house);
    other.when_given_up("count", move |_, _, job| {
        let mut heard = heard.lock().unwrap();
        heard.push((job.payload.clone(), job.why.clone()));
        Ok(())
    });
    house.enqueue("parent").await;
    let parent = house.all().await[0].id;
    let workers = house.jobs.start(living(&alive), 1, 0);
    becomes(&alive, 1).await;
    house
        .put(move |now| NewJob {
            payload: "child".to_owned(),
            parent: Some(parent.into()),
            ..NewJob::new("count", "x", now)
        })
        .await;
    let cancelled = other.cancel(admin(), parent.into()).await.unwrap();
    assert_eq!(cancelled.state, JobState::Cancelled);
    becomes(&alive, 0).await;
    assert_eq!(house.job("child").await.job.state, JobState::Cancelled);
    let mut heard = given_up.lock().unwrap().clone();
    heard.sort();
    heard.dedup();
    let why = "admin cancelled it.".to_owned();
    assert_eq!(
        heard,
        [(String::new(), why.clone()), ("child".to_owned(), why)]
    );
    let again = other.cancel(admin(), parent.into()).await.unwrap_err();
    assert!(again.to_string().contains("Cancelled"), "{again}");
    house.jobs.retry(admin(), parent.into()).await.unwrap();
    becomes(&alive, 1).await;
    workers.stop().await;
    becomes(&alive, 0).await;
}

#[actix_web::test]
async fn a_worker_that_lost_its_lease_drops_the_job() {
    let house = house();
    let (alive, count) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    house.enqueue("a").await;
    let slow = house.jobs.start(living(&alive), 1, 0);
    becomes(&alive, 1).await;
    // To the other node this one has been silent for too long.
    house.clock.advance(TimeDelta::minutes(2));
    let other = other_node(&house);
    let workers = other.start(counting(&count, Ok(Outcome::Done)), 1, 0);
    becomes(&count, 1).await;
    becomes(&alive, 0).await;
    let jobs = house.until(|job| job.state == JobState::Done).await;
    assert_eq!(jobs[0].attempts, 2);
    slow.stop().await;
    workers.stop().await;
}

#[actix_web::test]
async fn what_is_given_up_is_told_in_the_same_transaction() {
    let house = house();
    let heard = Arc::new(AtomicU32::new(0));
    let told = Arc::clone(&heard);
    house.jobs.when_given_up("count", move |_, _, job| {
        assert_eq!((job.subject.as_str(), job.why.as_str()), ("a", "never"));
        told.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    house.enqueue("a").await;
    let count = Arc::new(AtomicU32::new(0));
    let failing = counting(&count, Err(Failure::lasting("never")));
    let workers = house.jobs.start(failing, 1, 0);
    house.until(|job| job.state == JobState::Failed).await;
    assert_eq!(heard.load(Ordering::SeqCst), 1);
    workers.stop().await;
}
