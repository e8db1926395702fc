//! What strangers and members cannot take more of than their share.

use std::time::Duration;

use playhouse_test_support::ftp::{self, Ftp};
use playhouse_test_support::{PASSWORD, TestApp};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::{bytes, content, house, waiting};

#[actix_web::test]
async fn a_line_has_an_end() {
    let app = house().await;
    let mut ftp = Ftp::connect(&app).await;
    ftp.send(&[b'x'; 6000]).await;
    assert_eq!(ftp.hear().await.unwrap().0, 500);
    assert!(ftp.hear().await.is_none());
}

#[actix_web::test]
async fn places_are_counted_and_given_back() {
    let app = TestApp::start_with(|config| {
        ftp::plain(config);
        config.ftp.max_connections = 4;
        config.ftp.max_connections_per_account = 2;
    })
    .await;
    let ann = app.member("ann").await;
    let (one, two) = (app.ftp(&ann).await, app.ftp(&ann).await);
    let mut three = Ftp::connect(&app).await;
    assert_eq!(
        three.sign_in("ann", PASSWORD).await,
        421,
        "two for each account"
    );
    assert!(three.hear().await.is_none());
    drop(three);
    let (four, five) = (Ftp::connect(&app).await, Ftp::connect(&app).await);
    let refused = TcpStream::connect(app.ftp_address()).await.unwrap();
    refused.readable().await.unwrap();
    let mut said = [0; 3];
    assert_eq!(refused.try_read(&mut said).unwrap(), 3);
    assert_eq!(&said, b"421");
    drop((one, two, four, five));
    sleep(Duration::from_millis(200)).await;
    assert_eq!(app.ftp(&ann).await.ask("NOOP").await, 200);
}

#[actix_web::test]
async fn whoever_says_nothing_is_shown_out() {
    let app = TestApp::start_with(|config| {
        ftp::plain(config);
        config.ftp.idle_seconds = 3;
        config.uploads.stall_seconds = 1;
    })
    .await;
    let ann = app.member("ann").await;
    let mut quiet = app.ftp(&ann).await;
    let mut slow = app.ftp(&ann).await;
    let mut data = slow.data().await;
    assert_eq!(slow.ask("STOR film").await, 150);
    data.write_all(b"part").await.unwrap();
    let answer = timeout(Duration::from_secs(15), quiet.hear())
        .await
        .unwrap();
    assert_eq!(answer.unwrap().0, 421);
    let answer = timeout(Duration::from_secs(15), slow.hear()).await.unwrap();
    let (code, said) = answer.unwrap();
    assert!(code == 426 && said.contains("REST 4"), "{said}");
    let big = bytes(40 << 20);
    let mut still = app.ftp(&ann).await;
    assert_eq!(still.put("STOR big", &big).await, 226);
    let _unread = still.data().await;
    assert_eq!(still.ask("RETR big").await, 150);
    let answer = timeout(Duration::from_secs(15), still.hear())
        .await
        .unwrap();
    assert_eq!(answer.unwrap().0, 426, "nobody reads it");
}

#[actix_web::test]
async fn over_quota_leaves_nothing() {
    let app = TestApp::start_with(|config| {
        ftp::plain(config);
        config.drive.quota_bytes = 1_000_000;
        config.uploads.checkpoint_bytes = 256 << 10;
    })
    .await;
    let ann = app.member("ann").await;
    let mut ftp = app.ftp(&ann).await;
    assert_eq!(ftp.put("STOR fits", &bytes(600_000)).await, 226);
    assert_eq!(ftp.put("STOR more", &bytes(500_000)).await, 552);
    assert_eq!(ftp.put("STOR much", &bytes(20 << 20)).await, 552);
    assert_eq!(
        ftp.put("APPE fits", &bytes(100_000)).await,
        552,
        "what it was becomes a version, which counts"
    );
    assert_eq!(ftp.ask("ALLO 500000").await, 200);
    assert_eq!(
        ftp.put("STOR told", b"").await,
        552,
        "before a byte is sent"
    );
    assert_eq!(waiting(&app).await, 0);
    assert_eq!(ftp.names("").await, ["fits"]);
    for path in ["/more", "/much", "/told"] {
        assert!(content(&ann, path).await.is_none());
    }
    assert_eq!(
        std::fs::read_dir(app.data_dir().join("storage/uploads"))
            .unwrap()
            .count(),
        0
    );
    assert_eq!(ftp.put("STOR little", &bytes(300_000)).await, 226);
}

#[actix_web::test]
async fn data_comes_from_nobody_else_and_by_the_ports_that_are_said() {
    let app = TestApp::start_with(|config| {
        ftp::plain(config);
        config.ftp.passive_address = Some([192, 0, 2, 7].into());
    })
    .await;
    let ann = app.member("ann").await;
    let mut ftp = app.ftp(&ann).await;
    let (code, said) = ftp.say("PASV").await;
    assert!(code == 227 && said.contains("(192,0,2,7,"), "{said}");
    assert_eq!(ftp.ask("EPSV 2").await, 522, "this is not IPv6");
    assert_eq!(ftp.ask("EPSV 1").await, 229);
    assert_eq!(ftp.ask("EPSV ALL").await, 229);
    let mut data = ftp.data().await;
    assert_eq!(ftp.ask("RETR nothing").await, 550);
    assert_eq!(
        ftp.ask("LIST").await,
        425,
        "a data connection is for one transfer"
    );
    let mut byte = [0];
    let closed = tokio::io::AsyncReadExt::read(&mut data, &mut byte).await;
    assert!(matches!(closed, Ok(0) | Err(_)));
}

#[actix_web::test]
async fn it_is_off_unless_it_is_asked_for() {
    let app = TestApp::start().await;
    assert!(!app.app().config.ftp.enabled);
    assert!(app.ftp_is_closed());
}

#[actix_web::test]
async fn a_full_disk_is_told_and_what_arrived_goes_on_later() {
    let app = house().await;
    let ann = app.member("ann").await;
    let mut ftp = app.ftp(&ann).await;
    let mut data = ftp.data().await;
    assert_eq!(ftp.ask("STOR film").await, 150);
    data.write_all(b"first ").await.unwrap();
    sleep(Duration::from_millis(1500)).await;
    ftp.send(b"ABOR\r\n").await;
    assert_eq!(ftp.hear().await.unwrap().0, 426);
    assert_eq!(ftp.hear().await.unwrap().0, 226);
    drop(ftp);
    let app = app
        .restart_with(|config| config.uploads.min_free_bytes = 1 << 60)
        .await;
    let ann = app.sign_in(&ann.name).await;
    let mut ftp = app.ftp(&ann).await;
    assert_eq!(ftp.put("STOR other", b"x").await, 452);
    assert_eq!(ftp.put("APPE film", b"rest").await, 452);
    assert!(ftp.names("").await.is_empty());
    let app = app
        .restart_with(|config| config.uploads.min_free_bytes = 0)
        .await;
    let ann = app.sign_in(&ann.name).await;
    let mut ftp = app.ftp(&ann).await;
    assert_eq!(ftp.put("APPE film", b"rest").await, 226);
    assert_eq!(content(&ann, "/film").await.unwrap(), b"first rest");
    assert_eq!(waiting(&app).await, 0);
}
