//! The address of the live connection.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::Actor as _;
use actix_web::{HttpRequest, HttpResponse, get, web};
use playhouse_api::problem::ErrorCode;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::body::OutboxBody;
use super::hub::Hub;
use super::limits::Refused;
use super::requests::Desk;
use super::seat::{Place, Seat};
use super::service::Realtime;
use super::session::Session;
use crate::accounts::Connecting;
use crate::chat::Caller;
use crate::error::{Error, Result};
use crate::http::request::Origin;
use crate::transfers::socket::{self, PeerSocket};

pub fn configure(routes: &mut ServiceConfig) {
    routes.service(connect);
}

/// Opens a live connection (WebSocket, version 13). What is said over it is explained in `docs/REALTIME.md`.
#[utoipa::path(tag = "realtime", responses((status = 101, description = "The connection is live"),
    (status = 400, description = "The request is not a WebSocket handshake"),
    (status = 403, description = "The page that asks is one of another site"),
    (status = 429, description = "Too many connections of this account or address"),
    (status = 503, description = "Too many connections")))]
#[get("/realtime")]
async fn connect(
    request: HttpRequest,
    who: Connecting,
    payload: web::Payload,
    realtime: web::Data<Realtime>,
) -> Result<HttpResponse> {
    let mut answer = actix_web_actors::ws::handshake(&request)
        .map_err(|error| Error::new(ErrorCode::BadRequest, format!("{error}.")))?;
    let seat = open(&request, who, payload, &realtime)?;
    Ok(answer.body(OutboxBody::new(seat)))
}

fn open(
    request: &HttpRequest,
    who: Connecting,
    payload: web::Payload,
    realtime: &Realtime,
) -> Result<Rc<Seat>> {
    let hub = request
        .app_data::<Rc<Hub>>()
        .ok_or_else(|| Error::internal("the hub is not part of the app"))?;
    if hub.start(realtime.house.rooms()) {
        realtime.house.add_hub(&hub.inbox);
    }
    let (viewer, config) = (who.0, realtime.config());
    let address = Origin::address_of(request);
    let stay = realtime.house.enter(&viewer, address, &hub.inbox, config)?;
    let seat = Rc::new(Seat::new(Place {
        id: stay.id,
        viewer: Arc::clone(&viewer),
        bell: Arc::clone(&stay.bell),
        outbox_bytes: config.outbox_bytes,
        line: socket::line_of(request),
        socket: PeerSocket::of(request),
    }));
    let patience = config.ping_seconds + config.pong_seconds;
    seat.mind_silence(Duration::from_secs(patience));
    let caller = Caller {
        viewer,
        address,
        request_id: Uuid::now_v7().to_string(),
    };
    let desk = Desk::new(realtime.clone(), caller, Rc::clone(hub), Rc::clone(&seat));
    let (hub, realtime) = (Rc::clone(hub), realtime.clone());
    Session::new(realtime, hub, Rc::clone(&seat), stay, desk, payload).start();
    Ok(seat)
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        let (detail, seconds) = match refused {
            Refused::House => {
                let detail = "The house has as many live connections as it can hold.";
                return Self::new(ErrorCode::Busy, detail).retry_after(30);
            }
            Refused::Account => (
                "This account has as many live connections as it may have. Close one first."
                    .to_owned(),
                30,
            ),
            Refused::Address => (
                "This address has as many live connections as it may have.".to_owned(),
                30,
            ),
            Refused::Pace(wait) => {
                let seconds = wait.as_secs() + 1;
                let detail = format!(
                    "This account opens connections too quickly. Try again in {seconds} seconds."
                );
                (detail, seconds)
            }
        };
        Self::new(ErrorCode::TooManyRequests, detail).retry_after(seconds)
    }
}
