//! The Transfer actor of an upload: the one owner of a file in flight.
//!
//! It lets one request write at a time. A request that goes on from the acknowledged offset takes over from the one
//! before, which ends with an error; what that one had recorded stays, the rest is cut off. Between requests the
//! actor keeps the open file and the hash for a while. It holds no truth: dropped at any moment, it is made anew from
//! the row.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use actix::prelude::*;
use tokio::sync::{oneshot, watch};

use super::house::House;
use super::model::{Error, Stop};
use super::stint::{self, Errand, Order};
use crate::ids::UploadId;
use crate::storage::Growing;

/// How long the file stays open after a request.
const LINGER: Duration = Duration::from_secs(30);

pub(super) struct UploadTransfer {
    house: Arc<House>,
    id: UploadId,
    number: u64,
    staged: Option<Box<Growing>>,
    acknowledged: Arc<AtomicI64>,
    /// Stops the request that writes now.
    current: Option<watch::Sender<Option<Stop>>>,
    next: Option<Order>,
    closing: Option<Stop>,
    waiting: Vec<oneshot::Sender<()>>,
    lingering: Option<SpawnHandle>,
}

/// Do what a request asks. The order goes back to the sender when nobody takes it.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Take {
    order: Option<Order>,
    back: Option<oneshot::Sender<Order>>,
}

/// End what is in flight and leave. Answers when that is recorded.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Close(pub Stop);

impl Take {
    pub(super) fn new(order: Option<Order>, back: oneshot::Sender<Order>) -> Self {
        Self {
            order,
            back: Some(back),
        }
    }
}

impl Drop for Take {
    fn drop(&mut self) {
        if let (Some(order), Some(back)) = (self.order.take(), self.back.take()) {
            // The sender may have gone too; then the request has ended.
            drop(back.send(order));
        }
    }
}

impl UploadTransfer {
    pub(super) fn new(house: Arc<House>, id: UploadId, number: u64) -> Self {
        Self {
            house,
            id,
            number,
            staged: None,
            acknowledged: Arc::new(AtomicI64::new(-1)),
            current: None,
            next: None,
            closing: None,
            waiting: Vec::new(),
            lingering: None,
        }
    }

    fn begin(&mut self, order: Order, ctx: &mut Context<Self>) {
        if let Some(lingering) = self.lingering.take() {
            ctx.cancel_future(lingering);
        }
        self.current = Some(order.stop.clone());
        let work = stint::run(
            Arc::clone(&self.house),
            self.staged.take(),
            Arc::clone(&self.acknowledged),
            order,
        );
        ctx.spawn(work.into_actor(self).map(|staged, transfer, ctx| {
            transfer.current = None;
            transfer.staged = staged;
            transfer.go_on(ctx);
        }));
    }

    fn go_on(&mut self, ctx: &mut Context<Self>) {
        if let Some(stop) = self.closing {
            if let Some(next) = self.next.take() {
                refuse(next, Error::Stopped(stop));
            }
            self.leave(ctx);
        } else if let Some(next) = self.next.take() {
            self.begin(next, ctx);
        } else if self.staged.is_none() {
            self.leave(ctx);
        } else {
            self.lingering = Some(ctx.run_later(LINGER, Self::leave));
        }
    }

    fn leave(&mut self, ctx: &mut Context<Self>) {
        self.staged = None;
        self.house.leave(&self.id, self.number);
        for done in self.waiting.drain(..) {
            // Whoever waited may have given up.
            done.send(()).ok();
        }
        ctx.stop();
    }

    /// Whether the request goes on from where the upload stands; only then does it take over. Its offset was the row's
    /// a moment ago, so one above what is known here is of a commit whose word has not come back yet.
    fn fits(&self, order: &Order) -> Result<(), Error> {
        let at = self.acknowledged.load(Ordering::SeqCst);
        match &order.errand {
            Errand::Write { offset, .. } if at > *offset => Err(Error::OffsetMismatch { at }),
            Errand::Write { .. } | Errand::Finish => Ok(()),
        }
    }
}

fn refuse(order: Order, why: Error) {
    // Nobody listens when the connection is gone.
    drop(order.answer.send(Err(why)));
}

impl Actor for UploadTransfer {
    type Context = Context<Self>;

    fn stopped(&mut self, _: &mut Context<Self>) {
        self.house.leave(&self.id, self.number);
    }
}

impl Handler<Take> for UploadTransfer {
    type Result = ();

    fn handle(&mut self, mut take: Take, ctx: &mut Context<Self>) {
        let Some(order) = take.order.take() else {
            return;
        };
        if let Some(stop) = self.closing {
            refuse(order, Error::Stopped(stop));
            return;
        }
        let Some(current) = &self.current else {
            self.begin(order, ctx);
            return;
        };
        if let Err(error) = self.fits(&order) {
            refuse(order, error);
            return;
        }
        current.send_replace(Some(Stop::Preempted));
        if let Some(overtaken) = self.next.replace(order) {
            refuse(overtaken, Error::Stopped(Stop::Preempted));
        }
    }
}

impl Handler<Close> for UploadTransfer {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, Close(stop): Close, ctx: &mut Context<Self>) -> Self::Result {
        self.closing = Some(stop);
        let Some(current) = &self.current else {
            self.leave(ctx);
            return Box::pin(std::future::ready(()));
        };
        current.send_replace(Some(stop));
        let (done, waiting) = oneshot::channel();
        self.waiting.push(done);
        Box::pin(async move { drop(waiting.await) })
    }
}
