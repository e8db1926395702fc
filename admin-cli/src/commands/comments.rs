//! `comment list|reports|hide|show|delete`.

use clap::{Args, Subcommand, ValueEnum};
use playhouse_api::Page;
use playhouse_api::page::PageQuery;
use playhouse_api::reviews::{CommentQuery, CommentReport, CommentState, ModeratedComment};
use playhouse_cli_support::listing::{self, Step, Window};
use playhouse_cli_support::table::{Table, left, right};
use playhouse_cli_support::{Session, when};
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub(crate) enum CommentCommand {
    /// List comments: those that were reported, or others
    List(ListArgs),
    /// Show who has reported a comment, and why
    Reports {
        /// Id of the comment
        id: Uuid,
        #[command(flatten)]
        window: Window,
    },
    /// Hide the text of comments from members
    Hide(Which),
    /// Show comments again; their reports are closed
    Show(Which),
    /// Delete comments for good
    Delete(Which),
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Which ones
    #[arg(long, value_enum, default_value_t = StateWord::Reported)]
    state: StateWord,
    #[command(flatten)]
    window: Window,
}

#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Ids of the comments
    #[arg(required = true, value_name = "ID")]
    ids: Vec<Uuid>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum StateWord {
    Reported,
    Hidden,
    All,
}

pub(crate) async fn run(session: &Session, command: CommentCommand) -> anyhow::Result<()> {
    match command {
        CommentCommand::List(args) => list(session, &args).await,
        CommentCommand::Reports { id, window } => reports(session, id, &window).await,
        CommentCommand::Hide(which) => {
            for id in which.ids {
                session.client.hide_comment(id).await?;
                done(session, id, "hidden")?;
            }
            Ok(())
        }
        CommentCommand::Show(which) => {
            for id in which.ids {
                session.client.show_comment(id).await?;
                done(session, id, "shown")?;
            }
            Ok(())
        }
        CommentCommand::Delete(which) => {
            for id in which.ids {
                session.client.delete_comment(id).await?;
                done(session, id, "deleted")?;
            }
            Ok(())
        }
    }
}

async fn list(session: &Session, args: &ListArgs) -> anyhow::Result<()> {
    let state = Some(args.state.into());
    let page = listing::collect(&args.window, |Step { cursor, limit }| async move {
        let query = CommentQuery {
            state,
            cursor,
            limit: Some(limit),
        };
        session.client.moderated_comments(&query).await
    });
    let page = page.await?;
    session
        .output
        .show(&page, || comment_table(&page) + &listing::more(&page))
}

async fn reports(session: &Session, id: Uuid, window: &Window) -> anyhow::Result<()> {
    let page = listing::collect(window, |Step { cursor, limit }| async move {
        let query = PageQuery {
            cursor,
            limit: Some(limit),
        };
        session.client.comment_reports(id, &query).await
    });
    let page = page.await?;
    session
        .output
        .show(&page, || report_table(&page) + &listing::more(&page))
}

fn done(session: &Session, id: Uuid, what: &str) -> anyhow::Result<()> {
    let done = serde_json::json!({ "id": id, "done": what });
    session.output.show(&done, || format!("{id} is {what}."))
}

fn comment_table(page: &Page<ModeratedComment>) -> String {
    let mut table = Table::new([
        left("ID"),
        left("AUTHOR"),
        left("FILM"),
        right("REPORTS"),
        left("HIDDEN"),
        left("CREATED (UTC)"),
        left("TEXT"),
    ]);
    for item in &page.items {
        let comment = &item.comment;
        table.row([
            comment.id.to_string(),
            comment.author.username.clone(),
            item.movie.title.clone(),
            item.reports.to_string(),
            if comment.hidden { "yes" } else { "" }.to_owned(),
            when::show(comment.created_at),
            comment.text.clone().unwrap_or_default(),
        ]);
    }
    table.to_string()
}

fn report_table(page: &Page<CommentReport>) -> String {
    let columns = [left("WHO"), left("CREATED (UTC)"), left("REASON")];
    let mut table = Table::new(columns);
    for report in &page.items {
        table.row([
            report.account.username.clone(),
            when::show(report.created_at),
            report.reason.clone().unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    table.to_string()
}

impl From<StateWord> for CommentState {
    fn from(state: StateWord) -> Self {
        match state {
            StateWord::Reported => Self::Reported,
            StateWord::Hidden => Self::Hidden,
            StateWord::All => Self::All,
        }
    }
}
