//! Builds the house, opens its doors, and closes them so that nothing is lost.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App as WebApp, HttpServer, web};
use anyhow::Context as _;
use tokio::task::JoinHandle;

use crate::accounts::Accounts;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, migrate};
use crate::downloads::Downloads;
use crate::events::Events;
use crate::http::{request, security};
use crate::integrations::Document;
use crate::media::Media;
use crate::notices::Notices;
use crate::ops::Metrics;
use crate::playback::Playback;
use crate::routes;
use crate::storage::LocalBlobs;
use crate::transfers::registry::Transfers;
use crate::transfers::socket;

mod tls;

/// How often expired rows are cleared away.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// Everything that the handlers use; cheap to copy.
#[derive(Clone)]
pub struct App {
    pub config: Arc<Config>,
    pub clock: Clock,
    pub db: Db,
    pub events: Events,
    pub accounts: Accounts,
    pub blobs: LocalBlobs,
    pub transfers: Transfers,
    pub media: Media,
    pub downloads: Downloads,
    pub playback: Playback,
    pub notices: Notices,
    metrics: Metrics,
    document: Arc<Document>,
}

/// A server that accepts requests.
pub struct Running {
    pub address: SocketAddr,
    pub app: App,
    handle: ServerHandle,
    server: JoinHandle<std::io::Result<()>>,
    chores: JoinHandle<()>,
}

impl App {
    /// Brings the schema up to date and starts what the slices need.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn build(config: Config, clock: Clock) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&config.data_dir).with_context(|| {
            format!("cannot make the data folder {}", config.data_dir.display())
        })?;
        let target = config.database_target().map_err(anyhow::Error::msg)?;
        let report = migrate::run(&target).map_err(|error| {
            anyhow::anyhow!("the schema could not be brought up to date: {error}")
        })?;
        if !report.applied.is_empty() {
            tracing::info!(count = report.applied.len(), "the schema is up to date");
        }
        let db = Db::open(&target, &config.database)?;
        let events = Events::default();
        let accounts = Accounts::start(
            db.clone(),
            clock.clone(),
            events.clone(),
            &config.accounts,
            &config.sessions,
        )?;
        let blobs = LocalBlobs::new(config.storage_folder().join("blobs"));
        let transfers = Transfers::default();
        let media = Media::new(
            db.clone(),
            clock.clone(),
            &events,
            blobs.clone(),
            transfers.clone(),
        );
        Ok(Self {
            blobs,
            transfers,
            downloads: Downloads::new(
                db.clone(),
                clock.clone(),
                events.clone(),
                media.clone(),
                &config.downloads,
            ),
            playback: Playback::new(db.clone(), clock.clone(), media.clone(), &config.movies),
            media,
            document: Arc::new(routes::document()?),
            metrics: Metrics::install(),
            notices: Notices::new(db.clone(), clock.clone(), events.clone()),
            config: Arc::new(config),
            clock,
            db,
            events,
            accounts,
        })
    }

    /// Gives the handlers what they ask for by type.
    fn provide(&self, routes: &mut web::ServiceConfig) {
        routes
            .app_data(web::Data::from(Arc::clone(&self.config)))
            .app_data(web::Data::from(Arc::clone(&self.document)))
            .app_data(web::Data::new(self.clock.clone()))
            .app_data(web::Data::new(self.db.clone()))
            .app_data(web::Data::new(self.events.clone()))
            .app_data(web::Data::new(self.accounts.clone()))
            .app_data(web::Data::new(self.media.clone()))
            .app_data(web::Data::new(self.downloads.clone()))
            .app_data(web::Data::new(self.playback.clone()))
            .app_data(web::Data::new(self.notices.clone()))
            .app_data(web::Data::new(self.metrics.clone()));
    }

    /// Opens the doors. Must run inside an actix system.
    ///
    /// # Errors
    /// When the address is taken, or the certificate cannot be read.
    pub fn serve(self) -> anyhow::Result<Running> {
        let listener = TcpListener::bind(self.config.server.listen)
            .with_context(|| format!("cannot listen on {}", self.config.server.listen))?;
        let address = listener.local_addr()?;
        let config = Arc::clone(&self.config);
        let app = self.clone();
        let mut server = HttpServer::new(move || {
            WebApp::new()
                .configure(|routes| app.provide(routes))
                .wrap(from_fn(security::headers))
                .wrap(from_fn(request::context))
                .configure(routes::all)
        })
        .disable_signals()
        .shutdown_timeout(config.server.shutdown_seconds)
        .max_connections(config.server.max_connections)
        .h1_write_buffer_size(1 << 20)
        .on_connect(socket::remember);
        if config.server.workers > 0 {
            server = server.workers(config.server.workers);
        }
        let server = match tls::settings(&config.server)? {
            Some(tls) => server.listen_rustls_0_23(listener, tls)?,
            None => server.listen(listener)?,
        };
        let server = server.run();
        let handle = server.handle();
        let chores = tokio::spawn(chores(self.clone()));
        Ok(Running {
            address,
            app: self,
            handle,
            server: tokio::spawn(server),
            chores,
        })
    }
}

impl Running {
    /// Stops: accepts nothing new, lets what is in flight end or pause, and returns when all is done.
    ///
    /// # Errors
    /// When the server ended with an error.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.chores.abort();
        self.handle.stop(true).await;
        self.server.await??;
        self.app.transfers.close().await;
        Ok(())
    }
}

/// Work by the clock that no request asks for.
async fn chores(app: App) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    loop {
        ticks.tick().await;
        if let Err(error) = app.accounts.sweep().await {
            tracing::warn!(%error, "could not clear expired sessions away");
        }
    }
}
