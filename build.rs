//! Builds the web client into the binary.
//!
//! What stands in `$OUT_DIR/web` afterwards is embedded by `src/site/assets.rs`: the client with a `.br` and a `.gz`
//! beside each text file, or, without npm or with `PLAYHOUSE_SKIP_WEB=1`, one page that says how to build it.
//! Cargo runs this again only when a source of the client has changed, so an unchanged build pays nothing.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// What the client is made from. Its output and `node_modules` are not among it.
const SOURCES: &[&str] = &[
    "src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "svelte.config.js",
    "tsconfig.json",
    "vite.config.ts",
];

/// Node has both codecs built in, and its brotli is quick where ours, not optimised in a development build, is not.
const COMPRESS: &str = r#"
const fs = require('node:fs'), path = require('node:path'), zlib = require('node:zlib');
const brotli = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } };
for (const entry of fs.readdirSync(process.argv[1], { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(html|js|mjs|css|svg|json|webmanifest|txt|map)$/.test(entry.name)) continue;
  const file = path.join(entry.parentPath ?? entry.path, entry.name), bytes = fs.readFileSync(file);
  for (const [ending, packed] of [['.br', zlib.brotliCompressSync(bytes, brotli)], ['.gz', zlib.gzipSync(bytes, { level: 9 })]])
    if (packed.length < bytes.length) fs.writeFileSync(file + ending, packed);
}
"#;

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-env-changed=PLAYHOUSE_SKIP_WEB");
    let web = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("web");
    let output = PathBuf::from(variable("OUT_DIR")?).join("web");
    fs::create_dir_all(&output)?;
    let sources = SOURCES.iter().map(|name| web.join(name));
    for source in sources.filter(|source| source.exists()) {
        println!("cargo:rerun-if-changed={}", source.display());
    }
    let built = match obstacle(&web) {
        Some(reason) => Err(reason),
        None => build(&web, &output),
    };
    built.or_else(|reason| {
        if std::env::var_os("PLAYHOUSE_SKIP_WEB").is_none() {
            println!("cargo:warning=the web client is not in this binary: {reason}");
        }
        write_placeholder(&output, &reason)
    })
}

fn variable(name: &str) -> io::Result<String> {
    std::env::var(name).map_err(|error| io::Error::other(format!("{name}: {error}")))
}

/// Why the client cannot be built here, if so.
fn obstacle(web: &Path) -> Option<String> {
    if std::env::var_os("PLAYHOUSE_SKIP_WEB").is_some_and(|it| it != "0") {
        return Some("PLAYHOUSE_SKIP_WEB is set".to_owned());
    }
    if !web.join("package.json").exists() {
        return Some("there is no web/package.json".to_owned());
    }
    match Command::new("npm").arg("--version").output() {
        Ok(version) if version.status.success() => None,
        _ => Some("npm was not found; install Node.js 20 or newer, then touch build.rs".to_owned()),
    }
}

fn build(web: &Path, output: &Path) -> Result<(), String> {
    // Two builds with target folders of their own share one node_modules.
    let lock = web.join("package-lock.json");
    let turn = File::open(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    turn.lock().map_err(|error| error.to_string())?;
    if is_newer(&lock, &web.join("node_modules/.package-lock.json")) {
        run(Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(web))?;
    }
    run(Command::new("npx")
        .args(["vite", "build", "--emptyOutDir", "--logLevel", "warn"])
        .arg("--outDir")
        .arg(output)
        .current_dir(web))?;
    run(Command::new("node")
        .args(["-e", COMPRESS, "--"])
        .arg(output))
}

fn is_newer(wanted: &Path, made: &Path) -> bool {
    let time = |path: &Path| -> Option<SystemTime> { fs::metadata(path).ok()?.modified().ok() };
    match (time(wanted), time(made)) {
        (Some(wanted), Some(made)) => wanted > made,
        _ => true,
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = format!("{command:?}");
    let done = command
        .output()
        .map_err(|error| format!("{name}: {error}"))?;
    if done.status.success() {
        return Ok(());
    }
    // A warning is one line, so the whole output goes to the build script's own.
    eprintln!("{}", String::from_utf8_lossy(&done.stdout));
    eprintln!("{}", String::from_utf8_lossy(&done.stderr));
    let said = String::from_utf8_lossy(&done.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    Err(format!(
        "{name} failed: {}",
        last.unwrap_or("it did not say why")
    ))
}

fn write_placeholder(output: &Path, reason: &str) -> io::Result<()> {
    fs::remove_dir_all(output)?;
    fs::create_dir_all(output)?;
    let page = fs::read_to_string("src/site/pages/not-built.html")?;
    fs::write(
        output.join("index.html"),
        page.replace("{{reason}}", reason),
    )
}
