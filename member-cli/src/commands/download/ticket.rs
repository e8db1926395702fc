//! The ticket of a download, kept until the film is here.

use playhouse_api::client;
use playhouse_api::downloads::Ticket;
use playhouse_cli_support::resume::StateFile;
use playhouse_cli_support::{Session, when};
use uuid::Uuid;

/// Where the ticket of one film is kept.
pub(super) struct KeptTicket(StateFile);

impl KeptTicket {
    pub(super) fn new(session: &Session, movie: Uuid) -> Self {
        let server = session.client.base_url();
        let key = format!("ticket-{movie}");
        Self(StateFile::new(&session.config, "downloads", server, &key))
    }

    /// The one that is kept and still good, or a new one.
    pub(super) async fn get(&self, session: &Session, movie: Uuid) -> anyhow::Result<Ticket> {
        let kept: Option<Ticket> = self.0.read()?;
        if let Some(ticket) = kept.filter(|it| it.expires_at > when::now()) {
            return Ok(ticket);
        }
        let ticket = session.client.create_ticket(movie).await?;
        self.0.write(&ticket)?;
        Ok(ticket)
    }

    pub(super) fn forget(&self) -> anyhow::Result<()> {
        self.0.forget()
    }
}

/// Whether a download failed because its ticket is no good any more.
pub(super) fn is_over(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<client::Error>())
        .any(client::Error::is_gone)
}
