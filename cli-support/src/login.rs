//! `login` and `logout`.

use clap::Args;
use playhouse_api::Secret;
use playhouse_api::accounts::NewSession;

use crate::config::Credential;
use crate::password::PasswordSource;
use crate::session::Session;
use crate::when;

#[derive(Debug, Args)]
pub struct LoginArgs {
    /// User name
    username: String,
    #[command(flatten)]
    password: PasswordSource,
}

#[derive(Debug, Args)]
pub struct LogoutArgs {
    /// Forget the token without telling the server
    #[arg(long)]
    forget: bool,
}

pub async fn login(session: &Session, args: LoginArgs) -> anyhow::Result<()> {
    let password = args.password.read()?;
    sign_in(session, &args.username, password).await
}

/// Signs in, and keeps the token for the commands to come.
pub async fn sign_in(session: &Session, username: &str, password: Secret) -> anyhow::Result<()> {
    let login = NewSession {
        username: username.to_owned(),
        password,
        device: Some(session.program.device()),
    };
    let opened = session.client.with_token(None).sign_in(&login).await?;
    let server = session.client.base_url().to_owned();
    let mut credentials = session.config.credentials()?;
    let credential = Credential {
        username: opened.account.username.clone(),
        token: opened.token,
        expires_at: opened.expires_at,
    };
    credentials.keep(session.program.name, &server, credential);
    session.config.keep_credentials(&credentials)?;
    session.output.show(&opened.account, || {
        let until = when::show(opened.expires_at);
        format!(
            "Signed in at {server} as {} until {until} UTC.",
            opened.account.username
        )
    })
}

pub async fn logout(session: &Session, args: LogoutArgs) -> anyhow::Result<()> {
    let server = session.client.base_url();
    let mut credentials = session.config.credentials()?;
    let Some(credential) = credentials.of(session.program.name, server) else {
        session.note(&format!("Nobody is signed in at {server}."));
        return Ok(());
    };
    if !args.forget {
        let client = session.client.with_token(Some(credential.token.clone()));
        match client.sign_out().await {
            // The session is over already, which is what was wanted.
            Err(error) if error.status() == Some(401) => {}
            result => result?,
        }
    }
    credentials.forget(session.program.name, server);
    session.config.keep_credentials(&credentials)?;
    session.note(&format!("Signed out at {server}."));
    Ok(())
}
