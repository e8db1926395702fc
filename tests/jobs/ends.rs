//! How a job may end: by failures, by giving up, by being cancelled; and that it can be tried again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use playhouse::jobs::{Failure, Handlers, NewJob, Outcome};
use playhouse_api::admin::{Job, JobState};

use crate::house::{admin, becomes, counting, house, living, other_node};

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
