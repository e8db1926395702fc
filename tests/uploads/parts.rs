//! Files that arrive as parts, side by side.

use std::os::unix::fs::MetadataExt as _;

use chrono::TimeDelta;
use playhouse_test_support::{Person, TestApp, problem};
use reqwest::{Method, RequestBuilder};

use super::house::{self as stage, Drive, sums};
use super::wire::{STREAM, account_id, bytes, header, metadata, offset_of, patch, place, tus};

const PURPOSES: [&str; 2] = ["movie", "drive"];

/// An admin, who may upload both.
pub(crate) async fn house() -> (TestApp, Drive, Person) {
    let (app, drive) = stage::start(|config| config.server.workers = 2).await;
    let admin = app.admin().await;
    (app, drive, admin)
}

pub(crate) fn part(who: &Person, size: usize, pairs: &[(&str, &str)]) -> RequestBuilder {
    tus(who, Method::POST, "/uploads")
        .header("Upload-Length", size)
        .header("Upload-Concat", "partial")
        .header("Upload-Metadata", metadata(pairs))
}

pub(crate) async fn made(request: RequestBuilder) -> String {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 201);
    place(&answer)
}

/// A part that says where it belongs.
async fn placed_part(who: &Person, purpose: &str, size: usize, of: &str, at: usize) -> String {
    let at = at.to_string();
    let pairs = [("purpose", purpose), ("part_of", of), ("part_offset", &at)];
    made(part(who, size, &pairs)).await
}

pub(crate) fn whole(who: &Person, purpose: &str, parts: &[&str]) -> RequestBuilder {
    let list: Vec<_> = parts.iter().map(|it| format!("/api/v1{it}")).collect();
    let said = metadata(&[
        ("purpose", purpose),
        ("path", "/whole"),
        ("filename", "whole.mp4"),
    ]);
    tus(who, Method::POST, "/uploads")
        .header("Upload-Concat", format!("final;{}", list.join(" ")))
        .header("Upload-Metadata", said)
}

pub(crate) async fn send(who: &Person, path: &str, from: usize, body: &[u8]) {
    let sent = patch(who, path, from, body.to_vec()).send().await.unwrap();
    assert_eq!(sent.status(), 204);
}

/// Checks that the final upload is this file, whatever it was for.
pub(crate) async fn check(
    app: &TestApp,
    who: &Person,
    drive: &Drive,
    path: &str,
    purpose: &str,
    file: &[u8],
) {
    let hash = blake3::hash(file).to_hex().to_string();
    if purpose == "drive" {
        assert_eq!(drive.find(who, "/whole").await.unwrap().blake3, hash);
        assert_eq!(sums(app, who).await, (file.len() as i64, 0));
        assert_eq!(files(app), 0, "nothing is left of the parts");
        drive.free(who, "/whole").await;
    } else {
        let id = super::upload_id(path);
        let done = app
            .app()
            .uploads
            .completed(id, &account_id(who))
            .await
            .unwrap();
        assert_eq!(
            (done.blake3.as_str(), done.size),
            (hash.as_str(), file.len() as i64)
        );
        assert!(std::fs::read(done.path).unwrap() == file);
    }
}

fn files(app: &TestApp) -> usize {
    let folder = app.data_dir().join("storage/uploads");
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

fn of() -> String {
    uuid::Uuid::now_v7().to_string()
}

#[actix_web::test]
async fn parts_that_say_where_they_belong_are_written_into_one_file() {
    let (app, drive, admin) = house().await;
    let file = bytes(2_500_000);
    let purpose = "drive";
    let of = of();
    let cuts = [0, 900_000, 900_001, 2_500_000];
    let mut parts = Vec::new();
    for pair in cuts.windows(2) {
        parts.push(placed_part(&admin, purpose, pair[1] - pair[0], &of, pair[0]).await);
    }
    assert_eq!(sums(&app, &admin).await, (0, 2_500_000));
    let head = tus(&admin, Method::HEAD, &parts[0]).send().await.unwrap();
    assert_eq!(header(&head, "upload-concat"), "partial");
    assert_eq!(header(&head, "upload-length"), "900000");
    // All at once, the last first, each in two pieces.
    let sending = parts.iter().zip(cuts.windows(2)).rev().map(|(path, pair)| {
        let (admin, body) = (&admin, &file[pair[0]..pair[1]]);
        async move {
            let half = body.len() / 2;
            send(admin, path, 0, &body[..half]).await;
            send(admin, path, half, &body[half..]).await;
        }
    });
    futures_util::future::join_all(sending).await;
    let folder = app.data_dir().join("storage/uploads");
    let staged: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    assert_eq!(staged.len(), 1, "one file, and no second copy: {staged:?}");
    let inode = std::fs::metadata(&staged[0]).unwrap().ino();
    let kept = app.data_dir().join("kept");
    std::fs::hard_link(&staged[0], &kept).unwrap();
    let names: Vec<&str> = parts.iter().map(String::as_str).collect();
    let answer = whole(&admin, purpose, &names).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    assert_eq!(header(&answer, "upload-offset"), "2500000");
    assert!(header(&answer, "content-location").starts_with("/api/v1/drive/entries/"));
    assert_eq!(std::fs::metadata(&kept).unwrap().ino(), inode);
    assert!(std::fs::read(&kept).unwrap() == file);
    let path = place(&answer);
    check(&app, &admin, &drive, &path, purpose, &file).await;
    let head = tus(&admin, Method::HEAD, &path).send().await.unwrap();
    assert_eq!(header(&head, "upload-offset"), "2500000");
    assert_eq!(header(&head, "upload-length"), "2500000");
    assert!(header(&head, "upload-concat").starts_with("final;/api/v1/uploads/"));
    let more = patch(&admin, &path, 2_500_000, "").send().await.unwrap();
    problem(more, 403, "forbidden").await;
    let gone = tus(&admin, Method::HEAD, &parts[1]).send().await.unwrap();
    assert_eq!(gone.status(), 404);
}

#[actix_web::test]
async fn other_parts_are_joined_in_their_order() {
    for purpose in PURPOSES {
        let (app, drive, admin) = house().await;
        let file = bytes(1_234_567);
        let pairs = [("purpose", purpose)];
        let mut parts = Vec::new();
        for piece in file.chunks(500_000).rev() {
            let path = made(part(&admin, piece.len(), &pairs)).await;
            send(&admin, &path, 0, piece).await;
            parts.push(path);
        }
        let names: Vec<&str> = parts.iter().rev().map(String::as_str).collect();
        let path = made(whole(&admin, purpose, &names)).await;
        check(&app, &admin, &drive, &path, purpose, &file).await;
    }
}

#[actix_web::test]
async fn a_final_upload_may_come_before_its_parts_are_there() {
    for (purpose, is_placed) in [("movie", false), ("drive", true), ("drive", false)] {
        let (app, drive, admin) = house().await;
        let file = bytes(700_000);
        let (first, second) = match is_placed {
            true => {
                let of = of();
                (
                    placed_part(&admin, purpose, 300_000, &of, 0).await,
                    placed_part(&admin, purpose, 400_000, &of, 300_000).await,
                )
            }
            false => (
                made(part(&admin, 300_000, &[("purpose", purpose)])).await,
                made(part(&admin, 400_000, &[("purpose", purpose)])).await,
            ),
        };
        send(&admin, &first, 0, &file[..300_000]).await;
        let answer = whole(&admin, purpose, &[&first, &second])
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 201);
        assert_eq!(header(&answer, "upload-offset"), "");
        let path = place(&answer);
        let head = tus(&admin, Method::HEAD, &path).send().await.unwrap();
        assert_eq!(head.status(), 200);
        assert_eq!(header(&head, "upload-offset"), "");
        assert_eq!(header(&head, "upload-length"), "700000");
        let early = patch(&admin, &path, 0, "x").send().await.unwrap();
        problem(early, 403, "forbidden").await;
        let ended = tus(&admin, Method::DELETE, &first).send().await.unwrap();
        problem(ended, 409, "conflict").await;
        // It is there when the last byte of its last part is answered.
        send(&admin, &second, 0, &file[300_000..]).await;
        check(&app, &admin, &drive, &path, purpose, &file).await;
        assert_eq!(offset_of(&admin, &path).await, 700_000);
    }
}

#[actix_web::test]
async fn a_final_upload_that_cannot_have_its_place_leaves_the_parts() {
    let (app, drive, admin) = house().await;
    let of = of();
    let one = placed_part(&admin, "drive", 5, &of, 0).await;
    let two = placed_part(&admin, "drive", 6, &of, 5).await;
    send(&admin, &one, 0, b"hello").await;
    drive.take(&admin, "/whole").await;
    let taken = whole(&admin, "drive", &[&one, &two]).send().await.unwrap();
    problem(taken, 409, "name_taken").await;
    drive.free(&admin, "/whole").await;
    let path = made(whole(&admin, "drive", &[&one, &two])).await;
    drive.take(&admin, "/whole").await;
    // The part is fine; the whole is not, and says so.
    send(&admin, &two, 0, b" world").await;
    let head = tus(&admin, Method::HEAD, &path).send().await.unwrap();
    assert_eq!(head.status(), 409);
    assert_eq!(sums(&app, &admin).await, (0, 11));
    let said = metadata(&[("path", "/elsewhere")]);
    let other = patch(&admin, &path, 11, "").header("Upload-Metadata", said);
    assert_eq!(other.send().await.unwrap().status(), 204);
    let entry = drive.find(&admin, "/elsewhere").await.unwrap();
    assert_eq!(
        entry.blake3,
        blake3::hash(b"hello world").to_hex().to_string()
    );
    assert_eq!(sums(&app, &admin).await, (11, 0));
    assert_eq!(files(&app), 0);
}

#[actix_web::test]
async fn a_final_upload_ends_and_expires_with_its_parts() {
    let (app, _drive, admin) = house().await;
    for is_ended in [true, false] {
        let of = of();
        let one = placed_part(&admin, "drive", 5, &of, 0).await;
        let two = placed_part(&admin, "drive", 6, &of, 5).await;
        send(&admin, &one, 0, b"hello").await;
        let path = made(whole(&admin, "drive", &[&one, &two])).await;
        assert_eq!(sums(&app, &admin).await, (0, 11));
        if is_ended {
            let ended = tus(&admin, Method::DELETE, &path).send().await.unwrap();
            assert_eq!(ended.status(), 204);
        } else {
            app.advance(TimeDelta::hours(40));
            send(&admin, &two, 0, b" wor").await;
            app.advance(TimeDelta::hours(40));
            app.app().uploads.sweep().await.unwrap();
            let head = tus(&admin, Method::HEAD, &path).send().await.unwrap();
            assert_eq!(head.status(), 200, "one of its parts is alive");
            app.advance(TimeDelta::hours(9));
            app.app().uploads.sweep().await.unwrap();
        }
        for gone in [&one, &two, &path] {
            let head = tus(&admin, Method::HEAD, gone).send().await.unwrap();
            assert_eq!(head.status(), 404);
        }
        assert_eq!(sums(&app, &admin).await, (0, 0));
        assert_eq!(files(&app), 0);
    }
}

pub(crate) async fn refused(request: RequestBuilder, status: u16, code: &str) {
    problem(request.send().await.unwrap(), status, code).await;
}

#[actix_web::test]
async fn lists_that_make_no_file() {
    let (app, _drive, admin) = house().await;
    let bob = app.member("bob").await;
    let of = of();
    let one = placed_part(&admin, "drive", 5, &of, 0).await;
    let two = placed_part(&admin, "drive", 6, &of, 5).await;
    let loose = made(part(&admin, 5, &[("purpose", "drive")])).await;
    let film = made(part(&admin, 5, &[("purpose", "movie")])).await;
    let foreign = made(part(&bob, 5, &[("purpose", "drive")])).await;
    let file = super::create(&admin, 5).await;
    let none = "/uploads/0197a8c0-0000-7000-8000-000000000000";
    for list in [vec![none], vec![one.as_str(), &foreign]] {
        refused(whole(&admin, "drive", &list), 404, "not_found").await;
    }
    for list in [
        vec![one.as_str()],
        vec![&two, &one],
        vec![&one, &loose],
        vec![&loose, &film],
        vec![&file],
    ] {
        refused(whole(&admin, "drive", &list), 409, "conflict").await;
    }
    let concat = |said: String| {
        tus(&admin, Method::POST, "/uploads")
            .header("Upload-Concat", said)
            .header(
                "Upload-Metadata",
                metadata(&[("purpose", "drive"), ("path", "/x")]),
            )
    };
    for said in [
        "final;".to_owned(),
        "finally".to_owned(),
        format!("final;/api/v1{one} /api/v1{one}"),
        format!("final;https://elsewhere.example/api/v1{one}"),
        "final;/api/v1/uploads/..%2f..%2fetc%2fpasswd".to_owned(),
        format!("final;/api/v1{one}%00"),
        format!("final;/api/v1{one}/../x"),
    ] {
        refused(concat(said), 400, "bad_request").await;
    }
    let own = format!("final;{}/api/v1{loose}", app.url);
    let length = concat(own.clone()).header("Upload-Length", 5);
    refused(length, 400, "bad_request").await;
    let body = concat(own.clone()).header("Content-Type", STREAM).body("x");
    refused(body, 403, "forbidden").await;
    // Ten thousand parts do not even fit into the head of a request.
    let many: Vec<_> = (0..10_000_u128)
        .map(|it| format!("/api/v1/uploads/{}", uuid::Uuid::from_u128(it)))
        .collect();
    let answer = concat(format!("final;{}", many.join(" "))).send().await;
    assert!(answer.is_err() || answer.is_ok_and(|it| it.status().is_client_error()));
    let many = many[..1001].join(" ");
    refused(concat(format!("final;{many}")), 400, "bad_request").await;
    // Expired.
    app.advance(TimeDelta::hours(49));
    refused(whole(&admin, "drive", &[&loose]), 410, "expired").await;
    app.app().uploads.sweep().await.unwrap();
    refused(whole(&admin, "drive", &[&loose]), 404, "not_found").await;
    assert_eq!(sums(&app, &admin).await, (0, 0));
    assert_eq!(sums(&app, &bob).await, (0, 0));
    assert_eq!(files(&app), 0);
}

#[actix_web::test]
async fn parts_that_have_no_place() {
    let (app, _drive, admin) = house().await;
    let of = of();
    let begin = |size: usize, at: &str, name: &str| {
        let pairs = [("purpose", "drive"), ("part_of", name), ("part_offset", at)];
        part(&admin, size, &pairs)
    };
    made(begin(100, "100", &of)).await;
    for (size, at) in [
        (100, "100"),
        (1, "150"),
        (150, "0"),
        (101, "0"),
        (500, "50"),
    ] {
        refused(begin(size, at, &of), 409, "conflict").await;
    }
    made(begin(100, "0", &of)).await;
    made(begin(100, "200", &of)).await;
    for (at, name) in [
        ("-1", of.as_str()),
        ("x", &of),
        ("", &of),
        ("0", "../../etc"),
    ] {
        refused(begin(1, at, name), 422, "invalid").await;
    }
    let far = (1_u64 << 62).to_string();
    refused(begin(100, &far, &of), 413, "payload_too_large").await;
    let half = part(&admin, 5, &[("purpose", "drive"), ("part_of", &of)]);
    refused(half, 422, "invalid").await;
    let film = [
        ("purpose", "movie"),
        ("part_of", of.as_str()),
        ("part_offset", "300"),
    ];
    refused(part(&admin, 5, &film), 409, "conflict").await;
    let later = tus(&admin, Method::POST, "/uploads")
        .header("Upload-Defer-Length", 1)
        .header("Upload-Concat", "partial")
        .header(
            "Upload-Metadata",
            metadata(&[
                ("purpose", "drive"),
                ("part_of", &of),
                ("part_offset", "900"),
            ]),
        );
    refused(later, 400, "bad_request").await;
    // The same name is another file for somebody else.
    let bob = app.member("bob").await;
    placed_part(&bob, "drive", 100, &of, 0).await;
    assert_eq!(sums(&app, &admin).await, (0, 300));
    assert_eq!(sums(&app, &bob).await, (0, 100));
}
