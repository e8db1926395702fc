//! A lane: a few threads, each with a connection from an r2d2 pool, behind one bounded queue.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use diesel::RunQueryDsl;
use diesel::r2d2::{ManageConnection, Pool};
use diesel::sql_query;
use tokio::sync::oneshot;

use super::{Conn, Error, Result, Target, connect};

type Job = Box<dyn FnOnce(Result<&mut Managed>) + Send>;

/// A pooled connection and whether it may be used again.
pub(super) struct Managed {
    conn: Conn,
    is_broken: bool,
}

#[derive(Clone)]
struct Manager {
    target: Target,
}

impl ManageConnection for Manager {
    type Connection = Managed;
    type Error = Error;

    fn connect(&self) -> Result<Managed> {
        Ok(Managed {
            conn: connect(&self.target)?,
            is_broken: false,
        })
    }

    fn is_valid(&self, managed: &mut Managed) -> Result<()> {
        sql_query("SELECT 1").execute(&mut managed.conn)?;
        Ok(())
    }

    fn has_broken(&self, managed: &mut Managed) -> bool {
        managed.is_broken
    }
}

/// The queue in front of the threads.
pub(super) struct Lane {
    jobs: Sender<Job>,
}

impl Lane {
    pub(super) fn start(name: &str, target: &Target, threads: u32, queue: usize) -> Result<Self> {
        let is_remote = matches!(target, Target::Postgres(_));
        let pool = Pool::builder()
            .max_size(threads)
            .test_on_check_out(is_remote)
            .connection_timeout(Duration::from_secs(10))
            .build(Manager {
                target: target.clone(),
            })
            .map_err(|error| Error::Unavailable(error.to_string()))?;
        let (jobs, waiting) = bounded::<Job>(queue);
        for number in 0..threads {
            let (pool, waiting) = (pool.clone(), waiting.clone());
            std::thread::Builder::new()
                .name(format!("{name}-{number}"))
                .spawn(move || work(&pool, &waiting))
                .map_err(|error| Error::Unavailable(error.to_string()))?;
        }
        Ok(Self { jobs })
    }

    /// Queues `job` and waits for its answer. A job that was queued runs even when its caller has gone.
    pub(super) async fn run<T, E, F>(&self, job: F) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&mut Conn) -> std::result::Result<T, E> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |managed| {
            let outcome = managed
                .map_err(E::from)
                .and_then(|managed| guarded(managed, job));
            // The caller may have hung up; the work is done all the same.
            drop(answer.send(outcome));
        });
        match self.jobs.try_send(job) {
            Ok(()) => answered
                .await
                .unwrap_or_else(|_| Err(Error::Panicked.into())),
            Err(TrySendError::Full(_)) => Err(Error::Busy.into()),
            Err(TrySendError::Disconnected(_)) => {
                Err(Error::Unavailable("the lane has stopped".to_owned()).into())
            }
        }
    }
}

/// A panic in a job costs that job and its connection, not the thread.
fn guarded<T, E: From<Error>>(
    managed: &mut Managed,
    job: impl FnOnce(&mut Conn) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    catch_unwind(AssertUnwindSafe(|| job(&mut managed.conn))).unwrap_or_else(|_| {
        managed.is_broken = true;
        Err(Error::Panicked.into())
    })
}

fn work(pool: &Pool<Manager>, waiting: &Receiver<Job>) {
    while let Ok(job) = waiting.recv() {
        match pool.get() {
            Ok(mut managed) => job(Ok(&mut managed)),
            Err(error) => job(Err(Error::Unavailable(error.to_string()))),
        }
    }
}
