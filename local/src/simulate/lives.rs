//! What a member's purchases make of them: the sign-up before the first, the consents they take back, as in a run.

use std::collections::BTreeSet;

use jiff::Timestamp;
use ledger::{ActivityId, Fact, MonthDay};
use messages::{Device, Platform, Profile, ProfileChange};
use programme::{Amount, Channel, Purpose, Zone};
use simulation::{Event, Ticks};

use super::purchases::{Purchase, Purchases};
use crate::play::people::{Person, somebody};
use crate::play::timeline::{self, BEFORE_THE_FIRST_PURCHASE, PURCHASE};

/// When somebody signs up who buys first at this time.
pub(super) fn signs_up_at(first: Timestamp) -> Timestamp {
    first.checked_sub(BEFORE_THE_FIRST_PURCHASE).unwrap_or(first)
}

/// The events of a member up to `end`, by time. A name that is no key of the tables makes none.
pub(super) fn events<'a>(
    purchases: &'a Purchases,
    (member, own): (&str, &'a [Purchase]),
    (ticks, end): (Ticks, Timestamp),
) -> impl Iterator<Item = Event> + 'a {
    let first = own.first().map(Purchase::at);
    let before = first.map(|first| beside(&somebody(member), first, ticks));
    let mut before = before.unwrap_or_default().into_iter().peekable();
    let mut bought = own
        .iter()
        .filter_map(move |own| purchase((purchases.id(own), own.at()), own.amount(), ticks))
        .peekable();
    let by_time = std::iter::from_fn(move || match (before.peek(), bought.peek()) {
        (Some(one), Some(other)) if one.at > other.at => bought.next(),
        (Some(_), _) => before.next(),
        (None, _) => bought.next(),
    });
    by_time.take_while(move |event| event.at < end)
}

/// What happens beside the purchases of somebody who buys first at this time.
pub(super) fn beside(person: &Person, first: Timestamp, ticks: Ticks) -> Vec<Event> {
    let at = signs_up_at(first);
    let mut events: Vec<Event> = sign_up(person, at, ticks).into_iter().collect();
    events.extend(withdrawals(person, at, ticks));
    events
}
pub(super) fn purchase((id, at): (&str, Timestamp), amount: Option<Amount>, ticks: Ticks) -> Option<Event> {
    Some(Event {
        id: ActivityId::of(PURCHASE, id).ok()?,
        at,
        received: ticks.at_or_after(at),
        fact: Some(Fact::Purchase { amount: amount? }),
        said: ledger::Said::default(),
        profile: None,
        reply: None,
    })
}

fn sign_up(person: &Person, at: Timestamp, ticks: Ticks) -> Option<Event> {
    let zone = Zone::parse(person.zone).ok()?;
    let device = person.device.as_ref().and_then(|device| {
        Some(Device {
            platform: Platform::from_name(device.platform)?,
            token: device.token.clone(),
            endpoint: None,
        })
    });
    let consents = person.consents.iter();
    let consents =
        consents.filter_map(|given| Some((Channel::from_name(given.channel)?, Purpose::from_name(given.purpose)?)));
    let profile = Profile {
        name: person.name.clone(),
        phone: person.phone.parse().ok(),
        locale: person.locale.to_owned(),
        zone: zone.name().to_owned(),
        device,
        consents: consents.collect(),
        withheld: BTreeSet::new(),
        contacts: Vec::new(),
        preferences: None,
        told: Vec::new(),
    };
    Some(Event {
        id: "sign-up".parse().ok()?,
        at,
        received: ticks.at_or_after(at),
        fact: Some(Fact::SignUp {
            zone,
            birthday: person.birthday.map(MonthDay::of),
            referrer: None,
        }),
        said: ledger::Said::default(),
        profile: Some(ProfileChange::SignUp(Box::new(profile))),
        reply: None,
    })
}

fn withdrawals(person: &Person, signed_up: Timestamp, ticks: Ticks) -> Vec<Event> {
    let Some(at) = timeline::withdraws_at(person, signed_up) else {
        return Vec::new();
    };
    let by_sms = person.consents.iter().filter(|given| given.channel == "sms");
    let withdrawn = by_sms.filter_map(|given| {
        let own = format!("withdrawal-{}-{}", given.channel, given.purpose);
        Some(Event {
            id: ActivityId::of("consent", &own).ok()?,
            at,
            received: ticks.at_or_after(at),
            fact: None,
            said: ledger::Said::default(),
            profile: Some(ProfileChange::Consent {
                channel: Channel::from_name(given.channel)?,
                purpose: Purpose::from_name(given.purpose)?,
                granted: false,
            }),
            reply: None,
        })
    });
    withdrawn.collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use jiff::tz::TimeZone;
    use programme::Programme;
    use simulation::Simulation;
    use simulation::normal::Forms;

    use super::*;
    use crate::play::orders;
    use crate::play::people::People;
    use crate::simulate::history::{History, pools};
    use crate::simulate::kept::Kept;

    #[test]
    fn a_shop_s_own_orders_are_lived_through_as_a_run_plays_them() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let (path, zone) = (
            root.join("data/cdnow-sample-orders.csv"),
            TimeZone::get("America/New_York").unwrap(),
        );
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (start, end) = (at("1997-01-01T05:00:00Z"), at("1997-09-01T04:00:00Z"));
        let programme = Programme::load(&root.join("program")).unwrap();
        let ticks = Ticks::new(start, crate::play::STEP);
        let simulation = Simulation {
            programme: &programme,
            ticks,
            until: end,
            shelves: None,
        };

        let played = orders::read(&path, &zone, at("2026-01-01T00:00:00Z")).unwrap().orders;
        let people = People::make_up(played.iter().map(|order| order.member.as_str()));
        let mut from_bus = Forms::default();
        let history = History::of(&timeline::of(&played, &people), ticks, end);
        history.simulate(simulation, pools(&programme), &mut from_bus).unwrap();

        let kept = Kept::read(&path, (&zone, at("2026-01-01T00:00:00Z")), None, None).unwrap();
        let mut own = Forms::default();
        for part in 0..kept.parts() {
            let purchases = kept.part(part).unwrap();
            for number in 0..purchases.members() {
                let (member, bought) = purchases.of(number).unwrap();
                let events = events(&purchases, (member, bought), (ticks, end));
                let none = |_: &_, _: &_| Vec::new();
                simulation
                    .alone(member.parse().unwrap(), events, &none, &mut own)
                    .unwrap();
            }
        }

        assert_eq!(own.members.len(), 2_357);
        for (member, form) in &from_bus.members {
            assert_eq!(own.members.get(member).unwrap().text(), form.text(), "{member}");
        }
    }
}
