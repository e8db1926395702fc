//! One client: what it has said so far, and what it is answered.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::{Instant, sleep_until};

use super::command::{Command, parse};
use super::door::House;
use super::guests::{Ending, Seat};
use super::reply::Reply;
use super::wire::{Heard, Wire};
use crate::accounts::{Accounts, Viewer};
use crate::drive::DrivePath;
use crate::error::Error;
use crate::ids::EntryId;

/// How long somebody may take to sign in.
const SIGN_IN_WITHIN: Duration = Duration::from_secs(60);

/// A session. The commands are in files of their own: signing in, asking, carrying.
pub(super) struct Session {
    pub(super) house: Arc<House>,
    pub(super) wire: Wire,
    pub(super) seat: Seat,
    pub(super) peer: IpAddr,
    /// The address that the client reached.
    pub(super) local: IpAddr,
    /// Who has signed in.
    pub(super) who: Option<Viewer>,
    /// The name that was said before a password.
    pub(super) name: Option<String>,
    /// Wrong passwords.
    pub(super) failures: u32,
    pub(super) is_secure: bool,
    /// Whether data goes under TLS, too.
    pub(super) is_private: bool,
    pub(super) at: DrivePath,
    /// Of the next transfer only.
    pub(super) restart: i64,
    pub(super) announced: Option<i64>,
    pub(super) renaming: Option<EntryId>,
    pub(super) passive: Option<TcpListener>,
    /// Lines that came during a transfer.
    pub(super) later: VecDeque<Vec<u8>>,
}

/// What follows a command.
pub(super) enum Next {
    Answer(Reply),
    /// It has been answered.
    Nothing,
    /// The last word.
    Leave(Reply),
    /// The client is not there any more.
    Gone,
}

impl From<Result<Reply, Reply>> for Next {
    fn from(outcome: Result<Reply, Reply>) -> Self {
        match outcome {
            Ok(reply) => Self::Answer(reply),
            // The end of one's access, or of the server, has this code.
            Err(reply) if reply.code == 421 => Self::Leave(reply),
            Err(reply) => Self::Answer(reply),
        }
    }
}

impl Session {
    pub(super) fn new(
        house: Arc<House>,
        wire: Wire,
        seat: Seat,
        (peer, local): (IpAddr, IpAddr),
    ) -> Self {
        Self {
            house,
            wire,
            seat,
            peer,
            local,
            who: None,
            name: None,
            failures: 0,
            is_secure: false,
            is_private: false,
            at: DrivePath::default(),
            restart: 0,
            announced: None,
            renaming: None,
            passive: None,
            later: VecDeque::new(),
        }
    }

    /// Speaks with the client until one of both has had enough.
    pub(super) async fn run(mut self) {
        let begun = Instant::now();
        let mut next = Next::Answer(Reply::new(220, self.house.greeting()));
        loop {
            let is_last = matches!(next, Next::Leave(_));
            let said = match &next {
                Next::Answer(reply) | Next::Leave(reply) => self.wire.say(reply).await,
                Next::Nothing => Ok(()),
                Next::Gone => break,
            };
            if is_last || said.is_err() {
                break;
            }
            next = match self.listen(begun).await {
                Ok(line) => self.obey(&line).await,
                Err(end) => end,
            };
        }
        self.wire.close().await;
    }

    /// The next line, or why there is none.
    async fn listen(&mut self, begun: Instant) -> Result<Vec<u8>, Next> {
        if let Some(ending) = *self.seat.end.borrow() {
            return Err(leave(ending));
        }
        if let Some(line) = self.later.pop_front() {
            return Ok(line);
        }
        let until = match self.who {
            Some(_) => Instant::now() + self.house.idle,
            None => begun + SIGN_IN_WITHIN,
        };
        tokio::select! {
            biased;
            ended = self.seat.end.wait_for(Option::is_some) => {
                let ending = ended.ok().and_then(|it| *it);
                Err(leave(ending.unwrap_or(Ending::Stopping)))
            }
            heard = self.wire.hear() => match heard {
                Heard::Line(line) => Ok(line),
                Heard::TooLong => Err(Next::Leave(Reply::new(500, "This line is too long."))),
                Heard::Gone => Err(Next::Gone),
            },
            () = sleep_until(until) => {
                Err(Next::Leave(Reply::new(421, "Nothing was said for too long.")))
            }
        }
    }

    async fn obey(&mut self, line: &[u8]) -> Next {
        let command = match parse(line) {
            Ok(command) => command,
            Err(reply) => return Next::Answer(reply),
        };
        let renaming = self.renaming.take();
        if self.who.is_none() && !command.is_open_to_all() {
            return Next::Answer(Reply::new(530, "Sign in first: USER and PASS."));
        }
        match command {
            Command::User(name) => self.hear_name(name).into(),
            Command::Pass(secret) => self.sign_in(&secret).await,
            Command::AuthTls => self.go_secure().await,
            Command::ProtectBuffer => self.set_buffer().into(),
            Command::Protect(is_private) => self.protect(is_private).into(),
            Command::Quit => Next::Leave(Reply::new(221, "Good bye.")),
            Command::Nothing | Command::Abort => Next::Answer(Reply::new(200, "All is well.")),
            Command::System => Next::Answer(Reply::new(215, "UNIX Type: L8")),
            Command::Features => Next::Answer(self.features()),
            Command::Help => Next::Answer(Reply::new(214, "FEAT tells what there is.")),
            Command::Options(said) => Next::Answer(options(&said)),
            Command::Accepted(answer) => Next::Answer(Reply::new(200, answer)),
            Command::Status => Next::Answer(Reply::new(211, "All is well.")),
            Command::Absent(why) => Next::Answer(Reply::new(502, why)),
            Command::Allocate(bytes) => {
                self.announced = Some(bytes);
                Next::Answer(Reply::new(
                    200,
                    "There is room for that if there is when it comes.",
                ))
            }
            Command::Restart(offset) => {
                self.restart = offset;
                Next::Answer(Reply::new(
                    350,
                    format!("The next transfer begins at {offset}."),
                ))
            }
            Command::WhereAmI => Next::Answer(here(257, &self.at)),
            Command::Passive => self.wait_for_data(None).into(),
            Command::ExtendedPassive(family) => self.wait_for_data(Some(family)).into(),
            Command::List(style, path) => self.list(style, &path).await,
            Command::Retrieve(path) => self.retrieve(&path).await,
            Command::Store(path) => self.store(&path, false).await,
            Command::Append(path) => self.store(&path, true).await,
            command => self.ask(command, renaming).await.into(),
        }
    }

    /// Whoever has signed in, as their account is now.
    ///
    /// # Errors
    /// 421 when they may not be here any more.
    pub(super) async fn viewer(&self) -> Result<Viewer, Reply> {
        let Some(who) = &self.who else {
            return Err(Reply::new(530, "Sign in first."));
        };
        let (id, via) = (who.id().clone(), who.via.clone());
        let account = self
            .house
            .db
            .read::<_, crate::accounts::Error, _>(move |conn| {
                let account = Accounts::get_in(conn, &id)?;
                Accounts::may_stay_in(conn, &account, &via)?;
                Ok(account)
            })
            .await;
        let account = account.map_err(|error| Reply::from(Error::from(error)))?;
        Ok(Viewer {
            account: Arc::new(account),
            via: who.via.clone(),
        })
    }
}

pub(super) fn leave(ending: Ending) -> Next {
    Next::Leave(Reply::new(421, ending.why()))
}

/// A folder in quotes, as `PWD` and `MKD` tell it.
pub(super) fn here(code: u16, path: &DrivePath) -> Reply {
    let path = path.to_string().replace('"', "\"\"");
    Reply::new(code, format!("\"{path}\""))
}

fn options(said: &str) -> Reply {
    match said {
        "UTF8" | "UTF8 ON" | "UTF-8 ON" => Reply::new(200, "Names are UTF-8 here."),
        _ if said.starts_with("MLST") => Reply::new(200, "MLST OPTS type;size;modify;perm;unique;"),
        _ => Reply::new(501, "There is nothing to choose about that."),
    }
}
