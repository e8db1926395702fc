//! A server that means harm: names that lead elsewhere, wrong hashes, more bytes than there are.

use std::path::Path;

use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::program::Program;
use crate::tree::{contents, path};

const CONTENT: &str = "harmless";

/// What it says about its files.
#[derive(Clone, Copy)]
struct Lies {
    names: &'static [&'static str],
    blake3: Option<&'static str>,
    extra: &'static str,
}

fn entry(id: u128, parent: Option<u128>, name: &str, lies: Lies) -> Value {
    let is_file = id > 1;
    let hash = blake3::hash(CONTENT.as_bytes()).to_hex().to_string();
    let hash = lies.blake3.map_or(hash, str::to_owned);
    json!({
        "id": Uuid::from_u128(id), "parent_id": parent.map(Uuid::from_u128), "name": name,
        "path": if is_file { format!("/{name}") } else { "/".to_owned() },
        "kind": if is_file { "file" } else { "folder" },
        "size": if is_file { CONTENT.len() } else { 0 },
        "content_type": null, "blake3": is_file.then_some(hash), "sha256": null, "md5": null,
        "created_at": "2026-01-01T00:00:00Z", "modified_at": "2026-01-01T00:00:00Z",
        "etag": "\"e\"", "deleted_at": null,
    })
}

fn serve(lies: Lies) -> String {
    let server = HttpServer::new(move || {
        let root = move || async move { HttpResponse::Ok().json(entry(1, None, "", lies)) };
        let list = move || async move {
            let items: Vec<_> = (2..)
                .zip(lies.names)
                .map(|(id, name)| entry(id, Some(1), name, lies))
                .collect();
            HttpResponse::Ok().json(json!({"items": items, "next_cursor": null}))
        };
        let content = move || async move {
            HttpResponse::Ok()
                .insert_header(("etag", "\"v\""))
                .body(format!("{CONTENT}{}", lies.extra))
        };
        App::new()
            .route("/api/v1/drive/entry", web::get().to(root))
            .route("/api/v1/drive/entries", web::get().to(list))
            .route("/api/v1/drive/entries/{id}/content", web::get().to(content))
    })
    .workers(1)
    .disable_signals()
    .bind(("127.0.0.1", 0))
    .unwrap();
    let url = format!("http://{}", server.addrs()[0]);
    actix_web::rt::spawn(server.run());
    url
}

async fn get_all(lies: Lies, prepare: impl FnOnce(&Path)) -> (i32, Program) {
    let mut program = Program::new(&serve(lies));
    program.signs_in_with("t");
    let target = program.config().join("outside/target");
    std::fs::create_dir_all(&target).unwrap();
    prepare(&target);
    let outcome = program
        .run(&["drive", "get", "/", "-o", &path(&target)])
        .await;
    assert!(!outcome.stderr.contains('\u{1b}'), "{outcome:?}");
    (outcome.code, program)
}

const HONEST: Lies = Lies {
    names: &["good.txt"],
    blake3: None,
    extra: "",
};

#[actix_web::test]
async fn names_that_lead_elsewhere_are_left_out_and_told() {
    let names = &[
        "good.txt",
        "../evil",
        "..",
        ".",
        "",
        "/tmp/evil",
        "a/b",
        "a\\b",
        "nul\u{0}",
        "esc\u{1b}[2J",
    ];
    let (code, program) = get_all(Lies { names, ..HONEST }, |_| {}).await;
    assert_eq!(code, 1);
    let found: Vec<_> = contents(&program.config().join("outside"))
        .into_keys()
        .collect();
    assert_eq!(found, ["target/good.txt"]);
}

#[actix_web::test]
async fn a_link_in_the_target_is_not_written_through() {
    let lies = Lies {
        names: &["good.txt", "link"],
        ..HONEST
    };
    let (code, program) = get_all(lies, |target| {
        std::os::unix::fs::symlink(target.with_file_name("victim"), target.join("link")).unwrap();
    })
    .await;
    assert_eq!(code, 5);
    assert!(!program.config().join("outside/victim").exists());
}

#[actix_web::test]
async fn bytes_that_are_not_what_was_promised_are_not_kept() {
    let wrong = Lies {
        blake3: Some("0000000000000000000000000000000000000000000000000000000000000000"),
        ..HONEST
    };
    let longer = Lies {
        extra: " and more",
        ..HONEST
    };
    for lies in [wrong, longer] {
        let (code, program) = get_all(lies, |_| {}).await;
        assert_eq!(code, 9);
        let left = contents(&program.config().join("outside"));
        assert_eq!(left.into_keys().collect::<Vec<_>>(), ["target/"]);
    }
}

#[actix_web::test]
async fn an_honest_server_is_believed() {
    let (code, program) = get_all(HONEST, |_| {}).await;
    assert_eq!(code, 0);
    let file = program.config().join("outside/target/good.txt");
    assert_eq!(std::fs::read_to_string(file).unwrap(), CONTENT);
}
