//! `jobs list|show|retry|cancel`: background work.

mod shown;

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use playhouse_api::admin::{JobDetail, JobQuery, JobState};
use playhouse_cli_support::exit::Code;
use playhouse_cli_support::listing::{self, Step, Window};
use playhouse_cli_support::{Failure, Session, films};
use uuid::Uuid;

use self::shown::{job_fields, job_line, job_table};

/// How often a job that is followed is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug, Subcommand)]
pub(crate) enum JobCommand {
    /// List jobs
    List(ListArgs),
    /// Show a job, the jobs that it asked for, and the end of what its tool said
    Show {
        /// Id of the job
        id: Uuid,
        /// Show each change until it, and what it asked for, has ended
        #[arg(long, short)]
        follow: bool,
    },
    /// Run jobs again that have failed or were cancelled
    Retry {
        #[command(flatten)]
        which: Which,
        /// Show each change until they have ended
        #[arg(long, short)]
        follow: bool,
    },
    /// End jobs that wait or run, and what they asked for
    Cancel(Which),
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only jobs in this state
    #[arg(long, value_enum)]
    state: Option<StateWord>,
    /// Only jobs of this kind, such as rendition
    #[arg(long)]
    kind: Option<String>,
    /// Only jobs about this film: its id or exact title
    #[arg(long)]
    movie: Option<String>,
    #[command(flatten)]
    window: Window,
}

#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Ids of the jobs
    #[arg(required = true, value_name = "ID")]
    ids: Vec<Uuid>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum StateWord {
    Waiting,
    Running,
    Done,
    Failed,
    Cancelled,
}

pub(crate) async fn run(session: &Session, command: JobCommand) -> anyhow::Result<()> {
    match command {
        JobCommand::List(args) => list(session, args).await,
        JobCommand::Show { id, follow: true } => follow(session, id).await,
        JobCommand::Show { id, .. } => {
            let job = session.client.job(id).await?;
            session.output.show(&job, || job_fields(&job))
        }
        JobCommand::Retry {
            which,
            follow: watched,
        } => {
            retry(session, &which.ids).await?;
            for id in which.ids.iter().filter(|_| watched) {
                follow(session, *id).await?;
            }
            Ok(())
        }
        JobCommand::Cancel(which) => cancel(session, &which.ids).await,
    }
}

async fn list(session: &Session, args: ListArgs) -> anyhow::Result<()> {
    let movie = match &args.movie {
        Some(text) => Some(films::find(session, text, false).await?),
        None => None,
    };
    let page = listing::collect(&args.window, |Step { cursor, limit }| {
        let query = JobQuery {
            state: args.state.map(Into::into),
            kind: args.kind.clone(),
            movie,
            cursor,
            limit: Some(limit),
        };
        async move { session.client.list_jobs(&query).await }
    });
    let page = page.await?;
    session
        .output
        .show(&page, || job_table(&page.items) + &listing::more(&page))
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

async fn cancel(session: &Session, ids: &[Uuid]) -> anyhow::Result<()> {
    for id in ids {
        session.client.cancel_job(*id).await?;
        let done = serde_json::json!({ "id": id, "done": "cancelled" });
        session
            .output
            .show(&done, || format!("{id} is cancelled."))?;
    }
    Ok(())
}

/// Shows a job and its children whenever they have changed, until none of them is open.
async fn follow(session: &Session, id: Uuid) -> anyhow::Result<()> {
    let mut last = String::new();
    loop {
        let detail = session.client.job(id).await?;
        let line = job_line(&detail);
        if line != last {
            session.output.show(&detail, || line.clone())?;
            last = line;
        }
        if !is_open(&detail) {
            return outcome(&detail);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn is_open(detail: &JobDetail) -> bool {
    let mut states = detail.children.iter().map(|child| child.state);
    let open = |state| matches!(state, JobState::Waiting | JobState::Running);
    open(detail.job.state) || states.any(open)
}

/// What failed makes the command fail, with the reason.
fn outcome(detail: &JobDetail) -> anyhow::Result<()> {
    let mut all = std::iter::once(&detail.job).chain(&detail.children);
    match all.find(|job| job.state == JobState::Failed) {
        Some(job) => {
            let why = job.last_error.as_deref().unwrap_or("no reason was given");
            let text = format!("{} {} failed: {why}", job.kind, job.id);
            Err(Failure::new(Code::Failure, text).into())
        }
        None => Ok(()),
    }
}

impl From<StateWord> for JobState {
    fn from(state: StateWord) -> Self {
        match state {
            StateWord::Waiting => Self::Waiting,
            StateWord::Running => Self::Running,
            StateWord::Done => Self::Done,
            StateWord::Failed => Self::Failed,
            StateWord::Cancelled => Self::Cancelled,
        }
    }
}
