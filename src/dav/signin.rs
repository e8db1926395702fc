//! Who a request comes from: user name with password or access token (Basic, RFC 7617), or a bearer token.
//!
//! Cookies do not count here, so no page of another site can act for a member.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use playhouse_api::problem::ErrorCode;

use crate::accounts::{self, Accounts, Viewer};
use crate::error::Error;
use crate::http::request::Origin;

/// The longest credentials that are looked at, in bytes.
const MAX_CREDENTIALS: usize = 1024;
const CHALLENGE: &str = "Basic realm=\"Playhouse\", charset=\"UTF-8\"";

/// Whoever the request names.
///
/// # Errors
/// 401 with what to send; 403 for an account that is locked; 429, 503.
pub(super) async fn viewer(
    request: &HttpRequest,
    accounts: &Accounts,
) -> Result<Arc<Viewer>, Error> {
    let address = Origin::address_of(request);
    let found = match credentials(request) {
        Some(Credentials::Basic { name, secret }) => accounts.basic(&name, &secret, address).await,
        Some(Credentials::Bearer(token)) => accounts.identify(&token, address).await,
        None => Err(accounts::Error::NotSignedIn),
    };
    found.map_err(|error| challenged(error.into()))
}

/// The refusal with the way to sign in, where that is what is missing.
fn challenged(error: Error) -> Error {
    match error.code() {
        ErrorCode::NotSignedIn | ErrorCode::WrongCredentials => {
            let challenge = HeaderValue::from_static(CHALLENGE);
            error.with_header(header::WWW_AUTHENTICATE, challenge)
        }
        _ => error,
    }
}

enum Credentials {
    Basic { name: String, secret: String },
    Bearer(String),
}

fn credentials(request: &HttpRequest) -> Option<Credentials> {
    let mut fields = request.headers().get_all(header::AUTHORIZATION);
    let field = fields.next().filter(|_| fields.next().is_none())?;
    let text = field
        .to_str()
        .ok()
        .filter(|it| it.len() <= MAX_CREDENTIALS)?;
    let (scheme, rest) = text.split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Credentials::Bearer(rest.to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
    let (name, secret) = decoded.split_once(':')?;
    Some(Credentials::Basic {
        name: name.to_owned(),
        secret: secret.to_owned(),
    })
}
