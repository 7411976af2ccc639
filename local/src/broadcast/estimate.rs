//! What a broadcast would come to, member by member: each message is decided on as it would be when it goes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ledger::{Account, MemberId};
use messages::{Profile, Verdict, decide};
use programme::{Broadcast, Channel, Programme};

use crate::simulate::Usage;

/// One reason puts a message off at a time; more in a row than these do not.
const PUT_OFF: usize = 16;
/// A page of the roster is read in so many to a unit.
const A_UNIT: u64 = 60;

/// What goes by a channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct By {
    pub(crate) messages: u64,
    pub(crate) parts: u64,
    /// In millionths of the prices' currency.
    pub(crate) cost: u64,
}

/// What a broadcast would come to if it were started now.
#[derive(Debug, Default)]
pub(crate) struct Estimate {
    pub(crate) members: u64,
    /// Whose account or profile cannot be read: they get nothing.
    pub(crate) damaged: u64,
    pub(crate) audience: u64,
    /// Those of the audience for whom its time is over.
    pub(crate) past: u64,
    pub(crate) by: BTreeMap<Channel, By>,
    /// How many go later than at its time, by what puts them off first.
    pub(crate) later: BTreeMap<&'static str, u64>,
    /// How many do not go, by reason.
    pub(crate) never: BTreeMap<&'static str, u64>,
    /// When the first goes and the last.
    pub(crate) span: Option<(Timestamp, Timestamp)>,
    pub(crate) usage: Usage,
}

impl Estimate {
    /// Counts a member; gives whether they are in the audience, so that their profile is worth reading.
    pub(crate) fn meet(&mut self, programme: &Programme, of: &Broadcast, account: &Account, now: Timestamp) -> bool {
        self.members += 1;
        self.usage.walked();
        if self.members % A_UNIT == 1 {
            self.usage.walked();
        }
        let is_in = ledger::is_in_audience(programme, account, of.compiled.as_ref(), now);
        self.audience += u64::from(is_in);
        is_in
    }

    /// Counts what the message of one in the audience would come to.
    pub(crate) fn add(
        &mut self,
        programme: &Programme,
        of: &Broadcast,
        (member, account, profile): (&MemberId, &Account, &Profile),
        now: Timestamp,
    ) {
        let stated = messages::broadcast(programme, of, (member, account), now, now);
        let Some((intent, until)) = stated else {
            self.past += 1;
            return;
        };
        let mut at = until.max(now);
        self.usage.stated(until > now);
        let mut is_first = true;
        for _ in 0..PUT_OFF {
            self.usage.decided();
            match decide(programme, (&intent, None), (account, profile), &[], at) {
                Ok(Verdict::Send(send)) => {
                    self.usage.sent();
                    let phone = profile.phone.as_ref().map(messages::Phone::reveal);
                    let prices = programme.prices.as_ref();
                    let cost = prices.map_or(0, |prices| prices.millionths(send.channel, send.parts, phone));
                    let by = self.by.entry(send.channel).or_default();
                    by.messages += 1;
                    by.parts += u64::from(send.parts);
                    by.cost = by.cost.saturating_add(cost);
                    let (first, last) = self.span.unwrap_or((at, at));
                    self.span = Some((first.min(at), last.max(at)));
                    return;
                }
                Ok(Verdict::Defer { until, by }) => {
                    if std::mem::take(&mut is_first) {
                        *self.later.entry(by.name()).or_default() += 1;
                    }
                    self.usage.put_off();
                    at = until;
                }
                Ok(Verdict::Suppress(reason)) => return self.never(reason.name()),
                Ok(Verdict::Wait { .. }) => return self.never("paused"),
                Err(_) => return self.never("text"),
            }
        }
        self.never("put-off");
    }

    fn never(&mut self, reason: &'static str) {
        self.usage.suppressed();
        *self.never.entry(reason).or_default() += 1;
    }

    pub(crate) fn messages(&self) -> u64 {
        self.by.values().map(|by| by.messages).sum()
    }

    pub(crate) fn cost(&self) -> u64 {
        self.by.values().map(|by| by.cost).fold(0, u64::saturating_add)
    }
}
