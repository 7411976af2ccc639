//! Referrals in the slow model: each that came is kept, with whether it is lost.

use jiff::ToSpan;
use ledger::{Accepted, Activity, Fact};

use super::Slow;
use super::campaigns::first_of;

/// The referrals of a member: the one that brought them, and those they brought.
#[derive(Clone, Default)]
pub(super) struct Referrals {
    referred: bool,
    /// The purchase that makes it count.
    order: Option<String>,
    brought: Vec<(String, jiff::Timestamp)>,
    lost: std::collections::BTreeSet<String>,
}

impl Slow {
    pub(super) fn was_referred(&mut self, activity: &Activity) {
        let said = matches!(&activity.fact, Fact::SignUp { referrer: Some(_), .. });
        self.referrals.referred = said && self.terms.referral.is_some();
    }

    /// What a purchase would set off that makes the referral count; nothing where it does not.
    pub(super) fn meets(&self, activity: &Activity) -> Option<Vec<usize>> {
        let rules = self.terms.referral.as_ref()?;
        if !self.referrals.referred || self.referrals.order.is_some() {
            return None;
        }
        let (joined, day) = (self.sets[0].joined(), self.zone.to_datetime(activity.at).date());
        let last = |days: u16| joined.checked_add(i64::from(days).days()).unwrap();
        let (number, of) = Self::number(activity);
        let enough = rules.at_least.is_none_or(|least| number >= i128::from(least) * of);
        let counts = enough && day >= joined && rules.within_days.is_none_or(|days| day <= last(days));
        counts.then(|| self.chosen("referred", activity))
    }

    pub(super) fn met(&mut self, activity: &Activity, chosen: &[usize]) {
        self.referrals.order = Some(activity.id.to_string());
        self.grant_chosen(chosen, activity, Some(activity.id.as_str()));
    }

    /// A purchase came back whole.
    pub(super) fn referral_back(&mut self, activity: &Activity, order: &str) {
        if self.referrals.order.as_deref() == Some(order) && !self.wallets[0].stays(order) {
            self.referrals.order = None;
            self.take_back(activity, order);
        }
    }

    pub(super) fn brings(&mut self, activity: &Activity, accepted: Option<&Accepted>) -> bool {
        let Some(rules) = self.terms.referral.clone() else {
            return false;
        };
        let id = activity.id.to_string();
        let known = self.referrals.brought.iter().any(|(known, _)| *known == id);
        let over = rules.review_over.is_some_and(|(times, per)| {
            let time = |at| first_of(per, self.zone.to_datetime(at).date());
            let brought = self.referrals.brought.iter();
            brought.filter(|(_, at)| time(*at) == time(activity.at)).count() >= usize::from(times)
        });
        if known || self.referrals.lost.contains(&id) || (over && accepted.is_none()) {
            return false;
        }
        let (chosen, steps) = (self.chosen("referral", activity), self.counts(activity));
        self.referrals.brought.push((id.clone(), activity.at));
        self.go_on(activity, steps);
        self.grant_chosen(&chosen, activity, Some(&id));
        true
    }

    pub(super) fn loses(&mut self, activity: &Activity, of: &str) -> bool {
        if !self.referrals.lost.insert(of.to_owned()) {
            return false;
        }
        self.take_back(activity, of);
        self.missions_back(activity, of);
        true
    }

    /// Whether a purchase, or a referral, is there still.
    pub(super) fn stands(&self, cause: &str) -> bool {
        if cause.starts_with("referral#") {
            !self.referrals.lost.contains(cause)
        } else {
            self.wallets[0].stays(cause)
        }
    }

    /// Takes back what campaigns granted for a referral.
    fn take_back(&mut self, activity: &Activity, cause: &str) {
        for place in 0..self.terms.campaigns.len() {
            let wallet = usize::from(self.terms.campaigns[place].wallet);
            self.wallets[wallet].take_back(&format!("{cause} c{place}"), activity.received);
        }
    }
}
