//! What an export consists of: one file for each kind of thing, in the shapes of the API.

use std::collections::VecDeque;

use playhouse_api::chat::Room;
use playhouse_api::drive::EntrySort;
use playhouse_api::page::Page;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::service::Parts;
use crate::accounts::{Via, Viewer};
use crate::error::{Error, Result};
use crate::ids::{NoticeId, RoomId};
use crate::page::PageRequest;

/// Rows of a page: of the longest messages there are, less than 4 MiB.
const LIMIT: u32 = 200;

/// A file of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Account,
    Sessions,
    Tokens,
    Friends,
    Rooms,
    /// What one has said in a room.
    Messages(RoomId),
    Files,
    Trash,
    Shares,
    Uploads,
    Downloads,
    Orders,
    Ledger,
    Positions,
    Watchlist,
    Ratings,
    Comments,
    Reports,
    Notices,
}

/// What was read of a section.
pub(super) enum Read {
    /// All of it: one object.
    Whole(Vec<u8>),
    /// A part of a list.
    Items {
        items: Vec<Vec<u8>>,
        next: Option<String>,
    },
}

impl Section {
    /// All but the messages, which follow the rooms.
    pub(super) fn first() -> VecDeque<Self> {
        VecDeque::from([
            Self::Account,
            Self::Sessions,
            Self::Tokens,
            Self::Friends,
            Self::Files,
            Self::Trash,
            Self::Shares,
            Self::Uploads,
            Self::Downloads,
            Self::Orders,
            Self::Ledger,
            Self::Positions,
            Self::Watchlist,
            Self::Ratings,
            Self::Comments,
            Self::Reports,
            Self::Notices,
            Self::Rooms,
        ])
    }

    /// The path of its file in the archive; `number` is above 1 when the list goes on in another file.
    pub(super) fn path(&self, number: u32) -> String {
        let name = match self {
            Self::Account => "account",
            Self::Sessions => "sessions",
            Self::Tokens => "tokens",
            Self::Friends => "friends",
            Self::Rooms => "rooms",
            Self::Messages(room) => &format!("messages/{room}"),
            Self::Files => "files",
            Self::Trash => "trash",
            Self::Shares => "shares",
            Self::Uploads => "uploads",
            Self::Downloads => "downloads",
            Self::Orders => "orders",
            Self::Ledger => "ledger",
            Self::Positions => "positions",
            Self::Watchlist => "watchlist",
            Self::Ratings => "ratings",
            Self::Comments => "comments",
            Self::Reports => "reports",
            Self::Notices => "notices",
        };
        match number {
            1 => format!("{name}.json"),
            _ => format!("{name}-{number}.json"),
        }
    }

    pub(super) fn is_list(&self) -> bool {
        !matches!(self, Self::Account | Self::Friends | Self::Notices)
    }

    /// Which files follow from this one.
    pub(super) async fn then(&self, parts: &Parts, who: &Viewer) -> Result<Vec<Self>> {
        if *self != Self::Rooms {
            return Ok(Vec::new());
        }
        let rooms = parts.chat.rooms_written(who).await?;
        Ok(rooms.into_iter().map(Self::Messages).collect())
    }

    /// A page of it.
    ///
    /// # Errors
    /// What the slice answers.
    pub(super) async fn read(
        &self,
        parts: &Parts,
        who: &Viewer,
        cursor: Option<String>,
    ) -> Result<Read> {
        let me = || who.id().clone();
        let at = cursor.as_deref();
        match self {
            Self::Account => whole(&parts.profiles.me(me()).await?),
            Self::Friends => whole(&parts.chat.list_friends(who).await?),
            Self::Notices => {
                let mark = parts.notices.read_up_to(me()).await?;
                whole(&json!({"read_up_to": mark.as_ref().map(NoticeId::uuid)}))
            }
            Self::Sessions => {
                let current = match &who.via {
                    Via::Session(id) => Some(id.clone()),
                    Via::Password | Via::Token { .. } => None,
                };
                let items = parts.accounts.list_sessions(me(), current).await?;
                items_of(all(items))
            }
            Self::Tokens => items_of(all(parts.accounts.list_tokens(me()).await?)),
            Self::Rooms => {
                let rooms = parts.chat.list_rooms(who, page(at)?).await?;
                items_of(rooms.map(without_words))
            }
            Self::Messages(room) => {
                let own = parts.chat.list_own(who, room.clone(), page(at)?);
                items_of(own.await?)
            }
            Self::Files => {
                let every = String::new();
                let found = parts.drive.search(me(), every, EntrySort::Name, page(at)?);
                items_of(found.await?.map(|entry| entry.view()))
            }
            Self::Trash => {
                let found = parts.drive.list_trash(me(), page(at)?).await?;
                items_of(found.map(|entry| entry.view()))
            }
            Self::Shares => items_of(parts.shares.list(who, page(at)?).await?),
            Self::Uploads => items_of(parts.uploads.list(me(), page(at)?).await?),
            Self::Downloads => items_of(parts.downloads.list(who, None, page(at)?).await?),
            Self::Orders => items_of(parts.membership.list_orders(me(), page(at)?).await?),
            Self::Ledger => items_of(parts.membership.list_ledger(me(), page(at)?).await?),
            Self::Positions => items_of(parts.playback.list_positions(me(), page(at)?).await?),
            Self::Watchlist => items_of(parts.playback.watchlist(who, page(at)?).await?),
            Self::Ratings => items_of(parts.reviews.own_ratings(me(), page(at)?).await?),
            Self::Comments => items_of(parts.reviews.own_comments(who, page(at)?).await?),
            Self::Reports => items_of(parts.reviews.own_reports(me(), page(at)?).await?),
        }
    }
}

/// What was said last in a room may be of somebody else.
fn without_words(room: Room) -> Room {
    Room {
        last_message: None,
        ..room
    }
}

fn page<K: DeserializeOwned + Serialize>(cursor: Option<&str>) -> Result<PageRequest<K>> {
    PageRequest::read(cursor, Some(LIMIT))
}

fn all<T>(items: Vec<T>) -> Page<T> {
    Page {
        items,
        next_cursor: None,
    }
}

fn whole(it: &impl Serialize) -> Result<Read> {
    let mut json = serde_json::to_vec_pretty(it).map_err(Error::internal)?;
    json.push(b'\n');
    Ok(Read::Whole(json))
}

fn items_of<T: Serialize>(page: Page<T>) -> Result<Read> {
    let items = page.items.iter().map(serde_json::to_vec);
    Ok(Read::Items {
        items: items
            .collect::<serde_json::Result<_>>()
            .map_err(Error::internal)?,
        next: page.next_cursor,
    })
}
