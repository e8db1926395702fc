//! `send`: one message, for scripts.

use std::io::Read as _;

use clap::Args;
use playhouse_api::chat::{MAX_BODY, NewMessage};
use playhouse_api::client::Retry;
use playhouse_cli_support::output::printable;
use playhouse_cli_support::{Failure, Session};
use uuid::Uuid;

use super::told;
use crate::chat::find;

#[derive(Debug, Args)]
pub(crate) struct SendArgs {
    /// A group's name, @friend, or an id
    room: String,
    /// What to say; - reads it from stdin
    #[arg(allow_hyphen_values = true)]
    text: String,
    /// Names this message: sent again with the same one, it is there once [default: a new one]
    #[arg(long, value_name = "TEXT")]
    id: Option<String>,
    /// The id of the message that this one answers
    #[arg(long, value_name = "MESSAGE")]
    reply_to: Option<Uuid>,
}

/// Returns when the message is durable. Tried again while the server is away, always as the same message.
pub(crate) async fn run(session: &Session, args: SendArgs) -> anyhow::Result<()> {
    let body = match args.text.as_str() {
        "-" => from_stdin()?,
        text => text.to_owned(),
    };
    let message = NewMessage {
        client_msg_id: args.id.unwrap_or_else(|| Uuid::now_v7().to_string()),
        body,
        reply_to: args.reply_to,
    };
    let client = &session.client;
    let room = find::room(client, &args.room).await?;
    let mut retry = Retry::new(told(session));
    let event = retry.run(|| client.send_message(room.id, &message)).await?;
    session.output.show(&event, || {
        format!(
            "Message {} of {}.",
            event.seq,
            printable(&find::word_for(&room))
        )
    })
}

/// The whole of it as one message, without the end of its last line.
fn from_stdin() -> anyhow::Result<String> {
    // A character has at most four bytes; one more shows that there is more.
    let most = u64::try_from(MAX_BODY * 4 + 1).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(most).read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::usage("what came from stdin is not UTF-8, or too long"))?;
    let text = text.replace("\r\n", "\n");
    Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
}
