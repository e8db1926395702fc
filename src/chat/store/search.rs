//! The words of messages, and looking for them.
//!
//! The search holds the present text of each message, at the event that said it. On SQLite its words are kept under the
//! number of the message; the index streams its hits from the highest number downwards, and within a room numbers grow with
//! the events that said the texts, so a page of hits stops when it is full. A message that is edited gets a new number.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};

use super::log::Span;
use crate::db::schema::message_texts as texts;
use crate::db::{Conn, Fixed, Result, json, on_backend};
use crate::ids::{MessageId, RoomId};
use crate::movies::words::{Terms, words_of_text};

/// A text to be found.
#[derive(Clone, Copy, Debug)]
pub(in crate::chat) struct NewText<'a> {
    pub message_id: &'a MessageId,
    pub room_id: &'a RoomId,
    pub seq: i64,
    /// What [`words`] gives.
    pub words: &'a str,
}

/// The word that stands for a room in the index. It begins with a character that no word of a text has.
fn fact(room: &RoomId) -> String {
    format!("\u{e000}r{}", room.as_str().replace('-', ""))
}

/// The words under which a text of a room is found, with a space between them.
pub(in crate::chat) fn words(body: &str, room: &RoomId) -> String {
    let mut words = words_of_text(body);
    words.push(fact(room));
    words.join(" ")
}

/// The texts of messages that have just been inserted, in the order of their numbers.
pub(in crate::chat) fn insert(conn: &mut Conn, new: &[NewText]) -> Result<()> {
    match conn {
        Conn::Sqlite(c) => {
            // They are the last ones of the table.
            let before: Number =
                Fixed::new("SELECT max(number) AS number FROM messages").get_result(c)?;
            let first = before.number + 1 - i64::try_from(new.len()).unwrap_or_default();
            for (text, number) in new.iter().zip(first..) {
                Fixed::new("INSERT INTO message_words (rowid, words) VALUES (?, ?)")
                    .number(number)
                    .text(text.words)
                    .execute(c)?;
            }
        }
        Conn::Pg(c) => {
            let rows: Vec<_> = new
                .iter()
                .map(|it| {
                    (
                        it.message_id.as_str(),
                        it.room_id.as_str(),
                        it.seq,
                        it.words.split(' ').collect::<Vec<_>>(),
                    )
                })
                .collect();
            let all = "INSERT INTO message_texts (message_id, room_id, seq, words) \
                       SELECT j.row ->> 0, j.row ->> 1, (j.row ->> 2)::bigint, \
                              array_to_tsvector(ARRAY(SELECT json_array_elements_text(j.row -> 3))) \
                       FROM json_array_elements(?::json) WITH ORDINALITY AS j(row, at) ORDER BY j.at";
            Fixed::new(all).text(json(&rows)?).execute(c)?;
        }
    }
    Ok(())
}

/// Gives a message that was edited its new text.
pub(in crate::chat) fn replace(conn: &mut Conn, text: &NewText) -> Result<()> {
    delete(conn, text.message_id)?;
    let Conn::Sqlite(c) = conn else {
        return insert(conn, std::slice::from_ref(text));
    };
    let last = "UPDATE messages SET number = (SELECT max(number) FROM messages) + 1, said_seq = ? WHERE id = ?";
    Fixed::new(last)
        .number(text.seq)
        .text(text.message_id.as_str())
        .execute(c)?;
    insert(conn, std::slice::from_ref(text))
}

/// Takes the text of a message out of the search, while the message still has it.
pub(in crate::chat) fn delete(conn: &mut Conn, message: &MessageId) -> Result<()> {
    match conn {
        Conn::Sqlite(c) => {
            let its = "DELETE FROM message_words WHERE rowid = (SELECT number FROM messages WHERE id = ?)";
            Fixed::new(its).text(message.as_str()).execute(c)?;
        }
        Conn::Pg(c) => {
            diesel::delete(texts::table.filter(texts::message_id.eq(message))).execute(c)?;
        }
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Hit {
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

/// The events of a part of a log whose text holds all terms, as numbers.
pub(in crate::chat) fn find(
    conn: &mut Conn,
    room: &RoomId,
    terms: &Terms,
    span: Span,
) -> Result<Vec<i64>> {
    let order = if span.from_start { "ASC" } else { "DESC" };
    let (sql, query) = match conn {
        Conn::Sqlite(_) => (
            // The two bounds of numbers keep the walk inside of the span. A message that was edited has its text at a
            // later event; so the first message behind the span bounds it from above all the more, and from below only one
            // does whose text is before it, too. What is deleted has no number that says anything.
            format!(
                "SELECT coalesce(m.said_seq, m.seq) AS seq FROM message_words JOIN messages m ON m.number = message_words.rowid \
                 WHERE message_words MATCH $1 AND m.room_id = $2 \
                 AND coalesce(m.said_seq, m.seq) > $3 AND coalesce(m.said_seq, m.seq) < $4 \
                 AND message_words.rowid < coalesce((SELECT b.number FROM messages b \
                     WHERE b.room_id = $2 AND b.seq >= $4 AND b.deleted_at IS NULL \
                     ORDER BY b.seq LIMIT 1), 9223372036854775807) \
                 AND message_words.rowid > coalesce((SELECT b.number FROM messages b \
                     WHERE b.room_id = $2 AND coalesce(b.said_seq, b.seq) <= $3 AND b.seq <= $3 AND b.deleted_at IS NULL \
                     ORDER BY b.seq DESC LIMIT 1), 0) \
                 ORDER BY message_words.rowid {order} LIMIT $5"
            ),
            format!("({}) AND \"{}\"", terms.fts5(), fact(room)),
        ),
        Conn::Pg(_) => (
            format!(
                "SELECT seq FROM message_texts WHERE words @@ $1::tsquery AND room_id = $2 \
                 AND seq > $3 AND seq < $4 ORDER BY seq {order} LIMIT $5"
            ),
            format!("({}) & '{}'", terms.tsquery(), fact(room)),
        ),
    };
    let hits: Vec<Hit> = on_backend!(conn, c => sql_query(sql)
        .bind::<Text, _>(query)
        .bind::<Text, _>(room)
        .bind::<BigInt, _>(span.after)
        .bind::<BigInt, _>(span.before)
        .bind::<BigInt, _>(span.limit)
        .load(c))?;
    Ok(hits.into_iter().map(|it| it.seq).collect())
}
