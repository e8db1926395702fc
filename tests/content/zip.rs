//! Archives as other programs read them: Python's zipfile, Info-ZIP's unzip and 7-Zip.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use playhouse::transfers::zip::{Content, Node, NodeKind, Plan, Shelf, ZipStream};
use proptest::prelude::*;

/// Files in memory, and as many zeros as anybody wants.
#[derive(Default)]
struct Store(HashMap<String, Vec<u8>>);

impl Shelf for Store {
    fn open(&self, content: &Content) -> io::Result<Box<dyn Read + Send>> {
        match self.0.get(&*content.blake3) {
            Some(bytes) => Ok(Box::new(Cursor::new(bytes.clone()))),
            None if &*content.blake3 == "zeros" => Ok(Box::new(io::repeat(0))),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl Store {
    fn file(&mut self, name: &str, bytes: &[u8]) -> Node {
        let blake3 = blake3::hash(bytes).to_hex().to_string();
        self.0.insert(blake3.clone(), bytes.to_owned());
        file(name, &blake3, bytes.len() as u64)
    }
}

fn file(name: &str, blake3: &str, size: u64) -> Node {
    Node {
        name: name.to_owned(),
        modified: 1_700_000_001,
        kind: NodeKind::File(Content {
            blake3: blake3.into(),
            size,
        }),
    }
}

fn folder(name: &str, below: Vec<Node>) -> Node {
    Node {
        name: name.to_owned(),
        modified: 1_600_000_000,
        kind: NodeKind::Folder(below),
    }
}

/// The archive, made with buffers of this size.
fn made(nodes: Vec<Node>, store: Store, buffer: usize) -> Vec<u8> {
    let plan = Arc::new(Plan::new(nodes).unwrap());
    let size = plan.size();
    let mut stream = ZipStream::new(plan, Arc::new(store));
    let mut archive = Vec::new();
    let mut space = vec![0; buffer];
    loop {
        let filled = stream.fill(&mut space).unwrap();
        archive.extend_from_slice(&space[..filled]);
        if filled < buffer {
            break;
        }
    }
    assert_eq!(archive.len() as u64, size, "the length was known before");
    archive
}

fn written(archive: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".zip").tempfile().unwrap();
    file.write_all(archive).unwrap();
    file
}

/// What a program says, which must succeed.
fn said(program: &str, package: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|_| panic!("these tests need {program}: apt-get install {package}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {text} {errors}"
    );
    text
}

fn python(archive: &Path, script: &str) -> String {
    let start = format!("import zipfile\nz = zipfile.ZipFile({archive:?})\n");
    said("python3", "python3", &["-c", &(start + script)])
}

#[test]
fn three_programs_read_a_folder() {
    let mut store = Store::default();
    let nodes = vec![
        folder(
            "Bücher 影",
            vec![
                store.file("a.txt", b"first"),
                store.file("empty", b""),
                folder("none", vec![]),
            ],
        ),
        store.file("b.bin", &vec![7; 700_000]),
    ];
    let file = written(&made(nodes, store, 1 << 18));
    let path = file.path().to_str().unwrap();
    let listed = python(
        file.path(),
        "assert z.testzip() is None\n\
         for i in z.infolist(): print(i.filename, i.file_size, i.date_time, oct(i.external_attr >> 16), i.flag_bits)",
    );
    assert_eq!(
        listed.lines().collect::<Vec<_>>(),
        [
            "Bücher 影/ 0 (2020, 9, 13, 12, 26, 40) 0o40755 2048",
            "Bücher 影/a.txt 5 (2023, 11, 14, 22, 13, 20) 0o100644 2056",
            "Bücher 影/empty 0 (2023, 11, 14, 22, 13, 20) 0o100644 2056",
            "Bücher 影/none/ 0 (2020, 9, 13, 12, 26, 40) 0o40755 2048",
            "b.bin 700000 (2023, 11, 14, 22, 13, 20) 0o100644 2056",
        ]
    );
    said("unzip", "unzip", &["-tqq", path]);
    said("7z", "p7zip-full", &["t", path]);
    let to = tempfile::tempdir().unwrap();
    said(
        "unzip",
        "unzip",
        &["-qq", path, "-d", to.path().to_str().unwrap()],
    );
    let out = to.path().join("Bücher 影/a.txt");
    assert_eq!(std::fs::read(&out).unwrap(), b"first");
    let modified = std::fs::metadata(&out).unwrap().modified().unwrap();
    let seconds = modified.duration_since(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(seconds.as_secs(), 1_700_000_001, "to the second, in UTC");
    let folder = std::fs::metadata(to.path().join("Bücher 影/none")).unwrap();
    let seconds = folder
        .modified()
        .unwrap()
        .duration_since(std::time::UNIX_EPOCH);
    assert_eq!(seconds.unwrap().as_secs(), 1_600_000_000);
}

#[test]
fn an_empty_folder_is_an_archive_too() {
    let archive = made(Vec::new(), Store::default(), 1000);
    assert_eq!(archive.len(), 22);
    assert_eq!(
        python(written(&archive).path(), "print(z.namelist())").trim(),
        "[]"
    );
}

#[test]
fn more_entries_than_sixteen_bits_count() {
    let mut store = Store::default();
    let mut nodes: Vec<Node> = (0..70_000)
        .map(|n| folder(&format!("{n:05}"), vec![]))
        .collect();
    nodes.push(store.file("z", b"last"));
    let file = written(&made(nodes, store, 1 << 18));
    let said = python(
        file.path(),
        "print(len(z.infolist()), z.namelist()[65535], z.read('z'))",
    );
    assert_eq!(said.trim(), "70001 65535/ b'last'");
    let path = file.path().to_str().unwrap();
    let listed = self::said("unzip", "unzip", &["-Z", "-h", path]);
    assert!(listed.contains("70001"), "{listed}");
}

/// Over 4 GiB of zeros, then a small file: its place, and the end's, need more than 32 bits.
#[test]
fn more_bytes_than_thirty_two_bits_count() {
    const LARGE: u64 = (4 << 30) + 5;
    let mut store = Store::default();
    let nodes = vec![file("a", "zeros", LARGE), store.file("b", b"behind")];
    let plan = Arc::new(Plan::new(nodes).unwrap());
    let size = plan.size();
    let mut stream = ZipStream::new(plan, Arc::new(store));
    let sparse = tempfile::Builder::new().suffix(".zip").tempfile().unwrap();
    write_sparse(&mut stream, sparse.as_file());
    assert_eq!(sparse.as_file().metadata().unwrap().len(), size);
    let said = python(
        sparse.path(),
        "a, b = z.infolist()\n\
         print(a.file_size, b.header_offset > 2**32, z.read('b'))\n\
         with z.open('a') as f:\n  while f.read(1 << 22): pass\n",
    );
    assert_eq!(said.trim(), format!("{LARGE} True b'behind'"));
    let path = sparse.path().to_str().unwrap();
    assert_eq!(self::said("unzip", "unzip", &["-p", path, "b"]), "behind");
    let listed = self::said("7z", "p7zip-full", &["l", path]);
    assert!(listed.contains(&LARGE.to_string()), "{listed}");
}

/// Leaves holes where there are zeros, so that the disk is spared.
fn write_sparse(stream: &mut ZipStream, mut file: &File) {
    let (mut space, zeros) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    let mut at = 0;
    loop {
        let filled = stream.fill(&mut space).unwrap();
        let bytes = &space[..filled];
        // As slices: byte by byte would take most of the test's time.
        if bytes != &zeros[..filled] {
            file.seek(SeekFrom::Start(at)).unwrap();
            file.write_all(bytes).unwrap();
        }
        at += filled as u64;
        if filled < space.len() {
            return;
        }
    }
}

#[test]
fn a_file_that_is_shorter_than_its_record_ends_the_stream() {
    let mut store = Store::default();
    let NodeKind::File(content) = store.file("a", b"short").kind else {
        panic!("a file");
    };
    let plan = Plan::new(vec![file("a", &content.blake3, 6)]).unwrap();
    let mut stream = ZipStream::new(Arc::new(plan), Arc::new(store));
    let error = stream.fill(&mut [0; 1000]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    let plan = Plan::new(vec![file("a", "unknown", 6)]).unwrap();
    let mut stream = ZipStream::new(Arc::new(plan), Arc::new(Store::default()));
    let error = stream.fill(&mut [0; 1000]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

#[test]
fn hostile_names_stay_inside() {
    let mut store = Store::default();
    let names = [
        "..",
        "../up",
        "/etc/passwd",
        "C:\\x",
        "a\\..\\b",
        "x\0y",
        "\r\nq",
        "...",
        "ok\u{202e}txt.exe",
    ];
    let mut nodes: Vec<Node> = names
        .iter()
        .map(|name| store.file(name, name.as_bytes()))
        .collect();
    nodes.push(folder("..", vec![store.file("..", b"deep")]));
    let file = written(&made(nodes, store, 333));
    let to = tempfile::tempdir().unwrap();
    let inner = to.path().join("a/b/c");
    std::fs::create_dir_all(&inner).unwrap();
    let path = file.path().to_str().unwrap();
    said(
        "unzip",
        "unzip",
        &["-qq", path, "-d", inner.to_str().unwrap()],
    );
    said("unzip", "unzip", &["-tqq", path]);
    let count = |folder: &Path| std::fs::read_dir(folder).unwrap().count();
    assert_eq!(count(&inner), names.len() + 1);
    for folder in ["a/b", "a", "."] {
        assert_eq!(count(&to.path().join(folder)), 1, "{folder}");
    }
    let said = python(
        file.path(),
        "names = z.namelist()\nassert len(set(names)) == len(names)\n\
         assert not any(n.startswith('/') or '..' in n.split('/') or '\\\\' in n or n[1:2] == ':' for n in names), names\n\
         print('safe')",
    );
    assert_eq!(said.trim(), "safe");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the tree and the buffers: the same bytes, and the length that was said.
    #[test]
    fn buffers_make_no_difference(
        files in prop::collection::vec(("[a-c/.:\\\\é]{0,4}", prop::collection::vec(any::<u8>(), 0..400)), 0..8),
        below in prop::collection::vec(("\\PC{0,6}", 0_usize..200), 0..5),
        buffer in 1_usize..900,
    ) {
        let build = |store: &mut Store| {
            let mut nodes: Vec<Node> = files.iter().map(|(name, bytes)| store.file(name, bytes)).collect();
            let deep = below.iter().map(|(name, len)| store.file(name, &vec![3; *len])).collect();
            nodes.push(folder("d", deep));
            nodes
        };
        let (mut one, mut other) = (Store::default(), Store::default());
        let (first, mut second) = (build(&mut one), build(&mut other));
        second.reverse();
        prop_assert_eq!(made(first, one, buffer), made(second, other, 1 << 16));
    }
}
