//! Who may use a drive: its owner, as far as they are let in. Pure functions.
//!
//! There is no way to name another's drive: every question to [`Drive`](super::Drive) is asked about an owner, and an
//! entry of somebody else is no entry. So what is left to decide is whether the owner may read or change their own.
//! Shares are decided where they are opened.

use playhouse_api::accounts::Scope;

use super::model::Error;
use crate::accounts::Viewer;
use crate::ids::AccountId;

/// Whose drive somebody may read: their own.
///
/// # Errors
/// [`Error::Locked`]; [`Error::MissingScope`] for an access token without `read`.
pub fn may_read(who: &Viewer) -> Result<&AccountId, Error> {
    allowed(who, Scope::Read, "read")
}

/// Whose drive somebody may change: their own.
///
/// # Errors
/// [`Error::Locked`]; [`Error::MissingScope`] for an access token without `write`.
pub fn may_change(who: &Viewer) -> Result<&AccountId, Error> {
    allowed(who, Scope::Write, "write")
}

fn allowed<'a>(who: &'a Viewer, scope: Scope, name: &'static str) -> Result<&'a AccountId, Error> {
    match () {
        () if who.account.is_locked => Err(Error::Locked),
        () if who.has_scope(scope) || who.is_admin() => Ok(who.id()),
        () => Err(Error::MissingScope(name)),
    }
}
