//! Who may upload what.

use playhouse_api::accounts::Scope;
use playhouse_api::uploads::Purpose;

use super::model::Error;
use crate::accounts::{Role, Viewer};

/// A film is for admins, a file for whoever may write.
pub(super) fn may_upload(who: &Viewer, purpose: Purpose) -> Result<(), Error> {
    match purpose {
        Purpose::Movie if who.is_admin() => Ok(()),
        Purpose::Movie if who.account.role == Role::Admin => Err(Error::MissingScope("admin")),
        Purpose::Movie => Err(Error::Forbidden),
        Purpose::Drive if who.has_scope(Scope::Write) => Ok(()),
        Purpose::Drive => Err(Error::MissingScope("write")),
    }
}
