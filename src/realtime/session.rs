//! The Session actor: one for each live connection.
//!
//! It runs in a context of its own, beside the connection: requests come from the payload, answers go into the outbox,
//! so its heartbeat and its end do not depend on whether the other side reads. Requests are answered one at a time, in
//! their order; while nobody reads the answers, no further request is taken. It keeps no rules; those are the services'.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use actix_web::web::Payload;
use futures_util::StreamExt as _;
use playhouse_api::events::Event;
use tokio::time::Instant;

use super::ending::Ending;
use super::frames;
use super::house::Stay;
use super::hub::Hub;
use super::intake::{Incoming, Intake};
use super::requests::Desk;
use super::seat::Seat;
use super::service::Realtime;
use crate::http::request;

/// How long the last words may take to leave.
const GOODBYE: Duration = Duration::from_secs(5);
/// How long the other side may take to close, too.
const FAREWELL: Duration = Duration::from_secs(1);

pub(super) struct Session {
    realtime: Realtime,
    hub: Rc<Hub>,
    seat: Rc<Seat>,
    /// Its drop tells the house, whatever ends this actor.
    stay: Stay,
    desk: Option<Box<(Desk, Payload)>>,
    /// Frames that were left out, at the last beat.
    dropped: u64,
}

impl Session {
    pub(super) fn new(
        realtime: Realtime,
        hub: Rc<Hub>,
        seat: Rc<Seat>,
        stay: Stay,
        desk: Desk,
        payload: Payload,
    ) -> Self {
        hub.seat(&seat);
        Self {
            realtime,
            hub,
            seat,
            stay,
            desk: Some(Box::new((desk, payload))),
            dropped: 0,
        }
    }

    /// Pings, and looks later whether anything came back.
    fn beat(&mut self, ctx: &mut Context<Self>) {
        let asked_at = Instant::now();
        let dropped = self.seat.dropped();
        if std::mem::replace(&mut self.dropped, dropped) != dropped {
            self.realtime.house.presence().repeat(self.seat.id);
        }
        self.seat.send(frames::ping());
        let patience = Duration::from_secs(self.realtime.config().pong_seconds);
        ctx.run_later(patience, move |session, ctx| {
            let seat = &session.seat;
            if !seat.has_heard_since(asked_at) && !seat.is_busy() {
                seat.cut();
                ctx.stop();
            }
        });
    }

    /// Looks whether this connection may still be here: other nodes lock accounts, and tokens expire.
    fn recheck(&mut self, ctx: &mut Context<Self>) {
        let (viewer, realtime) = (Arc::clone(&self.seat.viewer), self.realtime.clone());
        let look = async move { realtime.may_stay(&viewer).await };
        ctx.spawn(
            look.into_actor(self)
                .map(|outcome, session, _| match outcome {
                    Ok(is_admin) => session.seat.is_admin.set(is_admin),
                    Err(Ending::Busy) => {}
                    Err(why) => session.stay.bell.ring(why),
                }),
        );
    }
}

impl Actor for Session {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        let config = self.realtime.config();
        ctx.run_interval(Duration::from_secs(config.ping_seconds), Self::beat);
        ctx.run_interval(Duration::from_secs(config.recheck_seconds), Self::recheck);
        if let Some(desk) = self.desk.take() {
            let (desk, payload) = *desk;
            let life = live(Rc::clone(&self.seat), desk, payload);
            ctx.spawn(life.into_actor(self).map(|(), _, ctx| ctx.stop()));
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.hub.unseat(&self.seat);
        let figures = self.realtime.figures();
        figures.dropped.inc_by(self.seat.dropped());
        let code = match self.stay.bell.why() {
            Some(why) => why.code(),
            None => Ending::Gone.code(),
        };
        figures
            .endings
            .with_label_values(&[&code.to_string()])
            .inc();
        self.seat.cut();
    }
}

/// From hello to goodbye, while what is said is carried to the other side.
async fn live(seat: Rc<Seat>, desk: Desk, payload: Payload) {
    let carried = async {
        seat.carry().await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = talk(&seat, desk, payload) => {}
        () = carried => {}
    }
}

async fn talk(seat: &Seat, desk: Desk, payload: Payload) {
    let id = desk.caller.request_id.clone();
    let why = tokio::select! {
        biased;
        why = seat.bell.rung() => why,
        why = request::under_id(id, converse(seat, desk, payload)) => {
            seat.bell.ring(why);
            seat.bell.why().unwrap_or(why)
        }
    };
    seat.close(why);
    // Who does not read its last words is cut off.
    let _ = tokio::time::timeout(GOODBYE, seat.gone()).await;
    // A socket that is closed over unread bytes would take the last words with it.
    let _ = tokio::time::timeout(FAREWELL, async { while seat.listen(|_| {}).await {} }).await;
}

/// Says hello, then answers request after request. Returns why it is over.
async fn converse(seat: &Seat, mut desk: Desk, payload: Payload) -> Ending {
    // Boxed: what hello takes to be made is large, and a connection is mostly one that waits afterwards.
    match Box::pin(desk.welcome()).await {
        Ok(hello) => seat.begin(frames::text(&Event::Hello(Box::new(hello)))),
        Err(why) => return why,
    }
    let mut intake = Intake::new(desk.max_frame());
    let mut payload = Some(payload);
    loop {
        if !hear(seat, &mut payload, &mut intake).await {
            return Ending::Gone;
        }
        seat.hear();
        loop {
            seat.room().await;
            match intake.next() {
                Ok(Some(Incoming::Text(text))) => {
                    seat.set_busy(true);
                    Box::pin(desk.answer(&text)).await;
                    seat.set_busy(false);
                }
                Ok(Some(Incoming::Ping(of))) => seat.send(frames::pong(&of)),
                Ok(Some(Incoming::Pong)) => {}
                Ok(Some(Incoming::Close)) => return Ending::Normal,
                Ok(None) => break,
                Err(why) => return why,
            }
        }
    }
}

/// Takes in what arrives: from the protocol layer, and from the socket itself when that has let go of it. False when
/// the other side has gone.
async fn hear(seat: &Seat, payload: &mut Option<Payload>, intake: &mut Intake) -> bool {
    if let Some(stream) = payload {
        if let Some(Ok(bytes)) = stream.next().await {
            intake.feed(&bytes);
            return true;
        }
        *payload = None;
    }
    seat.listen(|bytes| intake.feed(bytes)).await
}
