//! Many who bring and give up the same bytes at the same time.

use futures_util::future::join_all;
use playhouse::blobs::Reconciled;

use crate::house;

#[actix_web::test]
async fn the_count_stays_right_and_the_bytes_stay_as_long_as_somebody_has_them() {
    let house = house();
    let workers = house.workers();
    let contents: [&[u8]; 3] = [b"one content", b"another content", b""];
    let rounds = |client: usize| {
        let house = &house;
        async move {
            for round in 0..6 {
                let content = contents[(client + round) % contents.len()];
                let holder = format!("{client}/{round}");
                house.keep(&holder, content).await.unwrap();
                assert_eq!(
                    house.stored(content).as_deref(),
                    Some(content),
                    "whoever holds bytes finds them"
                );
                if round % 2 == 0 || client.is_multiple_of(2) {
                    house.release(&holder, 1).await.unwrap();
                }
            }
        }
    };
    join_all((0..8).map(rounds)).await;
    // Of every odd client three holders are left.
    let mut left = 0;
    for content in contents {
        let refs = house.refs(content).await.unwrap_or(0);
        assert_eq!(refs > 0, house.stored(content).is_some());
        left += refs;
    }
    assert_eq!(left, 4 * 3);
    for client in [1, 3, 5, 7] {
        for round in [1, 3, 5] {
            house
                .release(&format!("{client}/{round}"), 1)
                .await
                .unwrap();
        }
    }
    crate::until(|| contents.iter().all(|it| house.stored(it).is_none())).await;
    assert_eq!(
        house.blobs.reconcile().await.unwrap(),
        Reconciled::default()
    );
    workers.stop().await;
}

#[actix_web::test]
async fn the_reconciler_leaves_alone_what_is_being_kept() {
    let house = house();
    let contents: Vec<Vec<u8>> = (0..60_u32).map(|it| it.to_le_bytes().to_vec()).collect();
    let keep = |content: Vec<u8>| {
        let house = &house;
        async move {
            let holder = format!("{content:?}");
            house.keep(&holder, &content).await.unwrap();
        }
    };
    let kept = join_all(contents.iter().cloned().map(keep));
    let compared = async {
        for _ in 0..3 {
            let report = house.blobs.reconcile().await.unwrap();
            assert_eq!((report.removed, report.missing), (0, 0));
        }
    };
    tokio::join!(kept, compared);
    for content in &contents {
        assert_eq!(house.stored(content).as_ref(), Some(content));
    }
}
