//! An order's past, as the ledger has it: what it earned, what was spent on it, and what of it came back.

use std::collections::BTreeMap;

use programme::{Currency, Points, WalletId, Zone};

use crate::account::Account;
use crate::activity::Part;
use crate::codec::Corrupt;
use crate::day::{Day, Month};
use crate::entry::{Entry, What};
use crate::ids::Label;
use crate::page::{ENTRIES_PER_PAGE, Page};
use crate::refusal::Refusal;
use crate::said::OrderLine;

/// All entries of a member, oldest first: those of the closed pages, then those of the open one.
pub(crate) fn history(pages: &[Page], account: &Account) -> Result<Vec<Entry>, Corrupt> {
    let mut entries = Vec::new();
    for number in 0..account.page().first() / ENTRIES_PER_PAGE as u64 {
        let page = pages.iter().find(|page| page.number() == number);
        entries.extend(page.ok_or(Corrupt::Missing(number))?.entries()?);
    }
    entries.extend(account.page().entries()?);
    Ok(entries)
}

/// What was paid for a purchase, and what is left of that.
#[derive(Clone, Copy)]
pub(crate) struct Money {
    pub(crate) paid: i64,
    pub(crate) left: i64,
    /// It came back whole.
    pub(crate) gone: bool,
}

impl Money {
    /// Of what nothing was paid for, and is lost.
    pub(crate) const GONE: Self = Self {
        paid: 0,
        left: 0,
        gone: true,
    };
}

/// The money of all purchases, and of the referrals that were lost with one.
pub(crate) fn money(entries: &[Entry]) -> BTreeMap<&str, Money> {
    // Every return has an entry in each of an order's wallets, and says the same of the money in all.
    let mut orders: BTreeMap<&str, (WalletId, Money)> = BTreeMap::new();
    for entry in entries {
        match &entry.what {
            What::Earned { minor, .. } | What::Pending { minor, .. } => {
                let money = Money {
                    paid: *minor,
                    left: *minor,
                    gone: false,
                };
                orders.entry(&entry.cause).or_insert((entry.wallet, money));
            }
            What::Returned(returned) => {
                let order = orders.get_mut(returned.order.as_str());
                if let Some((_, money)) = order.filter(|(wallet, _)| *wallet == entry.wallet) {
                    money.left -= returned.minor;
                    money.gone = money.left == 0;
                }
            }
            What::ReferralLost { of } => {
                orders.entry(of).or_insert((entry.wallet, Money::GONE));
            }
            _ => {}
        }
    }
    orders.into_iter().map(|(order, (_, money))| (order, money)).collect()
}

/// A purchase, by the member's entries.
pub(crate) struct Order<'a> {
    /// The purchase's activity.
    pub(crate) id: &'a str,
    /// What was paid, in minor units; nothing, for an order that points were spent on and that was never accepted.
    paid: i64,
    pub(crate) currency: Option<Currency>,
    /// What of it came back before, and in how many returns.
    returned: i64,
    returns: usize,
    lines: BTreeMap<&'a str, u32>,
    /// What it did in each wallet that it earned in or was paid from.
    pub(crate) parts: BTreeMap<WalletId, InWallet>,
}

/// What a purchase did in a wallet.
#[derive(Default)]
pub(crate) struct InWallet {
    pub(crate) earned: Option<Earned>,
    /// What came back before: points that no longer count, points that had been spent on it.
    pub(crate) taken: i64,
    pub(crate) back: i64,
    /// The points spent on it that did not come back, in the order in which they were.
    pub(crate) spent: Vec<Spent>,
    /// Points that lapsed in the lot it earned into and that no return has accounted for yet. A lot is the points of many
    /// orders, so who comes first is served first; in all, no more lapsed than did.
    pub(crate) lapsed: i64,
}

/// Points of one lot that were spent on a purchase.
#[derive(Clone, Copy)]
pub(crate) struct Spent {
    pub(crate) last_day: Day,
    pub(crate) points: Points,
    /// The day that a limit counts them on, and the entry that drew them.
    pub(crate) day: Day,
    pub(crate) drawn_at: u64,
}

/// The points that a purchase earned in a wallet.
#[derive(Clone, Copy)]
pub(crate) struct Earned {
    /// Which of the member's entries says so, and the day it was decided on.
    pub(crate) position: usize,
    pub(crate) decided: Day,
    pub(crate) points: i64,
    /// The month in which they count for a tier, and the lot they went into.
    pub(crate) month: Month,
    pub(crate) last_day: Day,
    /// The day until which they wait, unless they were released.
    pub(crate) waits_until: Option<Day>,
}

impl<'a> Order<'a> {
    /// By its purchase's id, or by the cause of points that a mission granted, which are an order that nothing was paid for.
    pub(crate) fn find(entries: &'a [Entry], id: &'a str, zone: Zone) -> Option<Self> {
        let mut parts: BTreeMap<WalletId, InWallet> = BTreeMap::new();
        let mut paid = None;
        for (position, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.cause == id) {
            let (points, last_day, (minor, currency), waits_until) = match &entry.what {
                What::Earned {
                    points,
                    last_day,
                    minor,
                    currency,
                    ..
                } => (points, last_day, (*minor, Some(*currency)), None),
                What::Pending {
                    points,
                    last_day,
                    minor,
                    currency,
                    until,
                    ..
                } => (points, last_day, (*minor, Some(*currency)), Some(*until)),
                What::Granted {
                    points,
                    last_day,
                    until,
                    ..
                } => (points, last_day, (0, None), *until),
                _ => continue,
            };
            paid = paid.or(Some((minor, currency, entry.wallet)));
            parts.entry(entry.wallet).or_default().earned = Some(Earned {
                position,
                decided: entry.decided_on(zone),
                points: points.get(),
                month: Day::at(entry.happened(), zone).month(),
                last_day: *last_day,
                waits_until,
            });
        }
        let mut order = Self {
            id,
            paid: paid.map_or(0, |(minor, ..)| minor),
            currency: paid.and_then(|(_, currency, _)| currency),
            returned: 0,
            returns: 0,
            lines: BTreeMap::new(),
            parts,
        };
        // What was committed had been drawn when it was reserved.
        let mut reserved: BTreeMap<&str, usize> = BTreeMap::new();
        for (position, entry) in entries.iter().enumerate() {
            let drawn_at = match &entry.what {
                What::Reserved { .. } => {
                    reserved.insert(&entry.cause, position);
                    position
                }
                What::Committed { reservation, .. } => reserved.get(reservation.as_str()).copied().unwrap_or(position),
                _ => position,
            };
            order.see((position, drawn_at), entry, zone);
        }
        let first = paid.map(|(.., wallet)| wallet).or(order.parts.keys().next().copied())?;
        // Every return has an entry in each of the order's wallets, and says the same of the money in all.
        for entry in entries.iter().filter(|entry| entry.wallet == first) {
            if let What::Returned(returned) = &entry.what
                && returned.order == id
            {
                order.returned += returned.minor;
                order.returns += 1;
                for (line, quantity) in &returned.lines {
                    *order.lines.entry(line.as_str()).or_default() += quantity;
                }
            }
        }
        Some(order)
    }

    /// Points were spent on it that have not come back.
    fn is_paid_with_points(&self) -> bool {
        self.parts.values().any(|part| !part.spent.is_empty())
    }

    fn see(&mut self, (position, drawn_at): (usize, usize), entry: &Entry, zone: Zone) {
        let spent = match &entry.what {
            What::Redeemed {
                lots, order: Some(on), ..
            } => Some((lots, on, entry.decided_on(zone))),
            What::Committed {
                lots,
                order: Some(on),
                since,
                ..
            } => Some((lots, on, *since)),
            _ => None,
        };
        if let Some((lots, _, day)) = spent.filter(|(_, on, _)| *on == self.id) {
            let part = self.parts.entry(entry.wallet).or_default();
            part.spent.extend(lots.iter().map(|&(last_day, points)| Spent {
                last_day,
                points,
                day,
                drawn_at: drawn_at as u64,
            }));
        }
        if let Some(part) = self.parts.get_mut(&entry.wallet) {
            part.see(self.id, position, entry, zone);
        }
    }

    /// Whether it did not come back whole before.
    pub(crate) fn is_left(&self) -> bool {
        self.returns == 0 || self.left() > 0
    }

    /// What is left of what was paid.
    pub(crate) fn left(&self) -> i64 {
        self.paid - self.returned
    }

    /// The share of some points that stays when so much stays paid, rounded down.
    pub(crate) fn share(&self, points: i64, stays: i64) -> i64 {
        if stays == 0 {
            return 0;
        }
        let share = i128::from(points) * i128::from(stays) / i128::from(self.paid.max(1));
        i64::try_from(share).unwrap_or(points)
    }

    /// What a part of the order comes to in money, and its lines.
    pub(crate) fn worth(&self, part: &Part, lines: &[OrderLine]) -> Result<(i64, Vec<(Label, u32)>), Refusal> {
        let left = self.left();
        let whole = matches!(part, Part::Whole);
        // Points may be spent on an order after it came back; then they come back too.
        if left == 0 && self.returns > 0 && !(whole && self.is_paid_with_points()) {
            return Err(Refusal::ReturnedAlready);
        }
        let (asked, lines) = match part {
            Part::Whole => return Ok((left, Vec::new())),
            Part::Amount(amount) if Some(amount.currency()) != self.currency => {
                let other = |currency: Currency| Refusal::OtherCurrency(currency.code());
                return Err(self.currency.map_or(Refusal::UnknownOrder, other));
            }
            Part::Amount(amount) => (amount.minor(), Vec::new()),
            Part::Lines(back) => self.lines_worth(back, lines)?,
        };
        if asked == 0 {
            return Err(Refusal::NothingBack);
        }
        if asked > left {
            return Err(Refusal::MoreThanPaid { asked, left });
        }
        Ok((asked, lines))
    }

    /// Several of one thing cost what is left of its line, divided: all of them together cost the line, to the cent.
    fn lines_worth(&self, back: &[(Label, u32)], lines: &[OrderLine]) -> Result<(i64, Vec<(Label, u32)>), Refusal> {
        let mut gone = self.lines.clone();
        let mut worth = 0_i64;
        for (name, asked) in back {
            let line = lines.iter().find(|line| line.line == *name);
            let line = line.ok_or_else(|| Refusal::UnknownLine(name.as_str().to_owned()))?;
            let before = gone.get(name.as_str()).copied().unwrap_or_default();
            let left = line.quantity.saturating_sub(before);
            if *asked == 0 {
                return Err(Refusal::NothingBack);
            }
            if *asked > left {
                let line = name.as_str().to_owned();
                return Err(Refusal::MoreThanBought {
                    line,
                    asked: *asked,
                    left,
                });
            }
            let cost = |count: u32| i128::from(line.minor) * i128::from(count) / i128::from(line.quantity.max(1));
            let cost = i64::try_from(cost(before + asked) - cost(before)).map_err(|_| Refusal::Overflow)?;
            worth = worth.checked_add(cost).ok_or(Refusal::Overflow)?;
            gone.insert(line.line.as_str(), before + asked);
        }
        Ok((worth, back.to_vec()))
    }
}

impl InWallet {
    fn see(&mut self, id: &str, position: usize, entry: &Entry, zone: Zone) {
        let own = self.earned.map(|earned| earned.last_day);
        let gone = entry.gone().iter().filter(|(day, _)| Some(*day) == own);
        self.lapsed += gone.map(|(_, points)| points.get()).sum::<i64>();
        match &entry.what {
            // Its points went along with their lot, unless they came after or still waited.
            What::Extended { lots, last_day, .. } => {
                if let Some(earned) = &mut self.earned
                    && earned.position < position
                    && earned.waits_until.is_none_or(|until| until <= entry.decided_on(zone))
                    && lots.iter().any(|(day, _)| *day == earned.last_day)
                {
                    earned.last_day = *last_day;
                }
            }
            What::Reinstated { lots, .. } => {
                let back = lots.iter().filter(|(day, _)| Some(*day) == own);
                self.lapsed -= back.map(|(_, points)| points.get()).sum::<i64>();
            }
            What::Expired { points, last_day } if Some(*last_day) == own => self.lapsed += points.get(),
            What::Released { order, .. } if order == id => {
                if let Some(earned) = &mut self.earned {
                    earned.waits_until = None;
                }
            }
            What::Returned(returned) => {
                if returned.last_day == own {
                    self.lapsed -= returned.lapsed.get();
                }
                if returned.order == id {
                    self.taken += returned.taken();
                    self.back += returned.back();
                    self.bring_back(returned.back());
                }
            }
            _ => {}
        }
    }

    /// Points that were spent on it came back: what was drawn last first.
    fn bring_back(&mut self, mut back: i64) {
        while let Some(last) = self.spent.last_mut().filter(|_| back > 0) {
            let take = last.points.get().min(back);
            back -= take;
            last.points = Points::new(last.points.get() - take);
            if last.points.is_zero() {
                self.spent.pop();
            }
        }
    }
}
