//! Paths as clients write them, and the drive's answers to them.

use playhouse_api::uploads::OnConflict;

use super::door::House;
use crate::accounts::Viewer;
use crate::drive::{Changes, DrivePath, Entry, Error as DriveError, IfMatch, Name, policy};
use crate::error::{Error, Result};
use crate::ids::EntryId;

/// Where a path leads that is said in a folder. `.` and `..` are taken as people mean them; nothing is above the root.
pub(super) fn walk(from: &DrivePath, said: &str) -> Result<DrivePath> {
    let wrong = |cause| Error::from(DriveError::name("path")(cause));
    let mut names: Vec<Name> = match said.starts_with('/') {
        true => Vec::new(),
        false => from.names().to_vec(),
    };
    if said.len() > 4 * crate::drive::MAX_PATH {
        return Err(wrong(crate::drive::NameError::PathTooLong));
    }
    for step in said.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(names.pop()),
            name => names.push(Name::parse(name).map_err(wrong)?),
        }
    }
    DrivePath::of(names).map_err(wrong)
}

/// What a path names.
pub(super) async fn find(house: &House, who: &Viewer, path: &DrivePath) -> Result<Option<Entry>> {
    let owner = policy::may_read(who)?.clone();
    Ok(house.drive.resolve(owner, path.clone()).await?)
}

pub(super) async fn get(house: &House, who: &Viewer, path: &DrivePath) -> Result<Entry> {
    let found = find(house, who, path).await?;
    Ok(found.ok_or(DriveError::NotFound)?)
}

pub(super) async fn get_folder(house: &House, who: &Viewer, path: &DrivePath) -> Result<Entry> {
    let entry = get(house, who, path).await?;
    match entry.is_folder() {
        true => Ok(entry),
        false => Err(DriveError::NotAFolder("path").into()),
    }
}

/// A file; a folder is none.
pub(super) async fn get_file(house: &House, who: &Viewer, path: &DrivePath) -> Result<Entry> {
    let entry = get(house, who, path).await?;
    match entry.is_folder() {
        true => Err(Error::new(
            playhouse_api::problem::ErrorCode::Conflict,
            "This is a folder.",
        )),
        false => Ok(entry),
    }
}

/// What a path names, for whoever is going to change it.
pub(super) async fn get_to_change(house: &House, who: &Viewer, path: &DrivePath) -> Result<Entry> {
    let owner = policy::may_change(who)?.clone();
    let found = house.drive.resolve(owner, path.clone()).await?;
    Ok(found.ok_or(DriveError::NotFound)?)
}

pub(super) async fn make_folder(house: &House, who: &Viewer, path: DrivePath) -> Result<()> {
    let owner = policy::may_change(who)?.clone();
    house.drive.make_folder(owner, path, false).await?;
    Ok(())
}

/// Puts a file, or a folder with all that is in it, into the trash.
pub(super) async fn remove(
    house: &House,
    who: &Viewer,
    path: &DrivePath,
    is_folder: bool,
) -> Result<()> {
    let entry = get_to_change(house, who, path).await?;
    if entry.is_folder() != is_folder {
        let detail = match is_folder {
            true => "This is a file: DELE removes it.",
            false => "This is a folder: RMD removes it.",
        };
        let code = playhouse_api::problem::ErrorCode::Conflict;
        return Err(Error::new(code, detail));
    }
    house
        .drive
        .trash(who.id().clone(), entry.id.clone(), IfMatch::default())
        .await?;
    Ok(())
}

/// Gives an entry another place and name. What is there already stays.
pub(super) async fn rename(
    house: &House,
    who: &Viewer,
    entry: EntryId,
    to: &DrivePath,
) -> Result<()> {
    let owner = policy::may_change(who)?.clone();
    let Some((above, name)) = to.split_last() else {
        return Err(DriveError::Root.into());
    };
    let folder = get_to_change(house, who, &above).await?;
    let changes = Changes {
        name: Some(name.clone()),
        parent: Some(folder.id.clone()),
        on_conflict: OnConflict::Fail,
    };
    house
        .drive
        .change(owner, entry, changes, IfMatch::default())
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_way_leads_out() {
        let at = DrivePath::parse("/a/b").unwrap();
        for (said, path) in [
            ("c", "/a/b/c"),
            ("..", "/a"),
            ("../../../..", "/"),
            ("/../../etc/passwd", "/etc/passwd"),
            ("./c//d/", "/a/b/c/d"),
            ("/", "/"),
            ("", "/a/b"),
            ("%2e%2e", "/a/b/%2e%2e"),
            ("e\u{301}", "/a/b/é"),
        ] {
            assert_eq!(walk(&at, said).unwrap().to_string(), path, "{said}");
        }
        for wrong in ["..\\..", "a\u{0}b", "a\rb", " a", "a ", "\u{202E}a"] {
            assert!(walk(&at, wrong).is_err(), "{wrong:?}");
        }
        assert!(walk(&at, &"a/".repeat(70)).is_err());
        assert!(walk(&at, &"x".repeat(20_000)).is_err());
    }
}
