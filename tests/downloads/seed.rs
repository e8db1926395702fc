//! Films that are in the house without the work of publishing them.

use diesel::prelude::*;
use playhouse::db::schema::{blobs, entitlements, movies, orders};
use playhouse::db::{Conn, Error as DbError};
use playhouse::ids::{AccountId, BlobId, MovieId, OrderId};
use playhouse_test_support::{Person, TestApp};
use uuid::Uuid;

pub(crate) const SIZE: usize = 2_500_000;
pub(crate) const NAME: &str = "../a\r\n\u{202e}影.mp4";

pub(crate) struct Film {
    pub(crate) id: String,
    pub(crate) content: Vec<u8>,
}

/// Puts a film into the house without the work of publishing: its rows, then its bytes.
pub(crate) async fn publish(app: &TestApp, price: i64) -> Film {
    publish_bytes(app, price, SIZE).await
}

pub(crate) async fn publish_bytes(app: &TestApp, price: i64, size: usize) -> Film {
    let id = MovieId::generate();
    let mut content: Vec<u8> = (0..size as u64)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    content[..36].copy_from_slice(id.as_str().as_bytes());
    let hash = blake3::hash(&content);
    let (movie, now, length) = (id.clone(), app.clock.now(), i64::try_from(size).unwrap());
    let place = now.and_utc().timestamp_micros();
    app.app()
        .db
        .write::<_, DbError, _>(move |conn| {
            let blob = BlobId::generate();
            diesel::insert_into(blobs::table)
                .values((
                    blobs::id.eq(&blob),
                    blobs::blake3.eq(hash.to_hex().as_str()),
                    blobs::size.eq(length),
                    blobs::sha256.eq("07".repeat(32)),
                    blobs::created_at.eq(now),
                ))
                .execute(conn)?;
            diesel::insert_into(movies::table)
                .values((
                    (
                        movies::id.eq(&movie),
                        movies::title.eq("A film"),
                        movies::sort_title.eq("a film"),
                        movies::description.eq(""),
                        movies::category.eq(""),
                        movies::tags.eq("[]"),
                        movies::price.eq(price),
                        movies::state.eq("published"),
                        movies::listed_at.eq(now),
                        movies::place.eq(place),
                        movies::duration_ms.eq(60_000_i64),
                        movies::width.eq(640),
                        movies::height.eq(360),
                    ),
                    (
                        movies::video_codec.eq("h264"),
                        movies::content_type.eq("video/mp4"),
                        movies::file_name.eq(NAME),
                        movies::blob_id.eq(&blob),
                        movies::fingerprint.eq(""),
                        movies::popularity.eq(0_i64),
                        movies::created_by.eq("admin"),
                        movies::created_at.eq(now),
                        movies::updated_at.eq(now),
                    ),
                ))
                .execute(conn)?;
            Ok(())
        })
        .await
        .unwrap();
    // After the rows: bytes that no row knows are cleared away when a house opens.
    let path = app.blob_path(&content);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, &content).unwrap();
    Film {
        id: id.to_string(),
        content,
    }
}

pub(crate) async fn change(
    app: &TestApp,
    work: impl Fn(&mut Conn) -> QueryResult<usize> + Send + 'static,
) {
    let done = app
        .app()
        .db
        .write::<_, DbError, _>(move |conn| Ok(work(conn)?));
    assert_eq!(done.await.unwrap(), 1);
}

pub(crate) fn movie_id(film: &Film) -> MovieId {
    Uuid::parse_str(&film.id).unwrap().into()
}

pub(crate) fn account_id(who: &Person) -> AccountId {
    Uuid::parse_str(&who.id).unwrap().into()
}

/// Makes the film the account's own, for this price.
pub(crate) async fn sell(app: &TestApp, film: &Film, who: &Person, price: i64) {
    let (movie, account, now) = (movie_id(film), account_id(who), app.clock.now());
    change(app, move |conn| {
        let order = OrderId::generate();
        diesel::insert_into(orders::table)
            .values((
                orders::id.eq(&order),
                orders::account_id.eq(&account),
                orders::movie_id.eq(&movie),
                orders::movie_title.eq("A film"),
                orders::regular_price.eq(price),
                orders::price.eq(price),
                orders::as_vip.eq(false),
                orders::created_at.eq(now),
            ))
            .execute(conn)?;
        diesel::insert_into(entitlements::table)
            .values((
                entitlements::account_id.eq(&account),
                entitlements::movie_id.eq(&movie),
                entitlements::order_id.eq(&order),
                entitlements::created_at.eq(now),
            ))
            .execute(conn)
    })
    .await;
}
