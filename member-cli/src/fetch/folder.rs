//! Folders and names of this machine, such that nothing lands outside the folder that was asked
//! for, whatever names the server gives and whatever links lie about.
//!
//! A [`Folder`] is an open descriptor. What is in it is reached by one [`Name`] at a time and
//! relative to the descriptor, without following links, so neither `..` nor a link that somebody
//! puts there meanwhile leads out. Only the path that the user gives is followed as usual.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use playhouse_cli_support::output::printable;
use playhouse_cli_support::{Code, Failure};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

/// The longest name that Linux file systems take, in bytes.
const NAME_LIMIT: usize = 255;

/// The name of one file or folder: not empty, not `.` or `..`, without `/` and NUL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(OsString);

/// An open folder.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    fd: Arc<OwnedFd>,
    /// To be shown; not used to reach anything.
    path: PathBuf,
}

/// What stands under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A file of so many bytes.
    File(u64),
    Folder,
    /// A link, a device, a socket.
    Other,
}

impl Name {
    /// A name that a server gave. Control characters and backslashes are refused as well.
    pub(crate) fn of_server(text: &str) -> Result<Self, Failure> {
        let odd = |c: char| c.is_control() || c == '\\';
        if text.contains(odd) {
            return Err(refused(text));
        }
        Self::of_user(OsStr::new(text)).ok_or_else(|| refused(text))
    }

    /// A name that the user wrote.
    pub(crate) fn of_user(name: &OsStr) -> Option<Self> {
        let bytes = name.as_bytes();
        let special = bytes.is_empty() || bytes == b"." || bytes == b"..";
        let whole = !special && bytes.len() <= NAME_LIMIT && !bytes.contains(&b'/');
        (whole && !bytes.contains(&0)).then(|| Self(name.to_owned()))
    }

    pub(crate) fn as_os_str(&self) -> &OsStr {
        &self.0
    }

    /// As it is shown.
    pub(crate) fn display(&self) -> String {
        printable(&self.0.to_string_lossy())
    }

    /// The same name with a number before its ending: `film (2).mp4`.
    pub(crate) fn numbered(&self, number: u32) -> Self {
        let path = Path::new(&self.0);
        let ending = path.extension().map_or_else(OsString::new, |it| {
            let mut ending = OsString::from(".");
            ending.push(it);
            ending
        });
        let stem = path.file_stem().unwrap_or(&self.0);
        let tail = [OsString::from(format!(" ({number})")), ending].concat_os();
        Self(shortened(stem, &tail))
    }

    /// The name of the file that holds a part of it; `mark` tells it from others.
    pub(crate) fn part(&self, mark: &str) -> Self {
        Self(shortened(&self.0, OsStr::new(&format!(".{mark}.part"))))
    }
}

fn refused(text: &str) -> Failure {
    let shown = printable(text);
    Failure::new(
        Code::Failure,
        format!("the server gives the name {shown:?}, which no file here may have"),
    )
}

/// `stem` and `tail`, the stem cut (between characters) so that both fit into a name.
fn shortened(stem: &OsStr, tail: &OsStr) -> OsString {
    let room = NAME_LIMIT.saturating_sub(tail.len());
    let mut name = OsString::new();
    if stem.len() <= room {
        name.push(stem);
    } else {
        let text = stem.to_string_lossy();
        let end = (0..=room.min(text.len()))
            .rev()
            .find(|&at| text.is_char_boundary(at));
        name.push(text.get(..end.unwrap_or(0)).unwrap_or_default());
    }
    name.push(tail);
    name
}

trait ConcatOs {
    fn concat_os(&self) -> OsString;
}

impl ConcatOs for [OsString] {
    fn concat_os(&self) -> OsString {
        let mut all = OsString::new();
        self.iter().for_each(|it| all.push(it));
        all
    }
}

impl Folder {
    /// The folder at a path of the user's; it has to be there.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
        let fd = rustix::fs::open(path, flags, Mode::empty())?;
        Ok(Self {
            fd: Arc::new(fd),
            path: path.to_owned(),
        })
    }

    /// The folder `name` in it, made if it is not there. A link is not followed.
    pub(crate) fn enter(&self, name: &Name) -> io::Result<Self> {
        match rustix::fs::mkdirat(&*self.fd, &name.0, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&*self.fd, &name.0, flags, Mode::empty())?;
        Ok(Self {
            fd: Arc::new(fd),
            path: self.path.join(&name.0),
        })
    }

    /// Where something in it stands, to be shown.
    pub(crate) fn path_of(&self, name: &Name) -> PathBuf {
        self.path.join(&name.0)
    }

    /// Where it stands itself, to be shown.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What is under a name; nothing if it is free.
    pub(crate) fn find(&self, name: &Name) -> io::Result<Option<Found>> {
        let stat = match rustix::fs::statat(&*self.fd, &name.0, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => return Ok(None),
            stat => stat?,
        };
        Ok(Some(match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Found::File(u64::try_from(stat.st_size).unwrap_or(0)),
            FileType::Directory => Found::Folder,
            _ => Found::Other,
        }))
    }

    /// Opens a file for reading.
    pub(crate) fn read(&self, name: &Name) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&*self.fd, &name.0, flags, Mode::empty())?.into())
    }

    /// Opens a file for reading and writing, made if it is not there.
    pub(crate) fn write(&self, name: &Name) -> io::Result<File> {
        let flags =
            OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o666);
        let file: File = rustix::fs::openat(&*self.fd, &name.0, flags, mode)?.into();
        if file.metadata()?.is_file() {
            Ok(file)
        } else {
            Err(io::Error::other("this is not a file"))
        }
    }

    /// Gives a file another name. Without `replace` a name that is taken is an error.
    pub(crate) fn rename(&self, from: &Name, to: &Name, replace: bool) -> io::Result<()> {
        let flags = if replace {
            RenameFlags::empty()
        } else {
            RenameFlags::NOREPLACE
        };
        match rustix::fs::renameat_with(&*self.fd, &from.0, &*self.fd, &to.0, flags) {
            // A file system that cannot rename so can link so.
            Err(Errno::INVAL | Errno::NOSYS) if !replace => self.link_and_remove(from, to),
            result => Ok(result?),
        }
    }

    fn link_and_remove(&self, from: &Name, to: &Name) -> io::Result<()> {
        rustix::fs::linkat(&*self.fd, &from.0, &*self.fd, &to.0, AtFlags::empty())?;
        self.remove(from)
    }

    /// Deletes a file.
    pub(crate) fn remove(&self, name: &Name) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&*self.fd, &name.0, AtFlags::empty())?)
    }

    /// Makes the names in it durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&*self.fd)?)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let long = "x".repeat(256);
        for text in [
            "",
            ".",
            "..",
            "/",
            "a/b",
            "/etc/passwd",
            "../x",
            "a\0b",
            "a\nb",
            "a\\b",
            "\u{1b}[2J",
            &long,
        ] {
            assert!(Name::of_server(text).is_err(), "{text:?}");
        }
        for text in [
            "a",
            "...",
            "..a",
            "a b",
            "~",
            "-rf",
            "霸王别姬.mp4",
            ".hidden",
        ] {
            assert!(Name::of_server(text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn numbers_stand_before_the_ending() {
        let name = |text| Name::of_server(text).unwrap();
        assert_eq!(name("a.b.mp4").numbered(2), name("a.b (2).mp4"));
        assert_eq!(name("README").numbered(3), name("README (3)"));
        assert_eq!(name(".bashrc").numbered(2), name(".bashrc (2)"));
    }

    #[test]
    fn a_link_is_neither_entered_nor_written_through() {
        let outside = tempfile::tempdir().unwrap();
        let inside = tempfile::tempdir().unwrap();
        let target = outside.path().join("target");
        std::fs::write(&target, "old").unwrap();
        symlink(outside.path(), inside.path().join("folder")).unwrap();
        symlink(&target, inside.path().join("file")).unwrap();
        let folder = Folder::open(inside.path()).unwrap();
        let name = |text| Name::of_server(text).unwrap();
        assert!(folder.enter(&name("folder")).is_err());
        assert!(folder.write(&name("file")).is_err());
        assert!(folder.read(&name("file")).is_err());
        assert_eq!(folder.find(&name("file")).unwrap(), Some(Found::Other));
        assert_eq!(std::fs::read_to_string(target).unwrap(), "old");
    }

    #[test]
    fn a_name_that_is_taken_stays_with_its_file() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::open(home.path()).unwrap();
        let (a, b) = (Name::of_server("a").unwrap(), Name::of_server("b").unwrap());
        std::fs::write(home.path().join("a"), "new").unwrap();
        std::fs::write(home.path().join("b"), "old").unwrap();
        let taken = folder.rename(&a, &b, false).unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(
            folder.link_and_remove(&a, &b).unwrap_err().kind(),
            taken.kind()
        );
        folder.rename(&a, &b, true).unwrap();
        assert_eq!(
            std::fs::read_to_string(home.path().join("b")).unwrap(),
            "new"
        );
    }

    proptest! {
        #[test]
        fn what_is_made_of_a_name_is_a_name(text in "\\PC{1,300}", number in 2_u32..) {
            if let Ok(name) = Name::of_server(&text) {
                for made in [name.numbered(number), name.part("0123abcd")] {
                    prop_assert_eq!(Name::of_user(made.as_os_str()), Some(made.clone()));
                    prop_assert_ne!(made, name.clone());
                }
            }
        }

        /// Whatever the server says, the path stays directly below the folder.
        #[test]
        fn a_name_stays_in_its_folder(text in any::<String>()) {
            if let Ok(name) = Name::of_server(&text) {
                let path = Path::new("/target").join(name.as_os_str());
                prop_assert_eq!(path.parent(), Some(Path::new("/target")));
                prop_assert_eq!(path.file_name(), Some(name.as_os_str()));
            }
        }
    }
}
