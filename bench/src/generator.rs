//! What a load generator is besides its load: words on a command line, one thread, and a line of JSON.

use std::process::ExitCode;
use std::str::FromStr;

use anyhow::Context as _;

/// The command line: `--name value`, or `--name` alone.
#[derive(Debug)]
pub struct Words(Vec<String>);

impl Words {
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|it| it == name)
    }

    /// The word behind a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&str> {
        let at = self.0.iter().position(|it| it == name)?;
        self.0.get(at + 1).map(String::as_str)
    }

    /// The word behind a name that has to be there.
    ///
    /// # Errors
    /// When it is not.
    pub fn need(&self, name: &str) -> anyhow::Result<&str> {
        self.find(name)
            .with_context(|| format!("{name} is missing"))
    }

    /// The number behind a name.
    ///
    /// # Errors
    /// When it is none, or not there and there is no default.
    pub fn number<N>(&self, name: &str, default: Option<N>) -> anyhow::Result<N>
    where
        N: FromStr,
        N::Err: std::error::Error + Send + Sync + 'static,
    {
        match (self.find(name), default) {
            (None, Some(default)) => Ok(default),
            _ => self.need(name)?.parse().with_context(|| name.to_owned()),
        }
    }
}

/// Runs a load on one thread and prints what it answers.
pub fn main<F>(name: &str, load: impl FnOnce(Words) -> F) -> ExitCode
where
    F: Future<Output = anyhow::Result<String>>,
{
    let words = Words(std::env::args().skip(1).collect());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = runtime.map_err(anyhow::Error::from).and_then(|runtime| {
        let local = tokio::task::LocalSet::new();
        runtime.block_on(local.run_until(load(words)))
    });
    match outcome {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
