//! The addresses of friends and rooms.

mod friends;
mod members;
mod messages;
mod rooms;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service::Caller;
use crate::accounts::SignedIn;
use crate::error::Error;
use crate::http::extract::id_in_path;
use crate::http::gate::{self, Extracted};
use crate::http::request::Origin;
use crate::ids::{AccountId, MessageId};

pub fn configure(routes: &mut ServiceConfig) {
    friends::configure(routes);
    rooms::configure(routes);
    members::configure(routes);
    messages::configure(routes);
}

/// Somebody who is signed in, and where the request comes from.
impl FromRequest for Caller {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (signed_in, origin) = (
            SignedIn::from_request(request, payload),
            Origin::of(request),
        );
        Box::pin(async move {
            Ok(Self {
                viewer: signed_in.await?.0,
                address: origin.address,
                request_id: origin.request_id,
            })
        })
    }
}

/// `{account_id}` in the path.
struct Account(AccountId);

impl FromRequest for Account {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        gate::once_let_in(request, id_in_path(request, "account_id").map(Self))
    }
}

/// `{message_id}` in the path.
struct Message(MessageId);

impl FromRequest for Message {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        gate::once_let_in(request, id_in_path(request, "message_id").map(Self))
    }
}
