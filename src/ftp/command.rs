//! What clients say, line by line.

use super::reply::Reply;

/// A line that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    User(String),
    Pass(String),
    AuthTls,
    ProtectBuffer,
    /// Data in the clear, or under TLS.
    Protect(bool),
    Quit,
    Nothing,
    System,
    Features,
    Help,
    Options(String),
    /// TYPE, MODE, STRU with what is offered.
    Accepted(&'static str),
    Allocate(i64),
    WhereAmI,
    Enter(String),
    Up,
    Make(String),
    RemoveFolder(String),
    Delete(String),
    RenameFrom(String),
    RenameTo(String),
    Size(String),
    Modified(String),
    Facts(String),
    List(Style, String),
    Status,
    Passive,
    /// EPSV, with the family of addresses that is asked for: 1, 2 or any.
    ExtendedPassive(Option<u8>),
    Restart(i64),
    Retrieve(String),
    Store(String),
    Append(String),
    Abort,
    /// Known, and not offered.
    Absent(&'static str),
}

/// How a folder is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// As `ls -l` writes it.
    Long,
    Names,
    /// For programs: RFC 3659.
    Facts,
}

impl Command {
    /// Whether it may be given before one has signed in.
    pub(super) fn is_open_to_all(&self) -> bool {
        matches!(
            self,
            Self::User(_)
                | Self::Pass(_)
                | Self::AuthTls
                | Self::ProtectBuffer
                | Self::Protect(_)
                | Self::Quit
                | Self::Nothing
                | Self::System
                | Self::Features
                | Self::Help
                | Self::Options(_)
                | Self::Absent(_)
        )
    }
}

/// Reads a line without its end.
///
/// # Errors
/// What to answer when it is none of ours.
pub(super) fn parse(line: &[u8]) -> Result<Command, Reply> {
    let Ok(line) = std::str::from_utf8(without_telnet(line)) else {
        return Err(Reply::new(501, "Commands and names are UTF-8."));
    };
    // One space parts word and rest; all further ones belong to a name.
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let word = word.to_ascii_uppercase();
    let text = || {
        (!rest.is_empty())
            .then(|| rest.to_owned())
            .ok_or_else(|| Reply::new(501, format!("{word} needs something after it.")))
    };
    Ok(match word.as_str() {
        "USER" => Command::User(text()?),
        "PASS" => Command::Pass(rest.to_owned()),
        "AUTH" => auth(rest)?,
        "PBSZ" => Command::ProtectBuffer,
        "PROT" => protect(rest)?,
        "QUIT" => Command::Quit,
        "NOOP" => Command::Nothing,
        "SYST" => Command::System,
        "FEAT" => Command::Features,
        "HELP" => Command::Help,
        "OPTS" => Command::Options(rest.to_ascii_uppercase()),
        "TYPE" => one_of(
            rest,
            &["I", "A", "A N", "L 8"],
            "Bytes are sent as they are.",
        )?,
        "MODE" => one_of(rest, &["S"], "As a stream.")?,
        "STRU" => one_of(rest, &["F"], "As a file.")?,
        "ALLO" => Command::Allocate(number(rest.split(' ').next().unwrap_or_default())?),
        "PWD" | "XPWD" => Command::WhereAmI,
        "CWD" | "XCWD" => Command::Enter(text()?),
        "CDUP" | "XCUP" => Command::Up,
        "MKD" | "XMKD" => Command::Make(text()?),
        "RMD" | "XRMD" => Command::RemoveFolder(text()?),
        "DELE" => Command::Delete(text()?),
        "RNFR" => Command::RenameFrom(text()?),
        "RNTO" => Command::RenameTo(text()?),
        "SIZE" => Command::Size(text()?),
        "MDTM" => Command::Modified(text()?),
        "MLST" => Command::Facts(rest.to_owned()),
        "MLSD" => Command::List(Style::Facts, rest.to_owned()),
        "LIST" => Command::List(Style::Long, without_flags(rest).to_owned()),
        "NLST" => Command::List(Style::Names, without_flags(rest).to_owned()),
        "STAT" if rest.is_empty() => Command::Status,
        "PASV" => Command::Passive,
        "EPSV" => extended(rest)?,
        "REST" => Command::Restart(number(rest)?),
        "RETR" => Command::Retrieve(text()?),
        "STOR" => Command::Store(text()?),
        "APPE" => Command::Append(text()?),
        "ABOR" => Command::Abort,
        "PORT" | "EPRT" => Command::Absent("Data connections are passive here: PASV or EPSV."),
        "CCC" => Command::Absent("What is under TLS stays so."),
        "STOU" | "SITE" | "ACCT" | "REIN" | "SMNT" | "STAT" | "MFMT" => {
            Command::Absent("This house does not offer that.")
        }
        _ => return Err(Reply::new(500, "This is no command.")),
    })
}

/// Clients put signs of Telnet before ABOR, to be heard sooner. No command begins with such a byte.
fn without_telnet(line: &[u8]) -> &[u8] {
    let begin = line.iter().position(u8::is_ascii);
    begin.and_then(|at| line.get(at..)).unwrap_or_default()
}

/// Clients give LIST the flags of `ls`; they change nothing.
fn without_flags(rest: &str) -> &str {
    let mut rest = rest;
    while rest.starts_with('-') {
        rest = rest.split_once(' ').map_or("", |(_, rest)| rest);
    }
    rest
}

fn number(text: &str) -> Result<i64, Reply> {
    let is_number = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let number = text.parse().ok().filter(|_| is_number);
    number.ok_or_else(|| Reply::new(501, "This takes a whole number from 0."))
}

fn one_of(said: &str, offered: &[&str], answer: &'static str) -> Result<Command, Reply> {
    match offered.contains(&said.to_ascii_uppercase().as_str()) {
        true => Ok(Command::Accepted(answer)),
        false => Err(Reply::new(504, "This house does not offer that.")),
    }
}

fn auth(said: &str) -> Result<Command, Reply> {
    match said.to_ascii_uppercase().as_str() {
        "TLS" | "TLS-C" | "SSL" => Ok(Command::AuthTls),
        _ => Err(Reply::new(504, "There is AUTH TLS.")),
    }
}

fn protect(said: &str) -> Result<Command, Reply> {
    match said.to_ascii_uppercase().as_str() {
        "C" => Ok(Command::Protect(false)),
        "P" => Ok(Command::Protect(true)),
        _ => Err(Reply::new(536, "There are PROT P and PROT C.")),
    }
}

fn extended(said: &str) -> Result<Command, Reply> {
    match said.to_ascii_uppercase().as_str() {
        "" | "ALL" => Ok(Command::ExtendedPassive(None)),
        "1" => Ok(Command::ExtendedPassive(Some(1))),
        "2" => Ok(Command::ExtendedPassive(Some(2))),
        _ => Err(Reply::new(522, "Network protocol not supported, use (1,2)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command, u16> {
        parse(line.as_bytes()).map_err(|reply| reply.code)
    }

    #[test]
    fn lines_are_read_as_they_are_meant() {
        for (line, command) in [
            ("stor a  b ", Command::Store("a  b ".to_owned())),
            ("RETR  x", Command::Retrieve(" x".to_owned())),
            ("LIST -la", Command::List(Style::Long, String::new())),
            ("LIST -a -l /é", Command::List(Style::Long, "/é".to_owned())),
            ("REST 12", Command::Restart(12)),
            ("ALLO 12 R 5", Command::Allocate(12)),
            ("prot p", Command::Protect(true)),
            ("EPSV ALL", Command::ExtendedPassive(None)),
            ("PASS ", Command::Pass(String::new())),
            ("TYPE a n", Command::Accepted("Bytes are sent as they are.")),
        ] {
            assert_eq!(read(line), Ok(command), "{line}");
        }
        let urgent = [&[0xFF, 0xF4, 0xFF, 0xF2][..], b"ABOR"].concat();
        assert_eq!(parse(&urgent), Ok(Command::Abort));
    }

    #[test]
    fn what_is_no_command_is_refused() {
        for (line, code) in [
            ("", 500),
            ("GET / HTTP/1.1", 500),
            ("STOR", 501),
            ("REST -1", 501),
            ("REST +1", 501),
            ("REST 99999999999999999999", 501),
            ("ALLO x", 501),
            ("TYPE E", 504),
            ("MODE B", 504),
            ("PROT S", 536),
            ("AUTH KERBEROS", 504),
            ("EPSV 9", 522),
        ] {
            assert_eq!(read(line), Err(code), "{line}");
        }
        assert_eq!(parse(b"CWD \xC3").map_err(|it| it.code), Err(501));
    }
}
