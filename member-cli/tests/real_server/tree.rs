//! Files for the tests, and how they are compared.

use std::collections::BTreeMap;
use std::path::Path;

use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::program::Program;

/// Bytes that differ everywhere: a part in a wrong place changes the hash.
pub(crate) fn numbers(size: usize, seed: u32) -> Vec<u8> {
    let count = u32::try_from(size / 4).unwrap();
    (0..count).flat_map(|n| (n ^ seed).to_le_bytes()).collect()
}

/// Every file below a folder by its path, and every empty folder with a slash.
pub(crate) fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
        if path.is_dir() {
            let inside: Vec<_> = std::fs::read_dir(&path)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .collect();
            if inside.is_empty() {
                found.insert(format!("{name}/"), Vec::new());
            }
            open.extend(inside);
        } else {
            found.insert(name.to_owned(), std::fs::read(&path).unwrap());
        }
    }
    found
}

/// Starts a command, kills it when a tenth has come, and returns.
pub(crate) async fn kill_in_the_middle(program: &Program, arguments: &[&str]) {
    let mut child = program.command(arguments).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    loop {
        let line = lines.next_line().await.unwrap();
        let line = line.unwrap_or_else(|| unreachable!("it ended before it was killed"));
        let percent = line.strip_suffix('%').and_then(|it| it.rsplit(' ').next());
        if percent.and_then(|it| it.parse::<u64>().ok()) >= Some(20) {
            break;
        }
    }
    child.start_kill().unwrap();
    assert_eq!(child.wait().await.unwrap().code(), None);
}

pub(crate) fn blake3_of(file: &Path) -> String {
    let bytes = std::fs::read(file).unwrap();
    blake3::hash(&bytes).to_hex().to_string()
}

pub(crate) fn path(file: &Path) -> String {
    file.to_str().unwrap().to_owned()
}
