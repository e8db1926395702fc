//! Commands that need a data connection. While bytes are carried the control connection is heard: for ABOR, and for its
//! end, which is the end of the transfer.

use std::future::Future;
use std::net::IpAddr;
use std::pin::pin;
use std::time::Duration;

use tokio::time::timeout;

use super::command::{Command, Style, parse};
use super::data;
use super::files;
use super::guests::Ending;
use super::listing::{Pages, line};
use super::receiving::{self, Begin};
use super::reply::Reply;
use super::sending::{self, Source};
use super::session::{Next, Session, leave};
use super::transfer::{Channel, Stop, stoppable};
use super::wire::Heard;
use crate::accounts::Viewer;
use crate::drive::content::Asked;
use crate::error::{Error, Result};
use crate::transfers::reading;

/// Lines that may wait for the end of a transfer.
const MAX_LATER: usize = 16;
/// How long what a client has sent may still come after it has gone.
const DRAIN: Duration = Duration::from_secs(3);

/// How a transfer ended, beside what it answers.
enum Meanwhile {
    Nothing,
    /// The client asked for its end.
    Aborted,
    Ended(Ending),
    Gone,
}

impl Session {
    /// Waits for a data connection; the one that was waited for is given up.
    pub(super) fn wait_for_data(
        &mut self,
        extended: Option<Option<u8>>,
    ) -> std::result::Result<Reply, Reply> {
        self.passive = None;
        self.check_privacy()?;
        let local = self.local;
        let family = extended.flatten();
        if family.is_some_and(|it| (it == 1) != local.is_ipv4()) {
            let (code, known) = (522, if local.is_ipv4() { 1 } else { 2 });
            return Err(Reply::new(
                code,
                format!("Network protocol not supported, use ({known})"),
            ));
        }
        let named = match (extended, self.house.passive_address, local) {
            (Some(_), ..) => None,
            (None, Some(named), _) => Some(named),
            (None, None, IpAddr::V4(local)) => Some(local),
            (None, None, IpAddr::V6(_)) => return Err(Reply::new(425, "Use EPSV over IPv6.")),
        };
        let waiting = data::listen(local, &self.house.passive_ports)
            .and_then(|it| Ok((it.local_addr()?.port(), it)));
        let Ok((port, listener)) = waiting else {
            return Err(Reply::new(425, "No port is free for a data connection."));
        };
        self.passive = Some(listener);
        let Some(named) = named else {
            return Ok(Reply::new(
                229,
                format!("Entering Extended Passive Mode (|||{port}|)"),
            ));
        };
        let [a, b, c, d] = named.octets();
        let (high, low) = (port >> 8, port & 0xFF);
        Ok(Reply::new(
            227,
            format!("Entering Passive Mode ({a},{b},{c},{d},{high},{low})"),
        ))
    }

    fn check_privacy(&self) -> std::result::Result<(), Reply> {
        match self.house.needs_tls && !self.is_private {
            true => Err(Reply::new(522, "Data goes under TLS here: PROT P first.")),
            false => Ok(()),
        }
    }

    /// The data connection of a transfer, and what was said for it, which holds for no other.
    fn channel(&mut self) -> (std::result::Result<Channel, Reply>, i64, Option<i64>) {
        let (restart, announced) = (std::mem::take(&mut self.restart), self.announced.take());
        let listener = self.passive.take();
        let channel = self.check_privacy().and_then(|()| {
            let listener = listener.ok_or_else(|| Reply::new(425, "First PASV or EPSV."))?;
            Ok(Channel {
                listener,
                peer: self.peer,
                tls: self.house.tls.clone().filter(|_| self.is_private),
            })
        });
        (channel, restart, announced)
    }

    pub(super) async fn list(&mut self, style: Style, said: &str) -> Next {
        let (channel, ..) = self.channel();
        let prepared = async {
            let channel = channel?;
            let who = self.viewer().await?;
            let source = self.told(&who, style, said).await.map_err(Reply::from)?;
            Ok((channel, source))
        };
        let (channel, source) = match prepared.await {
            Ok(prepared) => prepared,
            Err(reply) => return Err(reply).into(),
        };
        self.send(channel, source).await
    }

    async fn told(&self, who: &Viewer, style: Style, said: &str) -> Result<Source> {
        let path = files::walk(&self.at, said)?;
        let entry = files::get(&self.house, who, &path).await?;
        Ok(match entry.is_folder() {
            true => Source::Folder(Pages::new(who.id().clone(), entry.id.clone(), style)),
            false => Source::Line(line(&entry, style, self.house.clock.now())),
        })
    }

    pub(super) async fn retrieve(&mut self, said: &str) -> Next {
        let (channel, restart, _) = self.channel();
        let prepared = async {
            let channel = channel?;
            let who = self.viewer().await?;
            let source = self
                .content(&who, said, restart)
                .await
                .map_err(Reply::from)?;
            Ok((channel, source))
        };
        let (channel, source) = match prepared.await {
            Ok(prepared) => prepared,
            Err(reply) => return Err(reply).into(),
        };
        self.send(channel, source).await
    }

    async fn content(&self, who: &Viewer, said: &str, from: i64) -> Result<Source> {
        let path = files::walk(&self.at, said)?;
        let file = files::get_file(&self.house, who, &path).await?;
        if from > file.size {
            let code = playhouse_api::problem::ErrorCode::OffsetMismatch;
            let detail = format!("The file has {} bytes.", file.size);
            return Err(Error::new(code, detail));
        }
        let id = file.id.clone();
        let live = self.house.contents.open(who, id, Asked::Save).await?;
        let from = u64::try_from(from).unwrap_or(0);
        let bytes = reading::bytes_from(&live, from).map_err(crate::media::Error::from)?;
        Ok(Source::File(bytes))
    }

    async fn send(&mut self, channel: Channel, source: Source) -> Next {
        let ready = Reply::new(150, "Here it comes.");
        if self.wire.say(&ready).await.is_err() {
            return Next::Gone;
        }
        let (stop, stopped) = stoppable();
        let house = self.house.clone();
        self.during(sending::send(&house, channel, source, stopped), &stop)
            .await
    }

    /// `STOR` and `APPE`.
    pub(super) async fn store(&mut self, said: &str, at_end: bool) -> Next {
        let (channel, restart, announced) = self.channel();
        let prepared = async {
            let channel = channel?;
            let who = self.viewer().await?;
            let begin = if at_end {
                Begin::End
            } else {
                Begin::At(restart)
            };
            let coming = self.coming(&who, said, begin, announced).await;
            Ok((channel, coming.map_err(Reply::from)?, who))
        };
        let (channel, coming, who) = match prepared.await {
            Ok(prepared) => prepared,
            Err(reply) => return Err(reply).into(),
        };
        let ready = Reply::new(150, "Let it come.");
        // Whoever does not take the answer sends nothing: the upload has to hear of it all the same.
        let is_gone = self.wire.say(&ready).await.is_err();
        let (stop, stopped) = stoppable();
        if is_gone {
            stop.now();
        }
        let house = self.house.clone();
        let work = receiving::receive(&house, &who, coming, channel, announced, stopped);
        self.during(Box::pin(work), &stop).await
    }

    async fn coming(
        &self,
        who: &Viewer,
        said: &str,
        begin: Begin,
        announced: Option<i64>,
    ) -> Result<receiving::Coming> {
        let path = files::walk(&self.at, said)?;
        receiving::begin(&self.house, who, &path, begin, announced).await
    }

    /// Carries, and hears the client meanwhile. The work always comes to its own end.
    async fn during(&mut self, work: impl Future<Output = Reply>, stop: &Stop) -> Next {
        let mut work = pin!(work);
        let mut meanwhile = Meanwhile::Nothing;
        let reply = loop {
            match meanwhile {
                Meanwhile::Nothing => {}
                Meanwhile::Gone => {
                    stop.cut();
                    if let Ok(reply) = timeout(DRAIN, &mut work).await {
                        break reply;
                    }
                    stop.now();
                    break work.await;
                }
                Meanwhile::Aborted | Meanwhile::Ended(_) => {
                    stop.now();
                    break work.await;
                }
            }
            tokio::select! {
                // First the client: its end and that of its data may be there at the same moment.
                biased;
                ended = self.seat.end.wait_for(Option::is_some) => {
                    let ending = ended.ok().and_then(|it| *it);
                    meanwhile = Meanwhile::Ended(ending.unwrap_or(Ending::Stopping));
                }
                heard = self.wire.hear() => meanwhile = keep(&mut self.later, heard),
                reply = &mut work => break reply,
            }
        };
        match meanwhile {
            Meanwhile::Nothing => Err(reply).into(),
            Meanwhile::Ended(ending) => leave(ending),
            Meanwhile::Gone => Next::Gone,
            Meanwhile::Aborted => match self.wire.say(&reply).await {
                Ok(()) => Next::Answer(Reply::new(226, "It was stopped.")),
                Err(_) => Next::Gone,
            },
        }
    }
}

/// What was said during a transfer is done after it, except for ABOR.
fn keep(later: &mut std::collections::VecDeque<Vec<u8>>, heard: Heard) -> Meanwhile {
    match heard {
        Heard::Line(line) if parse(&line) == Ok(Command::Abort) => Meanwhile::Aborted,
        Heard::Line(line) if later.len() < MAX_LATER => {
            later.push_back(line);
            Meanwhile::Nothing
        }
        Heard::Line(_) | Heard::TooLong | Heard::Gone => Meanwhile::Gone,
    }
}
