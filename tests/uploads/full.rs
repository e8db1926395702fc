//! A disk that is full: a small file system of its own, mounted where only the server sees it.

use std::process::Command;

use playhouse_test_support::server::Server;
use reqwest::Method;

use super::crash::Admin;
use super::wire::{bytes, film};

const MIB: usize = 1 << 20;

/// The server in a mount namespace of its own, with 24 MiB at `storage`.
fn on_a_small_disk(data: &std::path::Path) -> Command {
    with_a_small_disk_at(&data.join("storage"), 24)
}

/// The server in a mount namespace of its own, with some MiB at a folder.
pub(crate) fn with_a_small_disk_at(folder: &std::path::Path, mib: u32) -> Command {
    let folder = folder.display();
    let mount = format!("mount -t tmpfs -o size={mib}m tmpfs '{folder}'");
    let rights: &[&str] = match probe(&["--mount"]) {
        true => &["--mount"],
        false if probe(&["--mount", "--map-root-user"]) => &["--mount", "--map-root-user"],
        false => panic!(
            "this test mounts a tmpfs: run it as root, or allow user namespaces \
             (sysctl kernel.unprivileged_userns_clone=1)"
        ),
    };
    let mut command = Command::new("unshare");
    command
        .args(rights)
        .args(["sh", "-c"])
        .arg(format!("{mount} && exec \"$0\" \"$@\""))
        .arg(env!("CARGO_BIN_EXE_playhouse"));
    command
}

fn probe(rights: &[&str]) -> bool {
    let script = "mount -t tmpfs tmpfs /mnt";
    let tried = Command::new("unshare")
        .args(rights)
        .args(["sh", "-c", script])
        .output();
    tried.is_ok_and(|it| it.status.success())
}

pub(crate) async fn status(request: reqwest::RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.text().await.unwrap())
}

#[actix_web::test]
async fn a_full_disk_is_told_and_the_upload_goes_on_when_there_is_room() {
    let data = tempfile::tempdir().unwrap();
    std::fs::create_dir(data.path().join("storage")).unwrap();
    let mut command = on_a_small_disk(data.path());
    command
        .env("PLAYHOUSE__UPLOADS__MIN_FREE_BYTES", "0")
        .env("PLAYHOUSE__UPLOADS__CHECKPOINT_BYTES", "1048576");
    let server = Server::start(command, data.path(), None);
    let admin = Admin::enter(&server).await;

    // Longer than the disk: refused before a byte is sent.
    let request = admin
        .tus(&server, Method::POST, "/api/v1/uploads")
        .header("Upload-Length", 40 * MIB)
        .header("Upload-Metadata", film());
    let (code, body) = status(request).await;
    assert_eq!(code, 507, "{body}");
    assert!(body.contains("insufficient_storage"), "{body}");

    // Each fits alone, both do not: the second runs into the end of the disk on its way.
    let content = bytes(16 * MIB);
    let first = admin.create(&server, content.len()).await;
    let second = admin.create(&server, content.len()).await;
    let half = content[..8 * MIB].to_vec();
    let (code, body) = status(admin.patch(&server, &second, 0, half)).await;
    assert_eq!(code, 204, "{body}");
    let piece = content[..4 * MIB].to_vec();
    let (code, body) = status(admin.patch(&server, &first, 0, piece)).await;
    assert_eq!(code, 204, "{body}");
    let both = futures_util::future::join(
        status(admin.patch(&server, &first, 4 * MIB, content[4 * MIB..].to_vec())),
        status(admin.patch(&server, &second, 8 * MIB, content[8 * MIB..].to_vec())),
    );
    let (one, two) = both.await;
    assert!(one.0 == 507 || two.0 == 507, "{one:?} {two:?}");
    let (full, done) = if one.0 == 507 {
        (&first, &second)
    } else {
        (&second, &first)
    };
    let kept = admin.offset(&server, full).await;
    assert!(kept >= 4 * MIB, "{kept}");

    // Room is made, and it goes on from there to its end.
    let (code, body) = status(admin.tus(&server, Method::DELETE, done)).await;
    assert_eq!(code, 204, "{body}");
    let rest = content[kept..].to_vec();
    let (code, body) = status(admin.patch(&server, full, kept, rest)).await;
    assert_eq!(code, 204, "{body}");
    assert_eq!(admin.offset(&server, full).await, content.len());

    // A new upload that fails with its first bytes frees what it took.
    let (code, body) = status(admin.tus(&server, Method::DELETE, full)).await;
    assert_eq!(code, 204, "{body}");
    let (code, body) = status(
        admin
            .tus(&server, Method::POST, "/api/v1/uploads")
            .header("Upload-Length", 20 * MIB)
            .header("Upload-Metadata", film()),
    )
    .await;
    assert_eq!(code, 201, "everything was freed: {body}");
}

/// Begins a part of a film and sends it.
async fn part(
    admin: &Admin,
    server: &Server,
    bytes: Vec<u8>,
    place: Option<(&str, usize)>,
) -> String {
    let at = place.map(|(_, at)| at.to_string()).unwrap_or_default();
    let mut said = vec![("purpose", "movie")];
    if let Some((file, _)) = place {
        said.extend([("part_of", file), ("part_offset", &at)]);
    }
    let request = admin
        .tus(server, Method::POST, "/api/v1/uploads")
        .header("Upload-Length", bytes.len())
        .header("Upload-Concat", "partial")
        .header("Upload-Metadata", super::wire::metadata(&said));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let path = super::wire::header(&answer, "location");
    let (code, body) = status(admin.patch(server, &path, 0, bytes)).await;
    assert_eq!(code, 204, "{body}");
    path
}

#[actix_web::test]
async fn parts_that_need_a_copy_are_told_when_there_is_no_room_and_others_need_none() {
    let data = tempfile::tempdir().unwrap();
    std::fs::create_dir(data.path().join("storage")).unwrap();
    let mut command = on_a_small_disk(data.path());
    command.env("PLAYHOUSE__UPLOADS__MIN_FREE_BYTES", "0");
    let server = Server::start(command, data.path(), None);
    let admin = Admin::enter(&server).await;
    let content = bytes(20 * MIB);
    let of = uuid::Uuid::now_v7().to_string();
    for place in [None, Some(of.as_str())] {
        let (first, second) = content.split_at(12 * MIB);
        let one = part(&admin, &server, first.to_vec(), place.map(|it| (it, 0))).await;
        let place_of_two = place.map(|it| (it, 12 * MIB));
        let two = part(&admin, &server, second.to_vec(), place_of_two).await;
        let whole = admin
            .tus(&server, Method::POST, "/api/v1/uploads")
            .header("Upload-Concat", format!("final;{one} {two}"))
            .header("Upload-Metadata", film());
        let (code, body) = status(whole).await;
        if place.is_some() {
            assert_eq!(code, 201, "{body}");
            continue;
        }
        assert_eq!(code, 507, "{body}");
        for (path, size) in [(&one, 12 * MIB), (&two, 8 * MIB)] {
            assert_eq!(admin.offset(&server, path).await, size);
            let (code, body) = status(admin.tus(&server, Method::DELETE, path)).await;
            assert_eq!(code, 204, "{body}");
        }
    }
}
