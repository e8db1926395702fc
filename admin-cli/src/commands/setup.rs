//! `setup`: the first admin of a new house.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use playhouse_api::Secret;
use playhouse_api::accounts::Setup;
use playhouse_cli_support::password::PasswordSource;
use playhouse_cli_support::{Failure, Session, login};

#[derive(Debug, Args)]
pub(crate) struct SetupArgs {
    /// User name of the first admin
    username: String,
    /// The one-time token that the server printed on its first start
    #[arg(
        long,
        env = "PLAYHOUSE_SETUP_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    token: Option<Secret>,
    /// A file with that token: "setup-token" in the server's data folder
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    token_file: Option<PathBuf>,
    #[command(flatten)]
    password: PasswordSource,
}

pub(crate) async fn run(session: &Session, args: SetupArgs) -> anyhow::Result<()> {
    let token = read_token(&args)?;
    let password = args.password.read_new()?;
    let setup = Setup {
        token,
        username: args.username,
        password,
    };
    let account = session.client.set_up(&setup).await?;
    session.note(&format!("{} is the first admin.", account.username));
    login::sign_in(session, &setup.username, setup.password).await
}

fn read_token(args: &SetupArgs) -> anyhow::Result<Secret> {
    if let Some(path) = &args.token_file {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        return Ok(text.trim().into());
    }
    let missing = || Failure::usage("the set-up token is missing: give --token or --token-file");
    Ok(args.token.clone().ok_or_else(missing)?)
}
