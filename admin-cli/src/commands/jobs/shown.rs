//! How jobs are shown to people.

use playhouse_api::admin::{Job, JobDetail, JobState};
use playhouse_cli_support::output::printable;
use playhouse_cli_support::table::{Table, fields, left, right};
use playhouse_cli_support::when;

pub(super) fn job_table(jobs: &[Job]) -> String {
    let columns = [
        left("ID"),
        left("KIND"),
        left("STATE"),
        right("DONE"),
        right("TRIES"),
        left("RUN AT (UTC)"),
        left("LAST ERROR"),
    ];
    let mut table = Table::new(columns);
    for job in jobs {
        table.row([
            job.id.to_string(),
            what(job),
            state_word(job.state).to_owned(),
            format!("{}%", job.progress),
            format!("{}/{}", job.attempts, job.max_attempts),
            when::show(job.run_at),
            job.last_error.clone().unwrap_or_default(),
        ]);
    }
    table.to_string()
}

pub(super) fn job_fields(detail: &JobDetail) -> String {
    let job = &detail.job;
    let id = |id: Option<uuid::Uuid>| id.map_or_else(|| "-".to_owned(), |id| id.to_string());
    let mut text = fields(&[
        ("id", job.id.to_string()),
        ("kind", what(job)),
        ("movie", id(job.movie_id)),
        ("parent", id(job.parent_id)),
        ("state", state_word(job.state).to_owned()),
        ("done", format!("{}%", job.progress)),
        ("tries", format!("{}/{}", job.attempts, job.max_attempts)),
        ("priority", job.priority.to_string()),
        ("run at", when::show(job.run_at)),
        (
            "alive at",
            job.heartbeat_at.map_or_else(|| "-".to_owned(), when::show),
        ),
        (
            "last error",
            job.last_error.clone().unwrap_or_else(|| "-".to_owned()),
        ),
    ]);
    if !detail.children.is_empty() {
        text += &format!("\n\nWhat it asked for:\n{}", job_table(&detail.children));
    }
    if !detail.log_tail.is_empty() {
        let lines: Vec<String> = detail.log_tail.lines().map(printable).collect();
        text += &format!("\n\nWhat its tool said last:\n{}", lines.join("\n"));
    }
    text
}

/// A job and its children in a line.
pub(super) fn job_line(detail: &JobDetail) -> String {
    let all = std::iter::once(&detail.job).chain(&detail.children);
    let parts: Vec<String> = all
        .map(|job| match job.state {
            JobState::Running => format!("{} {}%", what(job), job.progress),
            state => format!("{} {}", what(job), state_word(state)),
        })
        .collect();
    parts.join(", ")
}

fn what(job: &Job) -> String {
    match &job.payload {
        Some(payload) => printable(&format!("{} {payload}", job.kind)),
        None => printable(&job.kind),
    }
}

fn state_word(state: JobState) -> &'static str {
    match state {
        JobState::Waiting => "waiting",
        JobState::Running => "running",
        JobState::Done => "done",
        JobState::Failed => "failed",
        JobState::Cancelled => "cancelled",
    }
}
