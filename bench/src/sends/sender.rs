//! One sender: how it comes in, says something, and hears that it is kept.

use std::time::Duration;

use anyhow::Context as _;
use playhouse_bench::measure::micros;
use playhouse_bench::wire::{masked, upgrade, wait_for};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

/// Nothing takes longer, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// What everybody says: about as much as people say at once.
const TEXT: &str = "A hundred and fifty bytes are about what somebody says at once: where we meet, when, and who brings \
                    what to eat. Then somebody answers, and so on.";

/// Who somebody is, by protocol.
pub(crate) enum Who {
    /// Of Playhouse.
    Member { token: String, room: String },
    /// Of a multi-user chat; signs in anonymously.
    Occupant { room: String, nick: String },
}

pub(crate) struct Sender {
    stream: TcpStream,
    who: Who,
    number: usize,
    said: u64,
}

impl Sender {
    /// Comes into the room.
    pub(crate) async fn join(address: &str, who: Who, number: usize) -> anyhow::Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let coming = async {
            match &who {
                Who::Member { token, room } => come_in(&mut stream, address, token, room).await,
                Who::Occupant { room, nick } => enter(&mut stream, room, nick).await,
            }
        };
        timeout(PATIENCE, coming)
            .await
            .context("the server does not answer")??;
        Ok(Self {
            stream,
            who,
            number,
            said: 0,
        })
    }

    /// Says one thing after the other; the delays of those that were said after `begun`, in microseconds.
    pub(crate) async fn send_until(
        mut self,
        begun: Instant,
        until: Instant,
    ) -> anyhow::Result<Vec<u32>> {
        let mut delays = Vec::new();
        loop {
            let at = Instant::now();
            if at >= until {
                return Ok(delays);
            }
            let sent = timeout(PATIENCE, self.send_one()).await;
            sent.context("no acknowledgement")??;
            if at >= begun && Instant::now() < until {
                delays.push(micros(at.elapsed()));
            }
        }
    }

    /// Says something and reads until it is acknowledged.
    async fn send_one(&mut self) -> anyhow::Result<()> {
        self.said += 1;
        let (number, said) = (self.number, self.said);
        let (words, mark, refusal) = match &self.who {
            Who::Member { room, .. } => {
                let words = format!(
                    r#"{{"id":{said},"op":"send","room":"{room}","client_msg_id":"{number}-{said}","body":"{TEXT}"}}"#
                );
                let mark = format!("{{\"re\":{said},\"ok\"");
                let refusal = format!("{{\"re\":{said},\"error\"");
                (masked(words.as_bytes()), mark, refusal)
            }
            Who::Occupant { room, .. } => {
                let words = format!(
                    "<message type='groupchat' to='{room}' id='{number}-{said}'><body>{TEXT}</body></message>"
                );
                let mark = format!("id='{number}-{said}'");
                (words.into_bytes(), mark, "type='error'".to_owned())
            }
        };
        self.stream.write_all(&words).await?;
        self.hear(mark.as_bytes(), refusal.as_bytes()).await
    }

    async fn hear(&mut self, mark: &[u8], refusal: &[u8]) -> anyhow::Result<()> {
        let has = |seen: &[u8], wanted: &[u8]| seen.windows(wanted.len()).any(|it| it == wanted);
        let mut seen = Vec::with_capacity(4096);
        loop {
            let from = seen.len().saturating_sub(mark.len().max(refusal.len()));
            let read = self.stream.read_buf(&mut seen).await?;
            anyhow::ensure!(read > 0, "the server closed the connection");
            let news = seen.get(from..).unwrap_or_default();
            anyhow::ensure!(
                !has(news, refusal),
                "refused: {}",
                String::from_utf8_lossy(news)
            );
            if seen.ends_with(b"\x89\x00") {
                self.stream.write_all(&[0x8a, 0x80, 0, 0, 0, 0]).await?;
            }
            if has(news, mark) {
                return Ok(());
            }
        }
    }
}

async fn come_in(
    stream: &mut TcpStream,
    address: &str,
    token: &str,
    room: &str,
) -> anyhow::Result<()> {
    let extra = format!("Authorization: Bearer {token}\r\n");
    upgrade(stream, address, "/api/v1/realtime", &extra).await?;
    wait_for(stream, b"\"hello\"").await?;
    let op = format!(r#"{{"id":0,"op":"subscribe","room":"{room}"}}"#);
    stream.write_all(&masked(op.as_bytes())).await?;
    wait_for(stream, b"\"recovered\"").await
}

/// XMPP: a stream, an anonymous sign-in, a resource, and presence in the room without its history.
async fn enter(stream: &mut TcpStream, room: &str, nick: &str) -> anyhow::Result<()> {
    let open = "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' \
                xmlns:stream='http://etherx.jabber.org/streams'>";
    stream.write_all(open.as_bytes()).await?;
    wait_for(stream, b"</stream:features>").await?;
    let auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>";
    stream.write_all(auth.as_bytes()).await?;
    wait_for(stream, b"<success").await?;
    stream.write_all(open.as_bytes()).await?;
    wait_for(stream, b"</stream:features>").await?;
    let bind = "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
    stream.write_all(bind.as_bytes()).await?;
    wait_for(stream, b"</iq>").await?;
    let presence = format!(
        "<presence to='{room}/{nick}'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>"
    );
    stream.write_all(presence.as_bytes()).await?;
    // Status 110 says that it is one's own.
    wait_for(stream, b"'110'").await
}
