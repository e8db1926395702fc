//! Objects of a storage service that break off or are gone.

use playhouse::transfers::flow::Flow;
use playhouse_test_support::s3;

use super::served::{Door, content, film, get, start, wait_until};

#[actix_web::test]
async fn an_object_that_breaks_off_is_gone_on_with() {
    let size = 20 << 20;
    let served = start(Door::Remote, content(size), Flow::default());
    let service = served.service.as_ref().unwrap();
    service.fail(s3::Fault::BreakOff(2));
    let (status, _, body) = get(&served, &[]).await;
    assert!(status == 200 && body == served.content);
    let (status, _, body) = get(&served, &[("range", "bytes=0-9,10000000-19999999")]).await;
    assert_eq!(status, 206);
    let last = body
        .windows(1000)
        .any(|it| *it == served.content[19_999_000..20_000_000]);
    assert!(last, "every part is whole");
    let tally = served.flow.tally();
    assert_eq!((tally.completed, tally.cut), (2, 0));
    assert_eq!(tally.sent, 20_000_010 - 10_000_000 + size as u64);
}

#[actix_web::test]
async fn an_object_that_is_gone_cuts_the_response() {
    let served = film(Door::Remote);
    std::fs::remove_file(served.service.as_ref().unwrap().object("film")).unwrap();
    let whole = match reqwest::get(&served.url).await {
        Ok(answer) => answer.bytes().await.is_ok(),
        Err(_) => false,
    };
    assert!(!whole, "nothing must not look like the film");
    wait_until(|| served.flow.tally().cut == 1).await;
}
