//! `jobs list|retry`: background work.

use clap::{Subcommand, ValueEnum};
use playhouse_api::Page;
use playhouse_api::admin::{Job, JobQuery, JobState};
use playhouse_cli_support::listing::{self, Step, Window};
use playhouse_cli_support::table::{Table, left, right};
use playhouse_cli_support::{Session, when};
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub(crate) enum JobCommand {
    /// List jobs
    List {
        /// Only jobs in this state
        #[arg(long, value_enum)]
        state: Option<StateWord>,
        #[command(flatten)]
        window: Window,
    },
    /// Run failed jobs again
    Retry {
        /// Ids of the jobs
        #[arg(required = true, value_name = "ID")]
        ids: Vec<Uuid>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum StateWord {
    Waiting,
    Running,
    Done,
    Failed,
}

pub(crate) async fn run(session: &Session, command: JobCommand) -> anyhow::Result<()> {
    match command {
        JobCommand::List { state, window } => list(session, state, &window).await,
        JobCommand::Retry { ids } => retry(session, &ids).await,
    }
}

async fn list(session: &Session, state: Option<StateWord>, window: &Window) -> anyhow::Result<()> {
    let page = listing::collect(window, |Step { cursor, limit }| async move {
        let query = JobQuery {
            state: state.map(Into::into),
            cursor,
            limit: Some(limit),
        };
        session.client.list_jobs(&query).await
    });
    let page = page.await?;
    session
        .output
        .show(&page, || job_table(&page) + &listing::more(&page))
}

async fn retry(session: &Session, ids: &[Uuid]) -> anyhow::Result<()> {
    for id in ids {
        session.client.retry_job(*id).await?;
        let done = serde_json::json!({ "id": id, "done": "queued" });
        session
            .output
            .show(&done, || format!("{id} will run again."))?;
    }
    Ok(())
}

fn job_table(page: &Page<Job>) -> String {
    let columns = [
        left("ID"),
        left("KIND"),
        left("STATE"),
        right("TRIES"),
        left("RUN AT (UTC)"),
        left("LAST ERROR"),
    ];
    let mut table = Table::new(columns);
    for job in &page.items {
        table.row([
            job.id.to_string(),
            job.kind.clone(),
            state_word(job.state).to_owned(),
            format!("{}/{}", job.attempts, job.max_attempts),
            when::show(job.run_at),
            job.last_error.clone().unwrap_or_default(),
        ]);
    }
    table.to_string()
}

fn state_word(state: JobState) -> &'static str {
    match state {
        JobState::Waiting => "waiting",
        JobState::Running => "running",
        JobState::Done => "done",
        JobState::Failed => "failed",
    }
}

impl From<StateWord> for JobState {
    fn from(state: StateWord) -> Self {
        match state {
            StateWord::Waiting => Self::Waiting,
            StateWord::Running => Self::Running,
            StateWord::Done => Self::Done,
            StateWord::Failed => Self::Failed,
        }
    }
}
