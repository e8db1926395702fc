//! `If-Match` and `Overwrite: F` of what removes and moves: they hold in the same step as the change.

use playhouse_test_support::{TestApp, text};

use super::wire::{client, header};

/// Tags of contents that somebody replaces while somebody else throws the file away.
#[actix_web::test]
async fn what_is_thrown_away_is_what_was_meant() {
    let app = TestApp::start_with(|config| config.server.workers = 2).await;
    let ann = client(&app, "ann").await;
    let web = app.sign_in("ann").await;
    let mut met = 0;
    for round in 0..60 {
        let (path, old) = (format!("/file-{round}"), format!("old {round}"));
        let tag = header(&ann.put(&path, &old).await, "etag").to_owned();
        let delete = ann.ask("DELETE", &path).header("If-Match", &tag).send();
        let put = ann.ask("PUT", &path).body(format!("new {round}")).send();
        let (deleted, put) = tokio::join!(delete, put);
        assert!(put.unwrap().status().is_success());
        let deleted = deleted.unwrap().status();
        assert!(matches!(deleted.as_u16(), 204 | 412 | 404), "{deleted}");
        met += u32::from(deleted == 412);
        let trash = web.get_json("/drive/trash?limit=200").await;
        let name = path.trim_start_matches('/');
        let trash = trash["items"].as_array().unwrap().clone();
        let thrown = trash.iter().find(|it| it["name"] == name);
        assert_eq!(thrown.is_some(), deleted == 204, "{path}");
        if let Some(thrown) = thrown {
            let hash = blake3::hash(old.as_bytes()).to_hex().to_string();
            assert_eq!(text(&thrown["blake3"]), hash, "{path}: another state went");
        }
    }
    println!("{met} of 60 came too late");
}

#[actix_web::test]
async fn a_wrong_tag_leaves_everything_where_it_is() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    let tag = header(&ann.put("/a", "one").await, "etag").to_owned();
    ann.put("/b", "two").await;
    let to = |name: &str| format!("{}/dav/{name}", app.url);
    for (method, wanted, status) in [
        ("DELETE", "\"other\"", 412),
        ("MOVE", "\"other\"", 412),
        ("COPY", "\"other\"", 412),
        ("COPY", tag.as_str(), 201),
        ("MOVE", tag.as_str(), 201),
    ] {
        let name = format!("{method}-{status}");
        let asked = ann.ask(method, "/a").header("If-Match", wanted);
        let answer = asked.header("Destination", to(&name)).send().await.unwrap();
        assert_eq!(answer.status(), status, "{method} {wanted}");
        assert_eq!(
            ann.status("GET", &format!("/{name}")).await == 200,
            status == 201
        );
    }
    assert_eq!(ann.status("GET", "/a").await, 404);
    let gone = ann.ask("DELETE", "/MOVE-201").header("If-Match", &tag);
    assert_eq!(gone.send().await.unwrap().status(), 204);
    let kept = ann.ask("MOVE", "/b").header("Destination", to("COPY-201"));
    let kept = kept.header("Overwrite", "F").send().await.unwrap();
    assert_eq!(kept.status(), 412);
    assert_eq!(ann.content("/COPY-201").await, "one");
}

/// Two who move to the same free place and will not overwrite: one of them gets it.
#[actix_web::test]
async fn one_of_two_takes_a_free_place() {
    let app = TestApp::start_with(|config| config.server.workers = 2).await;
    let ann = client(&app, "ann").await;
    for round in 0..30 {
        let target = format!("{}/dav/target-{round}", app.url);
        let mut moves = Vec::new();
        for side in ["left", "right"] {
            let path = format!("/{side}-{round}");
            ann.put(&path, side).await;
            let asked = ann.ask("MOVE", &path).header("Overwrite", "F");
            moves.push(asked.header("Destination", &target).send());
        }
        let answers = futures_util::future::join_all(moves).await;
        let mut statuses: Vec<u16> = answers
            .into_iter()
            .map(|it| it.unwrap().status().into())
            .collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 412], "{round}");
    }
}
