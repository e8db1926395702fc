//! `rooms`: which there are for you, who is in them, going in and out.

use clap::{Args, Subcommand};
use playhouse_api::Page;
use playhouse_api::chat::{JoinRoom, Member, NewRoom, Room, RoomRole};
use playhouse_api::page::PageQuery;
use playhouse_cli_support::listing::{self, Step, Window};
use playhouse_cli_support::output::printable;
use playhouse_cli_support::table::{Table, left, right};
use playhouse_cli_support::{Session, when};

use crate::chat::find;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct RoomsArgs {
    /// Without a word, lists your rooms
    #[command(subcommand)]
    word: Option<Word>,
    #[command(flatten)]
    window: Window,
}

#[derive(Debug, Subcommand)]
enum Word {
    /// Make a group room of your own
    Create {
        /// A name that no other room has
        name: String,
    },
    /// Go into a group room
    Join {
        /// Its name
        name: String,
    },
    /// Leave a group room; with its last member it is gone
    Leave {
        /// Its name or id
        room: String,
    },
    /// Bring a friend into a group room
    Invite {
        /// Its name or id
        room: String,
        /// The friend's user name
        friend: String,
    },
    /// Who is in a room
    Members {
        /// A group's name, @friend, or an id
        room: String,
        #[command(flatten)]
        window: Window,
    },
}

pub(crate) async fn run(session: &Session, args: &RoomsArgs) -> anyhow::Result<()> {
    let client = &session.client;
    match &args.word {
        None => list(session, &args.window).await,
        Some(Word::Create { name }) => {
            let new = NewRoom { name: name.clone() };
            let room = client.create_room(&new).await?;
            tell(session, &room, "is open, and yours")
        }
        Some(Word::Join { name }) => {
            let by_name = JoinRoom { name: name.clone() };
            let room = client.join_room(&by_name).await?;
            tell(session, &room, "has you as a member")
        }
        Some(Word::Leave { room }) => {
            let room = find::room(client, room).await?;
            client.leave_room(room.id).await?;
            tell(session, &room, "goes on without you")
        }
        Some(Word::Invite { room, friend }) => invite(session, room, friend).await,
        Some(Word::Members { room, window }) => members(session, room, window).await,
    }
}

async fn list(session: &Session, window: &Window) -> anyhow::Result<()> {
    let page = listing::collect(window, |step| async move {
        session.client.list_rooms(&query(step)).await
    });
    let page = page.await?;
    session
        .output
        .show(&page, || room_table(&page) + &listing::more(&page))
}

async fn invite(session: &Session, room: &str, friend: &str) -> anyhow::Result<()> {
    let client = &session.client;
    let room = find::room(client, room).await?;
    let friend = find::friend(&client.friends().await?, friend)?;
    let member = client.invite(room.id, friend.id).await?;
    session.output.show(&member, || {
        let (who, room) = (&member.account.username, &room.name);
        format!("{} is in {}.", printable(who), printable(room))
    })
}

async fn members(session: &Session, room: &str, window: &Window) -> anyhow::Result<()> {
    let room = find::room(&session.client, room).await?.id;
    let page = listing::collect(window, |step| async move {
        session.client.list_members(room, &query(step)).await
    });
    let page = page.await?;
    session
        .output
        .show(&page, || member_table(&page.items) + &listing::more(&page))
}

fn query(step: Step) -> PageQuery {
    PageQuery {
        cursor: step.cursor,
        limit: Some(step.limit),
    }
}

fn tell(session: &Session, room: &Room, what: &str) -> anyhow::Result<()> {
    session
        .output
        .show(room, || format!("{} {what}.", printable(&room.name)))
}

fn room_table(page: &Page<Room>) -> String {
    if page.items.is_empty() {
        return "You are in no room: `rooms join NAME` goes into one.\n".to_owned();
    }
    let mut table = Table::new([
        left("ROOM"),
        right("UNREAD"),
        right("NAME YOU"),
        right("MEMBERS"),
        left("LAST (UTC)"),
    ]);
    for room in &page.items {
        table.row([
            find::word_for(room),
            room.unread.to_string(),
            room.mentions.to_string(),
            room.members_count.to_string(),
            when::show(room.last_event_at),
        ]);
    }
    table.to_string()
}

fn member_table(members: &[Member]) -> String {
    let mut table = Table::new([left("NAME"), left("ROLE"), left("SINCE (UTC)")]);
    for member in members {
        table.row([
            member.account.username.clone(),
            role_word(member.role).to_owned(),
            when::show(member.joined_at),
        ]);
    }
    table.to_string()
}

pub(crate) const fn role_word(role: RoomRole) -> &'static str {
    match role {
        RoomRole::Owner => "owner",
        RoomRole::Moderator => "moderator",
        RoomRole::Member => "member",
    }
}
