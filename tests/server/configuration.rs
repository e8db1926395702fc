//! Where settings come from, and what is said of them.

use tempfile::TempDir;

use crate::program::{playhouse, run};

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("house.toml");
    std::fs::write(&file, "[downloads]\nwait_seconds = 1\nticket_hours = 7\n[server]\nlisten = \"127.0.0.1:1\"\n[site]\nname = \"The Lantern\"\n").unwrap();
    let (ok, said) = run(
        playhouse(&["config", "--listen", "127.0.0.1:3", "--config"])
            .arg(&file)
            .env("PLAYHOUSE__DOWNLOADS__WAIT_SECONDS", "2")
            .env("PLAYHOUSE__SERVER__LISTEN", "127.0.0.1:2"),
    );
    assert!(ok, "{said}");
    for line in [
        "wait_seconds = 2",
        "ticket_hours = 7",
        "listen = \"127.0.0.1:3\"",
        "name = \"The Lantern\"",
        "vip_price_percent = 50",
    ] {
        assert!(said.contains(line), "{line} is not in\n{said}");
    }
    let (ok, named) = run(playhouse(&["config"]).env("PLAYHOUSE_CONFIG", &file));
    assert!(ok && named.contains("The Lantern"), "{named}");
}

#[test]
fn what_is_in_force_can_be_given_back_and_shows_no_secret() {
    let folder = TempDir::new().unwrap();
    let (ok, said) = run(&mut playhouse(&["config"]));
    assert!(ok, "{said}");
    let file = folder.path().join("house.toml");
    std::fs::write(&file, &said).unwrap();
    assert_eq!(
        run(playhouse(&["config", "--config"]).arg(&file)),
        (true, said)
    );
    let url = "postgres://house:letmein@db.example/house";
    let (ok, said) = run(&mut playhouse(&["config", "--database-url", url]));
    assert!(
        ok && said.contains("postgres://house:***@db.example/house"),
        "{said}"
    );
    assert!(!said.contains("letmein"), "{said}");
}

#[test]
fn mistakes_in_the_configuration_are_named() {
    for (name, value, word) in [
        ("PLAYHOUSE__DOWNLOADS__WAIT_SECOND", "1", "wait_second"),
        ("PLAYHOUSE__DOWNLOADS__WAIT_SECONDS", "soon", "wait_seconds"),
        ("PLAYHOUSE__SERVER__LISTEN", "here", "listen"),
        ("PLAYHOUSE__DATABASE__URL", "mysql://x", "database.url"),
        ("PLAYHOUSE__SERVER__TLS_CERT", "cert.pem", "tls_key"),
    ] {
        let (ok, said) = run(playhouse(&["config"]).env(name, value));
        assert!(
            !ok && said.to_lowercase().contains(word),
            "{name}={value} said {said}"
        );
    }
    let (ok, said) = run(&mut playhouse(&[
        "config",
        "--config",
        "/nowhere/house.toml",
    ]));
    assert!(!ok && said.contains("/nowhere/house.toml"), "{said}");
}
