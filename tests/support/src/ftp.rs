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

    /// A data connection that the server waits for.
    pub async fn data(&mut self) -> TcpStream {
        let (code, text) = self.say("EPSV").await;
        assert_eq!(code, 229, "{text}");
        let port = text.split('|').nth(3).unwrap().parse::<u16>().unwrap();
        let server = self.stream.get_ref().peer_addr().unwrap();
        TcpStream::connect((server.ip(), port)).await.unwrap()
    }

    /// What a command sends, and the code that it ends with.
    pub async fn fetch(&mut self, command: &str) -> (u16, Vec<u8>) {
        let mut data = self.data().await;
        let code = self.ask(command).await;
        if code != 150 {
            return (code, Vec::new());
        }
        let mut bytes = Vec::new();
        // A transfer that is stopped may end without ceremony.
        let _ = data.read_to_end(&mut bytes).await;
        (self.hear().await.unwrap().0, bytes)
    }

    /// Sends bytes for a command; the code that it ends with.
    pub async fn put(&mut self, command: &str, bytes: &[u8]) -> u16 {
        let mut data = self.data().await;
        let code = self.ask(command).await;
        if code != 150 {
            return code;
        }
        // The house may have had enough before the end.
        let _ = data.write_all(bytes).await;
        let _ = data.shutdown().await;
        self.hear().await.unwrap().0
    }

    /// The names in a folder.
    pub async fn names(&mut self, folder: &str) -> Vec<String> {
        let (code, bytes) = self.fetch(&format!("NLST {folder}")).await;
        assert_eq!(code, 226);
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}
