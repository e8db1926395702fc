//! Which locks stand against what: pure functions over the live locks of one drive.
//!
//! RFC 4918 §6 and §7. A lock on a folder with depth infinity covers all that is below it. One of depth 0 covers the
//! folder and which names are in it, but not what they name.

use crate::drive::DrivePath;

/// A lock that has not expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lock {
    pub token: String,
    pub path: DrivePath,
    pub is_deep: bool,
    pub is_shared: bool,
}

impl Lock {
    pub(super) fn covers(&self, path: &DrivePath) -> bool {
        self.path == *path || self.is_deep && path.starts_with(&self.path)
    }

    fn is_below(&self, path: &DrivePath) -> bool {
        self.path.starts_with(path)
    }
}

/// What is about to be changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change<'a> {
    pub path: &'a DrivePath,
    /// Whether it is about all that is below, too.
    pub is_deep: bool,
    /// Whether its name comes into its folder, or leaves it.
    pub is_of_name: bool,
}

/// The first lock that a new one cannot stand beside.
pub(super) fn conflicting<'a>(
    locks: &'a [Lock],
    path: &DrivePath,
    is_deep: bool,
    is_shared: bool,
) -> Option<&'a Lock> {
    locks.iter().find(|lock| {
        let touches = lock.covers(path) || is_deep && lock.is_below(path);
        touches && !(is_shared && lock.is_shared)
    })
}

/// The first lock that forbids a change to whoever sent these tokens. Of shared locks on one place, one is enough.
pub(super) fn forbidding<'a>(
    locks: &'a [Lock],
    change: Change<'_>,
    tokens: &[String],
) -> Option<&'a Lock> {
    let above = change.path.split_last().map(|(above, _)| above);
    let stands = |lock: &Lock| {
        lock.covers(change.path)
            || change.is_deep && lock.is_below(change.path)
            || change.is_of_name && above.as_ref() == Some(&lock.path)
    };
    let is_held = |lock: &Lock| tokens.contains(&lock.token);
    locks.iter().filter(|lock| stands(lock)).find(|lock| {
        if !lock.is_shared {
            return !is_held(lock);
        }
        let mut beside = locks
            .iter()
            .filter(|it| it.is_shared && it.path == lock.path);
        !beside.any(is_held)
    })
}

/// Whether a token is that of a lock on this path.
pub(super) fn is_locked_with(locks: &[Lock], path: &DrivePath, token: &str) -> bool {
    locks.iter().any(|it| it.token == token && it.covers(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> DrivePath {
        DrivePath::parse(text).unwrap()
    }

    fn lock(token: &str, at: &str, is_deep: bool, is_shared: bool) -> Lock {
        Lock {
            token: token.to_owned(),
            path: path(at),
            is_deep,
            is_shared,
        }
    }

    fn forbids(locks: &[Lock], at: &str, deep: bool, of_name: bool, tokens: &[&str]) -> bool {
        let path = path(at);
        let change = Change {
            path: &path,
            is_deep: deep,
            is_of_name: of_name,
        };
        let tokens: Vec<String> = tokens.iter().map(|it| (*it).to_owned()).collect();
        forbidding(locks, change, &tokens).is_some()
    }

    #[test]
    fn a_prefix_of_a_name_is_not_a_folder() {
        let locks = [lock("t", "/a", true, false)];
        assert!(conflicting(&locks, &path("/a/b"), false, false).is_some());
        assert!(conflicting(&locks, &path("/ab"), false, false).is_none());
        assert!(forbids(&locks, "/a/b/c", false, false, &[]));
        assert!(!forbids(&locks, "/ab", true, true, &[]));
    }

    #[test]
    fn only_shared_locks_stand_beside_each_other() {
        let shared = [lock("t", "/a", false, true)];
        assert!(conflicting(&shared, &path("/a"), false, true).is_none());
        assert!(conflicting(&shared, &path("/a"), false, false).is_some());
        let exclusive = [lock("t", "/a", false, false)];
        assert!(conflicting(&exclusive, &path("/a"), false, true).is_some());
        assert!(conflicting(&exclusive, &path("/"), true, true).is_some());
        assert!(conflicting(&exclusive, &path("/"), false, false).is_none());
    }

    #[test]
    fn a_change_needs_the_token_of_every_lock_in_its_way() {
        let locks = [
            lock("x", "/a", false, false),
            lock("y", "/a/b", false, false),
        ];
        assert!(forbids(&locks, "/a", true, true, &["x"]));
        assert!(!forbids(&locks, "/a", true, true, &["x", "y"]));
        assert!(!forbids(&locks, "/a", false, false, &["x"]));
        assert!(forbids(&locks, "/a", false, false, &["z"]));
    }

    #[test]
    fn a_flat_lock_on_a_folder_keeps_the_names_in_it() {
        let locks = [lock("x", "/a", false, false)];
        assert!(forbids(&locks, "/a/new", false, true, &[]));
        assert!(!forbids(&locks, "/a/new", false, true, &["x"]));
        assert!(!forbids(&locks, "/a/there", false, false, &[]));
        assert!(!forbids(&locks, "/a/b/new", false, true, &[]));
    }

    #[test]
    fn one_of_the_shared_locks_is_enough() {
        let locks = [lock("x", "/a", true, true), lock("y", "/a", true, true)];
        assert!(forbids(&locks, "/a/b", false, false, &[]));
        assert!(!forbids(&locks, "/a/b", false, false, &["y"]));
    }

    #[test]
    fn a_token_counts_only_where_its_lock_is() {
        let locks = [lock("x", "/a", true, false)];
        assert!(is_locked_with(&locks, &path("/a/b"), "x"));
        assert!(!is_locked_with(&locks, &path("/c"), "x"));
        assert!(!is_locked_with(&locks, &path("/a"), "y"));
    }
}
