//! How entries are told: as `ls -l` writes them, by name, or with facts for programs (RFC 3659, section 7).

use chrono::TimeDelta;
use playhouse_api::drive::EntrySort;

use super::command::Style;
use super::door::House;
use crate::clock::Time;
use crate::drive::{Entry, EntryKey};
use crate::error::Result;
use crate::ids::{AccountId, EntryId};
use crate::page::PageRequest;

/// Rows of a page.
const PAGE: u32 = 200;

/// A folder, told page by page: the memory of one page.
pub(super) struct Pages {
    owner: AccountId,
    folder: EntryId,
    style: Style,
    cursor: Option<String>,
    is_over: bool,
}

impl Pages {
    pub(super) fn new(owner: AccountId, folder: EntryId, style: Style) -> Self {
        Self {
            owner,
            folder,
            style,
            cursor: None,
            is_over: false,
        }
    }

    /// The lines of the next page; none when there is no more.
    pub(super) async fn next(&mut self, house: &House) -> Result<Option<String>> {
        if self.is_over {
            return Ok(None);
        }
        let page = PageRequest::<EntryKey>::read(self.cursor.as_deref(), Some(PAGE))?;
        let (owner, folder) = (self.owner.clone(), self.folder.clone());
        let listed = house
            .drive
            .list(owner, folder, EntrySort::Name, page)
            .await?;
        self.is_over = listed.next_cursor.is_none();
        self.cursor = listed.next_cursor;
        let now = house.clock.now();
        let lines = listed.items.iter();
        Ok(Some(
            lines.map(|entry| line(entry, self.style, now)).collect(),
        ))
    }
}

/// One entry as a line.
pub(super) fn line(entry: &Entry, style: Style, now: Time) -> String {
    match style {
        Style::Names => format!("{}\r\n", entry.name),
        Style::Long => format!("{}\r\n", long(entry, now)),
        Style::Facts => format!("{} {}\r\n", facts(entry), entry.name),
    }
}

fn long(entry: &Entry, now: Time) -> String {
    let mode = match entry.is_folder() {
        true => "drwx------",
        false => "-rw-------",
    };
    let at = entry.modified_at;
    let is_recent = at <= now && now - at < TimeDelta::days(180);
    let when = match is_recent {
        true => at.format("%b %e %H:%M"),
        false => at.format("%b %e  %Y"),
    };
    format!(
        "{mode} 1 owner owner {:>12} {when} {}",
        entry.size, entry.name
    )
}

/// What programs are told of an entry.
pub(super) fn facts(entry: &Entry) -> String {
    let (kind, may) = match entry.is_folder() {
        true if entry.is_root() => ("dir", "celm"),
        true => ("dir", "cdeflmp"),
        false => ("file", "adfrw"),
    };
    let size = match entry.is_folder() {
        true => String::new(),
        false => format!("size={};", entry.size),
    };
    let modified = stamp(entry.modified_at);
    let unique = entry.id.uuid().simple();
    format!("type={kind};{size}modify={modified};perm={may};unique={unique};")
}

/// A time as programs are told it: UTC.
pub(super) fn stamp(at: Time) -> String {
    at.format("%Y%m%d%H%M%S").to_string()
}
