//! What was said before.

use playhouse_api::chat::{EventKind, EventQuery, History};
use playhouse_api::client::Client;
use playhouse_cli_support::Failure;
use uuid::Uuid;

/// The last events of a room, or the last before one of them.
pub(super) async fn before(
    client: &Client,
    room: Uuid,
    seq: Option<i64>,
    count: u32,
) -> anyhow::Result<History> {
    let query = EventQuery {
        before_seq: seq,
        limit: Some(count.max(1)),
        ..EventQuery::default()
    };
    let mut history = client.history(room, &query).await?;
    if count == 0 {
        history.items.clear();
    }
    Ok(history)
}

/// The id of the message that has this number.
pub(super) async fn message(client: &Client, room: Uuid, number: i64) -> anyhow::Result<Uuid> {
    let query = EventQuery {
        after_seq: Some(number - 1),
        limit: Some(1),
        ..EventQuery::default()
    };
    let found = client.history(room, &query).await?.items;
    let message = found
        .iter()
        .find(|it| it.seq == number && it.kind == EventKind::Message)
        .and_then(|it| it.message_id);
    Ok(message
        .ok_or_else(|| Failure::not_found(format!("{number} is not the number of a message")))?)
}
