//! Which entries an archive has, in which order, and how long it will be.
//!
//! Keeps true: the order follows the names alone, so the same folder always gives the same archive; a plan holds at
//! most [`MAX_ENTRIES`] entries and [`MAX_NAMES`] bytes of names, whatever somebody put into a folder.

use super::format;
use super::names::Taken;

/// The most entries of an archive.
pub const MAX_ENTRIES: usize = 100_000;

/// The most bytes of paths, all entries together.
pub const MAX_NAMES: usize = 32 << 20;

/// Deeper than a drive can be.
const MAX_DEPTH: usize = 128;

/// Changes when the same tree would be written in another way: part of the tag.
const FORM: &[u8] = b"playhouse zip 1";

/// A file or folder to be put into an archive, under the name that its owner gave it.
#[derive(Clone, Debug)]
pub struct Node {
    pub name: String,
    /// Seconds since 1970.
    pub modified: i64,
    pub kind: NodeKind,
}

impl Node {
    /// None for a folder.
    fn content(&self) -> Option<&Content> {
        match &self.kind {
            NodeKind::File(content) => Some(content),
            NodeKind::Folder(_) => None,
        }
    }
}

#[derive(Clone, Debug)]
pub enum NodeKind {
    File(Content),
    Folder(Vec<Node>),
}

/// The bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Content {
    /// In hex.
    pub blake3: Box<str>,
    pub size: u64,
}

/// The folder holds more than one archive can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the folder has more entries, or longer names, than fit into one archive")]
pub struct TooMuch;

/// One entry of the archive.
#[derive(Debug)]
pub(super) struct Item {
    /// With `/` between names and, for a folder, at the end.
    pub path: Box<str>,
    pub modified: i64,
    /// None for a folder.
    pub content: Option<Content>,
}

impl Item {
    pub(super) fn size(&self) -> u64 {
        self.content.as_ref().map_or(0, |content| content.size)
    }
}

/// The entries of an archive.
#[derive(Debug)]
pub struct Plan {
    pub(super) items: Vec<Item>,
    size: u64,
    tag: String,
}

impl Plan {
    /// The archive of these files and folders.
    ///
    /// # Errors
    /// [`TooMuch`].
    pub fn new(nodes: Vec<Node>) -> Result<Plan, TooMuch> {
        let mut items = Vec::new();
        let mut names = 0;
        flatten(nodes, "", 0, &mut items, &mut names)?;
        Ok(Plan {
            size: format::archive_len(&items),
            tag: tag(&items),
            items,
        })
    }

    /// The length of the archive in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Names these entries with this content, and no others.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// How many files and folders there are.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.items.len()
    }

    /// About how much memory the plan takes, in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        let names: usize = self.items.iter().map(|item| item.path.len() + 64).sum();
        names + self.items.len() * size_of::<Item>()
    }
}

fn flatten(
    mut nodes: Vec<Node>,
    above: &str,
    depth: usize,
    items: &mut Vec<Item>,
    names: &mut usize,
) -> Result<(), TooMuch> {
    nodes.sort_by(|a, b| (&a.name, a.content()).cmp(&(&b.name, b.content())));
    let mut taken = Taken::default();
    for node in nodes {
        let end = match node.kind {
            NodeKind::File(_) => "",
            NodeKind::Folder(_) => "/",
        };
        let path = format!("{above}{}{end}", taken.take(&node.name));
        *names += path.len();
        let is_too_much = items.len() >= MAX_ENTRIES || *names > MAX_NAMES || depth > MAX_DEPTH;
        if is_too_much || path.len() > usize::from(u16::MAX) {
            return Err(TooMuch);
        }
        let (content, below) = match node.kind {
            NodeKind::File(content) => (Some(content), None),
            NodeKind::Folder(below) => (None, Some((path.clone(), below))),
        };
        items.push(Item {
            path: path.into_boxed_str(),
            modified: node.modified,
            content,
        });
        if let Some((path, below)) = below {
            flatten(below, &path, depth + 1, items, names)?;
        }
    }
    Ok(())
}

fn tag(items: &[Item]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(FORM);
    for item in items {
        hasher.update(&(item.path.len() as u64).to_le_bytes());
        hasher.update(item.path.as_bytes());
        hasher.update(&item.modified.to_le_bytes());
        if let Some(content) = &item.content {
            hasher.update(content.blake3.as_bytes());
            hasher.update(&content.size.to_le_bytes());
        }
    }
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> Node {
        let content = Content {
            blake3: "0".repeat(64).into(),
            size: 1,
        };
        Node {
            name: name.to_owned(),
            modified: 0,
            kind: NodeKind::File(content),
        }
    }

    fn folder(name: &str, below: Vec<Node>) -> Node {
        Node {
            name: name.to_owned(),
            modified: 0,
            kind: NodeKind::Folder(below),
        }
    }

    fn paths(plan: &Plan) -> Vec<&str> {
        plan.items.iter().map(|item| &*item.path).collect()
    }

    #[test]
    fn the_order_follows_the_names_and_the_tag_follows_all() {
        let one = Plan::new(vec![
            folder("b", vec![file("z"), file("a")]),
            file("c"),
            file("a"),
        ]);
        let other = Plan::new(vec![
            file("c"),
            file("a"),
            folder("b", vec![file("a"), file("z")]),
        ]);
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!(paths(&one), ["a", "b/", "b/a", "b/z", "c"]);
        assert_eq!(paths(&one), paths(&other));
        assert_eq!(one.tag(), other.tag());
        let third = Plan::new(vec![file("a"), file("c")]).unwrap();
        assert_ne!(one.tag(), third.tag());
    }

    #[test]
    fn names_that_become_the_same_are_told_apart() {
        let plan = Plan::new(vec![
            file("a/b"),
            file("a_b"),
            folder("a_b", vec![file("x")]),
        ]);
        assert_eq!(
            paths(&plan.unwrap()),
            ["a_b", "a_b (2)/", "a_b (2)/x", "a_b (3)"]
        );
    }

    #[test]
    fn a_plan_is_bounded() {
        let many = (0..=MAX_ENTRIES).map(|n| file(&n.to_string())).collect();
        assert_eq!(Plan::new(many).unwrap_err(), TooMuch);
        let deep = (0..=MAX_DEPTH + 1).fold(file("x"), |below, _| folder("d", vec![below]));
        assert_eq!(Plan::new(vec![deep]).unwrap_err(), TooMuch);
    }
}
