//! bcrypt in a pool of its own: few threads at the lowest priority behind a bounded queue, so that a crowd that signs
//! in does not slow those who watch.

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use tokio::sync::oneshot;

use super::model::Error;
use crate::config::AccountsConfig;

/// The number of bytes that bcrypt reads.
pub(super) const MAX_BYTES: usize = playhouse_api::accounts::PASSWORD_MAX;

type Job = Box<dyn FnOnce() + Send>;

/// The pool; cheap to copy.
#[derive(Clone)]
pub(super) struct Passwords {
    jobs: Sender<Job>,
    cost: u32,
    /// What a password of nobody is compared with, so that an unknown user costs the same time.
    nobody: String,
}

impl Passwords {
    pub(super) fn start(config: &AccountsConfig) -> Result<Self, Error> {
        let (jobs, waiting) = bounded::<Job>(config.bcrypt_queue);
        for number in 0..config.bcrypt_threads {
            let waiting = waiting.clone();
            std::thread::Builder::new()
                .name(format!("bcrypt-{number}"))
                .spawn(move || work(&waiting))?;
        }
        // The hash of no password: a well-formed one with the cost that real ones have.
        let nobody = format!("$2b${:02}${}", config.bcrypt_cost, ".".repeat(53));
        Ok(Self {
            jobs,
            cost: config.bcrypt_cost,
            nobody,
        })
    }

    pub(super) async fn hash(&self, password: String) -> Result<String, Error> {
        let cost = self.cost;
        self.run(move || bcrypt::hash(password, cost)).await
    }

    /// Whether `password` is the one that `hash` was made of. Without a hash the answer is no, as slowly.
    pub(super) async fn verify(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, Error> {
        let is_somebody = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        let matches = self.run(move || bcrypt::verify(password, &hash)).await?;
        Ok(matches && is_somebody)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, bcrypt::BcryptError> + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move || drop(answer.send(work())));
        match self.jobs.try_send(job) {
            Ok(()) => Ok(answered.await.map_err(|_| Error::Busy)??),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Err(Error::Busy),
        }
    }
}

fn work(waiting: &Receiver<Job>) {
    // Niceness is a thread's own on Linux. Without the right to set it, hashing is merely less polite.
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), 19) {
        tracing::warn!(%error, "could not lower the priority of a password thread");
    }
    while let Ok(job) = waiting.recv() {
        job();
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn pool(cost: u32, threads: usize, queue: usize) -> Passwords {
        let config = AccountsConfig {
            bcrypt_cost: cost,
            bcrypt_threads: threads,
            bcrypt_queue: queue,
            ..AccountsConfig::default()
        };
        Passwords::start(&config).unwrap()
    }

    #[tokio::test]
    async fn a_password_matches_its_hash_alone() {
        let pool = pool(4, 1, 8);
        let hash = pool.hash("open sesame".to_owned()).await.unwrap();
        assert!(
            pool.verify("open sesame".to_owned(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !pool
                .verify("open barley".to_owned(), Some(hash))
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn nobody_costs_as_much_as_somebody() {
        let pool = pool(9, 1, 8);
        let hash = pool.hash("open sesame".to_owned()).await.unwrap();
        // The quickest of a few: what else the machine does only adds time.
        let mut quickest = [Duration::MAX; 2];
        for (case, hash) in [(0, Some(&hash)), (1, None)].repeat(5) {
            let begun = Instant::now();
            assert!(!pool.verify("x".to_owned(), hash.cloned()).await.unwrap());
            quickest[case] = quickest[case].min(begun.elapsed());
        }
        let [somebody, nobody] = quickest;
        assert!(nobody * 2 > somebody, "{nobody:?} against {somebody:?}");
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let pool = pool(10, 1, 1);
        let crowd = (0..8).map(|_| pool.hash("open sesame".to_owned()));
        let outcomes = futures_util::future::join_all(crowd).await;
        assert!(outcomes.iter().any(|it| matches!(it, Err(Error::Busy))));
        assert!(outcomes.iter().any(Result::is_ok));
    }
}
