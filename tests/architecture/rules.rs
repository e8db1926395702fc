//! The rules, over the paths that each file names.

use std::collections::{BTreeMap, BTreeSet};

use super::paths::named_in;

/// What every slice stands on.
const GROUND: &[&str] = &[
    "clock", "config", "db", "error", "events", "http", "ids", "limits", "page",
];
/// What holds the slices together.
const ROOF: &[&str] = &["app", "demo", "lib", "main", "routes"];

/// A file: its name below the workspace, and the paths that it names, from their root.
pub(crate) struct Source {
    pub(crate) name: String,
    /// Lines before the tests.
    pub(crate) lines: usize,
    paths: Vec<Vec<String>>,
}

impl Source {
    pub(crate) fn new(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            lines: text
                .lines()
                .take_while(|line| !line.starts_with("#[cfg(test)]"))
                .count(),
            paths: named_in(text, &module_of(name)),
        }
    }

    /// The top-level module of the server that this file belongs to; none for a file of another crate.
    fn module(&self) -> Option<&str> {
        let below = self.name.strip_prefix("src/")?;
        let first = below.split('/').next().unwrap();
        Some(first.strip_suffix(".rs").unwrap_or(first))
    }

    fn is_part(&self, part: &str) -> bool {
        self.module().is_some()
            && (self.name.ends_with(&format!("/{part}.rs"))
                || self.name.contains(&format!("/{part}/")))
    }

    fn names(&self, prefixes: &[&str]) -> Option<String> {
        let fits = |path: &&Vec<String>| {
            let path = path.join("::");
            prefixes
                .iter()
                .any(|prefix| path == *prefix || path.starts_with(&format!("{prefix}::")))
        };
        self.paths.iter().find(fits).map(|path| path.join("::"))
    }
}

/// `src/movies/service/publish.rs` -> `crate, movies, service, publish`.
fn module_of(name: &str) -> Vec<String> {
    let below = name.rsplit_once("src/").map_or(name, |(_, below)| below);
    let below = below.strip_suffix(".rs").unwrap_or(below);
    let parts = below
        .split('/')
        .filter(|part| !matches!(*part, "mod" | "lib" | "main"));
    std::iter::once("crate")
        .chain(parts)
        .map(str::to_owned)
        .collect()
}

/// Each broken rule as a sentence.
pub(crate) fn violations(sources: &[Source]) -> Vec<String> {
    let mut found: Vec<String> = sources.iter().flat_map(of_file).collect();
    found.extend(circle(sources));
    found.sort();
    found
}

fn of_file(source: &Source) -> Vec<String> {
    let mut rules: Vec<(&str, &[&str])> = Vec::new();
    const ACTIX: &[&str] = &["actix", "actix_web", "actix_http", "actix_files"];
    let store: Vec<&str> = ACTIX
        .iter()
        .copied()
        .chain(["playhouse_api", "crate::http"])
        .collect();
    let api: Vec<&str> = ACTIX
        .iter()
        .copied()
        .chain(["diesel", "playhouse"])
        .collect();
    let storage: Vec<&str> = store.iter().copied().chain(["http", "reqwest"]).collect();
    if source.name.starts_with("api/") {
        rules.push(("api", &api));
    }
    if source.is_part("store") {
        rules.push(("a store", &store));
    }
    if source.is_part("service") {
        rules.push(("a service", &["actix_web", "actix_http"]));
    }
    if source.module() == Some("storage") {
        rules.push(("storage", &storage));
    }
    let forbidden = rules.into_iter().filter_map(|(who, paths)| {
        let path = source.names(paths)?;
        Some(format!("{}: {who} must not name {path}", source.name))
    });
    forbidden
        .chain(foreign_store(source))
        .chain(above(source))
        .collect()
}

fn foreign_store(source: &Source) -> Option<String> {
    let own = source.module()?;
    let path = source.paths.iter().find(|path| {
        matches!(path.as_slice(), [root, slice, part, ..] if root == "crate" && slice != own && part == "store")
    })?;
    Some(format!(
        "{}: {} is another slice's store",
        source.name,
        path.join("::")
    ))
}

/// The ground names neither a slice nor the roof; a slice does not name the roof.
fn above(source: &Source) -> Option<String> {
    let own = source.module()?;
    if ROOF.contains(&own) {
        return None;
    }
    let is_above = |module: &str| {
        ROOF.contains(&module) || (GROUND.contains(&own) && !GROUND.contains(&module))
    };
    let path = source.paths.iter().find(|path| match path.as_slice() {
        [root, module, rest @ ..] if root == "crate" => {
            // A macro of the crate is named by its root.
            !rest.is_empty() && is_above(module)
        }
        _ => false,
    });
    path.map(|path| {
        let who = if GROUND.contains(&own) {
            "the frame"
        } else {
            "a slice"
        };
        format!(
            "{}: {who} must not stand on {}",
            source.name,
            path.join("::")
        )
    })
}

/// Slice -> the slices that it names.
fn arrows(sources: &[Source]) -> BTreeMap<&str, BTreeSet<&str>> {
    let is_slice = |module: &str| !GROUND.contains(&module) && !ROOF.contains(&module);
    let slices: BTreeSet<&str> = sources
        .iter()
        .filter(|source| source.name.matches('/').count() > 1)
        .filter_map(Source::module)
        .filter(|module| is_slice(module))
        .collect();
    let mut arrows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in sources {
        let Some(own) = source.module().filter(|own| slices.contains(own)) else {
            continue;
        };
        for path in &source.paths {
            if let [root, other, ..] = path.as_slice()
                && root == "crate"
                && other != own
                && slices.contains(other.as_str())
            {
                arrows.entry(own).or_default().insert(other);
            }
        }
    }
    arrows
}

/// The first circle, if there is one, beginning at its first slice in the alphabet.
fn circle(sources: &[Source]) -> Option<String> {
    let arrows = arrows(sources);
    arrows.keys().find_map(|start| {
        let mut ways = vec![vec![*start]];
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop() {
            for next in arrows.get(way.last().unwrap()).into_iter().flatten() {
                if next == start {
                    return Some(format!("a circle: {} -> {start}", way.join(" -> ")));
                }
                if seen.insert(next) {
                    ways.push(way.iter().chain([next]).copied().collect());
                }
            }
        }
        None
    })
}
