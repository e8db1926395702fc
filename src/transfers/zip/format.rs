//! The records of a zip archive (PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5), and how long they are.
//!
//! Every file has its checksum and sizes in a data descriptor behind it. Numbers that do not fit into 32 bits go into
//! zip64 fields. Times are UTC, in the old form of two seconds and in the extended one of one second.

use chrono::{DateTime, Datelike, Timelike};

use super::plan::Item;

/// What a 32 bit field holds when the number is in the zip64 field.
const FULL: u32 = u32::MAX;
const FULL_16: u16 = u16::MAX;

/// UTF-8 names; for files, sizes and checksum come later.
const UTF8: u16 = 1 << 11;
const LATER: u16 = 1 << 3;

const PLAIN_VERSION: u16 = 20;
const ZIP64_VERSION: u16 = 45;
/// Made on Unix, by this version of the format.
const MADE_BY: u16 = 3 << 8 | ZIP64_VERSION;

const LOCAL: u32 = 0x0403_4b50;
const DESCRIPTOR: u32 = 0x0807_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const ZIP64_END: u32 = 0x0606_4b50;
const ZIP64_LOCATOR: u32 = 0x0706_4b50;

const ZIP64_FIELD: u16 = 1;
const TIME_FIELD: u16 = 0x5455;
/// A time field: id, length, flags, seconds.
const TIME_LEN: u64 = 9;

fn put16(out: &mut Vec<u8>, number: u16) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put32(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put64(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

/// The number, or the sign that it is in the zip64 field.
fn low(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(FULL)
}

fn is_large(number: u64) -> bool {
    number >= u64::from(FULL)
}

/// Lengths were checked when the plan was made.
fn len16(len: usize) -> u16 {
    u16::try_from(len).unwrap_or(FULL_16)
}

/// The extended time holds 31 bits everywhere.
fn has_time(item: &Item) -> bool {
    (0..=i64::from(i32::MAX)).contains(&item.modified)
}

fn time_len(item: &Item) -> u64 {
    if has_time(item) { TIME_LEN } else { 0 }
}

fn put_time(out: &mut Vec<u8>, item: &Item) {
    if has_time(item) {
        put16(out, TIME_FIELD);
        put16(out, 5);
        // Only the time of the last change.
        out.push(1);
        put32(out, u32::try_from(item.modified).unwrap_or_default());
    }
}

/// Time and date of the old form, which knows the years from 1980 to 2107.
fn dos_time(seconds: i64) -> (u16, u16) {
    let at = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    let year = at.year() - 1980;
    if !(0..128).contains(&year) {
        return if year < 0 {
            (0, 1 << 5 | 1)
        } else {
            (0xbf7d, 0xff9f)
        };
    }
    let number = |n: u32| u16::try_from(n).unwrap_or_default();
    let time = number(at.hour()) << 11 | number(at.minute()) << 5 | number(at.second() / 2);
    let year = u16::try_from(year).unwrap_or_default();
    (time, year << 9 | number(at.month()) << 5 | number(at.day()))
}

fn flags(item: &Item) -> u16 {
    match item.content {
        Some(_) => UTF8 | LATER,
        None => UTF8,
    }
}

/// The header in front of an entry.
pub(super) fn put_local(out: &mut Vec<u8>, item: &Item) {
    let large = is_large(item.size());
    let (time, date) = dos_time(item.modified);
    let extra = time_len(item) + if large { 20 } else { 0 };
    put32(out, LOCAL);
    put16(out, if large { ZIP64_VERSION } else { PLAIN_VERSION });
    put16(out, flags(item));
    put16(out, 0);
    put16(out, time);
    put16(out, date);
    put32(out, 0);
    // Unknown so far, as far as this header says; the zip64 field announces a descriptor with long sizes.
    put32(out, if large { FULL } else { 0 });
    put32(out, if large { FULL } else { 0 });
    put16(out, len16(item.path.len()));
    put16(out, u16::try_from(extra).unwrap_or_default());
    out.extend_from_slice(item.path.as_bytes());
    if large {
        put16(out, ZIP64_FIELD);
        put16(out, 16);
        put64(out, 0);
        put64(out, 0);
    }
    put_time(out, item);
}

/// The checksum and sizes behind a file; a folder has none.
pub(super) fn put_descriptor(out: &mut Vec<u8>, item: &Item, crc: u32) {
    if item.content.is_none() {
        return;
    }
    put32(out, DESCRIPTOR);
    put32(out, crc);
    let size = item.size();
    if is_large(size) {
        put64(out, size);
        put64(out, size);
    } else {
        put32(out, low(size));
        put32(out, low(size));
    }
}

/// The entry in the directory at the end. `offset` is that of its local header.
pub(super) fn put_central(out: &mut Vec<u8>, item: &Item, crc: u32, offset: u64) {
    let large = is_large(item.size());
    let zip64 = u16::from(large) * 16 + u16::from(is_large(offset)) * 8;
    let field = if zip64 > 0 { zip64 + 4 } else { 0 };
    let (time, date) = dos_time(item.modified);
    put32(out, CENTRAL);
    put16(out, MADE_BY);
    put16(
        out,
        if zip64 > 0 {
            ZIP64_VERSION
        } else {
            PLAIN_VERSION
        },
    );
    put16(out, flags(item));
    put16(out, 0);
    put16(out, time);
    put16(out, date);
    put32(out, crc);
    put32(out, low(item.size()));
    put32(out, low(item.size()));
    put16(out, len16(item.path.len()));
    put16(
        out,
        field + u16::try_from(time_len(item)).unwrap_or_default(),
    );
    // No comment, the first disk, no internal attributes.
    put16(out, 0);
    put16(out, 0);
    put16(out, 0);
    put32(out, attributes(item));
    put32(out, low(offset));
    out.extend_from_slice(item.path.as_bytes());
    if zip64 > 0 {
        put16(out, ZIP64_FIELD);
        put16(out, zip64);
        if large {
            put64(out, item.size());
            put64(out, item.size());
        }
        if is_large(offset) {
            put64(out, offset);
        }
    }
    put_time(out, item);
}

/// `rw-r--r--` for a file, `rwxr-xr-x` and the mark of DOS for a folder.
fn attributes(item: &Item) -> u32 {
    match item.content {
        Some(_) => 0o100_644 << 16,
        None => 0o040_755 << 16 | 0x10,
    }
}

/// What closes the archive.
pub(super) fn put_end(out: &mut Vec<u8>, entries: usize, start: u64, len: u64) {
    let count = entries as u64;
    if end_needs_zip64(entries, start, len) {
        put32(out, ZIP64_END);
        put64(out, 44);
        put16(out, MADE_BY);
        put16(out, ZIP64_VERSION);
        put32(out, 0);
        put32(out, 0);
        put64(out, count);
        put64(out, count);
        put64(out, len);
        put64(out, start);
        put32(out, ZIP64_LOCATOR);
        put32(out, 0);
        put64(out, start + len);
        put32(out, 1);
    }
    let short = u16::try_from(count).unwrap_or(FULL_16);
    put32(out, END);
    put16(out, 0);
    put16(out, 0);
    put16(out, short);
    put16(out, short);
    put32(out, low(len));
    put32(out, low(start));
    put16(out, 0);
}

fn end_needs_zip64(entries: usize, start: u64, len: u64) -> bool {
    entries >= usize::from(FULL_16) || is_large(start) || is_large(len)
}

fn local_len(item: &Item) -> u64 {
    let zip64 = if is_large(item.size()) { 20 } else { 0 };
    30 + item.path.len() as u64 + zip64 + time_len(item)
}

fn descriptor_len(item: &Item) -> u64 {
    match item.content {
        None => 0,
        Some(_) if is_large(item.size()) => 24,
        Some(_) => 16,
    }
}

/// The length of an entry with everything around it, without its place in the directory.
pub(super) fn entry_len(item: &Item) -> u64 {
    local_len(item) + item.size() + descriptor_len(item)
}

fn central_len(item: &Item, offset: u64) -> u64 {
    let large = u64::from(is_large(item.size())) * 16 + u64::from(is_large(offset)) * 8;
    let field = if large > 0 { large + 4 } else { 0 };
    46 + item.path.len() as u64 + field + time_len(item)
}

/// The length of the whole archive.
pub(super) fn archive_len(items: &[Item]) -> u64 {
    let (mut start, mut len) = (0_u64, 0_u64);
    for item in items {
        len += central_len(item, start);
        start = start.saturating_add(entry_len(item));
    }
    let end = if end_needs_zip64(items.len(), start, len) {
        56 + 20 + 22
    } else {
        22
    };
    start.saturating_add(len + end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfers::zip::plan::Content;
    use proptest::prelude::*;

    #[test]
    fn old_times_are_clamped() {
        assert_eq!(dos_time(0), (0, 1 << 5 | 1));
        let at = 1_000_000_000; // 2001-09-09 01:46:40
        assert_eq!(dos_time(at), (1 << 11 | 46 << 5 | 20, 21 << 9 | 9 << 5 | 9));
        assert_eq!(dos_time(9_999_999_999), (0xbf7d, 0xff9f));
        assert_eq!(dos_time(i64::MIN), dos_time(0));
    }

    proptest! {
        #[test]
        fn lengths_are_what_is_written(
            name in "\\PC{1,40}",
            size in prop::option::of(prop::sample::select(vec![0, 1, u64::from(FULL) - 1, u64::from(FULL), 1 << 40])),
            offset in prop::sample::select(vec![0, u64::from(FULL) - 1, u64::from(FULL), 1 << 50]),
            modified in prop::sample::select(vec![-1, 0, 1_700_000_000, 1 << 31, 1 << 40]),
            count in prop::sample::select(vec![0_usize, 65_534, 65_535, 100_000]),
        ) {
            let content = size.map(|size| Content { blake3: "".into(), size });
            let item = Item { path: name.into_boxed_str(), modified, content };
            let mut out = Vec::new();
            put_local(&mut out, &item);
            put_descriptor(&mut out, &item, 7);
            prop_assert_eq!(out.len() as u64 + item.size(), entry_len(&item));
            out.clear();
            put_central(&mut out, &item, 7, offset);
            prop_assert_eq!(out.len() as u64, central_len(&item, offset));
            out.clear();
            put_end(&mut out, count, offset, 99);
            let zip64 = if end_needs_zip64(count, offset, 99) { 76 } else { 0 };
            prop_assert_eq!(out.len(), 22 + zip64);
        }
    }
}
