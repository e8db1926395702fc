//! What the clients were told: the server must never know less.

use std::collections::{HashMap, HashSet};

use super::ftp::Begun;

/// A file that can be made again from two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) seed: u64,
    pub(crate) size: usize,
}

impl Content {
    pub(crate) fn bytes(self) -> Vec<u8> {
        // Made by code that is optimised in the tests, too: each round makes and hashes every content anew.
        let mut bytes = vec![0; self.size];
        let seed = self.seed.to_le_bytes();
        let mut stream = blake3::Hasher::new().update(&seed).finalize_xof();
        stream.fill(&mut bytes);
        bytes
    }

    pub(crate) fn hash(self) -> String {
        blake3::hash(&self.bytes()).to_hex().to_string()
    }
}

/// An upload that was created, as its answer said.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub(crate) content: Content,
    /// Where its bytes begin in the content.
    pub(crate) begin: usize,
    /// How many bytes it will have.
    pub(crate) size: usize,
    pub(crate) acknowledged: usize,
    /// Where in the drive it goes when it is complete.
    pub(crate) target: Option<String>,
    /// A request that ends it is under way.
    pub(crate) is_ending: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Truth {
    /// By their address.
    pub(crate) open: HashMap<String, Open>,
    /// Files of the drive whose end was answered, by their path.
    pub(crate) placed: HashMap<String, Content>,
    /// Files of the drive whose end may or may not have happened, and the parts that must be there if it has not.
    pub(crate) perhaps: HashMap<String, (Content, Vec<String>)>,
    /// Uploads whose end was answered.
    pub(crate) ended: HashSet<String>,
    /// Files of the drive that arrive over FTP, by their path.
    pub(crate) begun: HashMap<String, Begun>,
    pub(crate) names: u64,
}

impl Truth {
    /// A name that was not used before.
    pub(crate) fn name(&mut self, kind: &str) -> String {
        self.names += 1;
        format!("/{kind}-{}", self.names)
    }

    pub(crate) fn acknowledge(&mut self, path: &str, offset: usize) {
        if let Some(open) = self.open.get_mut(path) {
            assert!(offset >= open.acknowledged, "{path} went back to {offset}");
            open.acknowledged = offset;
        }
    }

    /// The last byte was answered: it is in the drive, or a film that waits.
    pub(crate) fn complete(&mut self, path: &str) {
        if let Some(target) = self.open.get(path).and_then(|it| it.target.clone())
            && let Some(open) = self.open.remove(path)
        {
            self.placed.insert(target, open.content);
        }
    }
}
