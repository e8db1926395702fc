//! Dead properties: kept with the entry, wherever it goes.

use playhouse_test_support::TestApp;

use crate::wire::{asking, client, header, setting};

const VALUE: &str = "<i xmlns=\"urn:y\" k=\"v\">1 &lt; 2</i>影";

#[actix_web::test]
async fn they_go_where_their_entry_goes() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    assert_eq!(ann.status("MKCOL", "/f").await, 201);
    ann.put("/f/a", "a").await;
    for path in ["/f", "/f/a", "/"] {
        let told = ann.change_properties(path, &setting("p", VALUE)).await;
        assert!(told.contains("200 OK"), "{told}");
    }
    let has = async |path: &str| {
        let found = ann.find(path, "0", &asking("p")).await;
        found.contains("1 &lt; 2")
            && found.contains("影")
            && found.contains("urn:y")
            && found.contains("k=\"v\"")
    };
    assert!(has("/f").await && has("/f/a").await && has("/").await);
    assert_eq!(ann.transfer("COPY", "/f", "/copy", "T").await, 201);
    assert_eq!(ann.transfer("MOVE", "/f", "/moved", "T").await, 201);
    for path in ["/copy", "/copy/a", "/moved", "/moved/a"] {
        assert!(has(path).await, "{path}");
    }
    ann.put("/moved/a", "new").await;
    assert!(has("/moved/a").await, "other bytes, the same file");
    let all = ann.find("/moved", "1", "").await;
    assert_eq!(all.matches("1 &lt; 2").count(), 2, "once for each");
    let remove = "<propertyupdate xmlns=\"DAV:\"><remove><prop><p xmlns=\"urn:x\"/></prop></remove></propertyupdate>";
    ann.change_properties("/moved/a", remove).await;
    assert!(!has("/moved/a").await && has("/copy/a").await);
    // A file that is made where one was has none of them.
    assert_eq!(ann.status("DELETE", "/copy/a").await, 204);
    ann.put("/copy/a", "another").await;
    assert!(!has("/copy/a").await);
}

#[actix_web::test]
async fn they_are_bounded_and_changed_all_or_none() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    ann.put("/a", "a").await;
    let body = |count: usize| {
        let props: String = (0..count)
            .map(|it| format!("<p{it} xmlns=\"urn:x\"/>"))
            .collect();
        format!("<propertyupdate xmlns=\"DAV:\"><set><prop>{props}</prop></set></propertyupdate>")
    };
    assert!(ann.change_properties("/a", &body(65)).await.contains("507"));
    assert!(!ann.find("/a", "0", "").await.contains("urn:x"));
    assert!(
        ann.change_properties("/a", &body(64))
            .await
            .contains("200 OK")
    );
    ann.put("/b", "b").await;
    let long = "x".repeat(10_000);
    assert!(
        ann.change_properties("/b", &setting("p", &long))
            .await
            .contains("200 OK")
    );
    assert!(
        ann.change_properties("/b", &setting("q", &long))
            .await
            .contains("507")
    );
    // What the server knows itself is not the client's to say.
    let mixed = "<propertyupdate xmlns=\"DAV:\"><set><prop><getetag>\"x\"</getetag><r xmlns=\"urn:x\">1</r></prop></set></propertyupdate>";
    let told = ann.change_properties("/b", mixed).await;
    assert!(told.contains("403") && told.contains("424"), "{told}");
    assert!(ann.find("/b", "0", &asking("r")).await.contains("404"));
}

#[actix_web::test]
async fn they_end_with_their_entry() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    ann.put("/a", "a").await;
    ann.change_properties("/a", &setting("p", "1")).await;
    assert_eq!(ann.status("DELETE", "/a").await, 204);
    let person = app.sign_in("ann").await;
    assert_eq!(person.delete("/drive/trash").await.status(), 204);
    let left = app
        .app()
        .db
        .read::<_, playhouse::db::Error, _>(|conn| {
            use diesel::prelude::*;
            use playhouse::db::schema::dav_properties::dsl::dav_properties;
            Ok(dav_properties.count().get_result::<i64>(conn)?)
        })
        .await;
    assert_eq!(left.unwrap(), 0);
}

#[actix_web::test]
async fn windows_sets_the_time_of_a_file() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    ann.put("/a", "a").await;
    let body = |name: &str, beside: &str| {
        format!(
            "<D:propertyupdate xmlns:D=\"DAV:\" xmlns:Z=\"urn:schemas-microsoft-com:\"><D:set><D:prop>\
             <Z:{name}>Sat, 03 Feb 2001 04:05:06 GMT</Z:{name}>{beside}</D:prop></D:set></D:propertyupdate>"
        )
    };
    let modified = async || {
        let answer = ann.send("HEAD", "/a").await;
        header(&answer, "last-modified").to_owned()
    };
    let before = modified().await;
    ann.change_properties("/a", &body("Win32CreationTime", ""))
        .await;
    let refused = body("Win32LastModifiedTime", "<D:getetag>x</D:getetag>");
    assert!(ann.change_properties("/a", &refused).await.contains("424"));
    assert_eq!(modified().await, before);
    let told = ann
        .change_properties("/a", &body("Win32LastModifiedTime", ""))
        .await;
    assert!(told.contains("200 OK"), "{told}");
    assert_eq!(modified().await, "Sat, 03 Feb 2001 04:05:06 GMT");
    let asked = "<propfind xmlns=\"DAV:\"><prop><Win32LastModifiedTime xmlns=\"urn:schemas-microsoft-com:\"/></prop></propfind>";
    assert!(
        ann.find("/a", "0", asked)
            .await
            .contains(">Sat, 03 Feb 2001 04:05:06 GMT<")
    );
}
