//! Vouchers: made, redeemed, guessed, raced for.

use super::*;

#[actix_web::test]
async fn a_voucher_is_used_once_however_it_is_typed() {
    let app = TestApp::start().await;
    let (admin, ann, bob) = (
        app.admin().await,
        app.member("ann").await,
        app.member("bob").await,
    );
    let codes = vouchers(&admin, 250, 2).await;
    let typed = format!(
        " {} ",
        codes[0]
            .to_lowercase()
            .replace('-', " ")
            .replace('0', "o")
            .replace('1', "l")
    );
    let entry = json_of(redeem(&ann, &typed).await, 201).await;
    assert_eq!(
        (&entry["kind"], &entry["amount"]),
        (&json!("voucher"), &json!(250))
    );
    problem(redeem(&ann, &codes[0]).await, 409, "voucher_used").await;
    problem(redeem(&bob, &codes[0]).await, 409, "voucher_used").await;
    assert_eq!(balance(&ann).await, 250);
    assert_eq!(ledger(&bob).await.len(), 0);

    let kept = app.app().db.read(|conn| -> db::Result<Vec<String>> {
        Ok(schema::vouchers::table
            .select(schema::vouchers::code_hash)
            .load(conn)?)
    });
    for hash in kept.await.unwrap() {
        let bare = codes
            .iter()
            .map(|it| it.replace('-', ""))
            .collect::<Vec<_>>();
        assert!(!bare.contains(&hash) && !codes.contains(&hash));
    }
    let audit = admin
        .get_json("/admin/audit?action=voucher.create")
        .await
        .to_string();
    assert!(
        codes.iter().all(|code| !audit.contains(code)),
        "no code in the log"
    );
}

#[actix_web::test]
async fn a_voucher_expires_and_one_that_does_not_fit_stays() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let end = (app.clock.now() + TimeDelta::hours(1)).and_utc();
    let body = json!({"amount": 5, "count": 1, "expires_at": end});
    let made = json_of(admin.post("/admin/vouchers", body).await, 201).await;
    let code = text(&made["codes"][0]);
    credit(&admin, &ann, MAX).await;
    problem(redeem(&ann, &code).await, 409, "conflict").await;
    credit(&admin, &ann, -MAX).await;
    app.advance(TimeDelta::hours(1));
    problem(redeem(&ann, &code).await, 410, "voucher_expired").await;
    assert_eq!(balance(&ann).await, 0);
}

#[actix_web::test]
async fn vouchers_are_made_within_bounds_by_admins() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let past = "2001-01-01T00:00:00Z";
    for (body, fields) in [
        (json!({"amount": 0, "count": 1}), vec!["amount"]),
        (
            json!({"amount": MAX + 1, "count": 1001}),
            vec!["amount", "count"],
        ),
        (
            json!({"amount": -1, "count": 0, "expires_at": past}),
            vec!["amount", "count", "expires_at"],
        ),
    ] {
        let refused = problem(admin.post("/admin/vouchers", body).await, 422, "invalid").await;
        assert_eq!(wrong_fields(&refused), fields);
    }
    problem(
        ann.post("/admin/vouchers", json!({"amount": 1, "count": 1}))
            .await,
        403,
        "forbidden",
    )
    .await;
    let many: std::collections::HashSet<_> = vouchers(&admin, 1, 1000).await.into_iter().collect();
    assert_eq!(many.len(), 1000);
}

#[actix_web::test]
async fn guessing_voucher_codes_is_slowed() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let code = vouchers(&admin, 1, 1).await.remove(0);
    for number in 0..10 {
        let guess = format!("AAAA-AAAA-AAAA-AAA{number}");
        problem(redeem(&ann, &guess).await, 404, "voucher_unknown").await;
    }
    let refused = redeem(&ann, &code).await;
    assert!(refused.headers().contains_key("retry-after"));
    problem(refused, 429, "too_many_requests").await;
    app.advance(TimeDelta::seconds(2));
    assert_eq!(redeem(&ann, &code).await.status(), 201);
    problem(redeem(&ann, "not a code").await, 404, "voucher_unknown").await;
}

#[actix_web::test]
async fn one_voucher_used_by_many_at_once_pays_one_of_them() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut people = Vec::new();
    for number in 0..6 {
        people.push(app.member(&format!("member{number}")).await);
    }
    for _ in 0..3 {
        let before: i64 = join_all(people.iter().map(balance)).await.iter().sum();
        let code = vouchers(&admin, 100, 1).await.remove(0);
        let tries = people.iter().chain(&people).map(|who| redeem(who, &code));
        let mut statuses: Vec<_> = join_all(tries)
            .await
            .iter()
            .map(|it| it.status().as_u16())
            .collect();
        statuses.sort_unstable();
        assert_eq!(statuses[0], 201);
        assert!(statuses[1..].iter().all(|it| *it == 409), "{statuses:?}");
        let after: i64 = join_all(people.iter().map(balance)).await.iter().sum();
        assert_eq!(after, before + 100);
    }
    for who in &people {
        ledger(who).await;
        assert_no_gap(&app, who).await;
    }
}
