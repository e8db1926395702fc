//! Reading a room: its log both ways, its messages as they stand, and the search.

use std::collections::HashMap;
use std::sync::Arc;

use playhouse_api::chat as api;
use playhouse_api::page::{DEFAULT_LIMIT, MAX_LIMIT, Page};
use playhouse_api::problem::FieldCode;
use serde::{Deserialize, Serialize};

use super::super::feed::Missed;
use super::super::model::{EventRow, MessageRow, Names, person};
use super::super::refusal::Error;
use super::super::store::log::{self, Span};
use super::super::store::{self, messages, search};
use super::super::text;
use super::{Chat, Result, member_in};
use crate::accounts::Viewer;
use crate::db::Conn;
use crate::error::FieldChecks;
use crate::ids::{AccountId, MessageId, RoomId};
use crate::movies::words::Terms;

/// Events of a gap that a room on this node fills at once.
const MAX_BETWEEN: i64 = 10_000;
const MAX_QUERY: usize = 200;

/// Which part of a room is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    pub after_seq: Option<i64>,
    #[serde(rename = "b", skip_serializing_if = "Option::is_none")]
    pub before_seq: Option<i64>,
}

impl Part {
    /// From the start with `after_seq`, from the end otherwise.
    fn span(self, limit: i64) -> Span {
        Span {
            after: self.after_seq.unwrap_or(0),
            before: self.before_seq.unwrap_or(i64::MAX),
            from_start: self.after_seq.is_some(),
            limit,
        }
    }

    /// The part behind the last row of a page.
    fn next(self, seq: i64) -> Self {
        match self.after_seq {
            Some(_) => Self {
                after_seq: Some(seq),
                ..self
            },
            None => Self {
                before_seq: Some(seq),
                ..self
            },
        }
    }
}

/// A page of a room that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct PartRequest {
    part: Part,
    limit: u32,
}

impl PartRequest {
    /// Reads what a query has. A cursor stands in place of the two numbers.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn read(
        after_seq: Option<i64>,
        before_seq: Option<i64>,
        cursor: Option<Part>,
        limit: Option<u32>,
    ) -> Result<Self> {
        let mut checks = FieldChecks::default();
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        checks.require(
            (1..=MAX_LIMIT).contains(&limit),
            "limit",
            FieldCode::OutOfRange,
            "limit is from 1 to 200.",
        );
        for (field, seq) in [("after_seq", after_seq), ("before_seq", before_seq)] {
            let detail = format!("{field} is not negative.");
            let holds = seq.is_none_or(|seq| seq >= 0);
            checks.require(holds, field, FieldCode::OutOfRange, &detail);
        }
        checks.finish().map_err(Error::Invalid)?;
        let asked = Part {
            after_seq,
            before_seq,
        };
        Ok(Self {
            part: cursor.unwrap_or(asked),
            limit,
        })
    }

    fn rows(self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// Cuts rows to the page and puts them into the order of `seq`; with the part of the next page, if there is one.
    fn page<R>(self, mut rows: Vec<R>, seq: impl Fn(&R) -> i64) -> (Vec<R>, Option<Part>) {
        let has_more = rows.len() > self.limit as usize;
        rows.truncate(self.limit as usize);
        let last = rows.last().map(seq).filter(|_| has_more);
        let next = last.map(|seq| self.part.next(seq));
        if self.part.after_seq.is_none() {
            rows.reverse();
        }
        (rows, next)
    }
}

fn views(conn: &mut Conn, rows: &[EventRow]) -> Result<Vec<api::Event>> {
    let names = log::names_in(conn, rows)?;
    Ok(rows.iter().map(|row| row.view(&names)).collect())
}

impl Chat {
    /// A page of a room's log, for one of its members; with `q` only what is found.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`], [`Error::Invalid`].
    pub async fn history(
        &self,
        who: &Viewer,
        room: RoomId,
        request: PartRequest,
        q: Option<&str>,
    ) -> Result<(api::History, Option<Part>)> {
        let me = who.id().clone();
        let terms = q.map(terms).transpose()?;
        self.db
            .read(move |conn| {
                let (room, _) = member_in(conn, &room, &me)?;
                let rows = match &terms {
                    Some(terms) => found(conn, &room.id, terms, request)?,
                    None => log::list(conn, &room.id, request.part.span(request.rows()))?,
                };
                let (rows, next) = request.page(rows, |row| row.seq);
                let history = api::History {
                    items: views(conn, &rows)?,
                    next_cursor: None,
                    first_seq: room.first_seq,
                    last_seq: room.last_seq,
                    epoch: room.epoch,
                };
                Ok((history, next))
            })
            .await
    }

    /// A page of a room's messages as they stand, in the order of `seq`.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`].
    pub async fn list_messages(
        &self,
        who: &Viewer,
        room: RoomId,
        request: PartRequest,
    ) -> Result<(Page<api::Message>, Option<Part>)> {
        let me = who.id().clone();
        self.db
            .read(move |conn| {
                member_in(conn, &room, &me)?;
                let rows = messages::list(conn, &room, request.part.span(request.rows()))?;
                let (rows, next) = request.page(rows, |row| row.seq);
                let page = Page {
                    items: message_views(conn, rows, &me)?,
                    next_cursor: None,
                };
                Ok((page, next))
            })
            .await
    }

    /// A message as it stands.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`], [`Error::NotFound`].
    pub async fn get_message(
        &self,
        who: &Viewer,
        room: RoomId,
        message: MessageId,
    ) -> Result<api::Message> {
        let me = who.id().clone();
        self.db
            .read(move |conn| {
                member_in(conn, &room, &me)?;
                let row = messages::find(conn, &message)?.filter(|row| row.room_id == room);
                let row = row.ok_or(Error::NotFound("message"))?;
                let view = message_views(conn, vec![row], &me)?.pop();
                view.ok_or(Error::NotFound("message"))
            })
            .await
    }

    /// All that a member has missed between `after_seq` and `up_to`, or the word that they start over: when it is too
    /// much, when the log has dropped a part of it, when they speak of another log or of events that never were.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`] for who is not in the room.
    pub async fn missed(
        &self,
        who: &Viewer,
        room: &RoomId,
        after_seq: i64,
        epoch: &str,
        up_to: i64,
    ) -> Result<Missed> {
        let (me, room, epoch) = (who.id().clone(), room.clone(), epoch.to_owned());
        let most = self.config.resume_events;
        self.db
            .read(move |conn| {
                let (room, _) = member_in(conn, &room, &me)?;
                let up_to = up_to.min(room.last_seq);
                let is_known = room.epoch == epoch
                    && after_seq >= room.first_seq - 1
                    && after_seq <= room.last_seq;
                if !is_known || up_to - after_seq > most {
                    return Ok(Missed::StartOver);
                }
                let events = between(conn, &room.id, after_seq, up_to)?;
                let is_whole = i64::try_from(events.len()).ok() == Some((up_to - after_seq).max(0));
                Ok(match is_whole {
                    true => Missed::Everything(events),
                    false => Missed::StartOver,
                })
            })
            .await
    }

    /// The events of a room above `after_seq` up to `up_to`, ascending, at most 10,000 of them: for a room that heard of
    /// a later one. Whoever gets them must be a member.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn between(
        &self,
        room: &RoomId,
        after_seq: i64,
        up_to: i64,
    ) -> Result<Vec<Arc<api::Event>>> {
        let room = room.clone();
        self.db
            .read(move |conn| between(conn, &room, after_seq, up_to))
            .await
    }
}

fn between(conn: &mut Conn, room: &RoomId, after: i64, up_to: i64) -> Result<Vec<Arc<api::Event>>> {
    let span = Span {
        after,
        before: up_to.saturating_add(1),
        from_start: true,
        limit: MAX_BETWEEN,
    };
    let rows = log::list(conn, room, span)?;
    Ok(views(conn, &rows)?.into_iter().map(Arc::new).collect())
}

fn terms(q: &str) -> Result<Terms> {
    let mut checks = FieldChecks::default();
    checks.line(q, "q", MAX_QUERY);
    checks.finish().map_err(Error::Invalid)?;
    let terms = Terms::of(q);
    if terms.is_empty() {
        let detail = "q has a letter or a digit.";
        return Err(Error::field("q", FieldCode::InvalidFormat, detail));
    }
    Ok(terms)
}

/// The latest hits of a page, or with `after_seq` the earliest ones; in the order that a page is cut from.
fn found(
    conn: &mut Conn,
    room: &RoomId,
    terms: &Terms,
    request: PartRequest,
) -> Result<Vec<EventRow>> {
    let span = request.part.span(request.rows());
    let seqs = search::find(conn, room, terms, span)?;
    let mut rows = log::list_these(conn, room, &seqs)?;
    rows.sort_by_key(|row| row.seq);
    if !span.from_start {
        rows.reverse();
    }
    Ok(rows)
}

pub(super) fn message_views(
    conn: &mut Conn,
    rows: Vec<MessageRow>,
    me: &AccountId,
) -> Result<Vec<api::Message>> {
    let ids: Vec<MessageId> = rows.iter().map(|row| row.id.clone()).collect();
    let authors: Vec<AccountId> = rows.iter().map(|row| row.account_id.clone()).collect();
    let names = store::names(conn, &authors)?;
    let mut reactions: HashMap<MessageId, Vec<api::Reaction>> = HashMap::new();
    for (message, who, emoji) in messages::reactions_of(conn, &ids)? {
        let all = reactions.entry(message).or_default();
        match all.iter_mut().find(|it| it.emoji == emoji) {
            Some(known) => {
                known.count += 1;
                known.mine |= who == *me;
            }
            None => all.push(api::Reaction {
                emoji,
                count: 1,
                mine: who == *me,
            }),
        }
    }
    let mut mentions: HashMap<MessageId, Vec<uuid::Uuid>> = HashMap::new();
    for (message, who) in messages::mentions_of(conn, &ids)? {
        mentions.entry(message).or_default().push(who.uuid());
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let reactions = reactions.remove(&row.id).unwrap_or_default();
            let mentions = mentions.remove(&row.id).unwrap_or_default();
            message_view(row, &names, reactions, mentions)
        })
        .collect())
}

fn message_view(
    row: MessageRow,
    names: &Names,
    reactions: Vec<api::Reaction>,
    mentions: Vec<uuid::Uuid>,
) -> api::Message {
    api::Message {
        id: row.id.uuid(),
        room_id: row.room_id.uuid(),
        seq: row.seq,
        account: person(&row.account_id, names),
        links: row.body.as_deref().map(text::links).unwrap_or_default(),
        body: row.body,
        reply_to: row.reply_to.as_ref().map(MessageId::uuid),
        reactions,
        mentions,
        created_at: row.created_at.and_utc(),
        edited_at: row.edited_at.map(|at| at.and_utc()),
        deleted_at: row.deleted_at.map(|at| at.and_utc()),
    }
}
