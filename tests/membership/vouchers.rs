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
    app.advance(TimeDelta::hours(1));
    for who in [&ann, &app.member("bob").await] {
        let before = balance(who).await;
        problem(redeem(who, &code).await, 410, "voucher_expired").await;
        assert_eq!(balance(who).await, before);
    }
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

fn amounts(page: &Value) -> Vec<i64> {
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|it| it["amount"].as_i64().unwrap())
        .collect()
}

#[actix_web::test]
async fn admins_see_how_vouchers_stand_but_no_code() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let first = vouchers(&admin, 1, 1).await;
    let used = vouchers(&admin, 2, 1).await;
    let end = (app.clock.now() + TimeDelta::hours(1)).and_utc();
    let body = json!({"amount": 3, "count": 1, "expires_at": end});
    let ending = json_of(admin.post("/admin/vouchers", body).await, 201).await;
    let entry = json_of(redeem(&ann, &used[0]).await, 201).await;
    let list = async |query: &str| admin.get_json(&format!("/admin/vouchers{query}")).await;

    let all = list("").await;
    assert_eq!(amounts(&all), [3, 2, 1]);
    for code in [&first[0], &used[0], &text(&ending["codes"][0])] {
        assert!(!all.to_string().contains(code.as_str()));
    }
    let told = &all["items"][1];
    assert_eq!(
        (&told["state"], &told["used_by"], &told["created_by"]),
        (
            &json!("used"),
            &json!({"id": ann.id, "username": "ann"}),
            &json!("admin")
        )
    );
    assert_eq!(told["used_at"], entry["created_at"]);
    assert_eq!(all["items"][0]["state"], "open");
    assert_eq!(
        (&all["items"][2]["used_at"], &all["items"][2]["used_by"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(amounts(&list("?state=open").await), [3, 1]);
    app.advance(TimeDelta::hours(1));
    assert_eq!(amounts(&list("?state=open").await), [1]);
    assert_eq!(amounts(&list("?state=used").await), [2]);
    assert_eq!(amounts(&list("?state=expired").await), [3]);
    assert_eq!(list("?state=expired").await["items"][0]["state"], "expired");
    let page = list("?state=all&limit=2").await;
    let cursor = text(&page["next_cursor"]);
    let rest = list(&format!("?limit=2&cursor={cursor}")).await;
    assert_eq!((amounts(&page), amounts(&rest)), (vec![3, 2], vec![1]));
    assert_eq!(rest["next_cursor"], Value::Null);

    for query in ["?state=gone", "?limit=0", "?cursor=%25", "?who=1"] {
        let refused = admin.get(&format!("/admin/vouchers{query}")).await;
        problem(refused, 422, "invalid").await;
    }
    problem(ann.get("/admin/vouchers").await, 403, "forbidden").await;
}

#[actix_web::test]
async fn a_voucher_is_taken_back_while_nobody_has_used_it() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let codes = vouchers(&admin, 5, 2).await;
    json_of(redeem(&ann, &codes[0]).await, 201).await;
    let id_of = async |state: &str| {
        let page = admin
            .get_json(&format!("/admin/vouchers?state={state}"))
            .await;
        format!("/admin/vouchers/{}", text(&page["items"][0]["id"]))
    };
    let (used, open) = (id_of("used").await, id_of("open").await);
    problem(admin.delete(&used).await, 409, "voucher_used").await;
    problem(ann.delete(&open).await, 403, "forbidden").await;
    assert_eq!(admin.delete(&open).await.status(), 204);
    problem(admin.delete(&open).await, 404, "not_found").await;
    problem(redeem(&ann, &codes[1]).await, 404, "voucher_unknown").await;
    assert_eq!(balance(&ann).await, 5);
    let audit = admin.get_json("/admin/audit?action=voucher.revoke").await;
    let items = audit["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["detail"]["amount"]), (1, &json!(5)));
    assert!(open.ends_with(&text(&items[0]["target_id"])));
}

#[actix_web::test]
async fn a_voucher_is_used_or_taken_back_and_never_both() {
    let app = TestApp::start().await;
    let (admin, ann) = (app.admin().await, app.member("ann").await);
    let mut paid = 0;
    for _ in 0..8 {
        let code = vouchers(&admin, 1, 1).await.remove(0);
        let page = admin.get_json("/admin/vouchers?state=open").await;
        assert_eq!(amounts(&page), [1]);
        let place = format!("/admin/vouchers/{}", text(&page["items"][0]["id"]));
        let (taken, used) = tokio::join!(admin.delete(&place), redeem(&ann, &code));
        let outcome = (taken.status().as_u16(), used.status().as_u16());
        assert!([(204, 404), (409, 201)].contains(&outcome), "{outcome:?}");
        paid += i64::from(outcome.1 == 201);
    }
    assert_eq!(balance(&ann).await, paid);
    let used = admin.get_json("/admin/vouchers?state=used&limit=200").await;
    assert_eq!(i64::try_from(amounts(&used).len()).unwrap(), paid);
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
