//! What rooms, members and events are of, and how the API calls it.

use playhouse_api::chat as api;

use crate::db::text_enum;

text_enum! {
    pub enum RequestState { Pending = "pending", Ignored = "ignored" }
}

text_enum! {
    pub enum RoomKind { Group = "group", Private = "private" }
}

text_enum! {
    /// What a member may do in a room; see [`policy`](crate::chat::policy).
    pub enum RoomRole { Owner = "owner", Moderator = "moderator", Member = "member" }
}

text_enum! {
    pub enum EventKind {
        Message = "message", Edit = "edit", Delete = "delete", Reaction = "reaction", Join = "join", Leave = "leave",
        Rename = "rename", Kick = "kick", Role = "role", Mute = "mute", Settings = "settings",
    }
}

impl From<RoomKind> for api::RoomKind {
    fn from(kind: RoomKind) -> Self {
        match kind {
            RoomKind::Group => Self::Group,
            RoomKind::Private => Self::Private,
        }
    }
}

impl From<RoomRole> for api::RoomRole {
    fn from(role: RoomRole) -> Self {
        match role {
            RoomRole::Owner => Self::Owner,
            RoomRole::Moderator => Self::Moderator,
            RoomRole::Member => Self::Member,
        }
    }
}

impl From<api::RoomRole> for RoomRole {
    fn from(role: api::RoomRole) -> Self {
        match role {
            api::RoomRole::Owner => Self::Owner,
            api::RoomRole::Moderator => Self::Moderator,
            api::RoomRole::Member => Self::Member,
        }
    }
}

impl From<EventKind> for api::EventKind {
    fn from(kind: EventKind) -> Self {
        match kind {
            EventKind::Message => Self::Message,
            EventKind::Edit => Self::Edit,
            EventKind::Delete => Self::Delete,
            EventKind::Reaction => Self::Reaction,
            EventKind::Join => Self::Join,
            EventKind::Leave => Self::Leave,
            EventKind::Rename => Self::Rename,
            EventKind::Kick => Self::Kick,
            EventKind::Role => Self::Role,
            EventKind::Mute => Self::Mute,
            EventKind::Settings => Self::Settings,
        }
    }
}
