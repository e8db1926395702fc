//! Who it is, and whether others can listen.

use super::reply::Reply;
use super::session::{Next, Session};
use crate::accounts::Error as AccountsError;
use crate::error::Error;

/// Wrong passwords on one connection.
const MAX_FAILURES: u32 = 3;

impl Session {
    fn needs_tls(&self) -> bool {
        self.house.needs_tls && !self.is_secure
    }

    pub(super) fn hear_name(&mut self, name: String) -> Result<Reply, Reply> {
        if self.who.is_some() {
            return Err(Reply::new(
                503,
                "You have signed in. Come in anew as somebody else.",
            ));
        }
        if self.needs_tls() {
            return Err(Reply::new(530, "Not without TLS: AUTH TLS first."));
        }
        self.name = Some(name);
        Ok(Reply::new(331, "And the password, or an access token?"))
    }

    pub(super) async fn sign_in(&mut self, secret: &str) -> Next {
        if self.needs_tls() {
            return Next::Answer(Reply::new(530, "Not without TLS: AUTH TLS first."));
        }
        let Some(name) = self.name.take().filter(|_| self.who.is_none()) else {
            return Next::Answer(Reply::new(503, "First USER, then PASS."));
        };
        let who = match self.house.accounts.basic(&name, secret, self.peer).await {
            Ok(who) => who,
            Err(error) => return self.refuse(error),
        };
        if !self.seat.name(&who, self.house.max_of_one) {
            return Next::Leave(Reply::new(421, "Your account has too many connections."));
        }
        self.who = Some((*who).clone());
        tracing::info!(account.id = %who.id(), client.address = %self.peer, tls = self.is_secure, "signed in over FTP");
        // Access that ended before the seat had a name would not have been heard of.
        match self.viewer().await {
            Ok(_) => Next::Answer(Reply::new(230, "Welcome.")),
            Err(reply) => Next::Leave(reply),
        }
    }

    fn refuse(&mut self, error: AccountsError) -> Next {
        self.failures += 1;
        let is_busy = matches!(error, AccountsError::Busy | AccountsError::Db(_));
        let reason = Error::from(error);
        reason.log();
        let code = if is_busy { 421 } else { 530 };
        let reply = Reply::new(code, reason.detail());
        match is_busy || self.failures >= MAX_FAILURES {
            true => Next::Leave(reply),
            false => Next::Answer(reply),
        }
    }

    pub(super) async fn go_secure(&mut self) -> Next {
        let Some(tls) = self.house.tls.clone() else {
            return Next::Answer(Reply::new(502, "This house has no certificate."));
        };
        if self.is_secure || self.who.is_some() {
            return Next::Answer(Reply::new(503, "It is too late for that."));
        }
        // What was sent along in the clear could be anybody's, and must not count as said under TLS.
        if self.wire.is_ahead() {
            return Next::Leave(Reply::new(421, "Nothing may follow AUTH but TLS."));
        }
        let ready = Reply::new(234, "Go on with TLS.");
        if self.wire.say(&ready).await.is_err() || self.wire.secure(&tls).await.is_err() {
            return Next::Gone;
        }
        self.is_secure = true;
        self.name = None;
        Next::Nothing
    }

    pub(super) fn set_buffer(&mut self) -> Result<Reply, Reply> {
        match self.is_secure {
            true => Ok(Reply::new(200, "PBSZ=0")),
            false => Err(Reply::new(503, "AUTH TLS comes first.")),
        }
    }

    pub(super) fn protect(&mut self, is_private: bool) -> Result<Reply, Reply> {
        if !self.is_secure {
            return Err(Reply::new(503, "AUTH TLS comes first."));
        }
        if self.house.needs_tls && !is_private {
            return Err(Reply::new(534, "Data goes under TLS here: PROT P."));
        }
        self.is_private = is_private;
        Ok(Reply::new(200, "So it will be."))
    }

    pub(super) fn features(&self) -> Reply {
        let mut lines = vec!["EPSV", "MDTM", "MLST type*;size*;modify*;perm*;unique*;"];
        lines.extend(["PASV", "REST STREAM", "SIZE", "TVFS", "UTF8"]);
        if self.house.tls.is_some() {
            lines.extend(["AUTH TLS", "PBSZ", "PROT"]);
        }
        lines.sort_unstable();
        let lines = lines.into_iter().map(str::to_owned).collect();
        Reply::lines(211, "What there is", lines)
    }
}
