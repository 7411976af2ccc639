//! What the page shows now. The player writes it, the page's server reads it.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;

use super::message::PageMessage;
use crate::play::summary::Summary;

/// Cheap to share.
#[derive(Debug, Clone)]
pub struct PageState {
    shown: Arc<RwLock<Shown>>,
    /// When somebody last looked.
    visited: Arc<RwLock<Option<Instant>>>,
}

/// An open page asks every other second.
const LOOKED_AWAY: Duration = Duration::from_secs(10);

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// The functions are built and started.
    Preparing,
    Playing,
    Finished,
}

/// Where in virtual time a run is.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Progress {
    pub start: Timestamp,
    pub now: Timestamp,
    pub end: Timestamp,
    pub purchases: u64,
    pub purchases_in_all: u64,
}

#[derive(Debug)]
pub struct Shown {
    pub programme: String,
    /// The programme's zone: its days are the run's days.
    pub zone: String,
    pub phase: Phase,
    pub progress: Progress,
    /// By time and then id.
    pub messages: Vec<PageMessage>,
    pub summary: Option<Summary>,
}

impl PageState {
    pub fn new(shown: Shown) -> Self {
        Self {
            shown: Arc::new(RwLock::new(shown)),
            visited: Arc::default(),
        }
    }

    /// Whether somebody looks at the page; keeping it up to date for nobody would slow the run down.
    pub fn is_watched(&self) -> bool {
        let visited = *self.visited.read().unwrap_or_else(PoisonError::into_inner);
        visited.is_some_and(|at| at.elapsed() < LOOKED_AWAY)
    }

    pub(super) fn visit(&self) {
        *self.visited.write().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    pub fn update(&self, change: impl FnOnce(&mut Shown)) {
        change(&mut self.shown.write().unwrap_or_else(PoisonError::into_inner));
    }

    pub fn read<T>(&self, of: impl FnOnce(&Shown) -> T) -> T {
        of(&self.shown.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shown {
    /// Replaces the messages.
    pub fn show(&mut self, mut messages: Vec<PageMessage>) {
        messages.sort_by(|one, other| one.place().cmp(&other.place()));
        self.messages = messages;
    }

    /// What the page asks for every other second: all but the messages themselves.
    pub(super) fn overview(&self) -> Overview<'_> {
        Overview {
            programme: &self.programme,
            zone: &self.zone,
            phase: self.phase,
            progress: self.progress,
            summary: self.summary.as_ref(),
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Overview<'a> {
    programme: &'a str,
    zone: &'a str,
    phase: Phase,
    progress: Progress,
    summary: Option<&'a Summary>,
}
