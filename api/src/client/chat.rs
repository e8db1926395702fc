//! Friends, rooms, and what is said in them. What happens live comes over [`super::live`].

use reqwest::Method;
use uuid::Uuid;

use super::{Client, Result};
use crate::chat::{
    Event, EventQuery, Friends, Friendship, History, Invitation, JoinRoom, Member, Message,
    MessageChanges, NewFriendRequest, NewMessage, NewRoom, ReadMark, ReadRoom, Room,
};
use crate::page::{Page, PageQuery};

impl Client {
    /// `GET /friends`.
    pub async fn friends(&self) -> Result<Friends> {
        self.get("friends", &()).await
    }

    /// `POST /friends/requests`.
    pub async fn request_friend(&self, username: &str) -> Result<Friendship> {
        let body = NewFriendRequest {
            username: username.to_owned(),
        };
        self.send(Method::POST, "friends/requests", &body).await
    }

    /// `POST /friends/requests/{account_id}/accept`.
    pub async fn accept_friend(&self, account: Uuid) -> Result<Friendship> {
        let path = format!("friends/requests/{account}/accept");
        self.send(Method::POST, &path, &()).await
    }

    /// `POST /friends/requests/{account_id}/ignore`.
    pub async fn ignore_friend(&self, account: Uuid) -> Result<()> {
        let path = format!("friends/requests/{account}/ignore");
        self.act(Method::POST, &path).await
    }

    /// `DELETE /friends/{account_id}`: ends a friendship, or takes a request back.
    pub async fn remove_friend(&self, account: Uuid) -> Result<()> {
        self.act(Method::DELETE, &format!("friends/{account}"))
            .await
    }

    /// `PUT /blocks/{account_id}`.
    pub async fn block_account(&self, account: Uuid) -> Result<()> {
        self.act(Method::PUT, &format!("blocks/{account}")).await
    }

    /// `DELETE /blocks/{account_id}`.
    pub async fn unblock_account(&self, account: Uuid) -> Result<()> {
        self.act(Method::DELETE, &format!("blocks/{account}")).await
    }

    /// `POST /friends/{account_id}/room`: the private room of the two.
    pub async fn private_room(&self, friend: Uuid) -> Result<Room> {
        self.send(Method::POST, &format!("friends/{friend}/room"), &())
            .await
    }

    /// `GET /rooms`.
    pub async fn list_rooms(&self, query: &PageQuery) -> Result<Page<Room>> {
        self.get("rooms", query).await
    }

    /// `GET /rooms/{id}`.
    pub async fn room(&self, id: Uuid) -> Result<Room> {
        self.get(&format!("rooms/{id}"), &()).await
    }

    /// `POST /rooms`.
    pub async fn create_room(&self, new: &NewRoom) -> Result<Room> {
        self.send(Method::POST, "rooms", new).await
    }

    /// `POST /rooms/join`.
    pub async fn join_room(&self, by_name: &JoinRoom) -> Result<Room> {
        self.send(Method::POST, "rooms/join", by_name).await
    }

    /// `DELETE /rooms/{id}/members/me`.
    pub async fn leave_room(&self, id: Uuid) -> Result<()> {
        self.act(Method::DELETE, &format!("rooms/{id}/members/me"))
            .await
    }

    /// `GET /rooms/{id}/members`.
    pub async fn list_members(&self, id: Uuid, query: &PageQuery) -> Result<Page<Member>> {
        self.get(&format!("rooms/{id}/members"), query).await
    }

    /// `POST /rooms/{id}/members`: brings a friend into a room.
    pub async fn invite(&self, id: Uuid, friend: Uuid) -> Result<Member> {
        let body = Invitation { account_id: friend };
        self.send(Method::POST, &format!("rooms/{id}/members"), &body)
            .await
    }

    /// `GET /rooms/{id}/events`: a part of the log, in the order of `seq`.
    pub async fn history(&self, id: Uuid, query: &EventQuery) -> Result<History> {
        self.get(&format!("rooms/{id}/events"), query).await
    }

    /// `PUT /rooms/{id}/read`.
    pub async fn read_room(&self, id: Uuid, seq: i64) -> Result<ReadMark> {
        self.send(Method::PUT, &format!("rooms/{id}/read"), &ReadRoom { seq })
            .await
    }

    /// `POST /rooms/{id}/messages`. It may be repeated: the same `client_msg_id` is answered with the original.
    pub async fn send_message(&self, id: Uuid, message: &NewMessage) -> Result<Event> {
        self.send(Method::POST, &format!("rooms/{id}/messages"), message)
            .await
    }

    /// `GET /rooms/{id}/messages/{message_id}`: a message as it stands now.
    pub async fn message(&self, id: Uuid, message: Uuid) -> Result<Message> {
        self.get(&format!("rooms/{id}/messages/{message}"), &())
            .await
    }

    /// `PATCH /rooms/{id}/messages/{message_id}`.
    pub async fn edit_message(&self, id: Uuid, message: Uuid, body: &str) -> Result<Event> {
        let changes = MessageChanges {
            body: body.to_owned(),
        };
        let path = format!("rooms/{id}/messages/{message}");
        self.send(Method::PATCH, &path, &changes).await
    }

    /// `DELETE /rooms/{id}/messages/{message_id}`.
    pub async fn delete_message(&self, id: Uuid, message: Uuid) -> Result<()> {
        let path = format!("rooms/{id}/messages/{message}");
        self.act(Method::DELETE, &path).await
    }
}
