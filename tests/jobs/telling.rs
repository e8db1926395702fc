//! What admins hear of a job while it works.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use playhouse::events::Audience;
use playhouse::jobs::{Failure, Handlers, NewJob, Outcome};
use playhouse_api::admin::JobState;
use playhouse_api::events::Event;

use crate::house::{admin, counting, hanging, house};

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
    let film = jobs.iter().find(|job| job.movie_id == Some(FILM)).unwrap();
    house.jobs.retry(admin(), film.id.into()).await.unwrap();
    assert_eq!(told(&mut pushes), [(Waiting, 0)]);
    let workers = house.jobs.start(counting(&count, Ok(Outcome::Done)), 1, 0);
    house
        .until(|job| job.state == Done || job.movie_id.is_none())
        .await;
    workers.stop().await;
    assert_eq!(told(&mut pushes), [(Running, 0), (Done, 100)]);
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
