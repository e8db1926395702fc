//! Rooms and people by the names that people know.

use playhouse_api::chat::{Friends, Member, Person, Room, RoomKind};
use playhouse_api::client::Client;
use playhouse_api::page::{MAX_LIMIT, PageQuery};
use playhouse_cli_support::{Code, Failure};
use uuid::Uuid;

/// A room by its id, a group room by its name, or the private room with a friend by `@name`.
pub(crate) async fn room(client: &Client, word: &str) -> anyhow::Result<Room> {
    if let Ok(id) = word.parse::<Uuid>() {
        return Ok(client.room(id).await?);
    }
    match word.strip_prefix('@') {
        Some(name) => private_room(client, name).await,
        None => group(client, word).await,
    }
}

async fn group(client: &Client, name: &str) -> anyhow::Result<Room> {
    let rooms = rooms(client).await?;
    let groups = || rooms.iter().filter(|it| it.kind == RoomKind::Group);
    let found = groups()
        .find(|it| it.name == name)
        .or_else(|| groups().find(|it| is_same(&it.name, name)));
    Ok(found.cloned().ok_or_else(|| {
        let message = format!(
            "you are in no room called {name:?}: `rooms` lists yours, `rooms join` goes into one, \
             @NAME is a friend"
        );
        Failure::not_found(message)
    })?)
}

/// A private room stays when the friendship ends, so it is looked for before the friend is.
async fn private_room(client: &Client, name: &str) -> anyhow::Result<Room> {
    let rooms = rooms(client).await?;
    let known = rooms
        .into_iter()
        .find(|it| it.kind == RoomKind::Private && is_same(&it.name, name));
    if let Some(room) = known {
        return Ok(room);
    }
    let friend = friend(&client.friends().await?, name)?;
    Ok(client.private_room(friend.id).await?)
}

/// Everything the caller is in.
async fn rooms(client: &Client) -> anyhow::Result<Vec<Room>> {
    let (mut all, mut query) = (Vec::new(), full_pages());
    loop {
        let page = client.list_rooms(&query).await?;
        all.extend(page.items);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            return Ok(all);
        }
    }
}

/// Everybody in a room.
pub(crate) async fn members(client: &Client, room: Uuid) -> anyhow::Result<Vec<Member>> {
    let (mut all, mut query) = (Vec::new(), full_pages());
    loop {
        let page = client.list_members(room, &query).await?;
        all.extend(page.items);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            return Ok(all);
        }
    }
}

/// A friend by name.
pub(crate) fn friend(known: &Friends, name: &str) -> Result<Person, Failure> {
    let friends = known.friends.iter().map(|it| &it.account);
    among(friends, name).ok_or_else(|| nobody(name, "is no friend of yours"))
}

/// Somebody of a list, by name.
pub(crate) fn among<'a>(
    mut people: impl Iterator<Item = &'a Person>,
    name: &str,
) -> Option<Person> {
    let name = name.strip_prefix('@').unwrap_or(name);
    people.find(|it| is_same(&it.username, name)).cloned()
}

/// Somebody whom the caller has to do with: by friendship, a request, a block, or a room of both.
pub(crate) async fn acquaintance(
    client: &Client,
    known: &Friends,
    name: &str,
) -> anyhow::Result<Person> {
    let friends = known.friends.iter().map(|it| &it.account);
    let requests = known.incoming.iter().chain(&known.outgoing);
    let blocked = known.blocked.iter().map(|it| &it.account);
    let listed = friends.chain(requests.map(|it| &it.account)).chain(blocked);
    if let Some(person) = among(listed, name) {
        return Ok(person);
    }
    for room in rooms(client).await? {
        let found = match &room.peer {
            Some(peer) => among(std::iter::once(peer), name),
            None => {
                let members = members(client, room.id).await?;
                among(members.iter().map(|it| &it.account), name)
            }
        };
        if let Some(person) = found {
            return Ok(person);
        }
    }
    let why = "is not among your friends, their requests, or those in your rooms";
    Err(nobody(name, why).into())
}

pub(crate) fn nobody(name: &str, why: &str) -> Failure {
    let name = name.strip_prefix('@').unwrap_or(name);
    Failure::new(Code::NotFound, format!("{name} {why}"))
}

/// How a room is written on the command line.
pub(crate) fn word_for(room: &Room) -> String {
    match room.kind {
        RoomKind::Private => format!("@{}", room.name),
        RoomKind::Group => room.name.clone(),
    }
}

fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn full_pages() -> PageQuery {
    PageQuery {
        cursor: None,
        limit: Some(MAX_LIMIT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_whatever_their_case_and_with_an_at_sign() {
        let anna = Person {
            id: Uuid::nil(),
            username: "Anna".to_owned(),
        };
        for name in ["anna", "ANNA", "@Anna"] {
            assert_eq!(among([&anna].into_iter(), name), Some(anna.clone()));
        }
        assert_eq!(among([&anna].into_iter(), "ann"), None);
    }
}
