//! Lengths that come later.

use playhouse_test_support::{Person, TestApp};
use reqwest::{Method, RequestBuilder};

use super::house::{self as stage, sums};
use super::parts::{check, house, made, part, refused, send, whole};
use super::wire::{bytes, header, metadata, offset_of, patch, staged, tus};

fn deferred(who: &Person, pairs: &[(&str, &str)]) -> RequestBuilder {
    tus(who, Method::POST, "/uploads")
        .header("Upload-Defer-Length", 1)
        .header("Upload-Metadata", metadata(pairs))
}

#[actix_web::test]
async fn a_length_may_come_later_and_stays() {
    let (app, drive, admin) = house().await;
    let file = bytes(1_000_000);
    let path = made(deferred(
        &admin,
        &[("purpose", "drive"), ("path", "/whole")],
    ))
    .await;
    assert_eq!(sums(&app, &admin).await, (0, 0));
    let head = tus(&admin, Method::HEAD, &path).send().await.unwrap();
    assert_eq!(header(&head, "upload-defer-length"), "1");
    assert_eq!(header(&head, "upload-length"), "");
    send(&admin, &path, 0, &file[..400_000]).await;
    let held = sums(&app, &admin).await.1;
    assert!((400_000..=stage::QUOTA).contains(&held), "{held}");
    let length = |offset: usize, length: &str| {
        patch(&admin, &path, offset, "").header("Upload-Length", length.to_owned())
    };
    for wrong in ["-1", "x", "399999"] {
        refused(length(400_000, wrong), 400, "bad_request").await;
    }
    refused(
        length(400_000, "9000000000000000000"),
        413,
        "payload_too_large",
    )
    .await;
    refused(length(400_000, "9000000"), 507, "over_quota").await;
    refused(length(1, "1000000"), 409, "offset_mismatch").await;
    for _ in 0..2 {
        assert_eq!(
            length(400_000, "1000000").send().await.unwrap().status(),
            204
        );
    }
    refused(length(400_000, "1000001"), 409, "conflict").await;
    assert_eq!(sums(&app, &admin).await, (0, 1_000_000));
    let head = tus(&admin, Method::HEAD, &path).send().await.unwrap();
    assert_eq!(header(&head, "upload-defer-length"), "");
    assert_eq!(header(&head, "upload-length"), "1000000");
    send(&admin, &path, 400_000, &file[400_000..]).await;
    check(&app, &admin, &drive, &path, "drive", &file).await;
    // With the last bytes, and of nothing at all.
    for content in ["hello", ""] {
        let path = made(deferred(&admin, &[("purpose", "movie")])).await;
        let sent = patch(&admin, &path, 0, content).header("Upload-Length", content.len());
        assert_eq!(sent.send().await.unwrap().status(), 204);
        check(&app, &admin, &drive, &path, "movie", content.as_bytes()).await;
    }
    for (name, value) in [("Upload-Defer-Length", "0"), ("Upload-Length", "5")] {
        let both = deferred(&admin, &[("purpose", "movie")]).header(name, value);
        refused(both, 400, "bad_request").await;
    }
}

#[actix_web::test]
async fn an_unknown_length_stops_at_what_there_is_room_for() {
    let (app, _drive, admin) = house().await;
    let room = stage::QUOTA as usize;
    let path = made(deferred(
        &admin,
        &[("purpose", "drive"), ("path", "/whole")],
    ))
    .await;
    send(&admin, &path, 0, &bytes(room - 1000)).await;
    let more = patch(&admin, &path, room - 1000, bytes(2000))
        .send()
        .await
        .unwrap();
    playhouse_test_support::problem(more, 507, "over_quota").await;
    assert_eq!(offset_of(&admin, &path).await, room - 1000);
    assert_eq!(staged(&app, &path).unwrap().len(), room - 1000);
    send(&admin, &path, room - 1000, &bytes(1000)).await;
    assert_eq!(sums(&app, &admin).await, (0, room as i64));
    let ended = tus(&admin, Method::DELETE, &path).send().await.unwrap();
    assert_eq!(ended.status(), 204);
    assert_eq!(sums(&app, &admin).await, (0, 0));
    // Not more than the house takes, either.
    let app = TestApp::start_with(|config| config.uploads.max_bytes = 1000).await;
    let admin = app.admin().await;
    let path = made(deferred(&admin, &[("purpose", "movie")])).await;
    refused(
        patch(&admin, &path, 0, bytes(1001)),
        413,
        "payload_too_large",
    )
    .await;
    send(&admin, &path, 0, &bytes(1000)).await;
}

#[actix_web::test]
async fn parts_with_lengths_that_come_later() {
    let (app, drive, admin) = house().await;
    let one =
        made(deferred(&admin, &[("purpose", "drive")]).header("Upload-Concat", "partial")).await;
    let two = made(part(&admin, 6, &[("purpose", "drive")])).await;
    send(&admin, &one, 0, b"hel").await;
    send(&admin, &two, 0, b" world").await;
    let path = made(whole(&admin, "drive", &[&one, &two])).await;
    let head = tus(&admin, Method::HEAD, &path).send().await.unwrap();
    assert_eq!(header(&head, "upload-length"), "");
    let last = patch(&admin, &one, 3, "lo").header("Upload-Length", 5);
    assert_eq!(last.send().await.unwrap().status(), 204);
    check(&app, &admin, &drive, &path, "drive", b"hello world").await;
}
