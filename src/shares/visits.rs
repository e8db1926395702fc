//! Shares as their visitors see them: what is in one, its password, its downloads.

use std::net::IpAddr;
use std::sync::Arc;

use playhouse_api::page::Page;
use uuid::Uuid;

use super::model::{Error, Seen, Share, Visit};
use super::passes::{PASS_FOR, Pass, SLIP_FOR, Slip};
use super::policy::{self, Standing, Wish};
use super::service::{Result, Shares};
use super::store;
use crate::accounts::{Account, Accounts};
use crate::clock::Time;
use crate::db::Conn;
use crate::drive::content::{Asked, Permit};
use crate::drive::{self, Drive, DrivePath, EntryKey, Node};
use crate::ids::{EntryId, ShareId};
use crate::media::Purpose;
use crate::page::PageRequest;
use crate::transfers::live::{Access, Live, LiveKey};

/// Something signed that a visitor carries, until it is worth nothing any more.
#[derive(Clone, Debug)]
pub(super) struct Carried {
    pub token: String,
    pub until: Time,
}

/// What is known of a visitor before the database is asked.
#[derive(Clone, Debug)]
struct Visitor {
    share: ShareId,
    knows_password: bool,
    /// The entry and the use of a download that goes on.
    begun: Option<(EntryId, Uuid)>,
}

/// A share that is there, with an owner and an entry.
struct Found {
    share: Share,
    owner: Account,
    top: Node,
}

impl Shares {
    /// What a link leads to: the shared entry, or with a path something below it.
    ///
    /// # Errors
    /// Those of [`policy::may_open`]; [`Error::NotFound`], [`Error::NothingThere`].
    pub async fn see(
        &self,
        token: &str,
        path: DrivePath,
        page: PageRequest<EntryKey>,
        visit: &Visit,
    ) -> Result<Seen> {
        let (visitor, now) = (self.visitor(token, visit).await?, self.clock.now());
        self.db
            .read(move |conn| {
                let found = find_in(conn, &visitor.share)?;
                let standing = visitor.standing(&found, None);
                policy::may_open(&found.share, standing, Wish::Enter, now)?;
                let top = found.top.name.clone();
                let node = walk_in(conn, found.top, &path)?;
                let node = node.ok_or(Error::NothingThere)?;
                let path = path.to_string();
                let children = match node.is_folder() {
                    true => Drive::children_in(conn, &node, &path, &page)?,
                    false => Page {
                        items: Vec::new(),
                        next_cursor: None,
                    },
                };
                Ok(Seen {
                    share: found.share,
                    node,
                    path,
                    top,
                    children,
                })
            })
            .await
    }

    /// The bytes of a shared file, of one below a shared folder, or of a folder as an archive. When they are about to be
    /// sent, [`Shares::begin`] has to be asked.
    ///
    /// # Errors
    /// As [`Shares::see`]; those of [`Contents::admit`](drive::Contents::admit).
    pub async fn open(
        &self,
        token: &str,
        path: DrivePath,
        visit: &Visit,
        asked: Asked,
    ) -> Result<Arc<Live>> {
        let (visitor, now) = (self.visitor(token, visit).await?, self.clock.now());
        let visitor = Visitor {
            begun: visitor.begun.filter(|_| visit.wants_part),
            ..visitor
        };
        let fresh = Uuid::now_v7();
        self.contents
            .admit(asked, move |conn| {
                let found = find_in(conn, &visitor.share)?;
                let node = walk_in(conn, found.top.clone(), &path)?;
                let standing = visitor.standing(&found, node.as_ref());
                policy::may_open(&found.share, standing, Wish::Enter, now)?;
                let begun = visitor.begun.as_ref().filter(|_| standing.has_begun);
                Ok::<_, Error>(Permit {
                    access: Access::Share {
                        share: visitor.share.clone(),
                        usage: begun.map_or(fresh, |(_, usage)| *usage),
                    },
                    owner: found.owner,
                    node: node.ok_or(Error::NothingThere)?,
                })
            })
            .await
    }

    /// Counts the use of a download that is about to be sent, unless a part is sent of one that goes on with this slip.
    /// Answers a slip for a download that has begun now.
    ///
    /// # Errors
    /// [`Error::Spent`] when others were faster; [`Error::NotFound`] when the share was taken back.
    pub(super) async fn begin(
        &self,
        live: &Live,
        visit: &Visit,
        is_whole: bool,
    ) -> Result<Option<Carried>> {
        let LiveKey::Drive {
            access: Access::Share { share, usage },
            entry,
            ..
        } = &live.key
        else {
            return Ok(None);
        };
        let slip = self.slip(visit).await?;
        if !is_whole && slip.is_some_and(|slip| slip.usage == *usage) {
            return Ok(None);
        }
        let id = share.clone();
        self.db
            .write(move |conn| {
                store::find(conn, &id)?.ok_or(Error::NotFound)?;
                match store::count_use(conn, &id)? {
                    true => Ok(()),
                    false => Err(Error::Spent),
                }
            })
            .await?;
        let slip = Slip {
            share: share.clone(),
            entry: entry.clone(),
            usage: *usage,
            until: self.clock.now() + SLIP_FOR,
        };
        let token = self.media.sign(Purpose::ShareUse, &slip.to_bytes()).await?;
        Ok(Some(Carried {
            token,
            until: slip.until,
        }))
    }

    /// A pass for whoever knows the password.
    ///
    /// # Errors
    /// [`Error::WrongPassword`], [`Error::Throttled`], those of [`policy::may_open`] but for the password.
    pub(super) async fn unlock(
        &self,
        token: &str,
        password: String,
        address: IpAddr,
    ) -> Result<Carried> {
        let (visitor, now) = (
            self.visitor(token, &Visit::default()).await?,
            self.clock.now(),
        );
        let id = visitor.share.clone();
        let share = self
            .db
            .read::<_, Error, _>(move |conn| {
                let found = find_in(conn, &visitor.share)?;
                let standing = visitor.standing(&found, None);
                policy::may_open(&found.share, standing, Wish::Knock, now)?;
                Ok(found.share)
            })
            .await?;
        if let Some(hash) = share.password_hash {
            if let Some(retry_after) = self.throttle.wait(id.as_str(), address, now) {
                return Err(Error::Throttled { retry_after });
            }
            if !self.accounts.verify_secret(password, hash).await? {
                self.throttle.failed(id.as_str(), address, now);
                return Err(Error::WrongPassword);
            }
            self.throttle.succeeded(id.as_str());
        }
        let pass = Pass {
            share: id,
            until: now + PASS_FOR,
        };
        let token = self
            .media
            .sign(Purpose::ShareAccess, &pass.to_bytes())
            .await?;
        Ok(Carried {
            token,
            until: pass.until,
        })
    }

    /// Reads the link and what the visitor carries. What is not for this share, or too old, is not seen.
    async fn visitor(&self, token: &str, visit: &Visit) -> Result<Visitor> {
        let link = self.media.read_signed(Purpose::Share, token).await?;
        let id = link.and_then(|bytes| Uuid::from_slice(&bytes).ok());
        let share = ShareId::from(id.ok_or(Error::NotFound)?);
        let now = self.clock.now();
        let pass = match &visit.access {
            Some(pass) => self.media.read_signed(Purpose::ShareAccess, pass).await?,
            None => None,
        };
        let pass = pass.and_then(|bytes| Pass::from_bytes(&bytes));
        let slip = self.slip(visit).await?;
        let slip = slip.filter(|slip| slip.share == share && now < slip.until);
        Ok(Visitor {
            knows_password: pass.is_some_and(|pass| pass.share == share && now < pass.until),
            begun: slip.map(|slip| (slip.entry, slip.usage)),
            share,
        })
    }

    async fn slip(&self, visit: &Visit) -> Result<Option<Slip>> {
        let Some(slip) = &visit.usage else {
            return Ok(None);
        };
        let bytes = self.media.read_signed(Purpose::ShareUse, slip).await?;
        Ok(bytes.and_then(|bytes| Slip::from_bytes(&bytes)))
    }
}

impl Visitor {
    fn standing(&self, found: &Found, wanted: Option<&Node>) -> Standing {
        let begun = self.begun.as_ref().zip(wanted);
        Standing {
            owner_is_locked: found.owner.is_locked,
            knows_password: self.knows_password,
            // An archive has no parts: it always begins anew.
            has_begun: begun
                .is_some_and(|((entry, _), wanted)| !wanted.is_folder() && *entry == wanted.id),
        }
    }
}

/// The share, its owner, and its entry where it can be reached.
fn find_in(conn: &mut Conn, id: &ShareId) -> Result<Found> {
    let share = store::find(conn, id)?.ok_or(Error::NotFound)?;
    let owner = Accounts::get_in(conn, &share.account_id)?;
    let top = match Drive::get_in(conn, &owner.id, &share.entry_id) {
        Err(drive::Error::NotFound) => return Err(Error::NotFound),
        found => found?.node,
    };
    Ok(Found { share, owner, top })
}

/// Only a folder has something below it.
fn walk_in(conn: &mut Conn, top: Node, path: &DrivePath) -> Result<Option<Node>> {
    Ok(Drive::walk_in(conn, top, path)?)
}
