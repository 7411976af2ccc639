//! Campaigns: what is granted beside the points of the earn rules, and how often a member got it.

use compact_str::CompactString;
use jiff::civil::DateTime;
use programme::{
    Amount, Campaign, CampaignId, CampaignName, Earn, Lasts, Limited, Multipliers, Names, Pending, Per, Pick, Points,
    Programme, Rate, Tier, Trigger, WalletId,
};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::activity::{Activity, Fact};
use crate::budget::Left;
use crate::codec::Corrupt;
use crate::day::Day;
use crate::decide::MOST;
use crate::entry::{Entry, Share, What};
use crate::expiry;
use crate::limits;
use crate::pending;
use crate::seen::Seen;
use crate::spend::{Times, come_in};

/// How often a member got what a campaign grants, where that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fired {
    pub(crate) campaign: CampaignId,
    /// The first day of the latest time that it was counted in.
    since: Day,
    times: u16,
    /// The latest second on which what set it off happened.
    last: i64,
}

/// What may set a campaign off.
pub(crate) struct Occasion<'a> {
    /// Whether a campaign is set off by it.
    pub(crate) trigger: &'a dyn Fn(&Trigger) -> bool,
    pub(crate) activity: Option<&'a Activity>,
    pub(crate) names: &'a Names,
    pub(crate) budgets: &'a [Left],
}

impl Occasion<'_> {
    /// The most that a campaign can grant now; none where it has no budget.
    fn left(&self, campaign: &Campaign) -> Option<i64> {
        campaign.budget?;
        let id = campaign.name.id();
        let left = self.budgets.iter().find(|left| left.campaign == id);
        Some(left.map_or(0, |left| left.points.get()))
    }
}

/// What a purchase earns in a wallet by its rule, before any campaign.
#[derive(Clone, Copy)]
pub(crate) struct Base<'a> {
    pub(crate) rule: &'a Earn,
    pub(crate) amount: Amount,
    pub(crate) tier: &'a Tier,
    pub(crate) points: Points,
}

impl Base<'_> {
    /// The points with a factor; none where they do not fit.
    fn times(&self, factor: Rate) -> Option<Points> {
        self.rule.points(self.amount, self.tier, factor)
    }
}

/// A campaign that a member gets.
#[derive(Clone, Copy)]
pub(crate) struct Chosen<'a> {
    pub(crate) campaign: &'a Campaign,
    pub(crate) wallet: WalletId,
    /// The points that it grants whatever the rules earn: none below nought.
    pub(crate) flat: i64,
    /// It grants no more than this; none where it has no budget.
    pub(crate) left: Option<i64>,
    /// What it would grant if it were the only one.
    alone: i64,
}

/// Why a member does not get what a campaign grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNot<'a> {
    /// It is set off by something else.
    Elsewhere,
    /// An operator has paused it.
    Paused,
    /// It does not run on this day of the member's.
    Day,
    /// It runs on this day, and not at this hour.
    Hour,
    /// The member got it as often as they may.
    Times,
    /// The member got it too short a time ago.
    Cooldown,
    /// Its budget is used up.
    Budget,
    /// Its condition does not hold.
    Condition,
    /// This one of its group is granted in its place.
    Beaten(&'a CampaignName),
}

/// The campaigns that a member gets on an occasion, in the file's order.
pub(crate) fn chosen<'a>(
    programme: &'a Programme,
    account: &Account,
    occasion: &Occasion<'_>,
    times: Times,
    base: impl Fn(WalletId) -> Option<Base<'a>>,
) -> Vec<Chosen<'a>> {
    let mut local = None;
    let mut eligible: Vec<Chosen<'a>> = Vec::new();
    for campaign in programme.campaigns.iter().filter(|one| (occasion.trigger)(&one.on)) {
        let local = *local.get_or_insert_with(|| account.zone(programme).local(times.at));
        eligible.extend(alone(programme, account, occasion, (local, times), (campaign, &base)));
    }
    let taken = (0..).zip(&eligible);
    let taken = taken.filter(|(place, _)| better(programme, &eligible, *place).is_none());
    taken.map(|(_, one)| *one).collect()
}

/// What a member gets of a campaign on an occasion that sets it off, were there no other in its group.
pub(crate) fn alone<'a>(
    programme: &'a Programme,
    account: &Account,
    occasion: &Occasion<'_>,
    (local, times): (DateTime, Times),
    (campaign, base): (&'a Campaign, &impl Fn(WalletId) -> Option<Base<'a>>),
) -> Result<Chosen<'a>, WhyNot<'a>> {
    if !programme.runs(campaign, local) {
        return Err(if programme.paused.stops(&campaign.name) {
            WhyNot::Paused
        } else if campaign.runs_on(local.date()) {
            WhyNot::Hour
        } else {
            WhyNot::Day
        });
    }
    account.may_get(campaign, local, times)?;
    let left = occasion.left(campaign);
    if left.is_some_and(|left| left < 1) {
        return Err(WhyNot::Budget);
    }
    let wallet = programme.campaign_wallet(campaign);
    let base = base(wallet);
    let earned = base.map(|base| base.points);
    let seen = Seen::new(programme, account, occasion, (local, times), earned);
    if campaign.compiled.when.as_ref().is_some_and(|when| !when.holds(&seen)) {
        return Err(WhyNot::Condition);
    }
    let by_factor = campaign.multiply.and_then(|factor| {
        let base = base?;
        base.times(factor)?.subtract(base.points).ok()
    });
    let flat = flat(campaign, &seen);
    let alone = by_factor.unwrap_or_default().get().saturating_add(flat);
    Ok(Chosen {
        campaign,
        wallet,
        flat: left.map_or(flat, |left| flat.min(left)),
        left,
        alone: left.map_or(alone, |left| alone.min(left)),
    })
}

/// The place of one that is granted rather than the one at a place, since a member gets one of a group.
pub(crate) fn better(programme: &Programme, eligible: &[Chosen<'_>], index: usize) -> Option<usize> {
    fn group<'a>(one: &Chosen<'a>) -> Option<&'a str> {
        one.campaign.group.as_ref().map(|group| group.get_ref().as_str())
    }
    let one = eligible.get(index)?;
    let own = group(one)?;
    let pick = programme.campaign_groups.get(own).copied().unwrap_or(Pick::Best);
    let mut others = eligible.iter().enumerate();
    let found = others.find(|(place, other)| {
        let before = *place < index;
        let same = *place != index && group(other) == Some(own);
        same && match pick {
            Pick::First => before,
            Pick::Best => other.alone > one.alone || (other.alone == one.alone && before),
        }
    });
    found.map(|(place, _)| place)
}

/// The points that a campaign grants whatever the rules earn: none below nought.
fn flat(campaign: &Campaign, seen: &Seen<'_>) -> i64 {
    let formula = campaign.compiled.points.as_ref();
    let points = formula.and_then(|formula| formula.number(seen));
    points.and_then(expression::Decimal::whole).unwrap_or_default().max(0)
}

/// What campaigns add to a purchase's points in a wallet, each with its share.
///
/// Multipliers come first, in the file's order, and the points are rounded once: the shares are what each adds to the
/// rounded points of those before it.
pub(crate) fn shares(
    programme: &Programme,
    chosen: &[Chosen<'_>],
    wallet: WalletId,
    base: Option<Base<'_>>,
) -> Option<Vec<Share>> {
    let mut shares: Vec<Share> = Vec::new();
    let mut grant = |one: &Chosen<'_>, points: i64| {
        let campaign = one.campaign.name.id();
        // A factor and points beside it come out of one budget.
        let before = || shares.iter().filter(|share| share.campaign == campaign);
        let before = || before().map(|share| share.points.get()).sum::<i64>();
        let points = one.left.map_or(points, |left| points.min(left - before()));
        if points > 0 {
            let points = Points::new(points);
            shares.push(Share { campaign, points });
        }
    };
    let own = || chosen.iter().filter(|one| one.wallet == wallet);
    if let Some(base) = base {
        let (mut factor, mut before) = (Rate::ONE, base.points);
        for (one, by) in own().filter_map(|one| Some((one, one.campaign.multiply?))) {
            factor = match programme.stacking.multipliers {
                Multipliers::Add => factor.stacked(by)?,
                Multipliers::Multiply => factor.times(by)?,
            };
            factor = programme.stacking.most.map_or(factor, |most| factor.min(most));
            let after = base.times(factor)?;
            grant(one, after.get() - before.get());
            before = after;
        }
    }
    for one in own() {
        grant(one, one.flat);
    }
    Some(shares)
}

/// Grants what campaigns give on something that is no purchase. Each has an entry of its own.
pub(crate) fn grant(
    programme: &Programme,
    account: &mut Account,
    occasion: &Occasion<'_>,
    (cause, times): (&str, Times),
) -> Result<usize, Corrupt> {
    if !programme.campaigns.iter().any(|one| (occasion.trigger)(&one.on)) {
        return Ok(0);
    }
    let chosen = chosen(programme, account, occasion, times, |_| None);
    grant_chosen(programme, account, &chosen, (cause, times))?;
    Ok(chosen.len())
}

/// Grants what these campaigns give.
pub(crate) fn grant_chosen(
    programme: &Programme,
    account: &mut Account,
    chosen: &[Chosen<'_>],
    (cause, times): (&str, Times),
) -> Result<(), Corrupt> {
    let local = account.zone(programme).local(times.at);
    for one in chosen {
        let campaign = one.campaign;
        // A space, which no name of the shop's own has, tells them apart.
        let cause = format!("{cause} {}", campaign.name);
        let of_referrals = programme.referral_wait(&campaign.on);
        let wait = campaign.pending.as_ref().or(of_referrals.as_ref());
        let rules = (campaign.lasts.as_ref(), wait);
        grant_points(
            programme,
            account,
            (campaign.name.id(), one.wallet, Points::new(one.flat)),
            rules,
            (&cause, times),
        )?;
        account.got(campaign, local, times);
    }
    Ok(())
}

/// Books points that a campaign or a mission grants, as far as limits let it.
pub(crate) fn grant_points(
    programme: &Programme,
    account: &mut Account,
    (id, wallet, points): (CampaignId, WalletId, Points),
    (lasts, wait): (Option<&Lasts>, Option<&Pending>),
    (cause, times): (&str, Times),
) -> Result<(), Corrupt> {
    let zone = programme.zone;
    let (day, today) = (Day::at(times.at, zone), Day::at(times.decided, zone));
    // What a limit refuses is granted no points; the occasion itself cannot be refused.
    let allowed = limits::allowed(programme, account, (wallet, Limited::Earn), points, today);
    let points = allowed.unwrap_or_default();
    let earned = account.wallet(wallet).totals.earned.add(points);
    let Some(earned) = earned.ok().filter(|earned| *earned <= MOST) else {
        return Ok(());
    };
    if points.is_zero() {
        return Ok(());
    }
    let lasts = lasts.unwrap_or_else(|| programme.lasts(None, wallet, account.tier()));
    let last_day = expiry::lot_for(programme, account, lasts, (day, times.decided));
    let until = pending::waits_until(account, wallet, wait, (day, today));
    let what = What::Granted {
        campaign: id,
        points,
        last_day,
        until,
    };
    account.book(wallet, cause, times, what)?;
    account.wallet_mut(wallet).totals.earned = earned;
    limits::count(programme, account, (wallet, Limited::Earn), points, today);
    come_in(
        programme,
        account,
        (cause, times),
        (wallet, last_day, until),
        (today, points),
    )
}

/// The first day of the time that a campaign's count is kept in.
fn since(campaign: &Campaign, local: DateTime) -> Day {
    let day = Day::of(local.date());
    limits::since(campaign.per.unwrap_or(Per::Member), day).unwrap_or(Day::FIRST)
}

impl Account {
    fn fired(&self, campaign: &Campaign) -> Option<&Fired> {
        let fired = &self.state.fired;
        let place = fired
            .binary_search_by_key(&campaign.name.id(), |fired| fired.campaign)
            .ok()?;
        fired.get(place)
    }

    /// Whether a campaign's own bounds let a member get it again. What happened before the latest time that was counted
    /// in counts with it.
    fn may_get(&self, campaign: &Campaign, local: DateTime, times: Times) -> Result<(), WhyNot<'static>> {
        let Some(fired) = self.fired(campaign) else {
            return Ok(());
        };
        let again = fired.since < since(campaign, local);
        if campaign.times.is_some_and(|most| !again && fired.times >= most) {
            return Err(WhyNot::Times);
        }
        let within = |hours: u32| (times.at.as_second() - fired.last).abs() < i64::from(hours) * 3600;
        if campaign.cooldown_hours.is_some_and(within) {
            return Err(WhyNot::Cooldown);
        }
        Ok(())
    }

    /// Counts that a member got what a campaign grants.
    pub(crate) fn got(&mut self, campaign: &Campaign, local: DateTime, times: Times) {
        if !campaign.is_counted() {
            return;
        }
        let (id, since, at) = (campaign.name.id(), since(campaign, local), times.at.as_second());
        let fired = &mut self.state.fired;
        match fired.binary_search_by_key(&id, |fired| fired.campaign) {
            Ok(place) => {
                let Some(fired) = fired.get_mut(place) else { return };
                if fired.since < since {
                    (fired.since, fired.times) = (since, 0);
                }
                fired.times = fired.times.saturating_add(1);
                fired.last = fired.last.max(at);
            }
            Err(place) => fired.insert(
                place,
                Fired {
                    campaign: id,
                    since,
                    times: 1,
                    last: at,
                },
            ),
        }
    }

    /// Counts no longer what was got on a purchase that came back whole, or on a referral that it made count: `entries` are all
    /// of the member's, and `stays` tells which of them are of orders that stay.
    pub(crate) fn got_back(
        &mut self,
        programme: &Programme,
        lost: &[CampaignId],
        entries: &[Entry],
        stays: impl Fn(&Entry) -> bool,
    ) {
        let zone = self.zone(programme);
        for lost in lost {
            let campaign = programme.campaign(*lost);
            let Some(campaign) = campaign.filter(|campaign| campaign.is_counted()) else {
                continue;
            };
            self.state.fired.retain(|fired| fired.campaign != *lost);
            for entry in entries.iter().filter(|entry| stays(entry)) {
                let of_purchase = entry.shares().iter().any(|share| share.campaign == *lost);
                if of_purchase || entry.set_off().contains(lost) {
                    let at = entry.happened();
                    let times = Times { at, decided: at };
                    self.got(campaign, zone.local(at), times);
                }
            }
        }
    }
}

/// Whether what somebody does sets a trigger off. What a purchase sets off by making a referral count is asked for by itself.
pub(crate) fn sets_off(fact: &Fact, trigger: &Trigger) -> bool {
    match (trigger, fact) {
        (Trigger::Purchase, Fact::Purchase { .. })
        | (Trigger::SignUp, Fact::SignUp { .. })
        | (Trigger::Referral, Fact::Referral { .. }) => true,
        (Trigger::Event(name), Fact::Event { event }) => name == event.as_str(),
        (Trigger::Code(known), Fact::Code { code }) => is_code(known, code.as_str()),
        (Trigger::Segment(name), Fact::Segment { segment, inside }) => *inside && name == segment.as_str(),
        _ => false,
    }
}

/// A code as it is compared: small and large letters are the same.
fn is_code(known: &str, sent: &str) -> bool {
    known.eq_ignore_ascii_case(sent.trim())
}

/// Names and texts of the shop's own, as they are kept.
pub(crate) type Attributes = Vec<(CompactString, CompactString)>;
