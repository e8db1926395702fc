//! Many workers, several processes, and which job is the next one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::TimeDelta;
use playhouse::events::Events;
use playhouse::jobs::{Handlers, Jobs, Lane, NewJob, Outcome};
use playhouse_api::admin::JobState;

use crate::house::{counting, house, other_node};

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
