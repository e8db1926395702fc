//! FTP.

use playhouse_test_support::ftp;

use crate::Protocol;
use crate::scene::{CONTENT, Scene, TOO_MUCH};
use crate::table::{Deed, Outcome, Who};

pub(crate) struct Ftp;

impl Protocol for Ftp {
    const NAME: &'static str = "FTP";
    const WHO: &'static [Who] = Who::PEOPLE;

    async fn attempt(scene: &Scene<'_>, deed: Deed) -> Outcome {
        let mut ftp = ftp::Ftp::connect(scene.app).await;
        if let Some((name, secret)) = &scene.sign_in {
            match ftp.sign_in(name, secret).await {
                230 => {}
                530 => return Outcome::No,
                _ => return Outcome::Strange,
            }
        }
        match deed {
            Deed::List => fetch(&mut ftp, "NLST /Papers", "a.txt\r\n").await,
            Deed::Read => fetch(&mut ftp, "RETR /Papers/a.txt", CONTENT).await,
            Deed::Range => {
                let begun = meaning(ftp.say("REST 4").await);
                match begun {
                    Outcome::Yes => fetch(&mut ftp, "RETR /Papers/a.txt", &CONTENT[4..]).await,
                    begun => begun,
                }
            }
            Deed::Create => send(&mut ftp, "STOR /Papers/new", b"").await,
            Deed::Replace => send(&mut ftp, "STOR /Papers/a.txt", b"replaced").await,
            Deed::Rename => rename(&mut ftp).await,
            Deed::Delete => meaning(ftp.say("DELE /Papers/a.txt").await),
            Deed::Overflow => send(&mut ftp, "STOR /Papers/new", &[7; TOO_MUCH]).await,
            Deed::Lock | Deed::Share => Outcome::Strange,
        }
    }
}

/// What an answer means. A refusal and a path that leads nowhere have the same code.
fn meaning((code, said): (u16, String)) -> Outcome {
    match code {
        200..=399 => Outcome::Yes,
        530 | 421 => Outcome::No,
        552 => Outcome::Full,
        550 if said.contains("lacks the scope") => Outcome::No,
        550 if said.contains("no such") => Outcome::Nothing,
        _ => Outcome::Strange,
    }
}

/// What the transfer was answered; nobody but those who have signed in has a data connection.
async fn fetch(ftp: &mut ftp::Ftp, command: &str, expected: &str) -> Outcome {
    let Some(data) = ftp.try_data().await else {
        return meaning(ftp.say(command).await);
    };
    let (answer, bytes) = ftp.carry(command, data, None).await;
    match meaning(answer) {
        Outcome::Yes if bytes == expected.as_bytes() => Outcome::Yes,
        Outcome::Yes => Outcome::Strange,
        outcome => outcome,
    }
}

async fn send(ftp: &mut ftp::Ftp, command: &str, bytes: &[u8]) -> Outcome {
    let Some(data) = ftp.try_data().await else {
        return meaning(ftp.say(command).await);
    };
    meaning(ftp.carry(command, data, Some(bytes)).await.0)
}

async fn rename(ftp: &mut ftp::Ftp) -> Outcome {
    // Whoever may write and not read cannot look, and need not.
    match meaning(ftp.say("RNFR /Papers/a.txt").await) {
        Outcome::Yes => meaning(ftp.say("RNTO /Papers/renamed.txt").await),
        refused => refused,
    }
}
