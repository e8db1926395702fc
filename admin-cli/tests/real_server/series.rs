//! `series`.

use playhouse_test_support::{TestApp, text};

use crate::films::film;
use crate::program::Program;

#[actix_web::test]
async fn films_are_published_into_their_places() {
    let app = TestApp::start().await;
    let program = Program::of(&app.admin().await, &app);
    let files: Vec<String> = (1..=4)
        .map(|number| {
            let file = film(program.config(), &format!("part {number}.mp4"), number);
            file.to_str().unwrap().to_owned()
        })
        .collect();
    program.ok(&["series", "create", "Trains"]).await;
    let publish = |files: &[String], more: &[&str]| {
        let fixed = ["movie", "publish"].map(str::to_owned);
        let more = more.iter().map(|it| (*it).to_owned());
        let all = fixed.into_iter().chain(files.iter().cloned());
        all.chain(more).collect::<Vec<String>>()
    };
    // Half a place, a season that is none, and a series that is not there: nothing is sent.
    for (more, code) in [
        (&["--series", "Trains", "--season", "1"][..], 2),
        (&["--season", "1", "--episode", "1"], 2),
        (
            &["--series", "Trains", "--season", "0", "--episode", "1"],
            2,
        ),
        (&["--series", "Ships", "--season", "1", "--episode", "1"], 4),
        (&["--series", NOWHERE, "--season", "1", "--episode", "1"], 4),
    ] {
        fails(&program, &publish(&files[..1], more), code).await;
    }
    let place = ["--series", "Trains", "--season", "2", "--episode", "3"];
    ok(&program, &publish(&files[..2], &place)).await;
    let titles = |shown: &serde_json::Value| -> Vec<(i64, String)> {
        let films = shown["seasons"][0]["films"].as_array().unwrap().iter();
        films
            .map(|it| (it["episode"].as_i64().unwrap(), text(&it["movie"]["title"])))
            .collect()
    };
    let shown = program.json(&["series", "show", "Trains"]).await;
    assert_eq!(shown["seasons"][0]["number"], 2);
    let expected = [(3, "part 1".to_owned()), (4, "part 2".to_owned())];
    assert_eq!(titles(&shown), expected);
    // A place that is taken: of two films the one whose place is free is published.
    let place = ["--series", "Trains", "--season", "2", "--episode", "4"];
    fails(&program, &publish(&files[2..], &place), 5).await;
    let shown = program.json(&["series", "show", "Trains"]).await;
    assert_eq!(titles(&shown)[2], (5, "part 4".to_owned()));
    let listed = program.json(&["movie", "list"]).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 3, "{listed}");
    let taken = fails(&program, &publish(&files[2..3], &place), 5).await;
    assert!(
        taken.contains("is part 2 (") && taken.contains("nothing was sent"),
        "{taken}"
    );
    // The film is not here, so another place does.
    let free = ["--series", "Trains", "--season", "3", "--episode", "1"];
    ok(&program, &publish(&files[2..3], &free)).await;
}

const NOWHERE: &str = "019a9f6e-0000-7000-8000-000000000001";

async fn ok(program: &Program, arguments: &[String]) {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    program.ok(&arguments).await;
}

/// What it complains of.
async fn fails(program: &Program, arguments: &[String], code: i32) -> String {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = program.run(&arguments).await;
    assert_eq!(outcome.code, code, "{outcome:?}");
    outcome.stderr
}

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
