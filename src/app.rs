//! Builds the house, opens its doors, and closes them so that nothing is lost.

use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web;
use anyhow::Context as _;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::accounts::Accounts;
use crate::blobs::Blobs;
use crate::chat::Chat;
use crate::clock::Clock;
use crate::config::Config;
use crate::dav::Dav;
use crate::db::{Db, migrate};
use crate::downloads::Downloads;
use crate::drive::{Contents, Drive};
use crate::events::Events;
use crate::ftp;
use crate::http::metrics::Metrics;
use crate::integrations::Document;
use crate::jobs::{Jobs, Lane, Node, Workers};
use crate::leaving::{self, Leaving};
use crate::media::Media;
use crate::membership::Membership;
use crate::movies::Movies;
use crate::notices::Notices;
use crate::ops::{self, Stats};
use crate::playback::Playback;
use crate::profile::Profiles;
use crate::realtime::{self, Realtime};
use crate::renditions::Renditions;
use crate::reviews::Reviews;
use crate::routes;
use crate::series::SeriesCatalogue;
use crate::shares::Shares;
use crate::storage;
use crate::transfers::Uploads;
use crate::transfers::registry::Transfers;
use crate::webhooks::{self, Webhooks};

mod doors;

/// How often expired rows are cleared away.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// Quick background jobs at a time.
const WORKERS: usize = 2;

/// Everything that the handlers use; cheap to copy.
#[derive(Clone)]
pub struct App {
    pub config: Arc<Config>,
    pub clock: Clock,
    pub db: Db,
    pub events: Events,
    pub accounts: Accounts,
    pub membership: Membership,
    pub uploads: Uploads,
    pub jobs: Jobs,
    pub movies: Movies,
    pub renditions: Renditions,
    pub blobs: Blobs,
    pub transfers: Transfers,
    pub media: Media,
    pub downloads: Downloads,
    pub drive: Drive,
    pub contents: Contents,
    pub shares: Shares,
    pub dav: Dav,
    pub playback: Playback,
    pub series: SeriesCatalogue,
    pub reviews: Reviews,
    pub notices: Notices,
    pub chat: Chat,
    pub profiles: Profiles,
    pub leaving: Leaving,
    pub webhooks: Webhooks,
    pub realtime: Realtime,
    stats: Stats,
    metrics: Metrics,
    document: Arc<Document>,
}

/// A server that accepts requests.
pub struct Running {
    pub address: SocketAddr,
    /// The door for FTP, when there is one.
    pub ftp: Option<ftp::Door>,
    pub app: App,
    handle: ServerHandle,
    server: JoinHandle<std::io::Result<()>>,
    chores: JoinHandle<()>,
    tidied: watch::Receiver<bool>,
    relay: JoinHandle<()>,
    presence: JoinHandle<()>,
    watch: JoinHandle<()>,
    workers: Workers,
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
        let uploads = Uploads::new(db.clone(), clock.clone(), events.clone(), &config);
        let node = Node::on(&config.data_dir);
        let jobs = Jobs::new(db.clone(), clock.clone(), events.clone()).of(node);
        let webhooks = Webhooks::new(
            db.clone(),
            clock.clone(),
            &events,
            jobs.clone(),
            &config.webhooks,
        )?;
        let storage = storage::of_config(&config.storage, &config.storage_folder())
            .map_err(anyhow::Error::msg)?;
        let blobs = Blobs::new(db.clone(), clock.clone(), jobs.clone(), storage);
        let transfers = Transfers::default();
        let media = Media::new(
            db.clone(),
            clock.clone(),
            &events,
            blobs.clone(),
            transfers.clone(),
        );
        let movies = Movies::new(
            db.clone(),
            clock.clone(),
            jobs.clone(),
            uploads.clone(),
            blobs.clone(),
            transfers.clone(),
            &config,
        )
        .telling(events.clone());
        let renditions = Renditions::new(
            db.clone(),
            clock.clone(),
            jobs.clone(),
            movies.clone(),
            blobs.clone(),
            &config,
        );
        let membership = Membership::new(
            db.clone(),
            clock.clone(),
            events.clone(),
            accounts.clone(),
            &config.site,
            &config.membership,
        );
        let drive = Drive::new(
            db.clone(),
            clock.clone(),
            jobs.clone(),
            blobs.clone(),
            &config.drive,
            &config.trash,
        );
        let contents = Contents::new(
            db.clone(),
            clock.clone(),
            events.clone(),
            media.clone(),
            blobs.clone(),
            &config.drive,
        );
        let shares = Shares::new(
            db.clone(),
            clock.clone(),
            accounts.clone(),
            media.clone(),
            contents.clone(),
            &config.accounts,
        );
        let chat = Chat::start(db.clone(), clock.clone(), events.clone(), &config.chat)?;
        uploads.register(Arc::new(drive.clone()));
        let dav = Dav::new(
            db.clone(),
            clock.clone(),
            drive.clone(),
            uploads.clone(),
            &config,
        );
        let realtime = Realtime::new(
            db.clone(),
            clock.clone(),
            events.clone(),
            chat.clone(),
            &config.realtime,
        )?;
        let profiles = Profiles::new(
            db.clone(),
            clock.clone(),
            accounts.clone(),
            drive.clone(),
            chat.clone(),
        );
        let downloads = Downloads::new(
            db.clone(),
            clock.clone(),
            events.clone(),
            media.clone(),
            &config.downloads,
        );
        let playback = Playback::new(
            db.clone(),
            clock.clone(),
            media.clone(),
            membership.clone(),
            &config,
        );
        let notices = Notices::new(db.clone(), clock.clone(), events.clone());
        let reviews = Reviews::new(db.clone(), clock.clone(), &config.reviews);
        let leaving = Leaving::new(leaving::Parts {
            db: db.clone(),
            clock: clock.clone(),
            accounts: accounts.clone(),
            profiles: profiles.clone(),
            membership: membership.clone(),
            downloads: downloads.clone(),
            playback: playback.clone(),
            reviews: reviews.clone(),
            notices: notices.clone(),
            chat: chat.clone(),
            drive: drive.clone(),
            shares: shares.clone(),
            uploads: uploads.clone(),
            jobs: jobs.clone(),
        });
        let metrics = Metrics::new()?;
        metrics.add(realtime.measured())?;
        metrics.add(webhooks.measured())?;
        let sources = ops::Sources {
            realtime: realtime.clone(),
            playback: playback.clone(),
            transfers: transfers.clone(),
            uploads: uploads.clone(),
            metrics: metrics.clone(),
        };
        Ok(Self {
            shares,
            dav,
            contents,
            blobs,
            transfers,
            downloads,
            playback,
            series: SeriesCatalogue::new(db.clone(), clock.clone()),
            reviews,
            notices,
            leaving,
            webhooks,
            media,
            document: Arc::new(routes::document()?),
            metrics,
            realtime,
            membership,
            chat,
            profiles,
            stats: Stats::new(db.clone(), clock.clone(), sources),
            config: Arc::new(config),
            clock,
            db,
            events,
            accounts,
            uploads,
            jobs,
            movies,
            renditions,
            drive,
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
            .app_data(web::Data::new(self.membership.clone()))
            .app_data(web::Data::new(self.uploads.clone()))
            .app_data(web::Data::new(self.jobs.clone()))
            .app_data(web::Data::new(self.movies.clone()))
            .app_data(web::Data::new(self.renditions.clone()))
            .app_data(web::Data::new(self.media.clone()))
            .app_data(web::Data::new(self.downloads.clone()))
            .app_data(web::Data::new(self.drive.clone()))
            .app_data(web::Data::new(self.contents.clone()))
            .app_data(web::Data::new(self.shares.clone()))
            .app_data(web::Data::new(self.dav.clone()))
            .app_data(web::Data::new(self.playback.clone()))
            .app_data(web::Data::new(self.series.clone()))
            .app_data(web::Data::new(self.reviews.clone()))
            .app_data(web::Data::new(self.notices.clone()))
            .app_data(web::Data::new(self.chat.clone()))
            .app_data(web::Data::new(self.profiles.clone()))
            .app_data(web::Data::new(self.leaving.clone()))
            .app_data(web::Data::new(self.webhooks.clone()))
            .app_data(web::Data::new(self.realtime.clone()))
            // Each worker calls this for itself: it is the worker's own.
            .app_data(Rc::<realtime::Hub>::default())
            .app_data(web::Data::new(self.stats.clone()))
            .app_data(web::Data::new(self.metrics.clone()));
    }

    /// What FTP leads to.
    fn parts(&self) -> ftp::Parts {
        ftp::Parts {
            db: self.db.clone(),
            clock: self.clock.clone(),
            events: self.events.clone(),
            accounts: self.accounts.clone(),
            drive: self.drive.clone(),
            contents: self.contents.clone(),
            uploads: self.uploads.clone(),
        }
    }

    /// Opens the doors. Must run inside an actix system.
    ///
    /// # Errors
    /// When the address is taken, or the certificate cannot be read.
    pub fn serve(self) -> anyhow::Result<Running> {
        let listener = TcpListener::bind(self.config.server.listen)
            .with_context(|| format!("cannot listen on {}", self.config.server.listen))?;
        let address = listener.local_addr()?;
        let server = doors::open(&self, listener)?;
        let handle = server.handle();
        let ftp = ftp::Door::open(self.parts(), &self.config)?;
        let (tidy, tidied) = watch::channel(false);
        let chores = tokio::spawn(chores(self.clone(), tidy));
        let relay = tokio::spawn(self.realtime.clone().relay());
        let presence = tokio::spawn(self.realtime.clone().watch());
        let watch = tokio::spawn(self.playback.clone().watch_over());
        let handlers = self
            .movies
            .handlers()
            .and(self.renditions.handlers())
            .and(self.blobs.handlers())
            .and(self.drive.handlers())
            .and(self.leaving.handlers())
            .and(self.webhooks.handlers());
        let lanes = [
            (Lane::Quick, WORKERS),
            (Lane::Long, self.config.films.workers),
            (Lane::Outside, webhooks::SENDERS),
        ];
        let workers = self.jobs.start_lanes(handlers, &lanes);
        Ok(Running {
            address,
            ftp,
            app: self,
            handle,
            server: tokio::spawn(server),
            chores,
            tidied,
            relay,
            presence,
            watch,
            workers,
        })
    }
}

impl Running {
    /// Waits until what an earlier end left behind is put in order and the clock's work was done for the first time.
    /// Requests need not wait for it.
    pub async fn tidied(&mut self) {
        // When the sender is gone, the house is being stopped.
        drop(self.tidied.wait_for(|is_tidy| *is_tidy).await);
    }

    /// Stops: accepts nothing new, lets what is in flight end or pause, and returns when all is done.
    ///
    /// # Errors
    /// When the server ended with an error.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.chores.abort();
        self.app.realtime.stop().await;
        self.relay.abort();
        self.presence.abort();
        self.watch.abort();
        self.app.uploads.pause_all().await;
        if let Some(ftp) = self.ftp {
            ftp.close().await;
        }
        self.workers.stop().await;
        self.handle.stop(true).await;
        self.server.await??;
        self.app.transfers.close().await;
        Ok(())
    }
}

/// Work by the clock that no request asks for.
async fn chores(app: App, tidy: watch::Sender<bool>) {
    if let Err(error) = app.jobs.take_back().await {
        tracing::warn!(%error, "could not take back the jobs of a server that was killed");
    }
    if let Err(error) = app.uploads.reconcile().await {
        tracing::warn!(%error, "could not compare uploads with their files");
    }
    if let Err(error) = app.blobs.reconcile().await {
        tracing::warn!(%error, "could not compare the storage with its rows");
    }
    if let Err(error) = app.movies.reconcile().await {
        tracing::warn!(%error, "could not compare films with their pictures");
    }
    if let Err(error) = app.renditions.reconcile().await {
        tracing::warn!(%error, "could not clear away what interrupted work left");
    }
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    ticks.tick().await;
    sweep(&app).await;
    tidy.send_replace(true);
    loop {
        ticks.tick().await;
        sweep(&app).await;
    }
}

async fn sweep(app: &App) {
    if let Err(error) = app.accounts.sweep().await {
        tracing::warn!(%error, "could not clear expired sessions away");
    }
    if let Err(error) = app.membership.sweep().await {
        tracing::warn!(%error, "could not clear old idempotency keys away");
    }
    if let Err(error) = app.uploads.sweep().await {
        tracing::warn!(%error, "could not clear expired uploads away");
    }
    if let Err(error) = app.blobs.sweep().await {
        tracing::warn!(%error, "could not give interrupted adoptions up");
    }
    if let Err(error) = app.chat.sweep().await {
        tracing::warn!(%error, "could not drop old events of rooms");
    }
    if let Err(error) = app.dav.sweep().await {
        tracing::warn!(%error, "could not clear expired locks away");
    }
    if let Err(error) = app.webhooks.sweep().await {
        tracing::warn!(%error, "could not clear old deliveries away");
    }
    if let Err(error) = app.jobs.sweep().await {
        tracing::warn!(%error, "could not clear old jobs away");
    }
}
