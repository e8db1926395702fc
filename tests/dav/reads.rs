//! Files on their way out, and what is told of them.

use playhouse_test_support::{TestApp, problem};

use crate::wire::{client, header};

#[actix_web::test]
async fn bytes_come_as_with_every_download() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    ann.put("/page.html", "<script>0123456789</script>").await;
    let answer = ann.send("GET", "/page.html").await;
    assert!(header(&answer, "content-disposition").starts_with("attachment"));
    assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
    let tag = header(&answer, "etag").to_owned();
    let range = |range: &str| ann.ask("GET", "/page.html").header("Range", range);
    let part = range("bytes=8-10").send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(header(&part, "content-range"), "bytes 8-10/27");
    assert_eq!(part.text().await.unwrap(), "012");
    let late = range("bytes=8-10").header("If-Range", "\"other\"");
    assert_eq!(late.send().await.unwrap().status(), 200);
    assert_eq!(range("bytes=99-").send().await.unwrap().status(), 416);
    let bomb = format!("bytes={}", vec!["0-0"; 5000].join(","));
    let bomb = range(&bomb).send().await.unwrap();
    assert!(
        matches!(bomb.status().as_u16(), 200 | 400 | 416 | 431),
        "{}",
        bomb.status()
    );
    let known = ann.ask("GET", "/page.html").header("If-None-Match", &tag);
    assert_eq!(known.send().await.unwrap().status(), 304);
    let head = ann.send("HEAD", "/page.html").await;
    assert_eq!(header(&head, "content-length"), "27");
    assert_eq!(header(&head, "etag"), tag);
    assert_eq!(head.text().await.unwrap(), "");
    problem(ann.send("GET", "/").await, 405, "method_not_allowed").await;
    problem(ann.send("GET", "/nothing").await, 404, "not_found").await;
}

#[actix_web::test]
async fn a_folder_of_any_size_is_told_page_by_page() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    assert_eq!(ann.status("MKCOL", "/many").await, 201);
    ann.put("/many/f0", "x").await;
    for number in 1..410 {
        let status = ann
            .transfer("COPY", "/many/f0", &format!("/many/f{number}"), "F")
            .await;
        assert_eq!(status, 201);
    }
    assert_eq!(ann.status("MKCOL", "/many/folder").await, 201);
    let found = ann.find("/many", "1", "").await;
    assert_eq!(found.matches("<D:response>").count(), 412);
    for number in 0..410 {
        let href = format!("<D:href>/dav/many/f{number}</D:href>");
        assert_eq!(found.matches(&href).count(), 1, "{href}");
    }
    assert!(found.contains("<D:href>/dav/many/folder/</D:href>"));
    assert!(found.ends_with("</D:multistatus>\n"));
    let flat = ann.find("/many/", "0", "").await;
    assert_eq!(flat.matches("<D:response>").count(), 1);
}

#[actix_web::test]
async fn all_of_a_tree_at_once_is_refused() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    for (depth, litmus) in [
        (Some("infinity"), false),
        (Some("Infinity"), true),
        (None, false),
    ] {
        let mut request = ann.ask("PROPFIND", "/");
        if let Some(depth) = depth {
            request = request.header("Depth", depth);
        }
        if litmus {
            request = request.header("X-Litmus", "props: 1 (x)");
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 403, "{depth:?}");
        assert!(
            answer
                .text()
                .await
                .unwrap()
                .contains("<D:propfind-finite-depth/>")
        );
    }
    let odd = ann
        .ask("PROPFIND", "/")
        .header("Depth", "2")
        .send()
        .await
        .unwrap();
    problem(odd, 400, "bad_request").await;
}

#[actix_web::test]
async fn what_is_asked_for_and_missing_is_told() {
    let app = TestApp::start().await;
    let ann = client(&app, "ann").await;
    let put = ann.put("/a & b.txt", "12345").await;
    let tag = header(&put, "etag").to_owned();
    let found = ann.find("/a%20&%20b.txt", "0", "").await;
    for part in [
        "<D:href>/dav/a%20%26%20b.txt</D:href>",
        "<D:displayname>a &amp; b.txt</D:displayname>",
        "<D:getcontentlength>5</D:getcontentlength>",
        "<D:getcontenttype>text/plain</D:getcontenttype>",
        &format!("<D:getetag>{tag}</D:getetag>"),
        "<D:resourcetype/>",
        "<D:lockdiscovery/>",
    ] {
        assert!(found.contains(part), "{part} in {found}");
    }
    let body = "<propfind xmlns=\"DAV:\"><prop><getetag/><quota-used-bytes/><a xmlns=\"urn:&quot;\"/></prop></propfind>";
    let found = ann.find("/a%20&%20b.txt", "0", body).await;
    assert!(
        found.contains(&format!("<D:prop><D:getetag>{tag}</D:getetag></D:prop>")),
        "{found}"
    );
    assert!(found.contains(
        "<D:quota-used-bytes/><x:a xmlns:x=\"urn:&quot;\"/></D:prop><D:status>HTTP/1.1 404"
    ));
    let names = "<propfind xmlns=\"DAV:\"><propname/></propfind>";
    let found = ann.find("/", "0", names).await;
    assert!(found.contains("<D:getetag/>") && !found.contains("getcontentlength"));
    problem(
        ann.ask("PROPFIND", "/nothing")
            .header("Depth", "0")
            .send()
            .await
            .unwrap(),
        404,
        "not_found",
    )
    .await;
}
