//! The account: what is true of a member now, and the open page that proves the last of it.

use std::borrow::Cow;

use compact_str::CompactString;
use jiff::Timestamp;
use jiff::civil::Date;
use programme::{Points, Programme, RewardName, TierSetId, WalletId, Zone};
use serde::{Deserialize, Serialize};

use crate::campaigns::{Attributes, Fired};
use crate::carts::Carts;
use crate::chain::Head;
use crate::codec::{self, Corrupt};
use crate::day::{Day, MonthDay};
use crate::entry::{Entry, What};
use crate::ids::Label;
use crate::missions::Under;
use crate::overdue;
use crate::page::{Page, Span};
use crate::person::Known;
use crate::referral::Referred;
use crate::rewards::{Claim, Had};
use crate::spend::Times;
use crate::tier::Standing;
use crate::tier_set::InSet;
use crate::wallet::{Lot, Pending, Reservation, Totals, Wallet};

/// How long the member is active, as far as is known: points may last as long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Active {
    /// Which stretch of activity this is: each has a lot of its own.
    pub(crate) stretch: u16,
    /// Its last day, if nothing more is done; none before anything was.
    pub(crate) until: Option<Day>,
}

/// How far a stream was read for this member.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Which stream: another one (a restored table's) says nothing of this one's places.
    pub source: u32,
    /// The place in it: a decimal number of up to 40 digits.
    pub place: CompactString,
}

impl Mark {
    /// Whether this mark lies at or after a place of the same source. `None` for another source.
    pub fn covers(&self, other: &Self) -> Option<bool> {
        fn number(mark: &Mark) -> (usize, &str) {
            let digits = mark.place.trim_start_matches('0');
            (digits.len(), digits)
        }
        (self.source == other.source).then(|| number(other) <= number(self))
    }
}

static NEVER_USED: Wallet = Wallet::EMPTY;
static NEVER_IN: InSet = InSet::NEW;

/// A member's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The state's zone, where its name is known; looked up once.
    zone: Option<Zone>,
    pub(crate) state: State,
    pub(crate) page: Page,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) zone: CompactString,
    pub(crate) birthday: Option<MonthDay>,
    pub(crate) joined: Day,
    /// By number. Those that come after the last that was ever used are not there.
    pub(crate) wallets: Vec<Wallet>,
    pub(crate) active: Active,
    /// By the set's number.
    pub(crate) tiers: Vec<InSet>,
    /// Rewards that were claimed or given and are not used, in the order in which they came.
    pub(crate) claims: Vec<Claim>,
    pub(crate) had: Vec<Had>,
    /// By name, each once.
    pub(crate) segments: Vec<Label>,
    /// What the shop told of the member, of what the programme declares.
    pub(crate) attributes: Attributes,
    /// Purchases that did not come back whole.
    pub(crate) purchases: u32,
    /// By campaign, each once.
    pub(crate) fired: Vec<Fired>,
    /// By mission, each once.
    pub(crate) missions: Vec<Under>,
    pub(crate) badges: Vec<RewardName>,
    /// Reminders, birthdays and anniversaries up to this second have been booked.
    pub(crate) woken_until: i64,
    /// The second the alarm is set to.
    pub(crate) alarm: i64,
    pub(crate) mark: Mark,
    pub(crate) head: Head,
    /// The open page's own, so that the entries' bytes follow the state as they are.
    pub(crate) span: Span,
    /// Who referred the member, where that may count.
    pub(crate) referred: Option<Referred>,
    pub(crate) carts: Carts,
    pub(crate) known: Known,
    pub(crate) is_erased: bool,
}

impl Account {
    pub(crate) fn of(state: State, page: Page) -> Self {
        let zone = Zone::parse(&state.zone).ok();
        Self { zone, state, page }
    }

    pub(crate) fn wallet(&self, id: WalletId) -> &Wallet {
        self.state.wallets.get(usize::from(id.number())).unwrap_or(&NEVER_USED)
    }

    #[expect(clippy::indexing_slicing, reason = "it was just made long enough")]
    pub(crate) fn wallet_mut(&mut self, id: WalletId) -> &mut Wallet {
        let place = usize::from(id.number());
        if self.state.wallets.len() <= place {
            self.state.wallets.resize(place + 1, Wallet::EMPTY);
        }
        &mut self.state.wallets[place]
    }

    /// The wallets that may hold something, in the order of their numbers.
    pub fn wallets(&self) -> impl Iterator<Item = WalletId> + use<> {
        let used = u8::try_from(self.state.wallets.len()).unwrap_or(WalletId::MOST);
        (0..used).filter_map(WalletId::new)
    }

    /// Points that can be spent at an instant: lots carry their date, so this needs no write at expiry, nor at the end of
    /// a wait or a reservation. Below nought where points are owed.
    pub fn balance(&self, wallet: WalletId, programme: &Programme, now: Timestamp) -> Points {
        let today = Day::at(now, programme.zone);
        let left = |then: &Self| {
            let owed = then.wallet(wallet).owed;
            then.spendable(wallet, today).subtract(owed).unwrap_or_default()
        };
        // Asked for each message, and nearly always nothing is over: then nothing of the account's size is moved about.
        if overdue::first(programme, self, now).is_none() {
            return left(self);
        }
        left(&self.as_of(programme, now))
    }

    /// The account as it is at an instant: what is over by then is booked, but for lots that lapsed.
    pub(crate) fn as_of(&self, programme: &Programme, now: Timestamp) -> Cow<'_, Self> {
        let mut then = Cow::Borrowed(self);
        if overdue::first(programme, self, now).is_some() {
            // A sum that does not fit stops the booking, here as in the next commit.
            let _ = overdue::book_all(programme, then.to_mut(), now);
        }
        then
    }

    /// How many reservations the member has.
    pub(crate) fn reservations(&self) -> usize {
        self.state.wallets.iter().map(|wallet| wallet.reserved.len()).sum()
    }

    /// Points that are held for a checkout.
    pub fn reserved(&self, wallet: WalletId) -> &[Reservation] {
        &self.wallet(wallet).reserved
    }

    /// The points of all lots that have not lapsed on a day.
    pub(crate) fn spendable(&self, wallet: WalletId, today: Day) -> Points {
        let lots = self
            .wallet(wallet)
            .lots
            .iter()
            .filter(|lot| self.state.end(lot.last_day) >= today);
        // What was earned and what was added by hand fit together, so this part of them fits as well.
        Points::sum(lots.map(|lot| lot.points)).unwrap_or_default()
    }

    /// Points taken back that the member no longer had. Nothing can be spent until they are paid.
    pub fn owed(&self, wallet: WalletId) -> Points {
        self.wallet(wallet).owed
    }

    /// Points that returns could not take, less what came back for them since.
    pub fn waived(&self, wallet: WalletId) -> Points {
        self.wallet(wallet).waived()
    }

    /// The points that can be spent at an instant, by the last day on which they can be: how many lapse by when. What is
    /// owed is left aside.
    pub fn lapsing(&self, wallet: WalletId, programme: &Programme, now: Timestamp) -> Vec<(Day, Points)> {
        let then = self.as_of(programme, now);
        let today = Day::at(now, programme.zone);
        let mut days = std::collections::BTreeMap::<Day, Points>::new();
        let ends = then.lots(wallet).iter().map(|lot| (then.end(lot), lot.points));
        for (day, points) in ends.filter(|(day, _)| *day >= today) {
            let sum = days.entry(day).or_default();
            *sum = sum.add(points).unwrap_or_default();
        }
        days.into_iter().collect()
    }

    /// Points that were earned and cannot be spent yet, by the day from which they can be.
    pub fn pending(&self, wallet: WalletId) -> &[Pending] {
        &self.wallet(wallet).pending
    }

    /// The lots in the order in which they lapse.
    pub(crate) fn first_expiring(&self, wallet: WalletId) -> impl Iterator<Item = &Lot> {
        // Only the lot of the member's activity is not where its day would be.
        let (dated, active) = self.wallet(wallet).dated_and_active();
        let until = self.state.active.until;
        let sooner = dated.partition_point(|lot| active.is_empty() || Some(lot.last_day) <= until);
        let (sooner, later) = dated.split_at(sooner);
        sooner.iter().chain(active).chain(later)
    }

    /// The points in lots that lapse with a day, as things stand.
    pub fn lapsing_on(&self, wallet: WalletId, last_day: Day) -> Points {
        let lots = self.wallet(wallet).lots.iter().filter(|lot| self.end(lot) == last_day);
        Points::sum(lots.map(|lot| lot.points)).unwrap_or_default()
    }

    /// The points that a purchase earned in a wallet and that were taken back of late: since the open page began.
    pub fn taken_back(&self, wallet: WalletId, purchase: &str) -> Result<i64, Corrupt> {
        let entries = self.page.unproved()?;
        let back = entries.iter().filter(|entry| entry.wallet == wallet);
        let back = back.filter_map(|entry| match &entry.what {
            What::Returned(returned) if returned.order == purchase => Some(returned.moved() + returned.lapsed.get()),
            _ => None,
        });
        Ok(back.sum())
    }

    /// The last day of a lot as things stand.
    pub fn end(&self, lot: &Lot) -> Day {
        self.state.end(lot.last_day)
    }

    /// All lots, lapsed ones whose expiry is not booked yet among them.
    pub fn lots(&self, wallet: WalletId) -> &[Lot] {
        &self.wallet(wallet).lots
    }

    pub fn totals(&self, wallet: WalletId) -> Totals {
        self.wallet(wallet).totals
    }

    /// Points added by hand less those taken by hand.
    pub fn adjusted(&self, wallet: WalletId) -> Points {
        self.wallet(wallet).adjusted()
    }

    /// The position of the tier in the main set, counted from the lowest, 0.
    pub fn tier(&self) -> u8 {
        self.tier_in(TierSetId::MAIN)
    }

    /// The position of the tier in a set, counted from the lowest, 0.
    pub fn tier_in(&self, set: TierSetId) -> u8 {
        self.standing(set).tier
    }

    pub(crate) fn in_set(&self, id: TierSetId) -> &InSet {
        self.state.tiers.get(usize::from(id.number())).unwrap_or(&NEVER_IN)
    }

    #[expect(clippy::indexing_slicing, reason = "it was just made long enough")]
    pub(crate) fn in_set_mut(&mut self, id: TierSetId) -> &mut InSet {
        let place = usize::from(id.number());
        if self.state.tiers.len() <= place {
            self.state.tiers.resize(place + 1, InSet::NEW);
        }
        &mut self.state.tiers[place]
    }

    pub(crate) fn standing(&self, set: TierSetId) -> Standing {
        self.in_set(set).standing
    }

    /// The day of the next review of the main set's tier.
    pub fn review(&self) -> Option<Date> {
        self.review_in(TierSetId::MAIN)
    }

    /// The day of the next review of a set's tier.
    pub fn review_in(&self, set: TierSetId) -> Option<Date> {
        self.standing(set).review.map(Day::date)
    }

    pub fn joined(&self) -> Date {
        self.state.joined.date()
    }

    pub fn mark(&self) -> &Mark {
        &self.state.mark
    }

    /// The instant the alarm is set to.
    pub fn alarm(&self) -> Timestamp {
        Timestamp::from_second(self.state.alarm).unwrap_or_default()
    }

    /// The member's zone; the programme's where the stored name is no longer known.
    pub fn zone(&self, programme: &Programme) -> Zone {
        self.zone.unwrap_or(programme.zone)
    }

    pub(crate) fn lives_in(&mut self, zone: Zone) {
        self.zone = Some(zone);
        self.state.zone = zone.name().into();
    }

    /// How many entries the member's ledger has.
    pub fn entries(&self) -> u64 {
        self.page.end()
    }

    /// The open page.
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// The hash over all entries.
    pub fn head(&self) -> Head {
        self.state.head
    }

    /// The entries from a position on, of an account that they were booked in and that closed no page since. Whoever has just
    /// written them needs no proof.
    pub fn added_since(&self, position: u64) -> Result<&[Entry], Corrupt> {
        let added = self.entries().checked_sub(position);
        added.and_then(|added| self.page.last(added)).ok_or(Corrupt::Count)
    }

    /// The entries from a position on, as far as they stand on the open page: all entries of the last commit do.
    pub fn entries_since(&self, position: u64) -> Result<Vec<Entry>, Corrupt> {
        let skip = usize::try_from(position.saturating_sub(self.page.first())).unwrap_or(usize::MAX);
        Ok(self.page.entries()?.into_iter().skip(skip).collect())
    }

    /// Takes the full pages off the open one. They are written out before the commit that drops them, and hold only
    /// entries that were committed before: two writers of one page write the same bytes.
    pub fn close_pages(&mut self) -> Result<Vec<Page>, Corrupt> {
        let mut closed = Vec::new();
        while let Some(page) = self.page.close()? {
            closed.push(page);
        }
        self.state.span = self.page.span;
        Ok(closed)
    }

    /// Moves the read mark on.
    pub fn set_mark(&mut self, mark: Mark) {
        self.state.mark = mark;
    }

    /// The stored form.
    pub fn encode(&self) -> Result<Vec<u8>, Corrupt> {
        codec::seal(&self.state, &self.page.bytes)
    }

    /// Reads the stored form. Total: anything else is refused as corrupt.
    pub fn decode(blob: &[u8]) -> Result<Self, Corrupt> {
        let (state, bytes) = codec::open::<State>(blob)?;
        let sound = state.wallets.len() <= usize::from(WalletId::MOST) && state.wallets.iter().all(Wallet::is_sound);
        let sound = sound && state.claims.iter().all(Claim::is_sound) && state.segments.is_sorted_by(|a, b| a < b);
        let by_month = |set: &InSet| set.months.is_sorted_by(|a, b| a.0 < b.0);
        if !sound || state.tiers.len() > usize::from(TierSetId::MOST) || !state.tiers.iter().all(by_month) {
            return Err(Corrupt::State);
        }
        let page = Page::open(state.span, bytes)?;
        Ok(Self::of(state, page))
    }

    /// Appends an entry to the open page. One that moves no points is booked in the main wallet.
    pub(crate) fn book(&mut self, wallet: WalletId, cause: &str, times: Times, what: What) -> Result<(), Corrupt> {
        let entry = Entry {
            cause: cause.into(),
            at: times.at.as_second(),
            decided: times.decided.as_second(),
            wallet,
            what,
            link: self.state.head.link(),
        };
        self.state.head = self.page.append(entry, self.state.head)?;
        self.state.span = self.page.span;
        Ok(())
    }
}
