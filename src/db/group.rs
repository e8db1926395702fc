//! The one writer of SQLite: changes that wait together are committed together.
//!
//! A commit costs a flush of the disk, whatever it holds. While one is under way, changes queue; the writer takes what
//! waits, runs each in a savepoint of its own inside one transaction, and commits once. Keeps true: nothing is answered
//! before the commit; a change that fails undoes only itself; when the commit fails, everything in it has failed; the
//! commit is as durable as the most demanding of its changes. A change that panics, or leaves the transaction in a state
//! that is not known, costs its connection; the others run again, each alone.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use tokio::sync::oneshot;

use super::{Conn, Durability, Error, Result, Target, begin, connect, on_backend, roll_back};

/// Changes in one commit.
const MOST: usize = 64;
/// A commit does not wait for more changes than fit into this time.
const LONGEST: Duration = Duration::from_millis(20);

/// The queue in front of the writer.
pub(super) struct GroupLane {
    changes: Sender<Job>,
}

struct Job {
    durability: Durability,
    change: Box<dyn Change>,
}

/// A change, and whoever waits for its answer.
trait Change: Send {
    fn run(&mut self, conn: &mut Conn) -> Ran;
    /// Tells what came of it. `fault` is why it is not committed.
    fn answer(self: Box<Self>, fault: Option<Error>);
}

/// What a change did to its savepoint.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ran {
    Kept,
    Refused,
    Panicked,
}

/// Nobody knows what the connection holds now.
struct Spoiled;

struct Waiting<T, E, F> {
    change: F,
    outcome: Option<std::result::Result<T, E>>,
    answer: oneshot::Sender<std::result::Result<T, E>>,
}

impl<T, E, F> Change for Waiting<T, E, F>
where
    T: Send,
    E: From<Error> + Send,
    F: FnMut(&mut Conn) -> std::result::Result<T, E> + Send,
{
    fn run(&mut self, conn: &mut Conn) -> Ran {
        let ran = catch_unwind(AssertUnwindSafe(|| (self.change)(conn)));
        let (outcome, ran) = match ran {
            Ok(Ok(value)) => (Ok(value), Ran::Kept),
            Ok(Err(error)) => (Err(error), Ran::Refused),
            Err(_) => (Err(Error::Panicked.into()), Ran::Panicked),
        };
        self.outcome = Some(outcome);
        ran
    }

    fn answer(self: Box<Self>, fault: Option<Error>) {
        let outcome = match fault {
            Some(fault) => Err(fault.into()),
            None => self.outcome.unwrap_or_else(|| Err(Error::Panicked.into())),
        };
        // The caller may have hung up; the change is made all the same.
        drop(self.answer.send(outcome));
    }
}

impl GroupLane {
    pub(super) fn start(name: &str, target: &Target, queue: usize) -> Result<Self> {
        let (changes, waiting) = bounded(queue);
        let writer = Writer {
            conn: Some(connect(target)?),
            target: target.clone(),
            waiting,
            next: VecDeque::new(),
        };
        std::thread::Builder::new()
            .name(format!("{name}-0"))
            .spawn(move || writer.work())
            .map_err(|error| Error::Unavailable(error.to_string()))?;
        Ok(Self { changes })
    }

    /// Queues `change` and waits for its answer, which comes after the commit. A change that was queued is made even
    /// when its caller has gone.
    pub(super) async fn run<T, E, F>(
        &self,
        durability: Durability,
        change: F,
    ) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnMut(&mut Conn) -> std::result::Result<T, E> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let change = Box::new(Waiting {
            change,
            outcome: None,
            answer,
        });
        match self.changes.try_send(Job { durability, change }) {
            Ok(()) => answered
                .await
                .unwrap_or_else(|_| Err(Error::Panicked.into())),
            Err(TrySendError::Full(_)) => Err(Error::Busy.into()),
            Err(TrySendError::Disconnected(_)) => {
                Err(Error::Unavailable("the writer has stopped".to_owned()).into())
            }
        }
    }
}

struct Writer {
    target: Target,
    /// None after a connection was spoiled.
    conn: Option<Conn>,
    waiting: Receiver<Job>,
    /// What was taken from the queue and is not made yet.
    next: VecDeque<Job>,
}

impl Writer {
    fn work(mut self) {
        while let Some(first) = self.next.pop_front().or_else(|| self.waiting.recv().ok()) {
            self.next.push_front(first);
            while self.next.len() < MOST
                && let Ok(job) = self.waiting.try_recv()
            {
                self.next.push_back(job);
            }
            self.commit_some();
        }
    }

    /// Makes what waits, as much of it as there is time for, in one commit.
    fn commit_some(&mut self) {
        let Some(mut conn) = self.conn.take().or_else(|| self.reconnect()) else {
            return;
        };
        if self.next.len() == 1 {
            if let Some(job) = self.next.pop_front() {
                self.conn = alone(conn, job);
            }
            return;
        }
        let is_full = self.next.iter().any(|it| it.durability == Durability::Full);
        let durability = match is_full {
            true => Durability::Full,
            false => Durability::Relaxed,
        };
        let mut made = Vec::new();
        let ran = match begin(&mut conn, durability) {
            Ok(()) => self.run_some(&mut conn, &mut made),
            Err(error) => {
                roll_back(&mut conn);
                return self
                    .next
                    .drain(..)
                    .for_each(|job| job.change.answer(Some(failed(&error))));
            }
        };
        match ran {
            Ok(()) => {
                let committed = finish(&mut conn);
                for job in made {
                    let fault = committed.as_ref().err().map(failed);
                    job.change.answer(fault);
                }
                self.conn = Some(conn);
            }
            Err(Spoiled) => {
                drop(conn);
                made.into_iter().for_each(|job| self.again(job));
            }
        }
    }

    /// Runs changes in savepoints until there is none or the time is up.
    fn run_some(
        &mut self,
        conn: &mut Conn,
        made: &mut Vec<Job>,
    ) -> std::result::Result<(), Spoiled> {
        let begun = Instant::now();
        while begun.elapsed() < LONGEST
            && let Some(mut job) = self.next.pop_front()
        {
            let ran = in_savepoint(conn, &mut *job.change);
            made.push(job);
            ran?;
        }
        Ok(())
    }

    /// Runs a change of a group that was spoiled.
    fn again(&mut self, job: Job) {
        match self.conn.take().or_else(|| connect(&self.target).ok()) {
            Some(conn) => self.conn = alone(conn, job),
            None => job.change.answer(Some(gone())),
        }
    }

    /// A new connection; without one, everybody who waits is told.
    fn reconnect(&mut self) -> Option<Conn> {
        match connect(&self.target) {
            Ok(conn) => Some(conn),
            Err(error) => {
                tracing::error!(%error, "the writer lost its database");
                self.next
                    .drain(..)
                    .for_each(|job| job.change.answer(Some(gone())));
                None
            }
        }
    }
}

fn gone() -> Error {
    Error::Unavailable("no connection to write with".to_owned())
}

/// The fault that each of a group is told.
fn failed(error: &diesel::result::Error) -> Error {
    Error::NotCommitted(error.to_string())
}

/// One change, one transaction. Gives the connection back when it can be used again.
fn alone(mut conn: Conn, mut job: Job) -> Option<Conn> {
    if let Err(error) = begin(&mut conn, job.durability) {
        roll_back(&mut conn);
        job.change.answer(Some(Error::from(error)));
        return None;
    }
    match job.change.run(&mut conn) {
        Ran::Kept => {
            let fault = finish(&mut conn).err().map(Error::from);
            job.change.answer(fault);
        }
        Ran::Refused => {
            roll_back(&mut conn);
            job.change.answer(None);
        }
        Ran::Panicked => {
            drop(conn);
            job.change.answer(None);
            return None;
        }
    }
    Some(conn)
}

fn in_savepoint(conn: &mut Conn, change: &mut dyn Change) -> std::result::Result<(), Spoiled> {
    // Inside of a transaction this is a savepoint.
    on_backend!(conn, c => AnsiTransactionManager::begin_transaction(c)).map_err(|_| Spoiled)?;
    let ended = match change.run(conn) {
        Ran::Kept => on_backend!(conn, c => AnsiTransactionManager::commit_transaction(c)),
        Ran::Refused => on_backend!(conn, c => AnsiTransactionManager::rollback_transaction(c)),
        Ran::Panicked => return Err(Spoiled),
    };
    ended.map_err(|_| Spoiled)
}

fn finish(conn: &mut Conn) -> diesel::QueryResult<()> {
    let committed = on_backend!(conn, c => AnsiTransactionManager::commit_transaction(c));
    if committed.is_err() {
        roll_back(conn);
    }
    committed
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::sync::mpsc;

    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;
    use diesel::sql_types::BigInt;
    use futures_util::future::join_all;

    use super::*;

    #[derive(QueryableByName)]
    struct Number {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }

    fn execute(conn: &mut Conn, sql: &str) -> Result<()> {
        on_backend!(conn, c => c.batch_execute(sql))?;
        Ok(())
    }

    fn numbers(conn: &mut Conn) -> Result<Vec<i64>> {
        let rows = diesel::sql_query("SELECT n FROM numbers ORDER BY n").load::<Number>(conn)?;
        Ok(rows.into_iter().map(|it| it.n).collect())
    }

    fn depth(conn: &mut Conn) -> u32 {
        let depth = on_backend!(conn, c => {
            AnsiTransactionManager::transaction_manager_status_mut(c).transaction_depth()
        });
        depth.unwrap().map_or(0, u32::from)
    }

    fn open() -> (tempfile::TempDir, GroupLane) {
        let folder = tempfile::tempdir().unwrap();
        let target = Target::Sqlite(folder.path().join("test.db"));
        let mut conn = connect(&target).unwrap();
        execute(
            &mut conn,
            "PRAGMA journal_mode = WAL; CREATE TABLE numbers (n BIGINT PRIMARY KEY); \
             CREATE TABLE children (n BIGINT REFERENCES numbers (n) DEFERRABLE INITIALLY DEFERRED)",
        )
        .unwrap();
        (folder, GroupLane::start("test", &target, 256).unwrap())
    }

    /// Keeps the writer busy until the sender is dropped, so that what comes meanwhile is one group.
    async fn hold(
        lane: &GroupLane,
    ) -> (mpsc::Sender<()>, Pin<Box<impl Future<Output = Result<()>>>>) {
        let (go, wait) = mpsc::channel::<()>();
        let (begun, has_begun) = mpsc::channel();
        let mut held = Box::pin(lane.run(Durability::Relaxed, move |_| {
            begun.send(()).unwrap();
            // It ends with the sender.
            wait.recv().unwrap_err();
            Ok(())
        }));
        tokio::select! {
            biased;
            _ = &mut held => unreachable!(),
            () = std::future::ready(()) => {}
        }
        has_begun.recv().unwrap();
        (go, held)
    }

    #[tokio::test]
    async fn what_waits_together_is_committed_together() {
        let (_folder, lane) = open();
        let (go, held) = hold(&lane).await;
        let changes = (0..50).map(|n| {
            lane.run::<_, Error, _>(Durability::Full, move |conn| {
                execute(conn, &format!("INSERT INTO numbers VALUES ({n})"))?;
                Ok(depth(conn))
            })
        });
        let release = async { drop(go) };
        let (held, depths, ()) = tokio::join!(held, join_all(changes), release);
        held.unwrap();
        let depths: Vec<u32> = depths.into_iter().map(Result::unwrap).collect();
        assert!(
            depths.iter().all(|it| *it == 2),
            "each in a savepoint: {depths:?}"
        );
        let all = lane.run(Durability::Full, |conn| Ok((numbers(conn)?, depth(conn))));
        let all: Result<_> = all.await;
        assert_eq!(all.unwrap(), ((0..50).collect(), 1));
    }

    #[tokio::test]
    async fn a_change_that_fails_undoes_only_itself() {
        let (_folder, lane) = open();
        let (go, held) = hold(&lane).await;
        let changes = (0..9).map(|n| {
            lane.run::<_, Error, _>(Durability::Full, move |conn| {
                execute(conn, &format!("INSERT INTO numbers VALUES ({n})"))?;
                match n % 3 {
                    // Refused after it wrote, and refused by the database.
                    1 => Err(Error::Busy),
                    2 => execute(conn, "INSERT INTO numbers VALUES (0)"),
                    _ => Ok(()),
                }
            })
        });
        let (held, told, ()) = tokio::join!(held, join_all(changes), async { drop(go) });
        held.unwrap();
        for (n, told) in told.into_iter().enumerate() {
            assert_eq!(told.is_ok(), n % 3 == 0, "{n}");
        }
        let all: Result<_> = lane.run(Durability::Full, numbers).await;
        assert_eq!(all.unwrap(), [0, 3, 6]);
    }

    #[tokio::test]
    async fn a_panic_or_a_lost_transaction_costs_nobody_else() {
        let (_folder, lane) = open();
        for fault in ["panic", "ROLLBACK"] {
            let (go, held) = hold(&lane).await;
            let changes = (0..6).map(|n| {
                lane.run::<_, Error, _>(Durability::Full, move |conn| {
                    let sql = format!("INSERT OR REPLACE INTO numbers VALUES ({n})");
                    execute(conn, &sql)?;
                    match (n, fault) {
                        (3, "panic") => panic!("on purpose"),
                        (3, sql) => execute(conn, sql),
                        _ => Ok(()),
                    }
                })
            });
            let (held, told, ()) = tokio::join!(held, join_all(changes), async { drop(go) });
            held.unwrap();
            for (n, told) in told.into_iter().enumerate() {
                assert!(n == 3 || told.is_ok(), "{fault} {n}");
            }
            let all: Result<_> = lane.run(Durability::Full, numbers).await;
            let all = all.unwrap();
            assert!([0, 1, 2, 4, 5].iter().all(|it| all.contains(it)), "{fault}");
            let cleared = lane.run(Durability::Full, |conn| {
                execute(conn, "DELETE FROM numbers")
            });
            let cleared: Result<()> = cleared.await;
            cleared.unwrap();
        }
    }

    #[tokio::test]
    async fn a_commit_that_fails_fails_everything_in_it_and_nothing_after_it() {
        let (_folder, lane) = open();
        let (go, held) = hold(&lane).await;
        let changes = (0..4).map(|n| {
            lane.run::<_, Error, _>(Durability::Full, move |conn| {
                execute(conn, &format!("INSERT INTO numbers VALUES ({n})"))?;
                // Looked at by the commit, not before.
                match n {
                    2 => execute(conn, "INSERT INTO children VALUES (77)"),
                    _ => Ok(()),
                }
            })
        });
        let (held, told, ()) = tokio::join!(held, join_all(changes), async { drop(go) });
        held.unwrap();
        for told in told {
            assert!(matches!(told, Err(Error::NotCommitted(_))), "{told:?}");
        }
        let all: Result<_> = lane.run(Durability::Full, numbers).await;
        assert!(all.unwrap().is_empty());
        let later = lane.run(Durability::Full, |conn| {
            execute(conn, "INSERT INTO numbers VALUES (1)")
        });
        let later: Result<()> = later.await;
        later.unwrap();
    }
}
