//! Campaigns in the slow model: every time a member got one is kept, and counted anew.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use ledger::{Activity, Fact};

use super::Slow;
use super::wallet::{Bonus, fraction};
use crate::support::terms::campaigns::{Campaign, Grants, When};

/// A time that a member got what a campaign grants.
#[derive(Clone)]
pub(super) struct Got {
    campaign: usize,
    at: Timestamp,
    /// The purchase or referral it was granted on.
    order: Option<String>,
}

pub(super) fn first_of(per: &str, day: Date) -> Date {
    match per {
        "day" => day,
        "week" => day.tomorrow().unwrap().nth_weekday(-1, Weekday::Monday).unwrap(),
        "month" => day.first_of_month(),
        "year" => day.first_of_year(),
        _ => Date::MIN,
    }
}

/// Whether a day is one of those of a name.
fn is_one_of(days: &str, day: Date) -> bool {
    match days {
        "firsts" => [1, 15].contains(&day.day()) || day == day.last_of_month(),
        _ => day.weekday() == Weekday::Monday,
    }
}

/// What a grant comes to on something with so many units of money in all, or stars: the number as a fraction.
fn granted(grants: Option<Grants>, (number, of): (i128, i128), earned: i64) -> i64 {
    match grants {
        None => 0,
        Some(Grants::Points(points)) => points,
        Some(Grants::Tenth) => i64::try_from(number / (of * 10)).unwrap().max(0),
        Some(Grants::HalfOfPoints) => earned / 2 + 1,
    }
}

impl Slow {
    /// What a condition may ask for as a number: the amount in units of its currency, or stars.
    pub(super) fn number(activity: &Activity) -> (i128, i128) {
        if let Fact::Purchase { amount } = &activity.fact {
            let of = 10_i128.pow(amount.currency().exponent());
            return (i128::from(amount.minor()), of);
        }
        let stars = activity.said.fields.iter().find(|(name, _)| name == "stars");
        (stars.map_or(0, |(_, stars)| stars.parse().unwrap()), 1)
    }

    fn holds(&self, when: When, activity: &Activity, local: DateTime) -> bool {
        let (number, of) = Self::number(activity);
        match when {
            When::AtLeast(least) => number >= i128::from(least) * of,
            When::FirstPurchase => self.wallets[0].purchases() == 0,
            When::Tier(tier) => self.sets[0].tier() == tier,
            When::Weekday(day) => usize::try_from(local.weekday().to_monday_zero_offset()).unwrap() == day,
            When::BalanceBelow(points) => self.balance(programme::WalletId::MAIN, activity.received) < points,
            When::Segment(segment) => self.segments.contains(&format!("s{segment}")),
            When::DaysAtLeast(days) => self.sets[0].joined().checked_add(days.days()).unwrap() <= local.date(),
        }
    }

    fn may_get(&self, place: usize, campaign: &Campaign, at: Timestamp) -> bool {
        let day = |at: Timestamp| self.zone.to_datetime(at).date();
        // An earlier time counts with the latest that was counted in.
        let (mut since, mut times, mut last) = (None, 0, None);
        for got in self.got.iter().filter(|got| got.campaign == place) {
            let stays = |order: &String| self.stands(order);
            if !got.order.as_ref().is_none_or(stays) {
                continue;
            }
            let own = first_of(campaign.times.map_or("member", |(_, per)| per), day(got.at));
            if since.is_none_or(|since| since < own) {
                (since, times) = (Some(own), 0);
            }
            times += 1;
            last = last.max(Some(got.at));
        }
        let again = |per| since.is_none_or(|since| since < first_of(per, day(at)));
        let often = campaign.times.is_none_or(|(most, per)| again(per) || times < most);
        let soon =
            |hours: u32| last.is_some_and(|last| (at.as_second() - last.as_second()).abs() < i64::from(hours) * 3600);
        often && !campaign.cooldown.is_some_and(soon)
    }

    /// The campaigns that are got on an occasion.
    pub(super) fn chosen(&self, on: &str, activity: &Activity) -> Vec<usize> {
        let local = self.zone.to_datetime(activity.at);
        let (number, mut eligible) = (Self::number(activity), Vec::new());
        for (place, campaign) in self.terms.campaigns.iter().enumerate() {
            let hour = u8::try_from(local.hour()).unwrap();
            let runs = campaign.hours.is_none_or(|(from, to)| {
                if from < to {
                    from <= hour && hour < to
                } else {
                    hour >= from || hour < to
                }
            });
            let today = campaign.days.is_none_or(|days| is_one_of(days, local.date()));
            let holds = campaign.when.iter().all(|when| self.holds(*when, activity, local));
            if campaign.on != on || !runs || !today || !holds || !self.may_get(place, campaign, activity.at) {
                continue;
            }
            let own = &self.wallets[usize::from(campaign.wallet)];
            let base = own.base(activity, &[]).unwrap_or(0);
            let more = campaign
                .multiply
                .map(|factor| own.base(activity, &[factor]).unwrap_or(0) - base);
            let alone = more.unwrap_or(0) + granted(campaign.grants, number, base);
            eligible.push((place, campaign.group, alone));
        }
        let best = self.terms.stacking.best;
        let beaten = |(place, group, alone): &(usize, Option<&str>, i64)| {
            group.is_some()
                && eligible.iter().any(|(other, of, points)| {
                    let before = other < place;
                    of == group
                        && if best {
                            points > alone || (points == alone && before)
                        } else {
                            before
                        }
                })
        };
        let chosen = eligible.iter().filter(|one| !beaten(one));
        chosen.map(|(place, ..)| *place).collect()
    }

    /// What campaigns add to a purchase, wallet by wallet.
    pub(super) fn bonuses(&self, activity: &Activity) -> Vec<Bonus> {
        let chosen = self.chosen("purchase", activity);
        let of_wallet = |wallet: u8| {
            let base = self.wallets[usize::from(wallet)].base(activity, &[]).unwrap_or(0);
            let own = chosen
                .iter()
                .filter(|place| self.terms.campaigns[**place].wallet == wallet);
            let each = own.map(|place| {
                let campaign = &self.terms.campaigns[*place];
                (
                    *place,
                    campaign.multiply,
                    granted(campaign.grants, Self::number(activity), base),
                )
            });
            Bonus { each: each.collect() }
        };
        self.terms.wallets().map(of_wallet).collect()
    }

    /// Remembers that these were got on a purchase.
    pub(super) fn got_on(&mut self, activity: &Activity, campaigns: &[usize]) {
        for campaign in campaigns {
            self.got.push(Got {
                campaign: *campaign,
                at: activity.at,
                order: Some(activity.id.to_string()),
            });
        }
    }

    /// Grants what is granted on anything but a purchase; whether anything was.
    pub(super) fn grant(&mut self, on: &str, activity: &Activity) -> bool {
        let chosen = self.chosen(on, activity);
        self.grant_chosen(&chosen, activity, None);
        !chosen.is_empty()
    }

    /// Grants what these grant, on a purchase or a referral that may be lost, or else on what cannot.
    pub(super) fn grant_chosen(&mut self, chosen: &[usize], activity: &Activity, order: Option<&str>) {
        for &place in chosen {
            let mut campaign = self.terms.campaigns[place].clone();
            if let (Some(referral), None, true) =
                (&self.terms.referral, &campaign.wait, campaign.on.starts_with("refer"))
            {
                campaign.wait = Some(referral.wait());
            }
            let points = granted(campaign.grants, Self::number(activity), 0);
            let own = &mut self.wallets[usize::from(campaign.wallet)];
            let cause = format!("{} c{place}", activity.id);
            let allowed = own.grant((activity, &cause), points, (&campaign.lasts, &campaign.wait));
            if allowed > 0 {
                self.keep_active(activity);
            }
            self.got.push(Got {
                campaign: place,
                at: activity.at,
                order: order.map(str::to_owned),
            });
        }
    }

    /// Whether a code is one that works when it is sent.
    pub(super) fn knows_code(&self, activity: &Activity, zone: &TimeZone) -> bool {
        if !matches!(&activity.fact, Fact::Code { code } if code.as_str().to_lowercase() == "hello") {
            return false;
        }
        let hour = u8::try_from(zone.to_datetime(activity.at).hour()).unwrap();
        let mut campaigns = self.terms.campaigns.iter().filter(|campaign| campaign.on == "code");
        let day = zone.to_datetime(activity.at).date();
        campaigns.any(|campaign| {
            let today = campaign.days.is_none_or(|days| is_one_of(days, day));
            today
                && campaign.hours.is_none_or(|(from, to)| {
                    if from < to {
                        from <= hour && hour < to
                    } else {
                        hour >= from || hour < to
                    }
                })
        })
    }
}

/// The factor that multipliers come to, as a fraction.
pub(super) fn factor(multipliers: &[&str], multiply: bool, most: Option<&str>) -> (i128, i128) {
    const MILLION: i128 = 1_000_000;
    let millionths = |text: &str| {
        let (number, of) = fraction(text);
        number * MILLION / of
    };
    let mut factor = MILLION;
    for by in multipliers {
        factor = if multiply {
            factor * millionths(by) / MILLION
        } else {
            factor + millionths(by) - MILLION
        };
        factor = most.map_or(factor, |most| factor.min(millionths(most)));
    }
    (factor, MILLION)
}
