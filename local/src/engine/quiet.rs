//! Knows when nothing is left to do.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Counts work that was accepted and not yet finished: a stream to read, a record on its way, a message in a polled
/// queue, an asynchronous invocation. Whoever turns one kind into another adds the new before it takes the old away,
/// so nought means that nothing is under way anywhere.
#[derive(Debug, Default)]
pub(super) struct Quiet {
    pending: AtomicUsize,
    reached: Notify,
}

impl Quiet {
    pub(super) fn add(&self, count: usize) {
        self.pending.fetch_add(count, Ordering::SeqCst);
    }

    pub(super) fn done(&self, count: usize) {
        if count > 0 && self.pending.fetch_sub(count, Ordering::SeqCst) == count {
            self.reached.notify_waiters();
        }
    }

    pub(super) fn pending(&self) -> usize {
        self.pending.load(Ordering::SeqCst)
    }

    /// Returns once nothing is pending.
    pub(super) async fn wait(&self) {
        loop {
            let reached = self.reached.notified();
            tokio::pin!(reached);
            // Registered before the look, so that a nought reached in between is not missed.
            reached.as_mut().enable();
            if self.pending() == 0 {
                return;
            }
            reached.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn waits_for_the_last_piece_of_work() {
        let quiet = Arc::new(Quiet::default());
        quiet.wait().await;
        quiet.add(2);
        let waiting = tokio::spawn({
            let quiet = Arc::clone(&quiet);
            async move { quiet.wait().await }
        });
        quiet.done(1);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        quiet.done(1);
        assert!(waiting.await.is_ok());
    }
}
