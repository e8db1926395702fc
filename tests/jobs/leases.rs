//! Workers that stop, die or lose their lease: the job is taken again, and by one at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use playhouse::jobs::Outcome;
use playhouse_api::admin::JobState;

use crate::house::{becomes, begun, counting, hanging, house, living, other_node};

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
