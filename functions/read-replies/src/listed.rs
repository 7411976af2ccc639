//! The provider's own list of numbers that opted out. Whoever is on it gets nothing, whether they asked us or the provider:
//! the stricter of the two holds.

use channels::PublishError;
use futures::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};
use messages::{Came, Heard, Number, Phone};
use starter::Failure;
use store::{Listing, StoreError};

use crate::{AT_ONCE, Listener};

/// The list is read through so often.
const EVERY: SignedDuration = SignedDuration::from_hours(24);
/// A run takes so many pages of a hundred; where there are more, the next goes on from there.
const A_RUN: usize = 50;

/// What became of a number on the provider's list whose member wants messages again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TakenBack {
    /// It was not on it.
    NotListed,
    Yes,
    No,
}

impl Listener {
    /// Reads on in the list where a run left off, or begins anew once a day, and stops whoever is on it. Devices of members who were
    /// forgotten are deleted on the way.
    pub(crate) async fn read_list(&self, now: Timestamp) -> Result<(), Failure> {
        let is_soon = |began: Timestamp| now.duration_since(began) < EVERY;
        if self.read_through.lock().is_ok_and(|known| known.is_some_and(is_soon)) {
            return Ok(());
        }
        let mut listing = match self.store.listing().await.map_err(failure)? {
            Some(listing) if !listing.ended => listing,
            Some(listing) if is_soon(listing.began) => {
                self.note_read_through(listing.began);
                return Ok(());
            }
            Some(_) | None => Listing::begins(now),
        };
        self.delete_endpoints().await?;
        let mut stopped = 0;
        for _ in 0..A_RUN {
            let (phones, next) = match self.sns.opted_out(listing.after.as_deref()).await {
                Ok(page) => page,
                // It no longer knows of the place: from the beginning.
                Err(PublishError::Refused(_)) if listing.after.is_some() => {
                    listing = Listing::begins(now);
                    continue;
                }
                Err(why) => {
                    return Err(Failure {
                        kind: "OptedOutList",
                        why: format!("the provider's list of numbers that opted out cannot be read: {why}"),
                    });
                }
            };
            stopped += self.stop_all(phones, listing.began, now).await.map_err(failure)?;
            listing.ended = next.is_none();
            listing.after = next;
            // After their stop: whoever dies before reads the page again.
            self.store.note_listing(&listing).await.map_err(failure)?;
            if listing.ended {
                self.note_read_through(listing.began);
                break;
            }
        }
        if stopped > 0 {
            tracing::info!(numbers = stopped, "numbers that opted out at the provider are stopped");
        }
        Ok(())
    }

    fn note_read_through(&self, began: Timestamp) {
        if let Ok(mut known) = self.read_through.lock() {
            *known = Some(began);
        }
    }

    async fn stop_all(&self, phones: Vec<Phone>, began: Timestamp, now: Timestamp) -> Result<usize, StoreError> {
        let stopped = stream::iter(phones).map(|phone| async move {
            let stopped = self.store.stop_listed(&phone, (began, now), now).await?;
            Ok(usize::from(stopped))
        });
        let stopped: Vec<Result<usize, StoreError>> = stopped.buffer_unordered(AT_ONCE).collect().await;
        stopped.into_iter().sum()
    }

    /// What a reply comes to where the number stands on the provider's list: one that asks for messages again does so only if
    /// the provider takes the number off. It is asked once for a reply, and not within thirty days of the last time.
    pub(crate) async fn as_listed(
        &self,
        phone: &Phone,
        (before, mut heard): (&Number, Heard),
        taken_back: &mut Option<TakenBack>,
        now: Timestamp,
    ) -> Result<Heard, StoreError> {
        if !matches!(heard.came, Came::Resumed | Came::NotStopped) {
            return Ok(heard);
        }
        let taken = match *taken_back {
            Some(taken) => taken,
            None => self.take_back(phone, before, now).await?,
        };
        *taken_back = Some(taken);
        match taken {
            TakenBack::NotListed => {}
            TakenBack::Yes => heard.number.taken_back_at = Some(now),
            TakenBack::No => {
                heard = Heard {
                    number: before.clone(),
                    came: Came::NotTakenBack,
                    answer: None,
                };
            }
        }
        Ok(heard)
    }

    async fn take_back(&self, phone: &Phone, number: &Number, now: Timestamp) -> Result<TakenBack, StoreError> {
        let answer = match self.sns.is_opted_out(phone).await {
            Ok(false) => return Ok(TakenBack::NotListed),
            Ok(true) if !number.may_be_taken_back(now) => return Ok(TakenBack::No),
            Ok(true) => self.sns.opt_in(phone).await,
            Err(why) => Err(why),
        };
        match answer {
            Ok(()) => Ok(TakenBack::Yes),
            Err(why @ (PublishError::Refused(_) | PublishError::OptedOut)) => {
                tracing::warn!("the provider does not take a number back that opted in: {why}");
                Ok(TakenBack::No)
            }
            // The reply is delivered again.
            Err(PublishError::Throttled | PublishError::Unknown) => Err(StoreError::Unreachable),
        }
    }
}

pub(crate) fn failure(why: StoreError) -> Failure {
    Failure {
        kind: "Store",
        why: why.to_string(),
    }
}
