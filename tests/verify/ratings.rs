//! The stars and votes that are shown of films, against the ratings themselves.

use diesel::prelude::*;
use playhouse::db::schema::{rating_sums, ratings};
use playhouse_test_support::{TestApp, text};
use serde_json::json;

use super::{change, findings, verify};

#[actix_web::test]
async fn sums_of_ratings_are_counted_again() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let film = text(&app.publish_film(&admin, "The Film", 0).await["id"]);
    app.jobs_done(&admin).await;
    for (who, stars) in [("ann", 5), ("ben", 2)] {
        let rated = app
            .member(who)
            .await
            .put(&format!("/movies/{film}/rating"), json!({"stars": stars}))
            .await;
        assert_eq!(rated.status(), 204);
    }
    assert_eq!(findings(&app).await, (vec![], 0));
    change(&app, |conn| {
        diesel::update(rating_sums::table)
            .set(rating_sums::votes.eq(3_i64))
            .execute(conn)
    })
    .await;
    let damage = |stars: i64, actual_stars: i64, votes: i64, actual_votes: i64| {
        json!({"damage": "wrong_rating", "movie_id": film, "stars": stars, "actual_stars": actual_stars,
            "votes": votes, "actual_votes": actual_votes})
    };
    assert_eq!(findings(&app).await, (vec![damage(7, 7, 3, 2)], 1));
    let output = verify(&app, &["--patience", "0"]).await;
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("7 stars of 2 votes, recorded 7 of 3"),
        "{said}"
    );
    // A rating that is in no sum, and votes that nobody gave.
    change(&app, |conn| {
        diesel::delete(ratings::table.filter(ratings::stars.eq(5))).execute(conn)
    })
    .await;
    assert_eq!(findings(&app).await, (vec![damage(7, 2, 3, 1)], 1));
    change(&app, |conn| {
        diesel::delete(rating_sums::table).execute(conn)
    })
    .await;
    assert_eq!(findings(&app).await, (vec![damage(0, 2, 0, 1)], 1));
}
