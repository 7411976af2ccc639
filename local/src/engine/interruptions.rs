//! What may befall a function's process at a request that it makes: it is killed, or held up while something is done beside it.
//!
//! All that a process has done when it waits is what its requests have done. So who is stopped before and after each request of
//! an invocation was stopped at every place at which it can be.

use std::future::pending;
use std::sync::{Arc, Weak};

use tokio::sync::{Notify, watch};

use super::bundle::Bundle;
use super::faults::Kind;
use super::runtime_api::Slot;
use super::shared::{Shared, lock};

/// Before or after a request is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Before,
    /// It was carried out, and the process has no answer yet.
    After,
}

/// A request of an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// The function's logical id.
    pub function: String,
    /// Which of an invocation's requests, counted from one.
    pub request: u32,
    pub moment: Moment,
}

#[derive(Debug, Clone, Copy)]
enum Deed {
    Kill,
    Hold,
}

/// Befalls the first process that comes to a point, once; nobody any more when it is dropped.
#[derive(Debug)]
pub struct Interruption {
    point: Point,
    deed: Deed,
    happened: watch::Sender<bool>,
    released: Notify,
}

impl Interruption {
    pub fn has_happened(&self) -> bool {
        *self.happened.borrow()
    }

    /// Returns once a process came to the point.
    pub async fn happened(&self) {
        // The sender is this very value.
        let _ = self.happened.subscribe().wait_for(|happened| *happened).await;
    }

    /// Lets a process go on that is held.
    pub fn release(&self) {
        self.released.notify_one();
    }
}

impl Bundle {
    /// Kills the next process that comes to a point. There is one interruption at a time: this one takes the place of an
    /// earlier one that did not happen.
    pub fn kill_at(&self, point: Point) -> Arc<Interruption> {
        self.interrupt(point, Deed::Kill)
    }

    /// Holds up the next process that comes to a point, until it is released.
    pub fn hold_at(&self, point: Point) -> Arc<Interruption> {
        self.interrupt(point, Deed::Hold)
    }

    fn interrupt(&self, point: Point, deed: Deed) -> Arc<Interruption> {
        let interruption = Arc::new(Interruption {
            point,
            deed,
            happened: watch::Sender::new(false),
            released: Notify::new(),
        });
        *lock(&self.shared().interruption) = Arc::downgrade(&interruption);
        interruption
    }
}

/// Lets happen what befalls a process at a request of it, by the request's number in its invocation.
pub(super) async fn at_request(shared: &Shared, process: &str, slot: &Slot, request: u32, moment: Moment) {
    let due = {
        let mut armed = lock(&shared.interruption);
        let due = armed.upgrade().filter(|interruption| {
            let Point {
                function,
                request: number,
                moment: when,
            } = &interruption.point;
            let is_of = process.split_once('/').is_some_and(|(id, _)| id == function);
            is_of && *number == request && *when == moment
        });
        due.inspect(|_| *armed = Weak::new())
    };
    if let Some(interruption) = due {
        interruption.happened.send_replace(true);
        match interruption.deed {
            Deed::Kill => die(slot).await,
            Deed::Hold => interruption.released.notified().await,
        }
    }
    if shared.dice.throw(Kind::Kill) {
        die(slot).await;
    }
}

/// Has a process killed; its request dies with it.
pub(super) async fn die(slot: &Slot) {
    slot.kill.notify_one();
    pending::<()>().await;
}
