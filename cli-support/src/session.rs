//! Which server is meant, and who we are there.

use clap::Args;
use playhouse_api::Secret;
use playhouse_api::client::Client;
use playhouse_api::site::SiteInfo;
use tokio::sync::OnceCell;

use crate::config::{ConfigDir, Credentials};
use crate::exit::{Code, Failure};
use crate::output::Output;
use crate::program::Program;

const DEFAULT_SERVER: &str = "http://127.0.0.1:8080";
const TOKEN_VARIABLE: &str = "PLAYHOUSE_TOKEN";

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Address of the server [default: that of the last login, else http://127.0.0.1:8080]
    #[arg(
        long,
        global = true,
        help_heading = "Everywhere",
        env = "PLAYHOUSE_SERVER",
        value_name = "URL"
    )]
    pub server: Option<String>,
    /// Print results as JSON, and errors as JSON on stderr
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub json: bool,
    /// Show no progress
    #[arg(long, short, global = true, help_heading = "Everywhere")]
    pub quiet: bool,
}

/// One run of the program against one server.
#[derive(Debug)]
pub struct Session {
    pub program: Program,
    pub client: Client,
    pub config: ConfigDir,
    pub output: Output,
    pub quiet: bool,
    has_token: bool,
    site: OnceCell<SiteInfo>,
}

impl Session {
    /// Finds the server and the token: arguments, then environment, then what is kept.
    pub fn open(program: Program, global: &Global) -> anyhow::Result<Self> {
        let config = ConfigDir::from_environment()?;
        let credentials = config.credentials()?;
        let server = chosen_server(global.server.as_deref(), &credentials);
        let anonymous = Client::new(&server, None)?;
        let from_environment = std::env::var(TOKEN_VARIABLE)
            .ok()
            .filter(|it| !it.is_empty());
        let token = from_environment
            .map(Secret::new)
            .or_else(|| kept_token(&credentials, program.name, anonymous.base_url()));
        warn_if_readable_on_the_way(anonymous.base_url());
        Ok(Self {
            program,
            has_token: token.is_some(),
            client: anonymous.with_token(token),
            config,
            output: Output { json: global.json },
            quiet: global.quiet,
            site: OnceCell::new(),
        })
    }

    /// Says so before a long job, rather than after it.
    pub fn require_token(&self) -> Result<(), Failure> {
        if self.has_token {
            return Ok(());
        }
        let message = format!(
            "not signed in at {}: run `{} login`, or set {TOKEN_VARIABLE}",
            self.client.base_url(),
            self.program.name
        );
        Err(Failure::new(Code::Forbidden, message))
    }

    /// Name, currency and the like; asked for once.
    pub async fn site(&self) -> anyhow::Result<&SiteInfo> {
        Ok(self.site.get_or_try_init(|| self.client.site()).await?)
    }

    /// Tells people that something was done. Scripts get the thing itself.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            eprintln!("{}", crate::output::printable(text));
        }
    }
}

fn chosen_server(named: Option<&str>, credentials: &Credentials) -> String {
    let last = credentials.last_server.as_deref();
    named
        .filter(|it| !it.is_empty())
        .or(last)
        .unwrap_or(DEFAULT_SERVER)
        .to_owned()
}

/// A kept token is sent to the server that gave it, and to no other.
fn kept_token(credentials: &Credentials, program: &str, base_url: &str) -> Option<Secret> {
    credentials.of(program, base_url).map(|it| it.token.clone())
}

fn warn_if_readable_on_the_way(base_url: &str) {
    if is_readable_on_the_way(base_url) {
        eprintln!("warning: {base_url} is not encrypted; others on the way can read the token");
    }
}

fn is_readable_on_the_way(base_url: &str) -> bool {
    let Some(rest) = base_url.strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let host = if authority.starts_with('[') {
        authority.split_inclusive(']').next().unwrap_or_default()
    } else {
        authority.split(':').next().unwrap_or_default()
    };
    let here = host == "localhost" || host == "[::1]" || host.starts_with("127.");
    !here
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::Credential;

    fn credentials() -> Credentials {
        let credential = Credential {
            username: "admin".to_owned(),
            token: Secret::new("t"),
            expires_at: chrono::DateTime::UNIX_EPOCH,
        };
        Credentials {
            last_server: Some("https://films.example/".to_owned()),
            servers: BTreeMap::from([("https://films.example/".to_owned(), credential)]),
            ..Credentials::default()
        }
    }

    #[test]
    fn the_named_server_comes_before_the_last_one() {
        assert_eq!(chosen_server(Some("http://h"), &credentials()), "http://h");
        assert_eq!(
            chosen_server(None, &credentials()),
            "https://films.example/"
        );
        assert_eq!(chosen_server(None, &Credentials::default()), DEFAULT_SERVER);
    }

    #[test]
    fn a_kept_token_goes_to_its_own_server_only() {
        let token = |url| kept_token(&credentials(), "program", url);
        assert_eq!(token("https://films.example/"), Some(Secret::new("t")));
        for other in [
            "http://films.example/",
            "https://films.example:444/",
            "https://x/",
        ] {
            assert_eq!(token(other), None, "{other}");
        }
    }

    #[test]
    fn plain_http_is_fine_on_this_machine_only() {
        for here in [
            "http://127.0.0.1:8080/",
            "http://localhost/",
            "http://[::1]:8080/",
            "https://h/",
        ] {
            assert!(!is_readable_on_the_way(here), "{here}");
        }
        for away in [
            "http://films.example/",
            "http://192.168.1.2:8080/",
            "http://[2001:db8::1]/",
        ] {
            assert!(is_readable_on_the_way(away), "{away}");
        }
    }
}
