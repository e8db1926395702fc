//! `register`: a new member.

use clap::Args;
use playhouse_api::accounts::NewAccount;
use playhouse_cli_support::password::PasswordSource;
use playhouse_cli_support::{Session, login};

#[derive(Debug, Args)]
pub(crate) struct RegisterArgs {
    /// User name: 3 to 32 letters, digits and underscores
    username: String,
    /// Your name
    #[arg(long, value_name = "NAME")]
    real_name: Option<String>,
    /// Your e-mail address
    #[arg(long)]
    email: Option<String>,
    /// Your telephone number
    #[arg(long)]
    phone: Option<String>,
    /// Your postal address
    #[arg(long)]
    address: Option<String>,
    #[command(flatten)]
    password: PasswordSource,
}

pub(crate) async fn run(session: &Session, args: RegisterArgs) -> anyhow::Result<()> {
    let password = args.password.read_new()?;
    let account = NewAccount {
        username: args.username,
        password,
        real_name: args.real_name,
        phone: args.phone,
        address: args.address,
        email: args.email,
        locale: None,
    };
    session.client.with_token(None).register(&account).await?;
    session.note(&format!("{} is a member now.", account.username));
    login::sign_in(session, &account.username, account.password).await
}
