//! `series`.

use playhouse_test_support::{TestApp, text};

use crate::films::film;
use crate::program::Program;

#[actix_web::test]
async fn films_come_into_a_series_and_out_of_it() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let bob = app.member("bob").await;
    for (at, title) in [(1, "One"), (2, "Two")] {
        let file = film(program.config(), &format!("{title}.mp4"), at);
        let file = file.to_str().unwrap();
        program
            .ok(&["movie", "publish", file, "--title", title])
            .await;
    }
    let made = program
        .json(&["series", "create", "Trains", "--description", "By night"])
        .await;
    let id = text(&made["id"]);
    let add = ["series", "add", "Trains", "One", "--season", "1"];
    program.ok(&[&add[..], &["--episode", "2"]].concat()).await;
    let taken = ["series", "add", &id, "Two", "--season", "1", "--episode"];
    program.fails(&[&taken[..], &["2"]].concat(), 5).await;
    program.fails(&[&taken[..], &["0"]].concat(), 2).await;
    program.ok(&[&taken[..], &["1"]].concat()).await;

    let shown = program.json(&["series", "show", "Trains"]).await;
    let films = shown["seasons"][0]["films"].as_array().unwrap();
    let titles: Vec<String> = films.iter().map(|it| text(&it["movie"]["title"])).collect();
    assert_eq!(titles, ["Two", "One"]);
    let table = program.ok(&["series", "show", &id]).await;
    assert!(
        table.contains("By night") && table.contains("One"),
        "{table}"
    );
    assert_eq!(bob.get_json("/series").await["items"][0]["films"], 2);

    program
        .ok(&["series", "edit", "Trains", "--title", "Night Trains"])
        .await;
    program.fails(&["series", "edit", &id], 2).await;
    let table = program.ok(&["series", "list"]).await;
    assert!(
        table.contains("Night Trains") && table.contains(&id),
        "{table}"
    );
    program
        .ok(&["series", "remove", "Night Trains", "One"])
        .await;
    assert_eq!(bob.get_json("/series").await["items"][0]["films"], 1);
    program.ok(&["series", "delete", "Night Trains"]).await;
    program.fails(&["series", "show", "Night Trains"], 4).await;
    program.fails(&["series", "delete", &id], 4).await;
    assert_eq!(bob.get_json("/movies").await["items"][1]["title"], "One");
}
