//! The server's command line.

mod memory;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use playhouse::app::App;
use playhouse::clock::Clock;
use playhouse::config::{Config, LogConfig, LogFormat};
use playhouse::db::{Db, Target, migrate};
use playhouse::verify::{Event, Summary, Verify};
use playhouse::{demo, movies, storage};
use rustix::fs::Mode;
use rustix::process::umask;
use serde::Serialize;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// How often a long look says how far it has come.
const TELL_EVERY: Duration = Duration::from_secs(2);

/// A self-hosted media house: films, files and rooms for a community.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Starts the server.
    Serve {
        #[command(flatten)]
        settings: Settings,
        /// Fills an empty house with accounts, films and notices to look around in.
        #[arg(long)]
        demo: bool,
    },
    /// Brings the schema of the database up to date. An embedded database is copied first.
    Migrate(Settings),
    /// Reads every byte and counts every sum again, and tells what is not as it is recorded. The server may run.
    ///
    /// Ends with 0 when everything is right, with 1 when something is damaged, with 2 when it could not look.
    Verify {
        #[command(flatten)]
        settings: Settings,
        /// Prints a JSON object on a line for each finding, and one at the end.
        #[arg(long)]
        json: bool,
        /// How long bytes may be there without their row, when a server is at work.
        #[arg(long, value_name = "SECONDS", default_value_t = 10)]
        patience: u64,
    },
    /// Prints the configuration in force, as TOML, with secrets masked.
    Config(Settings),
    /// Prints the OpenAPI 3.1 document of the API.
    Openapi,
    /// Fills the catalogue with films that have no bytes, to measure with.
    #[command(hide = true)]
    BenchData {
        #[command(flatten)]
        settings: Settings,
        /// How many films to add.
        #[arg(long)]
        movies: u64,
    },
}

#[derive(Args)]
struct Settings {
    /// A TOML file.
    #[arg(long, value_name = "FILE", env = "PLAYHOUSE_CONFIG")]
    config: Option<PathBuf>,
    /// The address to listen on.
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// The folder of the database, the films and the set-up token.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// `sqlite:FILE` or `postgres://...`.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

/// The flags in the shape of the configuration, leaving out what was not given.
#[derive(Serialize)]
struct Flags {
    #[serde(skip_serializing_if = "Option::is_none")]
    data_dir: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<ServerFlags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<DatabaseFlags>,
}

#[derive(Serialize)]
struct ServerFlags {
    listen: SocketAddr,
}

#[derive(Serialize)]
struct DatabaseFlags {
    url: String,
}

impl Settings {
    fn load(self) -> anyhow::Result<Config> {
        let flags = Flags {
            data_dir: self.data,
            server: self.listen.map(|listen| ServerFlags { listen }),
            database: self.database_url.map(|url| DatabaseFlags { url }),
        };
        Config::load(self.config.as_deref(), flags).map_err(anyhow::Error::msg)
    }
}

fn main() -> anyhow::Result<ExitCode> {
    memory::settle();
    // What the house keeps is for nobody else on this machine: passwords' hashes, films that are sold, members' files.
    umask(Mode::RWXG | Mode::RWXO);
    // Crates disagree on the provider of cryptography; the first one that is installed counts.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let system = actix_web::rt::System::new();
    match Cli::parse().command {
        Command::Config(settings) => print!("{}", settings.load()?.masked_toml()?),
        Command::Openapi => println!("{}", playhouse::routes::document()?.json),
        Command::BenchData { settings, movies } => {
            system.block_on(fill_catalogue(&settings.load()?, movies))?;
        }
        Command::Migrate(settings) => run_migrations(&settings.load()?)?,
        Command::Verify {
            settings,
            json,
            patience,
        } => {
            let patience = Duration::from_secs(patience);
            return Ok(system.block_on(verify(settings, json, patience)));
        }
        Command::Serve { settings, demo } => {
            let config = settings.load()?;
            start_log(&config.log)?;
            system.block_on(serve(config, demo))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Looks at everything, and says by its exit status what it found.
async fn verify(settings: Settings, as_json: bool, patience: Duration) -> ExitCode {
    match look_at_everything(settings, as_json, patience).await {
        Ok(Summary { damage: 0, .. }) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("Error: {error:#}");
            ExitCode::from(2)
        }
    }
}

async fn look_at_everything(
    settings: Settings,
    as_json: bool,
    patience: Duration,
) -> anyhow::Result<Summary> {
    let config = settings.load()?;
    let target = config.database_target().map_err(anyhow::Error::msg)?;
    // Looking makes nothing, neither a database.
    if let Target::Sqlite(file) = &target {
        anyhow::ensure!(file.exists(), "there is no database {}", file.display());
    }
    let db = Db::open(&target, &config.database)?;
    let storage = storage::of_config(&config.storage, &config.storage_folder());
    let verify = Verify::new(db, storage.map_err(anyhow::Error::msg)?, patience);
    let mut told = Instant::now();
    let summary = verify
        .run(|event| match event {
            Event::Found(damage) if as_json => println!("{}", json!(damage)),
            Event::Found(damage) => println!("{damage}"),
            Event::Progress(so_far) if told.elapsed() >= TELL_EVERY => {
                told = Instant::now();
                eprintln!("{}", progress(&so_far));
            }
            Event::Progress(_) => {}
        })
        .await?;
    if as_json {
        println!("{}", json!({"summary": summary}));
    } else {
        println!("{}; {} damaged", progress(&summary), summary.damage);
    }
    Ok(summary)
}

fn progress(so_far: &Summary) -> String {
    format!(
        "{} of {} contents, {} of {} MiB",
        so_far.contents,
        so_far.of_contents,
        so_far.bytes >> 20,
        so_far.of_bytes >> 20
    )
}

fn run_migrations(config: &Config) -> anyhow::Result<()> {
    let target = config.database_target().map_err(anyhow::Error::msg)?;
    let report = migrate::run(&target).map_err(|error| anyhow::anyhow!("{error}"))?;
    if let Some(copy) = report.copy {
        println!("the database as it was: {}", copy.display());
    }
    match report.applied.as_slice() {
        [] => println!("the schema was up to date"),
        applied => println!("applied: {}", applied.join(", ")),
    }
    Ok(())
}

async fn fill_catalogue(config: &Config, count: u64) -> anyhow::Result<()> {
    run_migrations(config)?;
    let target = config.database_target().map_err(anyhow::Error::msg)?;
    let db = Db::open(&target, &config.database)?;
    movies::fill(&db, Clock::default().now(), count, |made| {
        if made % 50_000 == 0 {
            println!("{made} films");
        }
    })
    .await?;
    println!("{count} films added");
    Ok(())
}

async fn serve(config: Config, with_demo: bool) -> anyhow::Result<()> {
    let scheme = if config.server.tls_cert.is_some() {
        "https"
    } else {
        "http"
    };
    let data_dir = config.data_dir.clone();
    let app = App::build(config, Clock::default())?;
    let sign_ins = if with_demo {
        demo::open(&app).await?
    } else {
        None
    };
    if let Some(token) = app.accounts.prepare_setup(&data_dir).await? {
        println!(
            "This house has no admin yet. Set it up with this token, or in the browser at /setup:\n  {token}"
        );
    }
    // All that whoever waits for the next line needs to know stands above it.
    match &sign_ins {
        Some(sign_ins) => show_sign_ins(sign_ins),
        None if with_demo => println!("this house has an admin of its own, so there is no demo"),
        None => {}
    }
    let running = app.serve()?;
    println!("listening on {scheme}://{}", running.address);
    if let Some(sign_ins) = sign_ins {
        furnish(&running.app, sign_ins);
    }
    std::io::stdout().flush()?;
    actix_web::rt::spawn(memory::keep_small());
    wait_for_signal().await?;
    tracing::info!("stopping");
    running.stop().await
}

fn show_sign_ins(sign_ins: &demo::SignIns) {
    println!("sign in as:");
    for (name, password) in sign_ins {
        println!("  {name:<8} {password}");
    }
}

/// Fills the house while it is open already.
fn furnish(app: &App, sign_ins: demo::SignIns) {
    println!("six films are being made; they appear as they get ready");
    let app = app.clone();
    actix_web::rt::spawn(async move {
        let tell = |title: &str| println!("ready to watch: {title}");
        match demo::furnish(app, sign_ins, tell).await {
            Ok(()) => println!("the demo is complete"),
            Err(error) => tracing::error!("the demo is incomplete: {error:#}"),
        }
    });
}

async fn wait_for_signal() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

fn start_log(config: &LogConfig) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.filter).context("log.filter is not a filter")?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match config.format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}
