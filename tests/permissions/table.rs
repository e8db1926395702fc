//! Who may do what. The tables are part of docs/DRIVE.md as they stand here.

/// `yes`: it is done. `no`: refused. `nothing`: there is no such thing for them. `own`: it is done, but on their own
/// drive, where the same path is another place; over WebDAV, which makes no folders above a file, nothing. `full`: there
/// is no room.
pub(crate) const TABLE: &str = "
| who | list | read | read a part | create | replace | rename | delete | lock | share | too much |
|---|---|---|---|---|---|---|---|---|---|---|
| the owner | yes | yes | yes | yes | yes | yes | yes | yes | yes | full |
| another member | nothing | nothing | nothing | own | own | nothing | nothing | nothing | nothing | full |
| an admin | nothing | nothing | nothing | own | own | nothing | nothing | nothing | nothing | full |
| nobody (not signed in) | no | no | no | no | no | no | no | no | no | no |
| the owner, locked | no | no | no | no | no | no | no | no | no | no |
| a token of the owner to read | yes | yes | yes | no | no | no | no | no | no | no |
| a token of the owner to write | no | no | no | yes | yes | yes | yes | yes | yes | full |
| a token that has expired | no | no | no | no | no | no | no | no | no | no |
| a token that was revoked | no | no | no | no | no | no | no | no | no | no |
| whoever has a link to the folder | yes | yes | yes | no | no | no | no | no | no | no |
| the same without its password | no | no | no | no | no | no | no | no | no | no |
| a link that was taken back | nothing | nothing | nothing | no | no | no | no | no | no | no |
| a link that has expired | nothing | nothing | nothing | no | no | no | no | no | no | no |
| a link to another folder | nothing | nothing | nothing | no | no | no | no | no | no | no |
| a link of somebody who is locked | nothing | nothing | nothing | no | no | no | no | no | no | no |
";

/// What a protocol knows at all.
pub(crate) const OFFERS: &str = "
| over | list | read | read a part | create | replace | rename | delete | lock | share | too much |
|---|---|---|---|---|---|---|---|---|---|---|
| the web API | x | x | x | x | | x | x | | x | |
| tus | | | | x | x | | | | | x |
| WebDAV | x | x | x | x | x | x | x | x | | x |
| FTP | x | x | x | x | x | x | x | | | x |
| a link | x | x | x | | | | | | | |
";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Owner,
    Other,
    Admin,
    Nobody,
    Locked,
    Reader,
    Writer,
    Expired,
    Revoked,
    Link,
    NoPassword,
    TakenBack,
    Over,
    Beside,
    LinkOfLocked,
}

impl Who {
    /// Whoever can sign in, or fail to.
    pub(crate) const PEOPLE: &[Self] = &[
        Self::Owner,
        Self::Other,
        Self::Admin,
        Self::Nobody,
        Self::Locked,
        Self::Reader,
        Self::Writer,
        Self::Expired,
        Self::Revoked,
    ];
    pub(crate) const LINKS: &[Self] = &[
        Self::Link,
        Self::NoPassword,
        Self::TakenBack,
        Self::Over,
        Self::Beside,
        Self::LinkOfLocked,
    ];

    /// The name of its row.
    fn row(self) -> &'static str {
        match self {
            Self::Owner => "the owner",
            Self::Other => "another member",
            Self::Admin => "an admin",
            Self::Nobody => "nobody (not signed in)",
            Self::Locked => "the owner, locked",
            Self::Reader => "a token of the owner to read",
            Self::Writer => "a token of the owner to write",
            Self::Expired => "a token that has expired",
            Self::Revoked => "a token that was revoked",
            Self::Link => "whoever has a link to the folder",
            Self::NoPassword => "the same without its password",
            Self::TakenBack => "a link that was taken back",
            Self::Over => "a link that has expired",
            Self::Beside => "a link to another folder",
            Self::LinkOfLocked => "a link of somebody who is locked",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    List,
    Read,
    Range,
    Create,
    Replace,
    Rename,
    Delete,
    Lock,
    Share,
    Overflow,
}

/// Files of the owner by name, with what is in them; folders have nothing.
pub(crate) type Files = std::collections::BTreeMap<String, String>;

impl Deed {
    /// In the order of the columns.
    pub(crate) const ALL: [Self; 10] = [
        Self::List,
        Self::Read,
        Self::Range,
        Self::Create,
        Self::Replace,
        Self::Rename,
        Self::Delete,
        Self::Lock,
        Self::Share,
        Self::Overflow,
    ];

    pub(crate) fn changes(self) -> bool {
        matches!(
            self,
            Self::Create | Self::Replace | Self::Rename | Self::Delete
        )
    }

    /// The owner's files after it was done.
    pub(crate) fn done(self, mut files: Files) -> Files {
        match self {
            Self::Create => drop(files.insert("new".to_owned(), String::new())),
            Self::Replace => drop(files.insert("a.txt".to_owned(), "replaced".to_owned())),
            Self::Rename => {
                let content = files.remove("a.txt").unwrap();
                files.insert("renamed.txt".to_owned(), content);
            }
            Self::Delete => drop(files.remove("a.txt")),
            _ => {}
        }
        files
    }

    fn column(self) -> usize {
        Self::ALL.iter().position(|it| *it == self).unwrap()
    }
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Yes,
    No,
    Nothing,
    Full,
    /// Done, in another place.
    Own,
    /// None of them.
    Strange,
}

fn cell(table: &'static str, row: &str, column: usize) -> &'static str {
    let begin = format!("| {row} |");
    let line = table.lines().find(|line| line.starts_with(&begin));
    let line = line.unwrap_or_else(|| panic!("no row {row}"));
    line.split('|').nth(column + 2).unwrap().trim()
}

pub(crate) fn offers(protocol: &str, deed: Deed) -> bool {
    cell(OFFERS, protocol, deed.column()) == "x"
}

/// What the table says.
pub(crate) fn outcome(who: Who, deed: Deed) -> Outcome {
    match cell(TABLE, who.row(), deed.column()) {
        "yes" => Outcome::Yes,
        "no" => Outcome::No,
        "nothing" => Outcome::Nothing,
        "full" => Outcome::Full,
        "own" => Outcome::Own,
        other => panic!("{other} is no outcome"),
    }
}
