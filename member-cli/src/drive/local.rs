//! Files of this machine that are to be sent: wildcards, folders with all that is below.

use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;
use playhouse_cli_support::{Code, Failure};

use super::pattern::{is_pattern, matches};

/// A file or an empty folder that is to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// Names below the target; the last one is its own.
    pub(crate) names: Vec<String>,
    pub(crate) is_folder: bool,
    pub(crate) size: u64,
    pub(crate) modified: Option<SystemTime>,
}

/// What cannot be sent, and why.
pub(crate) type Refused = (PathBuf, anyhow::Error);

/// What a word means: the file of this very name, else all that match it as a pattern.
pub(crate) fn expand(word: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if fs::symlink_metadata(word).is_ok() {
        return Ok(vec![word.to_owned()]);
    }
    let mut found = vec![PathBuf::new()];
    for part in word.components() {
        found = match part {
            Component::Normal(name) if name.to_str().is_some_and(is_pattern) => {
                let pattern = name.to_str().unwrap_or_default();
                let mut matching = Vec::new();
                for above in &found {
                    matching.extend(matching_in(above, pattern)?);
                }
                matching
            }
            part => found.iter().map(|above| above.join(part)).collect(),
        };
    }
    found.retain(|path| fs::symlink_metadata(path).is_ok());
    if found.is_empty() {
        let message = format!("there is no {} here", word.display());
        return Err(Failure::not_found(message).into());
    }
    Ok(found)
}

fn matching_in(folder: &Path, pattern: &str) -> anyhow::Result<Vec<PathBuf>> {
    let opened = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let Ok(entries) = fs::read_dir(opened) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        if name.to_str().is_some_and(|it| matches(pattern, it)) {
            found.push(folder.join(name));
        }
    }
    found.sort();
    Ok(found)
}

/// All files of a source, and folders that have none. Of the source itself a link is followed,
/// below it none is.
pub(crate) fn walk(source: &Path) -> anyhow::Result<(Vec<Found>, Vec<Refused>)> {
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    let metadata =
        fs::metadata(source).with_context(|| format!("cannot read {}", source.display()))?;
    let top = own_name(source)?;
    let mut open = vec![(source.to_owned(), vec![text(&top)?], metadata)];
    while let Some((path, names, metadata)) = open.pop() {
        if metadata.is_dir() {
            match inside(&path, &names) {
                Ok((children, odd)) => {
                    refused.extend(odd);
                    if children.is_empty() {
                        found.push(one(path, names, &metadata));
                    }
                    open.extend(children);
                }
                Err(error) => refused.push((path, error)),
            }
        } else if metadata.is_file() {
            found.push(one(path, names, &metadata));
        } else {
            let failure = Failure::new(Code::Failure, "neither a file nor a folder");
            refused.push((path, failure.into()));
        }
    }
    found.sort_by(|a, b| a.names.cmp(&b.names));
    Ok((found, refused))
}

type Open = (PathBuf, Vec<String>, fs::Metadata);

fn inside(path: &Path, names: &[String]) -> anyhow::Result<(Vec<Open>, Vec<Refused>)> {
    let (mut children, mut odd) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let path = entry.path();
        // A link is looked at itself, and then is neither file nor folder.
        let metadata = entry.metadata()?;
        match text(&entry.file_name()) {
            Ok(name) => {
                let mut names = names.to_vec();
                names.push(name);
                children.push((path, names, metadata));
            }
            Err(error) => odd.push((path, error)),
        }
    }
    Ok((children, odd))
}

fn one(path: PathBuf, names: Vec<String>, metadata: &fs::Metadata) -> Found {
    Found {
        path,
        names,
        is_folder: metadata.is_dir(),
        size: if metadata.is_dir() { 0 } else { metadata.len() },
        modified: metadata.modified().ok(),
    }
}

/// The name of a source, also of `.` and `..`.
fn own_name(source: &Path) -> anyhow::Result<std::ffi::OsString> {
    if let Some(name) = source.file_name() {
        return Ok(name.to_owned());
    }
    let real = fs::canonicalize(source)?;
    let name = real.file_name().map(OsStr::to_owned);
    Ok(name.ok_or_else(|| Failure::usage("the root of this machine has no name"))?)
}

fn text(name: &OsStr) -> anyhow::Result<String> {
    let text = name.to_str().map(str::to_owned);
    Ok(text.ok_or_else(|| Failure::new(Code::Failure, "the name is not in UTF-8"))?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn wildcards_are_expanded_unless_there_is_such_a_name() {
        let home = tempfile::tempdir().unwrap();
        for name in ["a.pdf", "b.pdf", "c.txt", "[x].pdf"] {
            fs::write(home.path().join(name), name).unwrap();
        }
        let names = |pattern: &str| -> Vec<String> {
            let found = expand(&home.path().join(pattern)).unwrap();
            let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
            found.iter().map(name).collect()
        };
        assert_eq!(names("?.pdf"), ["a.pdf", "b.pdf"]);
        assert_eq!(names("[x].pdf"), ["[x].pdf"]);
        assert_eq!(names("[ac].*"), ["a.pdf", "c.txt"]);
        assert!(expand(&home.path().join("*.doc")).is_err());
        assert!(expand(&home.path().join("none")).is_err());
    }

    #[test]
    fn a_folder_is_walked_without_following_links() {
        let home = tempfile::tempdir().unwrap();
        let top = home.path().join("top");
        fs::create_dir_all(top.join("in/empty")).unwrap();
        fs::write(top.join("in/a"), "a").unwrap();
        fs::write(home.path().join("outside"), "o").unwrap();
        symlink(home.path(), top.join("loop")).unwrap();
        symlink(home.path().join("outside"), top.join("link")).unwrap();
        let (found, refused) = walk(&top).unwrap();
        let names: Vec<_> = found.iter().map(|it| it.names.join("/")).collect();
        assert_eq!(names, ["top/in/a", "top/in/empty"]);
        assert_eq!(refused.len(), 2);
        let (followed, _) = walk(&top.join("link")).unwrap();
        assert_eq!(followed[0].names, ["link"]);
    }
}
