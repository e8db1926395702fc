//! Ratings, and what they come to.

use playhouse::accounts::Role;
use playhouse_test_support::{Person, problem, wrong_fields};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::house::House;

async fn rating(house: &House, who: &Person) -> Value {
    who.get_json(&house.path("rating")).await
}

#[actix_web::test]
async fn a_rating_counts_once_and_can_be_changed_and_taken_back() {
    let house = House::set().await;
    let (ann, bob) = (house.app.member("ann").await, house.app.member("bob").await);
    let none = json!({"average": null, "count": 0, "stars": null});
    assert_eq!(rating(&house, &ann).await, none);
    house.rate(&ann, 4).await;
    house.rate(&ann, 4).await;
    assert_eq!(
        rating(&house, &ann).await,
        json!({"average": 4.0, "count": 1, "stars": 4})
    );
    house.rate(&bob, 1).await;
    assert_eq!(
        rating(&house, &bob).await,
        json!({"average": 2.5, "count": 2, "stars": 1})
    );
    house.rate(&ann, 5).await;
    assert_eq!(rating(&house, &bob).await["average"], 3.0);
    for _ in 0..2 {
        let back = bob.delete(&house.path("rating")).await;
        assert_eq!(back.status(), 204);
    }
    assert_eq!(
        rating(&house, &bob).await,
        json!({"average": 5.0, "count": 1, "stars": null})
    );
    assert_eq!(ann.delete(&house.path("rating")).await.status(), 204);
    assert_eq!(rating(&house, &ann).await, none);
}

#[actix_web::test]
async fn many_at_once_give_the_right_average() {
    let house = House::set().await;
    let mut people = Vec::new();
    for _ in 0..12 {
        people.push(house.app.newcomer(Role::Member).await);
    }
    // Each rates three times, all of them at once; every third takes the rating back in the end.
    let house = &house;
    let work = people.iter().zip(0_i32..).map(|(who, at)| async move {
        for round in 0..3 {
            house.rate(who, (at + round) % 5 + 1).await;
        }
        if at % 3 == 0 {
            let back = who.delete(&house.path("rating")).await;
            assert_eq!(back.status(), 204);
        }
    });
    futures_util::future::join_all(work).await;
    let left: Vec<i32> = (0..12)
        .filter(|at| at % 3 != 0)
        .map(|at| (at + 2) % 5 + 1)
        .collect();
    let wanted = f64::from(left.iter().sum::<i32>()) / 8.0;
    let found = rating(house, &house.admin).await;
    assert_eq!((left.len(), &found["count"]), (8, &json!(8)));
    let average = found["average"].as_f64().unwrap();
    assert!((average - wanted).abs() < 1e-9, "{average}, not {wanted}");
}

#[actix_web::test]
async fn what_is_no_rating_is_refused() {
    let house = House::set().await;
    let ann = house.app.member("ann").await;
    for stars in [0, 6, -1, i32::MAX] {
        let path = house.path("rating");
        let refused = ann.put(&path, json!({"stars": stars})).await;
        let refused = problem(refused, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), ["stars"], "{stars}");
    }
    for body in [json!({}), json!({"stars": 2.5}), json!({"stars": "5"})] {
        let refused = ann.put(&house.path("rating"), body).await;
        let refused = problem(refused, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), ["stars"]);
    }
    assert_eq!(rating(&house, &ann).await["count"], 0);
}

#[actix_web::test]
async fn only_members_rate_and_only_films_that_they_see() {
    let house = House::set().await;
    let (ann, nobody) = (house.app.member("ann").await, house.app.nobody());
    let stars = || json!({"stars": 3});
    for answer in [
        nobody.get(&house.path("rating")).await,
        nobody.put(&house.path("rating"), stars()).await,
        nobody.delete(&house.path("rating")).await,
    ] {
        problem(answer, 401, "not_signed_in").await;
    }
    house.rate(&ann, 3).await;
    let gone = house.admin.delete(&format!("/movies/{}", house.film)).await;
    assert_eq!(gone.status(), 204);
    let nowhere = format!("/movies/{}/rating", Uuid::now_v7());
    for path in [&house.path("rating"), &nowhere] {
        problem(ann.get(path).await, 404, "not_found").await;
        problem(ann.put(path, stars()).await, 404, "not_found").await;
    }
    // Admins see it, and the rating is there when it returns.
    assert_eq!(rating(&house, &house.admin).await["count"], 1);
    let back = house
        .admin
        .post(&format!("/movies/{}/restore", house.film), json!({}))
        .await;
    assert_eq!(back.status(), 200);
    assert_eq!(rating(&house, &ann).await["stars"], 3);
}
