//! Shared folders: what is below is given, and nothing above, beside, moved out or thrown away.

use playhouse_test_support::{problem, text};
use serde_json::{Value, json};

use crate::{House, header};

fn names(seen: &Value) -> Vec<String> {
    let items = seen["items"].as_array().unwrap();
    items.iter().map(|it| text(&it["name"])).collect()
}

#[actix_web::test]
async fn a_folder_shows_what_is_below_it_by_paths_that_begin_at_it() {
    let house = House::open().await;
    let (app, ann) = (&house.app, &house.ann);
    let above = app.put_folder(ann, &ann.id, "private").await;
    let folder = app.put_folder(ann, &above, "Trip #1 & more").await;
    let sub = app.put_folder(ann, &folder, "día 2").await;
    app.put_file(ann, &folder, "a;b?.txt", b"first").await;
    app.put_file(ann, &sub, "50%.txt", b"second").await;
    let link = house.share_of(&folder, json!({})).await;
    let seen = link.json("").await;
    assert_eq!(seen["kind"], "folder");
    assert_eq!(names(&seen), ["día 2", "a;b?.txt"]);
    assert_eq!(seen["items"][0]["path"], "/día 2");
    assert!(
        !seen.to_string().contains("private"),
        "nothing of what is above"
    );
    // Every address that is given works.
    for item in seen["items"].as_array().unwrap() {
        let tail = |key: &str| {
            text(&item[key])
                .strip_prefix(&link.home)
                .unwrap()
                .to_owned()
        };
        let answer = link.get(&tail("content_url")).await;
        assert_eq!(answer.status(), 200, "{item}");
        assert!(!answer.bytes().await.unwrap().is_empty());
        if item["kind"] == "folder" {
            let below = link.json(&tail("url")).await;
            assert_eq!(names(&below), ["50%.txt"]);
            let address = text(&below["items"][0]["content_url"]);
            let answer = link.get(address.strip_prefix(&link.home).unwrap()).await;
            assert_eq!(answer.bytes().await.unwrap(), &b"second"[..]);
        }
    }
    let zip = link.get("/content").await;
    assert_eq!(header(&zip, "content-type"), "application/zip");
    let zip = zip.bytes().await.unwrap();
    let has = |name: &str| zip.windows(name.len()).any(|it| it == name.as_bytes());
    assert!(has("día 2/50%.txt") && !has("private") && !has("plan.txt"));
    let zip = link
        .get("/content/d%C3%ADa%202")
        .await
        .bytes()
        .await
        .unwrap();
    assert!(zip.windows(7).any(|it| it == b"50%.txt") && !zip.windows(5).any(|it| it == b"a;b?."));
}

#[actix_web::test]
async fn no_path_leads_out() {
    let house = House::open().await;
    let (app, ann) = (&house.app, &house.ann);
    let folder = app.put_folder(ann, &ann.id, "open").await;
    let inside = app.put_file(ann, &folder, "in.txt", b"in").await;
    let beside = app.put_folder(ann, &ann.id, "openly").await;
    app.put_file(ann, &beside, "secret", b"secret").await;
    let link = house.share_of(&folder, json!({})).await;
    let other = house.share_of(&beside, json!({})).await;
    let escapes = [
        "..",
        "%2e%2e",
        "..%2fplan.txt",
        "%2e%2e%2fplan.txt",
        "in.txt/..",
        "in.txt/%2e%2e",
        "./in.txt",
        "%2e/in.txt",
        "/plan.txt",
        "%2fplan.txt",
        "..%5cplan.txt",
        "..%00",
        "in.txt%00",
        "in.txt%ff",
        "%252e%252e",
        "open/in.txt",
        "../openly/secret",
        "in.txt/x",
        "ly/secret",
        "IN.TXT",
        house.file.as_str(),
        inside.as_str(),
        folder.as_str(),
        ann.id.as_str(),
    ];
    for escape in escapes {
        for part in ["content", "folders"] {
            let address = format!("{}{}/{part}/{escape}", app.url, link.home);
            let status = raw_get(&app.url, &address).await;
            assert_eq!(status, 404, "{part}/{escape}");
        }
    }
    assert_eq!(link.get("/content/in.txt").await.status(), 200);
    problem(link.get("/content/secret").await, 404, "not_found").await;
    assert_eq!(other.get("/content/secret").await.status(), 200);
    problem(other.get("/content/in.txt").await, 404, "not_found").await;
    // A file has nothing below it.
    let file = house.share(json!({})).await;
    for tail in ["/content/plan.txt", "/folders/plan.txt", "/content/x"] {
        problem(file.get(tail).await, 404, "not_found").await;
    }
}

/// Sends the address as it stands: no client that knows URLs would.
async fn raw_get(house: &str, address: &str) -> u16 {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let host = house.strip_prefix("http://").unwrap();
    let path = address.strip_prefix(house).unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.split(' ').nth(1).unwrap_or_default();
    status.parse().unwrap_or_default()
}

#[actix_web::test]
async fn what_moves_in_or_out_follows_at_once() {
    let house = House::open().await;
    let (app, ann) = (&house.app, &house.ann);
    let folder = app.put_folder(ann, &ann.id, "open").await;
    let sub = app.put_folder(ann, &folder, "sub").await;
    let deep = app.put_file(ann, &sub, "deep.txt", b"deep").await;
    let link = house.share_of(&folder, json!({})).await;
    let child = house.share_of(&sub, json!({})).await;
    assert_eq!(link.get("/content/sub/deep.txt").await.status(), 200);
    // Out, with what is below it; its own share still gives it.
    app.move_entry(&sub, &ann.id, "sub").await;
    problem(link.get("/content/sub/deep.txt").await, 404, "not_found").await;
    problem(link.get("/folders/sub").await, 404, "not_found").await;
    assert_eq!(names(&link.json("").await), Vec::<String>::new());
    assert_eq!(child.get("/content/deep.txt").await.status(), 200);
    // In.
    app.move_entry(&house.file, &folder, "plan.txt").await;
    assert_eq!(names(&link.json("").await), ["plan.txt"]);
    assert_eq!(link.get("/content/plan.txt").await.status(), 200);
    // To the trash.
    app.set_trashed(&deep, true).await;
    problem(child.get("/content/deep.txt").await, 404, "not_found").await;
    let zip = child.get("/content").await.bytes().await.unwrap();
    assert_eq!(zip.len(), 22, "an empty archive");
    app.set_trashed(&folder, true).await;
    for tail in ["", "/content", "/content/plan.txt", "/folders/plan.txt"] {
        problem(link.get(tail).await, 404, "not_found").await;
    }
    app.set_trashed(&folder, false).await;
    assert_eq!(link.get("/content/plan.txt").await.status(), 200);
}

#[actix_web::test]
async fn a_long_folder_comes_in_pages() {
    let house = House::open().await;
    let folder = house
        .app
        .put_folder(&house.ann, &house.ann.id, "open")
        .await;
    let mut expected = Vec::new();
    for number in 0..7 {
        let name = format!("f{number}");
        house.app.put_file(&house.ann, &folder, &name, b"x").await;
        expected.push(name);
    }
    let link = house.share_of(&folder, json!({})).await;
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = link.json(&format!("?limit=3{cursor}")).await;
        found.extend(names(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found, expected);
    problem(link.get("?cursor=%25").await, 422, "invalid").await;
    problem(link.get("?limit=0").await, 422, "invalid").await;
}
