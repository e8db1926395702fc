//! Transfers that are cut and gone on with, both ways.

use std::time::Duration;

use chrono::TimeDelta;
use playhouse_test_support::ftp::Ftp;
use playhouse_test_support::{Person, TestApp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{sleep, timeout};

use super::{bytes, content, house, waiting};

/// Begins an upload and goes away, data and control connection at once, as a program does that is killed.
async fn cut(app: &TestApp, who: &Person, command: &str, part: &[u8]) {
    let mut ftp = app.ftp(who).await;
    let mut data = ftp.data().await;
    assert_eq!(ftp.ask(command).await, 150);
    data.write_all(part).await.unwrap();
    drop(ftp);
    drop(data);
}

/// Where an upload stands once the house has noticed its end.
async fn stands(ftp: &mut Ftp, path: &str, at: usize) {
    let mut said = String::new();
    for _ in 0..100 {
        said = ftp.say(&format!("SIZE {path}")).await.1;
        if said == format!("213 {at}\r\n") {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{path} stands at {said}, not at {at}");
}

#[actix_web::test]
async fn a_download_goes_on_from_any_byte() {
    let app = house().await;
    let ann = app.member("ann").await;
    let whole = bytes(700_000);
    let mut ftp = app.ftp(&ann).await;
    assert_eq!(ftp.put("STOR film", &whole).await, 226);
    for from in [0, 1, 499_999, 699_999, 700_000] {
        assert_eq!(ftp.ask(&format!("REST {from}")).await, 350);
        let (code, rest) = ftp.fetch("RETR film").await;
        assert_eq!(code, 226);
        assert!(rest == whole[from..], "from {from}");
    }
    assert_eq!(ftp.ask("REST 700001").await, 350);
    assert_eq!(ftp.fetch("RETR film").await.0, 554);
    assert_eq!(
        ftp.fetch("RETR film").await.1.len(),
        whole.len(),
        "REST holds once"
    );
    for wrong in ["REST -1", "REST", "REST x", "REST 9223372036854775808"] {
        assert_eq!(ftp.ask(wrong).await, 501, "{wrong}");
    }
}

#[actix_web::test]
async fn an_upload_that_was_cut_waits_out_of_sight_and_goes_on() {
    let app = house().await;
    let ann = app.member("ann").await;
    let whole = bytes(900_000);
    cut(&app, &ann, "STOR /film", &whole[..400_000]).await;
    let mut ftp = app.ftp(&ann).await;
    stands(&mut ftp, "film", 400_000).await;
    assert!(content(&ann, "/film").await.is_none());
    assert!(ftp.names("").await.is_empty());
    assert_eq!(ftp.fetch("RETR film").await.0, 550);
    for command in ["DELE film", "RNFR film", "MDTM film", "MLST film"] {
        assert_eq!(ftp.ask(command).await, 550, "{command}");
    }
    assert_eq!(ftp.ask("REST 399999").await, 350);
    assert_eq!(ftp.put("STOR film", b"x").await, 554, "only where it ends");
    assert_eq!(ftp.ask("REST 400001").await, 350);
    assert_eq!(ftp.put("STOR film", b"x").await, 554);
    let bob = app.member("bob").await;
    let mut other = app.ftp(&bob).await;
    assert_eq!(other.ask("SIZE film").await, 550, "nobody else's business");
    assert_eq!(other.ask("REST 400000").await, 350);
    assert_eq!(other.put("STOR film", b"x").await, 554);
    assert_eq!(waiting(&app).await, 1);
    assert_eq!(ftp.ask("REST 400000").await, 350);
    assert_eq!(ftp.put("STOR film", &whole[400_000..]).await, 226);
    assert!(content(&ann, "/film").await.unwrap() == whole);
    assert_eq!(waiting(&app).await, 0);
}

#[actix_web::test]
async fn it_goes_on_after_the_server_was_started_again() {
    let app = house().await;
    let ann = app.member("ann").await;
    let whole = bytes(500_000);
    let mut ftp = app.ftp(&ann).await;
    let mut data = ftp.data().await;
    assert_eq!(ftp.ask("STOR /film").await, 150);
    data.write_all(&whole[..200_000]).await.unwrap();
    sleep(Duration::from_millis(1500)).await;
    let app = app.restart_with(|_| {}).await;
    let mut said = Vec::new();
    while let Some((code, _)) = ftp.hear().await {
        said.push(code);
    }
    assert_eq!(said.last(), Some(&421), "come back: {said:?}");
    let ann = app.sign_in(&ann.name).await;
    let mut ftp = app.ftp(&ann).await;
    stands(&mut ftp, "film", 200_000).await;
    assert_eq!(ftp.put("APPE film", &whole[200_000..]).await, 226);
    assert!(content(&ann, "/film").await.unwrap() == whole);
}

#[actix_web::test]
async fn abor_stops_a_transfer_either_way() {
    let app = house().await;
    let ann = app.member("ann").await;
    let mut ftp = app.ftp(&ann).await;
    let mut data = ftp.data().await;
    assert_eq!(ftp.ask("STOR film").await, 150);
    data.write_all(&bytes(100_000)).await.unwrap();
    sleep(Duration::from_millis(200)).await;
    ftp.send(b"NOOP\r\n\xFF\xF4\xFF\xF2ABOR\r\n").await;
    for code in [426, 226, 200] {
        assert_eq!(ftp.hear().await.unwrap().0, code);
    }
    stands(&mut ftp, "film", 100_000).await;
    assert!(content(&ann, "/film").await.is_none());
    assert_eq!(ftp.put("STOR film", &bytes(40 << 20)).await, 226);
    let mut data = ftp.data().await;
    assert_eq!(ftp.ask("RETR film").await, 150);
    data.read_exact(&mut [0; 1000]).await.unwrap();
    ftp.send(b"ABOR\r\n").await;
    assert_eq!(ftp.hear().await.unwrap().0, 426);
    assert_eq!(ftp.hear().await.unwrap().0, 226);
    assert_eq!(ftp.ask("NOOP").await, 200);
}

#[actix_web::test]
async fn what_allo_announced_has_to_come() {
    let app = house().await;
    let ann = app.member("ann").await;
    let mut ftp = app.ftp(&ann).await;
    assert_eq!(ftp.ask("ALLO 10").await, 200);
    assert_eq!(ftp.put("STOR a", b"12345").await, 426);
    assert!(content(&ann, "/a").await.is_none());
    assert_eq!(ftp.ask("ALLO 10").await, 200);
    assert_eq!(ftp.ask("REST 5").await, 350);
    assert_eq!(ftp.put("STOR a", b"67890").await, 226);
    assert_eq!(content(&ann, "/a").await.unwrap(), b"1234567890");
    assert_eq!(ftp.put("STOR b", b"").await, 226, "ALLO held once");
    assert_eq!(content(&ann, "/b").await.unwrap(), b"");
}

#[actix_web::test]
async fn appe_goes_on_with_what_is_there() {
    let app = house().await;
    let ann = app.member("ann").await;
    let mut ftp = app.ftp(&ann).await;
    assert_eq!(ftp.put("APPE log", b"one ").await, 226, "nothing was there");
    assert_eq!(ftp.put("APPE log", b"two ").await, 226);
    assert_eq!(ftp.ask("REST 8").await, 350);
    assert_eq!(
        ftp.put("STOR log", b"three").await,
        226,
        "a file grows at its end"
    );
    assert_eq!(content(&ann, "/log").await.unwrap(), b"one two three");
    assert_eq!(ftp.ask("REST 5").await, 350);
    assert_eq!(ftp.put("STOR log", b"x").await, 554, "and nowhere else");
    cut(&app, &ann, "APPE log", b"and").await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(content(&ann, "/log").await.unwrap(), b"one two three");
    assert_eq!(
        waiting(&app).await,
        0,
        "what a file would have grown by does not wait"
    );
    assert_eq!(ftp.put("APPE log", b"!").await, 226);
    cut(&app, &ann, "STOR log", b"new").await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(
        ftp.say("SIZE log").await.1,
        "213 14\r\n",
        "that of the file"
    );
    assert_eq!(ftp.put("APPE log", b"x").await, 554, "to which of both?");
    assert_eq!(ftp.ask("REST 14").await, 350);
    assert_eq!(
        ftp.put("STOR log", b"x").await,
        554,
        "the two are not mixed"
    );
    assert_eq!(ftp.ask("REST 3").await, 350);
    assert_eq!(ftp.put("STOR log", b"er").await, 226);
    assert_eq!(content(&ann, "/log").await.unwrap(), b"newer");
    assert_eq!(ftp.ask("MKD folder").await, 257);
    assert_eq!(ftp.put("APPE folder", b"x").await, 553);
    assert_eq!(ftp.put("STOR folder", b"x").await, 553);
}

#[actix_web::test]
async fn a_new_beginning_and_time_end_what_waits() {
    let app = house().await;
    let ann = app.member("ann").await;
    cut(&app, &ann, "STOR film", b"old old").await;
    let mut ftp = app.ftp(&ann).await;
    stands(&mut ftp, "film", 7).await;
    cut(&app, &ann, "STOR film", b"new").await;
    stands(&mut ftp, "film", 3).await;
    assert_eq!(waiting(&app).await, 1, "one for each path");
    app.advance(TimeDelta::hours(49));
    assert_eq!(ftp.ask("SIZE film").await, 550);
    app.app().uploads.sweep().await.unwrap();
    assert_eq!(waiting(&app).await, 0);
    assert_eq!(
        std::fs::read_dir(app.data_dir().join("storage/uploads"))
            .unwrap()
            .count(),
        0
    );
}

#[actix_web::test]
async fn of_two_who_write_the_later_one_wins() {
    let app = house().await;
    let ann = app.member("ann").await;
    let mut first = app.ftp(&ann).await;
    let mut data = first.data().await;
    assert_eq!(first.ask("STOR film").await, 150);
    data.write_all(b"first").await.unwrap();
    sleep(Duration::from_millis(100)).await;
    let mut second = app.ftp(&ann).await;
    assert_eq!(second.put("STOR film", b"second").await, 226);
    let answer = timeout(Duration::from_secs(10), first.hear()).await;
    assert_eq!(answer.unwrap().unwrap().0, 550);
    assert_eq!(content(&ann, "/film").await.unwrap(), b"second");
    assert_eq!(waiting(&app).await, 0);
}
