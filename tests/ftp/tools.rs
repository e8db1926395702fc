//! The programs of others: lftp, curl, openssl.

use std::path::Path;
use std::process::Stdio;

use playhouse_test_support::TestApp;
use tokio::process::{Child, Command};

/// What a run left.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

fn command(program: &str, arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(folder)
        .env("HOME", folder)
        .env("LFTP_HOME", folder)
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

fn started(program: &str, command: &mut Command) -> Child {
    command
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}. Install it: apt-get install {program}"))
}

async fn run(program: &str, arguments: &[&str], folder: &Path) -> Outcome {
    let child = started(program, &mut command(program, arguments, folder));
    let output = child.wait_with_output().await.unwrap();
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

const LFTP: &str = "set cmd:fail-exit yes; set net:max-retries 1; set net:timeout 20; set net:reconnect-interval-base 1; \
    set xfer:clobber yes; set ssl:ca-file cert.pem;";

/// What to tell lftp before its commands.
fn script(app: &TestApp, name: &str, secret: &str, commands: &str) -> String {
    let at = app.ftp_address();
    format!(
        "{LFTP} open -u {name},'{secret}' ftp://localhost:{}; {commands}",
        at.port()
    )
}

/// An lftp session of somebody.
pub(crate) async fn lftp(
    app: &TestApp,
    (name, secret): (&str, &str),
    folder: &Path,
    commands: &str,
) -> Outcome {
    let script = script(app, name, secret, commands);
    run("lftp", &["--norc", "-c", &script], folder).await
}

/// The same, under way.
pub(crate) fn start_lftp(
    app: &TestApp,
    (name, secret): (&str, &str),
    folder: &Path,
    commands: &str,
) -> Child {
    let script = script(app, name, secret, commands);
    started(
        "lftp",
        &mut command("lftp", &["--norc", "-c", &script], folder),
    )
}

/// A curl run; `PLACE` in an argument is the address of the house.
pub(crate) async fn curl(app: &TestApp, folder: &Path, arguments: &[&str]) -> Outcome {
    let place = format!("ftp://localhost:{}", app.ftp_address().port());
    let arguments: Vec<String> = arguments
        .iter()
        .map(|it| it.replace("PLACE", &place))
        .collect();
    let mut all = vec![
        "--silent",
        "--show-error",
        "--max-time",
        "30",
        "--cacert",
        "cert.pem",
    ];
    all.extend(arguments.iter().map(String::as_str));
    run("curl", &all, folder).await
}

/// A certificate for this machine, `cert.pem` and `key.pem`.
pub(crate) async fn certificate(folder: &Path) {
    let words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem -days 2 \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE";
    let arguments: Vec<&str> = words.split_whitespace().collect();
    let made = run("openssl", &arguments, folder).await;
    assert_eq!(made.code, Some(0), "{made:?}");
}
