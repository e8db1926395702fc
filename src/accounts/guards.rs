//! Who may call a handler, said in its signature.
//!
//! A request is signed in by `Authorization: Bearer TOKEN`, or by the cookie of a browser. With a cookie, a request
//! that changes something must come from the same site, or another site's page could act for the member.

use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpRequest, web};
use playhouse_api::accounts::Scope;
use playhouse_api::problem::ErrorCode;

use super::model::{Error as AccountsError, Via, Viewer};
use super::service::Accounts;
use crate::audit::Actor;
use crate::error::{Error, Result};
use crate::http::gate::{self, Extracted};
use crate::http::request::Origin;
use crate::ids::SessionId;

pub(super) const COOKIE: &str = "playhouse_session";
const SEC_FETCH_SITE: header::HeaderName = header::HeaderName::from_static("sec-fetch-site");

/// Anybody who is signed in, with the scope that the method needs.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Arc<Viewer>);

/// Anybody who is signed in and opens a live connection. It acts for the member although it begins with a GET, so with a
/// cookie it must come from a page of this site; a token needs the scope to read.
#[derive(Clone, Debug)]
pub struct Connecting(pub Arc<Viewer>);

/// Somebody who is signed in, or nobody. Credentials that are wrong are refused all the same.
#[derive(Clone, Debug)]
pub struct MaybeSignedIn(pub Option<Arc<Viewer>>);

/// Anybody, for calls that ask for no sign-in and change something all the same. A page of another site that says so is
/// refused when it brings the cookie: it may not put a member into another account.
#[derive(Clone, Copy, Debug)]
pub(super) struct FromHere;

/// Somebody in a login session: for what an access token must not do, such as make another one.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    pub viewer: Arc<Viewer>,
    pub session: SessionId,
}

/// An admin, with where they act from.
#[derive(Clone, Debug)]
pub struct Admin {
    pub viewer: Arc<Viewer>,
    pub actor: Actor,
}

impl Deref for SignedIn {
    type Target = Viewer;

    fn deref(&self) -> &Viewer {
        &self.0
    }
}

impl FromRequest for SignedIn {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asks = request.clone();
        gate::guard(request, async move { signed_in(&asks).await.map(Self) })
    }
}

impl FromRequest for Connecting {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asks = request.clone();
        gate::guard(request, async move {
            let is_cookie = credentials(&asks).is_some_and(|it| it.is_cookie);
            if is_cookie && !is_same_site(&asks) {
                return Err(cross_site());
            }
            let _turn = accounts(&asks)?.turn().await;
            signed_in(&asks).await.map(Self)
        })
    }
}

impl FromRequest for MaybeSignedIn {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asks = request.clone();
        gate::guard(request, async move {
            if credentials(&asks).is_none() {
                return Ok(Self(None));
            }
            signed_in(&asks).await.map(|viewer| Self(Some(viewer)))
        })
    }
}

impl FromRequest for FromHere {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let is_cookie = credentials(request).is_some_and(|it| it.is_cookie);
        let says_where = [header::ORIGIN, SEC_FETCH_SITE];
        let says_where = says_where
            .iter()
            .any(|name| request.headers().contains_key(name));
        let is_foreign = is_cookie && says_where && !is_same_site(request);
        gate::guard(request, async move {
            match is_foreign {
                true => Err(cross_site()),
                false => Ok(Self),
            }
        })
    }
}

impl FromRequest for LoggedIn {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asks = request.clone();
        gate::guard(request, async move {
            let viewer = signed_in(&asks).await?;
            match &viewer.via {
                Via::Session(session) => Ok(Self {
                    session: session.clone(),
                    viewer,
                }),
                Via::Token { .. } | Via::Password => Err(Error::new(
                    ErrorCode::MissingScope,
                    "This needs a login session; an access token will not do.",
                )),
            }
        })
    }
}

impl FromRequest for Admin {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asks = request.clone();
        gate::guard(request, async move {
            let viewer = identified(&asks).await?;
            if !viewer.is_admin() {
                let (code, detail) = match viewer.account.role {
                    super::Role::Admin => (
                        ErrorCode::MissingScope,
                        "The access token lacks the scope admin.",
                    ),
                    super::Role::Member => (ErrorCode::Forbidden, "Only an admin may do this."),
                };
                return Err(Error::new(code, detail));
            }
            let origin = Origin::of(&asks);
            let actor = Actor {
                id: Some(viewer.id().clone()),
                name: viewer.account.username.clone(),
                request_id: origin.request_id,
                address: origin.address.to_string(),
            };
            Ok(Self { viewer, actor })
        })
    }
}

/// The token of a request, and whether a browser sent it by itself.
struct Credentials {
    token: String,
    is_cookie: bool,
}

fn credentials(request: &HttpRequest) -> Option<Credentials> {
    if let Some(value) = request.headers().get(header::AUTHORIZATION) {
        let text = value.to_str().unwrap_or_default();
        let token = text
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let token = token.map_or("", |(_, token)| token.trim()).to_owned();
        return Some(Credentials {
            token,
            is_cookie: false,
        });
    }
    let cookie = request.cookie(COOKIE)?;
    Some(Credentials {
        token: cookie.value().to_owned(),
        is_cookie: true,
    })
}

async fn identified(request: &HttpRequest) -> Result<Arc<Viewer>> {
    let credentials = credentials(request).ok_or(AccountsError::NotSignedIn)?;
    if credentials.is_cookie && !request.method().is_safe() && !is_same_site(request) {
        return Err(cross_site());
    }
    let address = Origin::address_of(request);
    Ok(accounts(request)?
        .identify(&credentials.token, address)
        .await?)
}

fn accounts(request: &HttpRequest) -> Result<&web::Data<Accounts>> {
    let accounts = request.app_data::<web::Data<Accounts>>();
    accounts.ok_or_else(|| Error::internal("the accounts are not part of the app"))
}

fn cross_site() -> Error {
    Error::new(
        ErrorCode::CrossSite,
        "This request comes from a page of another site.",
    )
}

async fn signed_in(request: &HttpRequest) -> Result<Arc<Viewer>> {
    let viewer = identified(request).await?;
    let is_look = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let (scope, name) = if is_look {
        (Scope::Read, "read")
    } else {
        (Scope::Write, "write")
    };
    if viewer.has_scope(scope) || viewer.is_admin() {
        return Ok(viewer);
    }
    Err(Error::new(
        ErrorCode::MissingScope,
        format!("The access token lacks the scope {name}."),
    ))
}

/// Browsers send one of the two with every request that changes something.
fn is_same_site(request: &HttpRequest) -> bool {
    let header = |name: header::HeaderName| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    if let Some(site) = header(SEC_FETCH_SITE) {
        return matches!(site, "same-origin" | "same-site" | "none");
    }
    let host = request.connection_info().host().to_owned();
    header(header::ORIGIN).is_some_and(|origin| {
        origin
            .split_once("://")
            .is_some_and(|(_, name)| name == host)
    })
}
