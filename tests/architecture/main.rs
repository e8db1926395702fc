//! The arrows that must never be, read from the source.
//!
//! A *slice* is a folder directly below `src/` that is not part of the *frame*. The frame is what every slice stands
//! on (`clock`, `config`, `db`, `error`, `events`, `http`, `ids`, `limits`, `page`) and what holds the slices together (`app`,
//! `demo`, `lib`, `main`, `routes`). `use`, paths written out, `super` and `self` all count; what is inside
//! `#[cfg(test)] mod ... { }` does not.
//!
//! 1. `api/` names neither diesel nor actix nor the server (`utoipa` it may, behind its feature).
//! 2. A `store.rs` (or a file in a `store/` folder) names neither actix nor `playhouse_api` nor `crate::http`.
//! 3. A `service.rs` (or `service/`) does not name actix-web: its rules hold for every way in.
//! 4. A slice does not name another slice's `store`; it calls the other's service.
//! 5. `storage` knows no HTTP: no actix, no `http`, no `reqwest`, no `playhouse_api`, no `crate::http`.
//! 6. Slices do not stand on each other in a circle.
//! 7. What every slice stands on names no slice. Only what holds the slices together may.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod paths;
mod rules;

use std::fs;
use std::path::Path;

use rules::{Source, violations};

/// Every Rust file below a folder of the workspace.
fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                found.push(Source::new(name, &fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

#[test]
fn no_arrow_points_where_it_must_not() {
    let mut all = sources("src");
    all.extend(sources("api/src"));
    assert!(all.len() > 40, "only {} files were found", all.len());
    let found = violations(&all);
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// A file is under 500 lines without its tests, and most are under 300.
#[test]
fn no_file_is_too_long() {
    let folders = [
        "src",
        "api/src",
        "cli-support/src",
        "admin-cli/src",
        "member-cli/src",
    ];
    let long: Vec<String> = folders
        .iter()
        .flat_map(|folder| sources(folder))
        .filter(|source| source.lines >= 500)
        .map(|source| format!("{}: {} lines", source.name, source.lines))
        .collect();
    assert!(long.is_empty(), "\n{}\n", long.join("\n"));
}

/// Each rule finds what it forbids, however it is written.
#[test]
fn each_rule_can_fail() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("api/src/movies.rs", "use diesel::prelude::*;")], "api"),
        (
            &[(
                "api/src/client/mod.rs",
                "fn f(it: actix_web::HttpRequest) {}",
            )],
            "api",
        ),
        (&[("src/movies/store.rs", "use actix_web::web;")], "a store"),
        (
            &[("src/movies/store/list.rs", "type A = playhouse_api::Movie;")],
            "a store",
        ),
        (
            &[("src/movies/store.rs", "use crate::{db::Db, http::extract};")],
            "a store",
        ),
        (
            &[("src/movies/service.rs", "use {std::fs, actix_web::rt};")],
            "a service",
        ),
        (
            &[(
                "src/movies/service/publish.rs",
                "::actix_web::rt::spawn(it);",
            )],
            "a service",
        ),
        (
            &[(
                "src/movies/service.rs",
                "use crate::accounts::{self, store::find};",
            )],
            "another slice's store",
        ),
        (
            &[(
                "src/movies/mod.rs",
                "fn f() { super::accounts::store::find(); }",
            )],
            "another slice's store",
        ),
        (
            &[(
                "src/movies/mod.rs",
                "use crate::accounts as people; fn f() { people::store::find(); }",
            )],
            "another slice's store",
        ),
        (
            &[("src/storage/local.rs", "use actix_web::http::StatusCode;")],
            "storage",
        ),
        (
            &[("src/storage/local.rs", "use crate::http::conditional;")],
            "storage",
        ),
        (&[("src/page.rs", "use crate::movies::Movie;")], "the frame"),
        (
            &[("src/http/extract.rs", "use crate::accounts::Admin;")],
            "the frame",
        ),
        (
            &[
                ("src/movies/mod.rs", "use crate::accounts::Admin;"),
                ("src/accounts/mod.rs", "use crate::audit;"),
                ("src/audit/mod.rs", "use super::movies;"),
            ],
            "a circle: accounts -> audit -> movies -> accounts",
        ),
    ];
    for (files, expected) in cases {
        let sources: Vec<Source> = files
            .iter()
            .map(|(name, text)| Source::new(name, text))
            .collect();
        let found = violations(&sources);
        assert!(
            found.iter().any(|it| it.contains(expected)),
            "{files:?} should break a rule about {expected:?}, found {found:?}"
        );
    }
}

/// What is allowed passes, and words in comments, strings and tests are not arrows.
#[test]
fn what_is_allowed_passes() {
    let sources = [
        Source::new(
            "src/movies/http.rs",
            "use actix_web::web; use super::store;",
        ),
        Source::new(
            "src/movies/store.rs",
            "// use actix_web\nconst A: &str = \"actix_web::web\";",
        ),
        Source::new(
            "src/movies/service.rs",
            "use crate::accounts::Accounts; fn f() -> char { '\"' }",
        ),
        Source::new(
            "src/accounts/service.rs",
            "#[cfg(test)]\nmod tests { use crate::movies::store; fn f() { {} } }",
        ),
        Source::new("src/app.rs", "use crate::movies::Movies;"),
        Source::new("src/app/tls.rs", "use crate::movies::Movies;"),
    ];
    assert_eq!(violations(&sources), Vec::<String>::new());
}
