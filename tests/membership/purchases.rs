//! Films and VIP time bought from the wallet.

use playhouse::ids::{AccountId, MovieId};
use playhouse::membership::{Error as MembershipError, Membership};

use super::*;

#[actix_web::test]
async fn an_order_keeps_the_price_of_its_moment() {
    let app = TestApp::start().await;
    let (admin, ann, bob) = (
        app.admin().await,
        app.member("ann").await,
        app.member("bob").await,
    );
    let movie = film(&app, 999).await;
    credit(&admin, &ann, 2000).await;
    credit(&admin, &bob, 999).await;
    let missing = problem(
        order(&app.member("cat").await, &movie, "k").await,
        402,
        "insufficient_balance",
    )
    .await;
    assert!(text(&missing["detail"]).contains("9.99 EUR"), "{missing}");
    assert_eq!(buy_vip(&ann, "month", "vip").await.status(), 201);
    let bought = json_of(order(&ann, &movie, "k").await, 201).await;
    assert_eq!(bought["price"], 500, "half, rounded up");
    assert_eq!(bought["movie_id"], movie.as_str());
    let entry = ledger(&ann).await.pop().unwrap();
    assert_eq!(
        (&entry["kind"], &entry["amount"]),
        (&json!("order"), &json!(-500))
    );
    assert_eq!(
        (&entry["order_id"], &entry["note"]),
        (&bought["id"], &json!("A film"))
    );
    problem(order(&ann, &movie, "k2").await, 409, "already_owned").await;
    assert_eq!(
        json_of(order(&bob, &movie, "k").await, 201).await["price"],
        999
    );
    assert_eq!(balance(&bob).await, 0);

    for (who, paid) in [(&ann, Some(500)), (&bob, Some(999)), (&admin, None)] {
        let ids = (account_id(who), movie_id(&movie));
        let claim = app.app().db.read::<_, MembershipError, _>(move |conn| {
            Membership::claim_in(conn, &ids.0, &ids.1, true)
        });
        let claim = claim.await.unwrap();
        assert_eq!(claim.price_paid, paid.unwrap_or_default());
        assert_eq!(claim.asker.owns, paid.is_some());
    }
}

#[actix_web::test]
async fn what_is_free_or_not_in_the_catalogue_is_not_sold() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    credit(&admin, &ann, 1000).await;
    let free = film(&app, 0).await;
    let refused = problem(order(&ann, &free, "k").await, 422, "invalid").await;
    assert!(text(&refused["detail"]).contains("free"), "{refused}");
    let movie = film(&app, 100).await;
    change_film(&app, &movie, true, TimeDelta::zero()).await;
    problem(order(&ann, &movie, "k").await, 404, "not_found").await;
    change_film(&app, &movie, false, TimeDelta::hours(1)).await;
    problem(order(&ann, &movie, "k").await, 404, "not_found").await;
    app.advance(TimeDelta::hours(1));
    assert_eq!(order(&ann, &movie, "k").await.status(), 201);
    problem(order(&ann, &fresh(), "k2").await, 404, "not_found").await;
    problem(order(&ann, "film", "k2").await, 404, "not_found").await;
}

#[actix_web::test]
async fn a_film_that_costs_a_vip_nothing_is_still_an_order() {
    let app = TestApp::start_with(|config| config.membership.vip_price_percent = 0).await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let movie = film(&app, 100).await;
    credit(&admin, &ann, 900).await;
    buy_vip(&ann, "month", "vip").await;
    assert_eq!(
        json_of(order(&ann, &movie, "k").await, 201).await["price"],
        0
    );
    assert_eq!(
        ledger(&ann).await.len(),
        2,
        "nothing moved, so there is no entry"
    );
    problem(order(&ann, &movie, "k2").await, 409, "already_owned").await;
}

#[actix_web::test]
async fn two_orders_at_once_with_a_balance_for_one() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    for _ in 0..5 {
        let (one, two) = (film(&app, 100).await, film(&app, 100).await);
        credit(&admin, &ann, 100).await;
        let (key_one, key_two) = (fresh(), fresh());
        let answers = tokio::join!(order(&ann, &one, &key_one), order(&ann, &two, &key_two));
        let mut statuses = [answers.0.status().as_u16(), answers.1.status().as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 402]);
        assert_eq!(balance(&ann).await, 0);
    }
    ledger(&ann).await;
    assert_no_gap(&app, &ann).await;
}

#[actix_web::test]
async fn one_film_ordered_many_times_at_once_is_paid_once() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    credit(&admin, &ann, 1000).await;
    let movie = film(&app, 100).await;
    let keys: Vec<_> = (0..8).map(|_| fresh()).collect();
    let answers = join_all(keys.iter().map(|key| order(&ann, &movie, key))).await;
    let count = |status: u16| answers.iter().filter(|it| it.status() == status).count();
    assert_eq!((count(201), count(409)), (1, 7));
    assert_eq!(balance(&ann).await, 900);

    let movie = film(&app, 100).await;
    let answers = join_all((0..8).map(|_| order(&ann, &movie, "one-key"))).await;
    let statuses: Vec<_> = answers.iter().map(|it| it.status().as_u16()).collect();
    assert_eq!(statuses, [201; 8]);
    let replays = answers
        .iter()
        .filter(|it| it.headers().contains_key("idempotency-replayed"));
    assert_eq!(replays.count(), 7);
    let bodies = join_all(answers.into_iter().map(Response::text)).await;
    let bodies: std::collections::HashSet<_> = bodies.into_iter().map(Result::unwrap).collect();
    assert_eq!(bodies.len(), 1);
    assert_eq!(balance(&ann).await, 800);
    assert_no_gap(&app, &ann).await;
}

#[actix_web::test]
async fn vip_time_is_bought_from_now_or_from_its_end() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let plans = ann.get_json("/plans").await;
    assert_eq!(
        plans["items"][0],
        json!({"id": "month", "title": "One month", "days": 30, "price": 900})
    );
    let first = ann.get_json("/plans?limit=1").await;
    let cursor = text(&first["next_cursor"]);
    let second = ann
        .get_json(&format!("/plans?limit=1&cursor={cursor}"))
        .await;
    assert_eq!(
        (&first["items"][0], &second["items"][0]),
        (&plans["items"][0], &plans["items"][1])
    );
    assert_eq!(
        (
            second["items"].as_array().unwrap().len(),
            &second["next_cursor"]
        ),
        (1, &Value::Null)
    );
    credit(&admin, &ann, 2000).await;
    let until = |answer: &Value| {
        let text = text(&answer["vip_until"]);
        chrono::DateTime::parse_from_rfc3339(&text)
            .unwrap()
            .naive_utc()
    };
    let first = json_of(buy_vip(&ann, "month", "a").await, 201).await;
    assert!(until(&first) - app.clock.now() > TimeDelta::days(30) - TimeDelta::minutes(1));
    assert_eq!(
        (&first["price"], &first["balance"], &first["is_vip"]),
        (&json!(900), &json!(1100), &json!(true))
    );
    let again = json_of(buy_vip(&ann, "month", "a").await, 201).await;
    assert_eq!(again, first, "a retry buys nothing");
    let second = json_of(buy_vip(&ann, "month", "b").await, 201).await;
    assert_eq!(until(&second) - until(&first), TimeDelta::days(30));
    let refused = problem(
        buy_vip(&ann, "month", "c").await,
        402,
        "insufficient_balance",
    )
    .await;
    assert!(text(&refused["detail"]).contains("7.00 EUR"), "{refused}");
    let refused = problem(buy_vip(&ann, "decade", "d").await, 422, "invalid").await;
    assert_eq!(wrong_fields(&refused), ["plan"]);
    credit(&admin, &ann, 700).await;
    app.advance(TimeDelta::days(100));
    let ann = app.sign_in("ann").await;
    let third = json_of(buy_vip(&ann, "month", "e").await, 201).await;
    assert!(
        until(&third) - app.clock.now() <= TimeDelta::days(30),
        "what has run out does not count"
    );
    assert_eq!(ledger(&ann).await.len(), 5);
}

#[actix_web::test]
async fn nobody_buys_vip_time_for_more_than_a_century() {
    let app = TestApp::start_with(|config| {
        let plan = config.membership.plans.first_mut().unwrap();
        (plan.days, plan.price) = (36_500, 0);
    })
    .await;
    let ann = app.member("ann").await;
    assert_eq!(buy_vip(&ann, "month", "a").await.status(), 201);
    problem(buy_vip(&ann, "month", "b").await, 409, "conflict").await;
}

fn account_id(who: &Person) -> AccountId {
    uuid::Uuid::parse_str(&who.id).unwrap().into()
}

fn movie_id(text: &str) -> MovieId {
    uuid::Uuid::parse_str(text).unwrap().into()
}
