//! Passwords: from the terminal without echo, from stdin, or from the environment. Never as an
//! argument, which other users of the machine could read.

use std::io::{self, IsTerminal as _, Read as _};

use clap::Args;
use console::Term;
use playhouse_api::Secret;

use crate::exit::Failure;

/// The environment variable that holds the password.
const VARIABLE: &str = "PLAYHOUSE_PASSWORD";
/// Nobody's password is longer; reading stops there.
const STDIN_LIMIT: u64 = 4096;

/// Where the password comes from.
#[derive(Clone, Debug, Args)]
pub struct PasswordSource {
    /// Read the password from stdin instead of asking (or set PLAYHOUSE_PASSWORD)
    #[arg(long)]
    pub password_stdin: bool,
}

impl PasswordSource {
    /// The password of an account that exists.
    pub fn read(&self) -> anyhow::Result<Secret> {
        self.given()?.map_or_else(|| ask("Password: "), Ok)
    }

    /// A password that is being chosen: asked for twice.
    pub fn read_new(&self) -> anyhow::Result<Secret> {
        if let Some(password) = self.given()? {
            return Ok(password);
        }
        let password = ask("New password: ")?;
        if password != ask("Once more: ")? {
            return Err(Failure::usage("the two passwords differ").into());
        }
        Ok(password)
    }

    fn given(&self) -> anyhow::Result<Option<Secret>> {
        if self.password_stdin {
            return Ok(Some(from_stdin()?));
        }
        Ok(std::env::var(VARIABLE)
            .ok()
            .filter(|it| !it.is_empty())
            .map(Secret::new))
    }
}

fn from_stdin() -> anyhow::Result<Secret> {
    let mut text = String::new();
    io::stdin()
        .lock()
        .take(STDIN_LIMIT)
        .read_to_string(&mut text)?;
    first_line(&text).ok_or_else(|| Failure::usage("there is no password on stdin").into())
}

/// Up to the line's end, whichever way it is written; spaces belong to the password.
fn first_line(text: &str) -> Option<Secret> {
    text.lines()
        .next()
        .filter(|line| !line.is_empty())
        .map(Secret::from)
}

fn ask(question: &str) -> anyhow::Result<Secret> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        let hint = format!(
            "there is no terminal to ask for the password: use --password-stdin or {VARIABLE}"
        );
        return Err(Failure::usage(hint).into());
    }
    let terminal = Term::stderr();
    terminal.write_str(question)?;
    Ok(Secret::new(terminal.read_secure_line()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_on_stdin_is_one_line_with_its_spaces() {
        let read = |text| first_line(text).map(Secret::into_inner);
        assert_eq!(read(" open sesame \n").as_deref(), Some(" open sesame "));
        assert_eq!(read("one\r\ntwo").as_deref(), Some("one"));
        assert_eq!(read("\n"), None);
        assert_eq!(read(""), None);
    }
}
