//! Who may do what in a room, as pure functions.
//!
//! An admin of the house stands above the owner in group rooms. That is for moderation alone: it gives neither a look
//! into a room that the admin has not joined nor anything in private rooms.

use super::model::{MemberRow, RoomKind, RoomRole, RoomRow};
use super::refusal::Error;

/// How high somebody stands in a room. Whoever acts on somebody must stand above them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// Not in the room.
    Outside,
    Member,
    Moderator,
    Owner,
    /// An admin of the house.
    Admin,
}

impl Rank {
    /// The rank of a member by their role alone.
    pub(super) fn of_role(role: RoomRole) -> Self {
        match role {
            RoomRole::Owner => Self::Owner,
            RoomRole::Moderator => Self::Moderator,
            RoomRole::Member => Self::Member,
        }
    }

    pub(super) fn of_member(member: Option<&MemberRow>) -> Self {
        member.map_or(Self::Outside, |it| Self::of_role(it.role))
    }

    /// The rank of who acts.
    pub(super) fn of(room: &RoomRow, member: Option<&MemberRow>, is_admin: bool) -> Self {
        if is_admin && room.kind == RoomKind::Group {
            return Self::Admin;
        }
        Self::of_member(member)
    }
}

/// What a rank is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Rename,
    SlowMode,
    Retention,
    SeeBans,
    LiftBan,
    Invite,
}

/// Whether somebody of this rank may do it.
///
/// # Errors
/// [`Error::NoSuchRoom`] for who is not in the room, [`Error::Forbidden`].
pub(super) fn may(room: &RoomRow, rank: Rank, act: Act) -> Result<(), Error> {
    if rank == Rank::Outside {
        return Err(Error::NoSuchRoom);
    }
    if room.kind == RoomKind::Private {
        return Err(Error::Forbidden("A private room stays as it is."));
    }
    let needed = match act {
        Act::Invite => Rank::Member,
        Act::Rename | Act::SlowMode | Act::SeeBans | Act::LiftBan => Rank::Moderator,
        Act::Retention => Rank::Owner,
    };
    if rank < needed {
        return Err(Error::Forbidden(match needed {
            Rank::Owner => "Only the owner of the room may do this.",
            _ => "Only the owner and the moderators of the room may do this.",
        }));
    }
    Ok(())
}

/// Whether somebody may kick, ban, mute or silence another one.
///
/// # Errors
/// [`Error::NoSuchRoom`], [`Error::Forbidden`].
pub(super) fn may_moderate(room: &RoomRow, rank: Rank, other: Rank) -> Result<(), Error> {
    may(room, rank, Act::LiftBan)?;
    if rank <= other {
        return Err(Error::Forbidden(
            "This member stands as high in the room as you.",
        ));
    }
    Ok(())
}

/// Whether somebody may give another one a role. `owner` hands the room over.
///
/// # Errors
/// [`Error::NoSuchRoom`], [`Error::Forbidden`].
pub(super) fn may_give_role(room: &RoomRow, rank: Rank) -> Result<(), Error> {
    may(room, rank, Act::Retention)
}

/// Whether somebody may delete a message of another one.
///
/// # Errors
/// [`Error::Forbidden`].
pub(super) fn may_delete(room: &RoomRow, rank: Rank, author: Rank) -> Result<(), Error> {
    may_moderate(room, rank, author)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Time;

    #[test]
    fn a_higher_rank_may_all_that_a_lower_one_may() {
        let room = RoomRow::new(RoomKind::Group, "room", Time::default());
        let ranks = [Rank::Member, Rank::Moderator, Rank::Owner, Rank::Admin];
        let acts = [
            Act::Invite,
            Act::Rename,
            Act::SlowMode,
            Act::SeeBans,
            Act::LiftBan,
            Act::Retention,
        ];
        for act in acts {
            let allowed: Vec<bool> = ranks
                .iter()
                .map(|it| may(&room, *it, act).is_ok())
                .collect();
            assert!(allowed.is_sorted(), "{act:?}: {allowed:?}");
            assert!(matches!(
                may(&room, Rank::Outside, act),
                Err(Error::NoSuchRoom)
            ));
        }
        assert!(may(&room, Rank::Member, Act::Rename).is_err());
        assert!(may(&room, Rank::Moderator, Act::Rename).is_ok());
        assert!(may(&room, Rank::Moderator, Act::Retention).is_err());
        assert!(may_give_role(&room, Rank::Moderator).is_err());
        assert!(may_give_role(&room, Rank::Owner).is_ok());
        for (index, rank) in ranks.iter().enumerate() {
            for (other_index, other) in ranks.iter().enumerate() {
                let may = may_moderate(&room, *rank, *other).is_ok();
                assert_eq!(
                    may,
                    index > other_index && index > 0,
                    "{rank:?} on {other:?}"
                );
            }
        }
    }

    #[test]
    fn a_private_room_has_no_ranks() {
        let room = RoomRow::new(RoomKind::Private, "", Time::default());
        assert_eq!(Rank::of(&room, None, true), Rank::Outside);
        for act in [Act::Invite, Act::Rename, Act::Retention] {
            assert!(may(&room, Rank::Owner, act).is_err());
        }
    }
}
