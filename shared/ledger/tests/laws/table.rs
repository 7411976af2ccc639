//! A table of one member, with conditional puts, and the writers that share it: the stream's reader and the alarm
//! clock. Both can work on a stale read, stop half-way, or lose the answer to their write.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use ledger::{Account, Activity, Mark, Page, Past, apply};
use programme::Programme;

use crate::support::{budgets, order_lines, shelf};

/// The account's item as somebody read it.
pub(crate) type Read = Option<(u64, Vec<u8>)>;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) account: Read,
    pub(crate) pages: BTreeMap<u64, Vec<u8>>,
    /// Activities that carry the reason for which they were refused.
    pub(crate) refused: BTreeSet<usize>,
}

/// Where a writer is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    Never,
    /// After so many of its pages, before its commit.
    AfterPages(usize),
    /// After its commit: nobody tells it that it was done.
    AfterCommit,
}

/// What a commit did, in order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Done {
    Activity { index: usize, mark: Mark },
    Wake(Timestamp),
}

/// One record of the stream.
pub(crate) struct Record<'a> {
    pub(crate) index: usize,
    pub(crate) mark: Mark,
    pub(crate) activity: &'a Activity,
}

/// What became of a writer's work.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    /// What its commit did; empty where there was none.
    pub(crate) done: Vec<Done>,
    /// Whether the writer knows that nothing is left to do.
    pub(crate) finished: bool,
}

impl Table {
    /// Folds records into the account, as `compute-points` does.
    pub(crate) fn fold(&mut self, programme: &Programme, read: &Read, records: &[Record<'_>], stop: Stop) -> Outcome {
        let mut account = read.as_ref().map(|(_, bytes)| Account::decode(bytes).unwrap());
        let closed = account.as_mut().map(|account| account.close_pages().unwrap());
        let mut done = Vec::new();
        for record in records {
            if account
                .as_ref()
                .is_some_and(|account| self.repeats(read, account, record))
            {
                continue;
            }
            let mut pages: Vec<Page> = self.pages.values().map(|page| Page::decode(page).unwrap()).collect();
            pages.extend(closed.clone().unwrap_or_default());
            let lines = order_lines(account.as_ref(), &pages, record.activity);
            let past = Past {
                pages: &pages,
                lines: &lines,
                shelf: shelf(programme, account.as_ref(), &pages, record.activity),
                budgets: &budgets(programme, account.as_ref(), &pages),
                referrer: Some(ledger::Referrer::Known),
            };
            if apply(programme, &mut account, record.activity, past).is_ok() {
                account.as_mut().unwrap().set_mark(record.mark.clone());
                done.push(Done::Activity {
                    index: record.index,
                    mark: record.mark.clone(),
                });
            } else {
                self.refused.insert(record.index);
            }
        }
        self.commit(read, account.as_ref(), closed.unwrap_or_default(), done, stop)
    }

    /// Whether a record was worked on before: its place tells, or in another stream the ledger itself.
    fn repeats(&self, read: &Read, account: &Account, record: &Record<'_>) -> bool {
        account.mark().covers(&record.mark).unwrap_or_else(|| {
            let cause = record.activity.id.as_str();
            let before = read.as_ref().map(|(_, bytes)| Account::decode(bytes).unwrap());
            account.page().mentions(cause).unwrap()
                || before.is_some_and(|before| before.page().mentions(cause).unwrap())
                || self
                    .pages
                    .values()
                    .any(|page| Page::decode(page).unwrap().mentions(cause).unwrap())
        })
    }

    /// Books what is due, as `wake-members` does.
    pub(crate) fn wake(&mut self, programme: &Programme, read: &Read, now: Timestamp, stop: Stop) -> Outcome {
        let Some((_, bytes)) = read else {
            return Outcome {
                done: Vec::new(),
                finished: true,
            };
        };
        let mut account = Account::decode(bytes).unwrap();
        let closed = account.close_pages().unwrap();
        ledger::wake(programme, &mut account, now).unwrap();
        self.commit(read, Some(&account), closed, vec![Done::Wake(now)], stop)
    }

    fn commit(
        &mut self,
        read: &Read,
        account: Option<&Account>,
        closed: Vec<Page>,
        done: Vec<Done>,
        stop: Stop,
    ) -> Outcome {
        let nothing = |finished| Outcome {
            done: Vec::new(),
            finished,
        };
        let Some(account) = account.filter(|_| !done.is_empty()) else {
            return nothing(true);
        };
        let writes = match stop {
            Stop::AfterPages(pages) => pages,
            Stop::Never | Stop::AfterCommit => usize::MAX,
        };
        for page in closed.iter().take(writes) {
            self.put_page(page);
        }
        let version = read.as_ref().map(|(version, _)| *version);
        let overtaken = version != self.account.as_ref().map(|(version, _)| *version);
        if matches!(stop, Stop::AfterPages(_)) || overtaken {
            return nothing(false);
        }
        self.account = Some((version.unwrap_or_default() + 1, account.encode().unwrap()));
        Outcome {
            done,
            finished: stop == Stop::Never,
        }
    }

    /// Unconditional, as in the real table: what makes it safe is that the same page has the same bytes.
    fn put_page(&mut self, page: &Page) {
        let bytes = page.encode().unwrap();
        if let Some(written) = self.pages.get(&page.number()) {
            assert_eq!(
                written,
                &bytes,
                "closed page {} was written, and then differently",
                page.number()
            );
        }
        self.pages.insert(page.number(), bytes);
    }

    /// The pages and the account's bytes as the next commit would leave them: a batch may leave more on the open page
    /// than single commits do, and the next one closes it.
    pub(crate) fn settled(&self) -> (BTreeMap<u64, Vec<u8>>, Option<Vec<u8>>) {
        let mut settled = self.clone();
        let account = self.account.as_ref().map(|(_, bytes)| {
            let mut account = Account::decode(bytes).unwrap();
            for page in account.close_pages().unwrap() {
                settled.put_page(&page);
            }
            account.encode().unwrap()
        });
        (settled.pages, account)
    }
}
