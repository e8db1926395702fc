//! Speaking FTP by hand, in the clear.

use std::net::SocketAddr;

use playhouse::config::Config;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::{PASSWORD, Person, TestApp};

/// A control connection.
pub struct Ftp {
    stream: BufReader<TcpStream>,
}

/// A configuration with an open door, without TLS.
pub fn plain(config: &mut Config) {
    config.ftp.enabled = true;
    config.ftp.listen = ([127, 0, 0, 1], 0).into();
    config.ftp.passive_ports = playhouse::config::PassivePorts(0..=0);
}

impl TestApp {
    pub fn ftp_address(&self) -> SocketAddr {
        self.running
            .ftp
            .as_ref()
            .expect("FTP is configured")
            .address
    }

    /// Whether there is no door for FTP.
    pub fn ftp_is_closed(&self) -> bool {
        self.running.ftp.is_none()
    }

    /// Somebody who has signed in with the password of all tests.
    pub async fn ftp(&self, who: &Person) -> Ftp {
        let mut ftp = Ftp::connect(self).await;
        assert_eq!(ftp.sign_in(&who.name, PASSWORD).await, 230);
        ftp
    }
}

impl Ftp {
    pub async fn connect(app: &TestApp) -> Self {
        let stream = TcpStream::connect(app.ftp_address()).await.unwrap();
        let mut ftp = Self {
            stream: BufReader::new(stream),
        };
        assert_eq!(ftp.hear().await.unwrap().0, 220);
        ftp
    }

    pub async fn sign_in(&mut self, name: &str, secret: &str) -> u16 {
        assert_eq!(self.ask(&format!("USER {name}")).await, 331);
        self.ask(&format!("PASS {secret}")).await
    }

    /// Sends without waiting for an answer.
    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).await.unwrap();
    }

    /// The next answer; none when the connection has ended.
    pub async fn hear(&mut self) -> Option<(u16, String)> {
        let mut text = String::new();
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            text.push_str(&line);
            let code = line.get(..3).and_then(|it| it.parse().ok());
            if let Some(code) = code.filter(|_| line.as_bytes().get(3) == Some(&b' ')) {
                return Some((code, text));
            }
        }
    }

    /// The code and the whole text of an answer.
    pub async fn say(&mut self, line: &str) -> (u16, String) {
        self.send(format!("{line}\r\n").as_bytes()).await;
        self.hear().await.expect("the connection has ended")
    }

    pub async fn ask(&mut self, line: &str) -> u16 {
        self.say(line).await.0
    }

    /// A data connection that the server waits for, if it does.
    pub async fn try_data(&mut self) -> Option<TcpStream> {
        let (code, text) = self.say("EPSV").await;
        if code != 229 {
            return None;
        }
        let port = text.split('|').nth(3).unwrap().parse::<u16>().unwrap();
        let server = self.stream.get_ref().peer_addr().unwrap();
        Some(TcpStream::connect((server.ip(), port)).await.unwrap())
    }

    pub async fn data(&mut self) -> TcpStream {
        self.try_data().await.expect("no data connection")
    }

    /// Does a command that sends or takes bytes. Its last answer, and what it sent.
    pub async fn carry(
        &mut self,
        command: &str,
        mut data: TcpStream,
        bytes: Option<&[u8]>,
    ) -> ((u16, String), Vec<u8>) {
        let answer = self.say(command).await;
        if answer.0 != 150 {
            return (answer, Vec::new());
        }
        let mut sent = Vec::new();
        // The house may have had enough before the end, and a transfer that is stopped ends without ceremony.
        match bytes {
            Some(bytes) => drop(data.write_all(bytes).await),
            None => drop(data.read_to_end(&mut sent).await),
        }
        drop(data.shutdown().await);
        (self.hear().await.expect("the connection has ended"), sent)
    }

    /// What a command sends, and the code that it ends with.
    pub async fn fetch(&mut self, command: &str) -> (u16, Vec<u8>) {
        let data = self.data().await;
        let (answer, bytes) = self.carry(command, data, None).await;
        (answer.0, bytes)
    }

    /// Sends bytes for a command; the code that it ends with.
    pub async fn put(&mut self, command: &str, bytes: &[u8]) -> u16 {
        let data = self.data().await;
        self.carry(command, data, Some(bytes)).await.0.0
    }

    /// The names in a folder.
    pub async fn names(&mut self, folder: &str) -> Vec<String> {
        let (code, bytes) = self.fetch(&format!("NLST {folder}")).await;
        assert_eq!(code, 226);
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}
