//! `notice publish|list|edit|delete`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use playhouse_api::Page;
use playhouse_api::notices::{NewNotice, Notice, NoticeChanges, NoticeQuery};
use playhouse_cli_support::listing::{self, Step, Window};
use playhouse_cli_support::table::{Table, left};
use playhouse_cli_support::{Failure, Session, when};
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub(crate) enum NoticeCommand {
    /// Publish a notice
    Publish(PublishArgs),
    /// List the notices
    List(Window),
    /// Change a notice
    Edit(EditArgs),
    /// Delete notices
    Delete {
        /// Ids of the notices
        #[arg(required = true, value_name = "ID")]
        ids: Vec<Uuid>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct PublishArgs {
    /// Title
    #[arg(long)]
    title: String,
    #[command(flatten)]
    body: Body,
    /// Keep it above the others
    #[arg(long)]
    pinned: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    /// Id of the notice
    id: Uuid,
    /// New title
    #[arg(long)]
    title: Option<String>,
    #[command(flatten)]
    body: Body,
    /// Keep it above the others
    #[arg(long)]
    pin: bool,
    /// Do not keep it above the others
    #[arg(long, conflicts_with = "pin")]
    unpin: bool,
}

#[derive(Debug, Args)]
struct Body {
    /// The text, in Markdown
    #[arg(long, value_name = "MARKDOWN")]
    body: Option<String>,
    /// A file with the text; "-" is stdin
    #[arg(long, value_name = "FILE", conflicts_with = "body")]
    body_file: Option<PathBuf>,
}

pub(crate) async fn run(session: &Session, command: NoticeCommand) -> anyhow::Result<()> {
    match command {
        NoticeCommand::Publish(args) => publish(session, args).await,
        NoticeCommand::List(window) => list(session, &window).await,
        NoticeCommand::Edit(args) => edit(session, args).await,
        NoticeCommand::Delete { ids } => delete(session, &ids).await,
    }
}

async fn publish(session: &Session, args: PublishArgs) -> anyhow::Result<()> {
    let missing = || Failure::usage("the text is missing: give --body or --body-file");
    let notice = NewNotice {
        title: args.title,
        body: args.body.read()?.ok_or_else(missing)?,
        pinned: args.pinned.then_some(true),
    };
    let notice = session.client.publish_notice(&notice).await?;
    session.output.show(&notice, || {
        format!("Published {} ({}).", notice.title, notice.id)
    })
}

async fn list(session: &Session, window: &Window) -> anyhow::Result<()> {
    let page = listing::collect(window, |Step { cursor, limit }| async move {
        let query = NoticeQuery {
            after: None,
            cursor,
            limit: Some(limit),
        };
        session.client.list_notices(&query).await
    });
    let page = page.await?;
    session
        .output
        .show(&page, || notice_table(&page) + &listing::more(&page))
}

async fn edit(session: &Session, args: EditArgs) -> anyhow::Result<()> {
    let changes = NoticeChanges {
        title: args.title,
        body: args.body.read()?,
        pinned: (args.pin || args.unpin).then_some(args.pin),
    };
    if changes == NoticeChanges::default() {
        return Err(Failure::usage("nothing to change: see `notice edit --help`").into());
    }
    let notice = session.client.change_notice(args.id, &changes).await?;
    session.output.show(&notice, || {
        format!("Changed {} ({}).", notice.title, notice.id)
    })
}

async fn delete(session: &Session, ids: &[Uuid]) -> anyhow::Result<()> {
    for id in ids {
        session.client.delete_notice(*id).await?;
        let done = serde_json::json!({ "id": id, "done": "deleted" });
        session.output.show(&done, || format!("Deleted {id}."))?;
    }
    Ok(())
}

fn notice_table(page: &Page<Notice>) -> String {
    let columns = [
        left("ID"),
        left("TITLE"),
        left("PINNED"),
        left("AUTHOR"),
        left("CREATED (UTC)"),
    ];
    let mut table = Table::new(columns);
    for notice in &page.items {
        table.row([
            notice.id.to_string(),
            notice.title.clone(),
            if notice.pinned { "yes" } else { "" }.to_owned(),
            notice.author.clone(),
            when::show(notice.created_at),
        ]);
    }
    table.to_string()
}

impl Body {
    fn read(&self) -> anyhow::Result<Option<String>> {
        match &self.body_file {
            Some(path) => read_text(path).map(Some),
            None => Ok(self.body.clone()),
        }
    }
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin()
            .read_to_string(&mut text)
            .context("cannot read stdin")?;
        return Ok(text);
    }
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
