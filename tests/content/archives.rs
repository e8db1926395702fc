//! Folders as archives over HTTP. What other programs make of them is in [`zip`](super::zip).

use std::io::Write as _;

use diesel::prelude::*;
use playhouse::accounts::Role;
use playhouse_test_support::{TestApp, problem};
use reqwest::Method;

use crate::{bytes, fetch, header, with};

/// What Python's zipfile finds: the names and the CRC-checked bytes of each file.
fn read_by_python(archive: &[u8]) -> Vec<(String, usize)> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(archive).unwrap();
    let script = format!(
        "import zipfile\nz = zipfile.ZipFile({:?})\nassert z.testzip() is None\n\
         for i in z.infolist(): print(i.file_size, i.filename)",
        file.path()
    );
    let output = std::process::Command::new("python3")
        .args(["-c", &script])
        .output()
        .unwrap_or_else(|_| panic!("these tests need python3: apt-get install python3"));
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let entry = |line: &str| {
        let (size, name) = line.split_once(' ').unwrap();
        (name.to_owned(), size.parse().unwrap())
    };
    text.lines().map(entry).collect()
}

#[actix_web::test]
async fn a_folder_comes_as_an_archive_of_what_is_not_in_the_trash() {
    let app = TestApp::start().await;
    let ann = app.newcomer(Role::Member).await;
    let folder = app.put_folder(&ann, &ann.id, "Bücher").await;
    let below = app.put_folder(&ann, &folder, "b").await;
    let content = bytes(1_000_000);
    app.put_file(&ann, &folder, "z.bin", &content).await;
    app.put_file(&ann, &below, "影.txt", b"deep").await;
    let gone = app.put_file(&ann, &below, "gone", b"gone").await;
    let gone_folder = app.put_folder(&ann, &folder, "a").await;
    app.put_file(&ann, &gone_folder, "hidden", b"hidden").await;
    app.set_trashed(&gone, true).await;
    app.set_trashed(&gone_folder, true).await;
    app.put_file(&ann, &ann.id, "beside", b"beside").await;

    let head = with(&ann, Method::HEAD, &folder, &[]).await;
    let answer = fetch(&ann, &folder).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(header(&answer, "content-type"), "application/zip");
    assert_eq!(header(&answer, "accept-ranges"), "none");
    assert_eq!(
        header(&answer, "content-disposition"),
        "attachment; filename=\"B_cher.zip\"; filename*=UTF-8''B%C3%BCcher.zip"
    );
    let (tag, length) = (header(&answer, "etag"), header(&answer, "content-length"));
    assert_eq!(header(&head, "etag"), tag);
    assert_eq!(header(&head, "content-length"), length);
    let archive = answer.bytes().await.unwrap();
    assert_eq!(archive.len().to_string(), length);
    let expected = [("b/", 0), ("b/影.txt", 4), ("z.bin", 1_000_000)];
    let found = read_by_python(&archive);
    assert_eq!(found, expected.map(|(name, size)| (name.to_owned(), size)));

    let same = with(&ann, Method::GET, &folder, &[("if-none-match", &tag)]).await;
    assert_eq!(same.status(), 304);
    let part = with(&ann, Method::GET, &folder, &[("range", "bytes=0-9")]).await;
    assert_eq!(part.status(), 200, "archives have no parts");
    assert!(
        part.bytes().await.unwrap() == archive,
        "the same bytes again"
    );
    app.put_file(&ann, &below, "new", b"new").await;
    let changed = with(&ann, Method::GET, &folder, &[("if-none-match", &tag)]).await;
    assert_eq!(changed.status(), 200);
    assert_ne!(header(&changed, "etag"), tag);
}

#[actix_web::test]
async fn a_whole_drive_and_an_empty_one_are_archives() {
    let app = TestApp::start().await;
    let ann = app.newcomer(Role::Member).await;
    let empty = fetch(&ann, &ann.id).await;
    assert_eq!(empty.status(), 200);
    assert_eq!(empty.bytes().await.unwrap().len(), 22);
    app.put_file(&ann, &ann.id, "a", b"a").await;
    let whole = fetch(&ann, &ann.id).await;
    assert!(header(&whole, "content-disposition").contains("Drive.zip"));
    let found = read_by_python(&whole.bytes().await.unwrap());
    assert_eq!(found, [("a".to_owned(), 1)]);
}

#[actix_web::test]
async fn more_than_an_archive_holds_is_refused_before_it_begins() {
    let app = TestApp::start().await;
    let ann = app.newcomer(Role::Member).await;
    let folder = app.put_folder(&ann, &ann.id, "many").await;
    let parent = folder.clone();
    app.change(move |conn| {
        let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= 100000) \
             INSERT INTO drive_entries (id, account_id, parent_id, kind, name, taken_name, sort_name, size, \
                 content_type, revision, created_at, modified_at) \
             SELECT 'many' || CAST(i AS TEXT), f.account_id, f.id, 'folder', CAST(i AS TEXT), CAST(i AS TEXT), \
                 CAST(i AS TEXT), 0, '', 1, f.created_at, f.created_at \
             FROM n CROSS JOIN drive_entries f WHERE f.id = $1";
        let query = diesel::sql_query(sql).bind::<diesel::sql_types::Text, _>(parent.clone());
        match conn {
            playhouse::db::Conn::Pg(c) => query.execute(c),
            playhouse::db::Conn::Sqlite(c) => query.execute(c),
        }
        .map(drop)
    })
    .await;
    problem(fetch(&ann, &folder).await, 413, "payload_too_large").await;
    app.change(|conn| {
        use playhouse::db::schema::drive_entries as entries;
        diesel::delete(entries::table.filter(entries::name.eq("1")))
            .execute(conn)
            .map(drop)
    })
    .await;
    let answer = fetch(&ann, &folder).await;
    assert_eq!(answer.status(), 200);
    let length: usize = header(&answer, "content-length").parse().unwrap();
    assert_eq!(answer.bytes().await.unwrap().len(), length);
}
