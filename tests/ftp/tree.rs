//! Folders and files by hand, and names that want to be something else.

use playhouse_test_support::ftp::Ftp;
use playhouse_test_support::text;

use super::{content, house, waiting};

#[actix_web::test]
async fn a_file_goes_there_and_back_and_is_the_same_everywhere() {
    let app = house().await;
    let ann = app.member("ann").await;
    let mut ftp = app.ftp(&ann).await;
    assert_eq!(ftp.ask("MKD Papers").await, 257);
    assert_eq!(ftp.say("CWD Papers").await.1, "250 \"/Papers\"\r\n");
    assert_eq!(ftp.put("STOR a  b.txt", b"one").await, 226);
    assert_eq!(content(&ann, "/Papers/a%20%20b.txt").await.unwrap(), b"one");
    assert_eq!(ftp.fetch("RETR a  b.txt").await, (226, b"one".to_vec()));
    assert_eq!(ftp.say("SIZE a  b.txt").await.1, "213 3\r\n");
    let (code, when) = ftp.say("MDTM a  b.txt").await;
    assert_eq!((code, when.len()), (213, "213 20260101000000\r\n".len()));
    assert_eq!(ftp.names("").await, ["a  b.txt"]);
    assert_eq!(ftp.names("/").await, ["Papers"]);
    assert_eq!(
        ftp.put("STOR a  b.txt", b"two!").await,
        226,
        "takes its place"
    );
    let entry = ann.get_json("/drive/entry?path=/Papers/a%20%20b.txt").await;
    let versions = format!("/drive/entries/{}/versions", text(&entry["id"]));
    assert_eq!(
        ann.get_json(&versions).await["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(waiting(&app).await, 0);
}

#[actix_web::test]
async fn folders_are_told_in_three_ways() {
    let app = house().await;
    let ann = app.member("ann").await;
    let mut ftp = app.ftp(&ann).await;
    assert_eq!(ftp.ask("MKD Zoo").await, 257);
    assert_eq!(ftp.put("STOR é.txt", b"12345").await, 226);
    let (_, long) = ftp.fetch("LIST -la").await;
    let long = String::from_utf8(long).unwrap();
    let lines: Vec<&str> = long.lines().collect();
    assert!(lines[0].starts_with("drwx------ 1 owner owner") && lines[0].ends_with(" Zoo"));
    assert!(
        lines[1].starts_with("-rw-------") && lines[1].ends_with(" é.txt"),
        "{long}"
    );
    assert!(lines[1].contains("           5 "), "{long}");
    let (_, facts) = ftp.fetch("MLSD").await;
    let facts = String::from_utf8(facts).unwrap();
    let file = facts.lines().nth(1).unwrap();
    assert!(file.starts_with("type=file;size=5;modify=20"), "{facts}");
    assert!(file.ends_with("; é.txt"), "{facts}");
    let (code, one) = ftp.say("MLST é.txt").await;
    assert!(code == 250 && one.contains("type=file;size=5;") && one.contains(" /é.txt\r\n"));
    assert_eq!(ftp.fetch("LIST nothing").await.0, 550);
    let (_, one) = ftp.fetch("NLST é.txt").await;
    assert_eq!(one, "é.txt\r\n".as_bytes());
}

#[actix_web::test]
async fn a_folder_of_many_pages_is_told_whole() {
    let app = house().await;
    let ann = app.member("ann").await;
    for number in 0..450 {
        app.put_folder(&ann, &ann.id, &format!("f{number:03}"))
            .await;
    }
    let names = app.ftp(&ann).await.names("").await;
    let expected: Vec<String> = (0..450).map(|number| format!("f{number:03}")).collect();
    assert_eq!(names, expected);
}

#[actix_web::test]
async fn things_are_renamed_moved_and_thrown_away() {
    let app = house().await;
    let ann = app.member("ann").await;
    let mut ftp = app.ftp(&ann).await;
    for folder in ["a", "b"] {
        assert_eq!(ftp.ask(&format!("MKD {folder}")).await, 257);
    }
    assert_eq!(ftp.put("STOR a/one", b"1").await, 226);
    assert_eq!(ftp.put("STOR b/two", b"2").await, 226);
    assert_eq!(ftp.ask("RNFR a/one").await, 350);
    assert_eq!(ftp.ask("RNTO b/uno").await, 250);
    assert_eq!(ftp.names("b").await, ["two", "uno"]);
    assert_eq!(ftp.ask("RNFR b/uno").await, 350);
    assert_eq!(ftp.ask("RNTO b/two").await, 553, "taken");
    assert_eq!(
        ftp.ask("RNTO b/new").await,
        503,
        "RNFR held for one command"
    );
    assert_eq!(ftp.ask("RNFR b").await, 350);
    assert_eq!(ftp.ask("RNTO b/below").await, 550, "not into itself");
    assert_eq!(ftp.ask("RNFR none").await, 550);
    assert_eq!(ftp.ask("DELE b").await, 550, "a folder");
    assert_eq!(ftp.ask("RMD b/two").await, 550, "a file");
    assert_eq!(ftp.ask("DELE b/two").await, 250);
    assert_eq!(ftp.ask("DELE b/two").await, 550);
    assert_eq!(ftp.ask("RMD b").await, 250);
    assert_eq!(ftp.ask("RMD /").await, 550);
    assert_eq!(ftp.names("/").await, ["a"]);
    let trash = ann.get_json("/drive/trash").await;
    assert_eq!(trash["items"].as_array().unwrap().len(), 2, "{trash}");
    assert_eq!(ftp.ask("MKD a").await, 553, "taken");
    assert_eq!(ftp.ask("MKD x/y").await, 550, "no folder x");
}

#[actix_web::test]
async fn no_name_leads_out_or_into_another_s_drive() {
    let app = house().await;
    let (ann, bob) = (app.member("ann").await, app.member("bob").await);
    let mut hers = app.ftp(&ann).await;
    assert_eq!(hers.put("STOR /secret", b"hers").await, 226);
    let mut ftp = app.ftp(&bob).await;
    assert_eq!(ftp.put("STOR mine", b"his").await, 226);
    for path in [
        "/secret",
        "../secret",
        "../ann/secret",
        "/../../ann/secret",
        &format!("/{}/secret", ann.id),
        "/etc/passwd",
        "../../../../etc/passwd",
        "....//....//etc/passwd",
        "%2e%2e/secret",
        "..%2fsecret",
        "~ann/secret",
    ] {
        assert_eq!(ftp.fetch(&format!("RETR {path}")).await.0, 550, "{path}");
        assert_eq!(ftp.ask(&format!("DELE {path}")).await, 550, "{path}");
        assert_eq!(ftp.ask(&format!("SIZE {path}")).await, 550, "{path}");
    }
    for name in [
        "a\\b",
        "a\tb",
        "a\u{7f}",
        "\u{202E}gpj.exe",
        " begins",
        "a\u{0}b",
        "\u{85}",
    ] {
        assert_eq!(
            ftp.put(&format!("STOR {name}"), b"x").await,
            553,
            "{name:?}"
        );
        assert_eq!(ftp.ask(&format!("MKD {name}")).await, 553, "{name:?}");
    }
    let long = format!("STOR {}", "x".repeat(256));
    assert_eq!(ftp.put(&long, b"x").await, 553);
    assert_eq!(ftp.put("STOR e\u{301}", b"x").await, 226);
    assert_eq!(
        ftp.ask("SIZE \u{e9}").await,
        213,
        "one name in two spellings"
    );
    assert_eq!(ftp.put("STOR /a/../mine2", b"x").await, 226);
    assert_eq!(ftp.names("").await, ["mine", "mine2", "é"]);
    assert_eq!(hers.names("").await, ["secret"]);
}

#[actix_web::test]
async fn nothing_is_done_before_one_has_signed_in() {
    let app = house().await;
    let ann = app.member("ann").await;
    let mut ftp = Ftp::connect(&app).await;
    for line in [
        "LIST", "RETR x", "STOR x", "PASV", "EPSV", "CWD /", "REST 5", "MKD x", "PWD",
    ] {
        assert_eq!(ftp.ask(line).await, 530, "{line}");
    }
    assert_eq!(ftp.ask("PASS x").await, 503);
    assert_eq!(ftp.sign_in("ann", "wrong password").await, 530);
    assert_eq!(ftp.sign_in("nobody", "wrong password").await, 530);
    assert_eq!(
        ftp.sign_in("ANN", playhouse_test_support::PASSWORD).await,
        230
    );
    assert_eq!(ftp.ask("USER bob").await, 503);
    assert_eq!(ftp.say("PWD").await.1, "257 \"/\"\r\n");
    assert_eq!(
        ftp.ask("PORT 127,0,0,1,0,80").await,
        502,
        "no other machine is connected to"
    );
    assert_eq!(ftp.ask("EPRT |1|127.0.0.1|80|").await, 502);
    assert_eq!(ftp.ask("SITE EXEC ls").await, 502);
    assert_eq!(ftp.ask("CWD nothing").await, 550);
    assert_eq!(ftp.ask("NONSENSE").await, 500);
    assert_eq!(ftp.ask("QUIT").await, 221);
    assert!(ftp.hear().await.is_none());
    drop(ann);
}
