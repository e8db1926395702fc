//! The words of messages, and looking for them.
//!
//! The search holds the present text of each message, at the event that said it. SQLite's index streams its hits from
//! the highest number downwards, and within a room numbers grow with `seq`, so a page of hits stops when it is full.

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
    pub body: &'a str,
}

/// The word that stands for a room in the index. It begins with a character that no word of a text has.
fn fact(room: &RoomId) -> String {
    format!("\u{e000}r{}", room.as_str().replace('-', ""))
}

fn words(text: &NewText) -> Vec<String> {
    let mut words = words_of_text(text.body);
    words.push(fact(text.room_id));
    words
}

/// Texts that are new, in the order of their numbers.
pub(in crate::chat) fn insert(conn: &mut Conn, new: &[NewText]) -> Result<()> {
    match conn {
        Conn::Sqlite(c) => {
            for text in new {
                insert_into_lite(c, text)?;
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
                        words(it),
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

fn insert_into_lite(c: &mut SqliteConnection, text: &NewText) -> Result<()> {
    diesel::insert_into(texts::table)
        .values((
            texts::message_id.eq(text.message_id),
            texts::room_id.eq(text.room_id),
            texts::seq.eq(text.seq),
        ))
        .execute(c)?;
    let index = "INSERT INTO message_words (rowid, words) VALUES (last_insert_rowid(), ?)";
    Fixed::new(index).text(words(text).join(" ")).execute(c)?;
    Ok(())
}

/// Takes the text of a message out of the search.
pub(in crate::chat) fn delete(conn: &mut Conn, message: &MessageId) -> Result<()> {
    diesel::delete(texts::table.filter(texts::message_id.eq(message))).execute(conn)?;
    Ok(())
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
            // does whose text is before it, too.
            format!(
                "SELECT t.seq FROM message_words JOIN message_texts t ON t.number = message_words.rowid \
                 WHERE message_words MATCH $1 AND t.room_id = $2 AND t.seq > $3 AND t.seq < $4 \
                 AND message_words.rowid < coalesce((SELECT b.number \
                     FROM messages m CROSS JOIN message_texts b ON b.message_id = m.id \
                     WHERE m.room_id = $2 AND m.seq >= $4 ORDER BY m.seq LIMIT 1), 9223372036854775807) \
                 AND message_words.rowid > coalesce((SELECT b.number \
                     FROM messages m CROSS JOIN message_texts b ON b.message_id = m.id AND b.seq <= $3 \
                     WHERE m.room_id = $2 AND m.seq <= $3 ORDER BY m.seq DESC LIMIT 1), 0) \
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
