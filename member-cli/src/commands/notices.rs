//! `notices`: the announcements of the house.

use clap::Args;
use playhouse_api::Page;
use playhouse_api::notices::{Notice, NoticeQuery, ReadUpTo};
use playhouse_cli_support::listing::{self, Step, Window};
use playhouse_cli_support::{Session, output, when};

#[derive(Debug, Args)]
pub(crate) struct NoticesArgs {
    /// Mark what is shown as read
    #[arg(long)]
    read: bool,
    #[command(flatten)]
    window: Window,
}

pub(crate) async fn run(session: &Session, args: &NoticesArgs) -> anyhow::Result<()> {
    let page = listing::collect(&args.window, |Step { cursor, limit }| async move {
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
        .show(&page, || in_words(&page) + &listing::more(&page))?;
    // Ids grow with time, so the largest is the latest, wherever pinned ones stand.
    let latest = page.items.iter().map(|notice| notice.id).max();
    if let (true, Some(up_to)) = (args.read, latest) {
        session.client.mark_notices_read(ReadUpTo { up_to }).await?;
    }
    Ok(())
}

fn in_words(page: &Page<Notice>) -> String {
    if page.items.is_empty() {
        return "There are no notices.\n".to_owned();
    }
    let notices: Vec<_> = page.items.iter().map(in_lines).collect();
    notices.join("\n")
}

/// A line of titles, and the text as it was written.
fn in_lines(notice: &Notice) -> String {
    let mut marks = Vec::new();
    marks.extend(notice.pinned.then_some("pinned"));
    marks.extend((!notice.read).then_some("new"));
    let marks = if marks.is_empty() {
        String::new()
    } else {
        format!(" ({})", marks.join(", "))
    };
    let at = when::show(notice.created_at);
    let title = output::printable(&notice.title);
    let author = output::printable(&notice.author);
    let mut text = format!("{at}  {title}{marks}, by {author}\n");
    for line in notice.body.lines() {
        let line = format!("    {}", output::printable(line));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
