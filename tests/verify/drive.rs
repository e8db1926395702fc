//! The sums of the drive.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use playhouse::db::schema::drive_usage;
use playhouse_test_support::TestApp;
use serde_json::json;

use crate::{change, findings};

#[actix_web::test]
async fn sums_that_are_not_those_of_the_files_are_found() {
    let app = TestApp::start().await;
    let ann = app.member("ann").await;
    app.member("bob").await;
    let blob = uuid::Uuid::now_v7().to_string();
    let (now, owner) = (app.clock.now(), ann.id.clone());
    let content = b"a file of ann's";
    let path = app.blob_path(content);
    let size = i64::try_from(content.len()).unwrap();
    let name = blake3::hash(content).to_hex().to_string();
    let id = blob.clone();
    change(&app, move |conn| {
        use playhouse::db::schema::blobs;
        diesel::insert_into(blobs::table)
            .values((
                blobs::id.eq(&id),
                blobs::blake3.eq(&name),
                blobs::size.eq(size),
                blobs::created_at.eq(now),
                // An entry and a version.
                blobs::refs.eq(2_i64),
            ))
            .execute(conn)
    })
    .await;
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
    let id = owner.clone();
    change(&app, move |conn| {
        sql_query(
            "INSERT INTO drive_entries (id, account_id, kind, name, sort_name, blob_id, size, content_type, revision,
                created_at, modified_at)
            VALUES ('e', $1, 'file', 'a', 'a', $2, 15, 'text/plain', 1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)",
        )
        .bind::<Text, _>(&id)
        .bind::<Text, _>(&blob)
        .execute(conn)?;
        sql_query(
            "INSERT INTO drive_versions (id, account_id, entry_id, blob_id, size, content_type, modified_at, replaced_at)
            VALUES ('v', $1, 'e', $2, 15, 'text/plain', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)",
        )
        .bind::<Text, _>(&id)
        .bind::<Text, _>(&blob)
        .execute(conn)
    })
    .await;
    let damage = |used, reserved| {
        json!({"damage": "wrong_quota", "account_id": owner, "used": used, "actual_used": 30,
            "reserved": reserved, "actual_reserved": 0})
    };
    assert_eq!(findings(&app).await, (vec![damage(0, 0)], 1), "no row");
    let id = owner.clone();
    change(&app, move |conn| {
        diesel::insert_into(drive_usage::table)
            .values((
                drive_usage::account_id.eq(&id),
                drive_usage::used.eq(30_i64),
                drive_usage::reserved.eq(0_i64),
            ))
            .execute(conn)
    })
    .await;
    assert_eq!(findings(&app).await, (vec![], 0));
    change(&app, move |conn| {
        diesel::update(drive_usage::table)
            .set((
                drive_usage::used.eq(31_i64),
                drive_usage::reserved.eq(7_i64),
            ))
            .execute(conn)
    })
    .await;
    assert_eq!(findings(&app).await, (vec![damage(31, 7)], 1));
}
