//! Paths on the server: from the root, names between slashes.

use std::fmt;

use playhouse_cli_support::Failure;

/// A place in the drive; the root has no names. A name may still be a wildcard.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RemotePath(Vec<String>);

impl RemotePath {
    /// What `text` means in this folder. `.`, `..` and doubled slashes are understood here; the
    /// server never sees them. Above the root is the root.
    pub(crate) fn resolve(&self, text: &str) -> Self {
        let mut names = if text.starts_with('/') {
            Vec::new()
        } else {
            self.0.clone()
        };
        for name in text.split('/') {
            match name {
                "" | "." => {}
                ".." => {
                    names.pop();
                }
                name => names.push(name.to_owned()),
            }
        }
        Self(names)
    }

    /// A path as the server writes it.
    pub(crate) fn of_server(text: &str) -> Self {
        Self::default().resolve(text)
    }

    pub(crate) fn join(&self, name: &str) -> Self {
        let mut names = self.0.clone();
        names.push(name.to_owned());
        Self(names)
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.0
    }

    /// The last name; none for the root.
    pub(crate) fn name(&self) -> Option<&str> {
        self.0.last().map(String::as_str)
    }

    pub(crate) fn parent(&self) -> Self {
        let names = self.0.split_last().map_or(&[][..], |(_, above)| above);
        Self(names.to_vec())
    }

    /// The folder above, which the root has not.
    pub(crate) fn split(&self) -> Result<(Self, &str), Failure> {
        let name = self.name();
        let name = name.ok_or_else(|| Failure::usage("this is the whole drive"))?;
        Ok((self.parent(), name))
    }
}

impl fmt::Display for RemotePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("/");
        }
        self.0.iter().try_for_each(|name| write!(f, "/{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_meant_from_where_one_is() {
        let here = RemotePath::of_server("/a/b");
        for (text, meant) in [
            ("", "/a/b"),
            ("c", "/a/b/c"),
            ("./c//d/", "/a/b/c/d"),
            ("..", "/a"),
            ("../../..", "/"),
            ("/x", "/x"),
            ("../x y", "/a/x y"),
        ] {
            assert_eq!(here.resolve(text).to_string(), meant, "{text}");
        }
    }

    #[test]
    fn the_root_has_no_name() {
        let root = RemotePath::default();
        assert_eq!(root.to_string(), "/");
        assert!(root.split().is_err());
        let path = RemotePath::of_server("/a/b");
        let (parent, name) = path.split().unwrap();
        assert_eq!((parent.to_string().as_str(), name), ("/a", "b"));
    }
}
