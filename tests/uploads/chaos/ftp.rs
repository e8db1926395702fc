//! Files that arrive over FTP until the server dies. What `SIZE` has told stays, and a file is there whole or not at all.

use std::net::SocketAddr;
use std::time::Duration;

use playhouse_test_support::PASSWORD;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::super::crash::Dice;
use super::truth::Content;
use super::work::{Client, Dead};

type Told<T> = Result<T, Dead>;

const LARGEST: u64 = 1_500_000;
const PIECE: usize = 48 << 10;

/// A file that was begun over FTP and not answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begun {
    pub(crate) content: Content,
    /// What `SIZE` said last.
    pub(crate) told: usize,
}

/// A control connection that may break at any moment.
struct Line {
    stream: BufReader<TcpStream>,
}

impl Line {
    async fn open(door: SocketAddr) -> Told<Self> {
        let stream = TcpStream::connect(door).await.map_err(|_| Dead)?;
        let mut line = Self {
            stream: BufReader::new(stream),
        };
        line.expect("", 220).await?;
        line.expect("USER admin", 331).await?;
        line.expect(&format!("PASS {PASSWORD}"), 230).await?;
        Ok(line)
    }

    /// Says something, if it is not empty, and returns the answer.
    async fn ask(&mut self, words: &str) -> Told<(u16, String)> {
        if !words.is_empty() {
            let line = format!("{words}\r\n");
            let sent = self.stream.get_mut().write_all(line.as_bytes()).await;
            sent.map_err(|_| Dead)?;
        }
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return Err(Dead);
            }
            let code = line.get(..3).and_then(|it| it.parse().ok());
            if let Some(code) = code.filter(|_| line.as_bytes().get(3) == Some(&b' ')) {
                return Ok((code, line));
            }
        }
    }

    async fn expect(&mut self, words: &str, code: u16) -> Told<String> {
        let (told, text) = self.ask(words).await?;
        // A server that dies closes its connections one after the other.
        match told == code {
            true => Ok(text),
            false if told == 421 => Err(Dead),
            false => panic!("{words} was answered {text}"),
        }
    }

    async fn data(&mut self) -> Told<TcpStream> {
        let text = self.expect("EPSV", 229).await?;
        let port: u16 = text.split('|').nth(3).unwrap().parse().unwrap();
        let door = self.stream.get_ref().peer_addr().map_err(|_| Dead)?.ip();
        TcpStream::connect((door, port)).await.map_err(|_| Dead)
    }
}

impl Client {
    /// A file that is stored over FTP: a new one, or one that an earlier life of the server left unfinished.
    pub(crate) async fn store(&self, dice: &mut Dice) -> Told<()> {
        let old = {
            let truth = self.truth();
            let first = truth.begun.iter().next();
            first.map(|(name, it)| (name.clone(), it.content))
        };
        let (name, content) = match old.filter(|_| dice.below(3) > 0) {
            Some(old) => old,
            None => {
                let content = Content {
                    seed: dice.below(u64::MAX),
                    size: 1 + usize::try_from(dice.below(LARGEST)).unwrap(),
                };
                let mut truth = self.truth();
                let name = truth.name("stored");
                truth.begun.insert(name.clone(), Begun { content, told: 0 });
                (name, content)
            }
        };
        let mut line = Line::open(self.door).await?;
        let from = match line.ask(&format!("SIZE {name}")).await? {
            (213, text) => text[4..].trim().parse().unwrap(),
            (550, _) => 0,
            (_, text) => panic!("SIZE was answered {text}"),
        };
        self.told(&name, from);
        if from > 0 {
            line.expect(&format!("REST {from}"), 350).await?;
        }
        let mut data = line.data().await?;
        line.expect(&format!("STOR {name}"), 150).await?;
        for piece in content.bytes()[from..].chunks(PIECE) {
            data.write_all(piece).await.map_err(|_| Dead)?;
            tokio::time::sleep(Duration::from_micros(dice.below(2000))).await;
        }
        data.shutdown().await.map_err(|_| Dead)?;
        line.expect("", 226).await?;
        let mut truth = self.truth();
        truth.begun.remove(&name);
        truth.placed.insert(name, content);
        Ok(())
    }

    fn told(&self, name: &str, size: usize) {
        if let Some(begun) = self.truth().begun.get_mut(name) {
            assert!(size >= begun.told, "{name}: {size} < {}", begun.told);
            begun.told = size;
        }
    }
}
