//! Migrations from the command line.

use std::path::Path;

use tempfile::TempDir;

use crate::program::{playhouse, run};

#[test]
fn migrations_run_once_and_an_older_database_is_copied_first() {
    let data = TempDir::new().unwrap();
    let migrate = || {
        let (ok, said) = run(playhouse(&["migrate", "--data"]).arg(data.path()));
        assert!(ok, "{said}");
        said
    };
    assert!(migrate().contains("applied: "));
    assert!(migrate().contains("up to date"));
    let copies = || -> Vec<String> {
        let entries = std::fs::read_dir(data.path()).unwrap();
        let names = entries.map(|it| it.unwrap().file_name().into_string().unwrap());
        names
            .filter(|name| name.contains("before-migration"))
            .collect()
    };
    assert!(copies().is_empty(), "a new database is not copied");
    let newest = make_older(&data.path().join("playhouse.db"));
    let said = migrate();
    assert!(said.contains(&newest), "{said}");
    let copies = copies();
    assert_eq!(copies.len(), 1, "{said}");
    let applied = versions(&data.path().join("playhouse.db"));
    assert_eq!(applied.last(), Some(&newest));
    let kept = versions(&data.path().join(copies.first().unwrap()));
    assert_eq!(
        kept,
        applied.split_last().unwrap().1,
        "the copy is from before"
    );
}

/// Takes the newest migration back, and returns its version.
fn make_older(database: &Path) -> String {
    use diesel::connection::SimpleConnection as _;
    use diesel::{Connection as _, SqliteConnection};
    let mut names: Vec<String> =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite"))
            .unwrap()
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .collect();
    names.sort();
    let newest = names.last().unwrap();
    let down = format!(
        "{}/migrations/sqlite/{newest}/down.sql",
        env!("CARGO_MANIFEST_DIR")
    );
    let version = newest.split('_').next().unwrap().replace('-', "");
    let mut conn = SqliteConnection::establish(database.to_str().unwrap()).unwrap();
    conn.batch_execute(&std::fs::read_to_string(down).unwrap())
        .unwrap();
    let forget = format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}'");
    conn.batch_execute(&forget).unwrap();
    version
}

fn versions(database: &Path) -> Vec<String> {
    use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    let mut conn = SqliteConnection::establish(database.to_str().unwrap()).unwrap();
    let rows: Vec<Row> =
        sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version")
            .load(&mut conn)
            .unwrap();
    rows.into_iter().map(|row| row.version).collect()
}
