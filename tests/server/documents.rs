//! The page for operators says what the program does.

use std::collections::BTreeMap;

use playhouse::config::Config;
use serde_json::Value;

/// Every key with its default, by the program.
fn keys() -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let Value::Object(all) = serde_json::to_value(Config::default()).unwrap() else {
        panic!("the configuration is a table");
    };
    for (name, value) in all {
        match value {
            Value::Object(section) => {
                found.extend(
                    section
                        .into_iter()
                        .map(|(key, it)| (format!("{name}.{key}"), it)),
                );
            }
            value => drop(found.insert(name, value)),
        }
    }
    found
}

/// A default as the page writes it: a value of TOML, or `none`.
fn written(cell: &str) -> Value {
    if cell == "none" {
        return Value::Null;
    }
    let cell = cell.trim_matches('`');
    let table: toml::Table = format!("it = {cell}")
        .parse()
        .unwrap_or_else(|error| panic!("{cell} is not a value of TOML: {error}"));
    serde_json::to_value(&table["it"]).unwrap()
}

/// Every key with its default, by the page.
fn documented() -> BTreeMap<String, Value> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/CONFIGURATION.md");
    let mut found = BTreeMap::new();
    let mut section = String::new();
    for line in std::fs::read_to_string(page).unwrap().lines() {
        if let Some(title) = line.strip_prefix("## `[") {
            section = format!("{}.", title.split_once("]`").unwrap().0);
        }
        let Some(row) = line.strip_prefix("| `") else {
            continue;
        };
        let cells: Vec<&str> = row.trim_end_matches('|').splitn(3, '|').collect();
        let [key, default, meaning] = cells[..] else {
            panic!("{line} is not a row of three");
        };
        assert!(!meaning.trim().is_empty(), "{line} says nothing");
        let key = format!("{section}{}", key.trim().trim_matches('`'));
        let twice = found.insert(key, written(default.trim()));
        assert!(twice.is_none(), "{line} is there twice");
    }
    found
}

#[test]
fn the_page_names_every_key_with_its_default_and_no_other() {
    let (keys, documented) = (keys(), documented());
    assert!(keys.len() > 30, "only {} keys", keys.len());
    for (key, default) in &keys {
        let said = documented.get(key);
        assert_eq!(said, Some(default), "docs/CONFIGURATION.md on {key}");
    }
    for key in documented.keys() {
        assert!(keys.contains_key(key), "there is no key {key}");
    }
}
