//! Sessions with lftp and curl, under TLS as they are used, and what they leave compared by hash.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use playhouse_test_support::PASSWORD;
use tokio::time::sleep;

use super::tls::secure;
use super::tools::{curl, lftp, start_lftp};
use super::{bytes, content, waiting};

const ANN: (&str, &str) = ("ann", PASSWORD);

/// Every file below a folder with the hash of its bytes.
fn hashes(folder: &Path) -> BTreeMap<String, blake3::Hash> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
            found.insert(
                name.to_owned(),
                blake3::hash(&std::fs::read(&path).unwrap()),
            );
        }
    }
    found
}

#[actix_web::test]
async fn lftp_mirrors_a_tree_there_and_back() {
    let house = secure(None).await;
    let folder = house.folder.path();
    for (name, size) in [
        ("a.txt", 10),
        ("empty", 0),
        ("Ünicode 名前.bin", 100_000),
        ("deep/er/est/film.bin", 5 << 20),
        ("deep/# 100%.txt", 77),
    ] {
        let path = folder.join("here").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes(size)).unwrap();
    }
    let commands = "mirror -R here there; mirror there back; ls there; rm -r there/deep; mv there moved; cls -1 moved; bye";
    let ran = lftp(&house.app, ANN, folder, commands).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(hashes(&folder.join("back")), hashes(&folder.join("here")));
    assert_eq!(hashes(&folder.join("back")).len(), 5);
    assert!(ran.stdout.contains("moved/Ünicode 名前.bin"), "{ran:?}");
    assert!(!ran.stdout.contains("moved/deep"), "{ran:?}");
    assert_eq!(waiting(&house.app).await, 0);
}

#[actix_web::test]
async fn lftp_goes_on_after_it_was_killed_both_ways() {
    let house = secure(None).await;
    let folder = house.folder.path();
    let whole = bytes(12 << 20);
    std::fs::write(folder.join("film"), &whole).unwrap();
    let slowly = "set net:limit-rate 3000000:3000000;";
    let mut up = start_lftp(&house.app, ANN, folder, &format!("{slowly} put film"));
    sleep(Duration::from_millis(1500)).await;
    up.kill().await.unwrap();
    sleep(Duration::from_millis(500)).await;
    assert!(
        content(&house.ann, "/film").await.is_none(),
        "a part is no file"
    );
    assert_eq!(waiting(&house.app).await, 1);
    let ran = lftp(&house.app, ANN, folder, "debug 5; put -c film").await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("REST "), "it began anew: {ran:?}");
    assert!(content(&house.ann, "/film").await.unwrap() == whole);
    assert_eq!(waiting(&house.app).await, 0);

    let mut down = start_lftp(
        &house.app,
        ANN,
        folder,
        &format!("{slowly} get film -o back"),
    );
    sleep(Duration::from_millis(1500)).await;
    down.kill().await.unwrap();
    let part = std::fs::read(folder.join("back")).unwrap().len();
    assert!(part > 0 && part < whole.len(), "{part}");
    let ran = lftp(&house.app, ANN, folder, "debug 5; get -c film -o back").await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("REST "), "it began anew: {ran:?}");
    assert!(std::fs::read(folder.join("back")).unwrap() == whole);
}

#[actix_web::test]
async fn curl_goes_on_both_ways() {
    let house = secure(None).await;
    let folder = house.folder.path();
    let whole = bytes(6 << 20);
    std::fs::write(folder.join("film"), &whole).unwrap();
    let sign_in = format!("ann:{PASSWORD}");
    let with = |more: &[&'static str]| -> Vec<String> {
        let fixed = ["--ssl-reqd", "-u", &sign_in].map(str::to_owned);
        fixed
            .into_iter()
            .chain(more.iter().map(|it| (*it).to_owned()))
            .collect()
    };
    let run = async |more: &[&'static str]| {
        let arguments = with(more);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        curl(&house.app, folder, &arguments).await
    };
    let cut = run(&[
        "--limit-rate",
        "2M",
        "--max-time",
        "2",
        "-T",
        "film",
        "PLACE/film",
    ])
    .await;
    assert_eq!(cut.code, Some(28), "{cut:?}");
    sleep(Duration::from_millis(500)).await;
    assert!(
        content(&house.ann, "/film").await.is_none(),
        "a part is no file"
    );
    assert_eq!(waiting(&house.app).await, 1);
    let rest = run(&["-C", "-", "-T", "film", "PLACE/film"]).await;
    assert_eq!(rest.code, Some(0), "{rest:?}");
    assert!(content(&house.ann, "/film").await.unwrap() == whole);
    assert_eq!(waiting(&house.app).await, 0);

    std::fs::write(folder.join("back"), &whole[..1_000_000]).unwrap();
    let rest = run(&["-C", "-", "-o", "back", "PLACE/film"]).await;
    assert_eq!(rest.code, Some(0), "{rest:?}");
    assert!(std::fs::read(folder.join("back")).unwrap() == whole);
    let part = run(&["-r", "100-199", "-o", "part", "PLACE/film"]).await;
    assert_eq!(part.code, Some(0), "{part:?}");
    assert!(std::fs::read(folder.join("part")).unwrap() == whole[100..200]);
    let listed = run(&["PLACE/"]).await;
    assert!(listed.stdout.contains("film"), "{listed:?}");
    let made = run(&["--ftp-create-dirs", "-T", "film", "PLACE/new/folder/film"]).await;
    assert_eq!(made.code, Some(0), "{made:?}");
    let gone = run(&["-Q", "-DELE film", "PLACE/new/folder/"]).await;
    assert_eq!(gone.code, Some(0), "{gone:?}");
    assert!(content(&house.ann, "/new/folder/film").await.is_none());
}

#[actix_web::test]
async fn another_s_path_and_a_full_drive_are_refusals_to_them_too() {
    let house = secure(None).await;
    let folder = house.folder.path();
    let bob = house.app.member("bob").await;
    std::fs::write(folder.join("film"), bytes(100_000)).unwrap();
    let ran = lftp(&house.app, ANN, folder, "put film").await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let ran = lftp(&house.app, ("bob", PASSWORD), folder, "get film -o hers").await;
    assert!(ran.code != Some(0) && ran.stderr.contains("550"), "{ran:?}");
    let admin = house.app.newcomer(playhouse::accounts::Role::Admin).await;
    let path = format!("/admin/accounts/{}", bob.id);
    let answer = admin.patch(&path, serde_json::json!({"quota": 1000})).await;
    assert_eq!(answer.status(), 200);
    let ran = lftp(&house.app, ("bob", PASSWORD), folder, "put film").await;
    assert!(ran.code != Some(0) && ran.stderr.contains("552"), "{ran:?}");
    assert!(content(&bob, "/film").await.is_none());
    assert_eq!(waiting(&house.app).await, 0);
    let answer = admin
        .patch(&path, serde_json::json!({"is_locked": true}))
        .await;
    assert_eq!(answer.status(), 200);
    let ran = lftp(&house.app, ("bob", PASSWORD), folder, "ls").await;
    assert!(
        ran.code != Some(0) && ran.stderr.contains("locked"),
        "{ran:?}"
    );
}
