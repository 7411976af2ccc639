//! A shop's history as the business events it would have put on the bus, in order of time.

use std::collections::HashSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::dice::{Dice, Fingerprint};
use super::habits::{self, Claimed, Filled, Payment, Return, ReturnedPart, Then};
use super::orders::Order;
use super::people::{People, Person, SEED};
use super::replies;

/// An event and when it happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    pub at: Timestamp,
    /// Unique among the happenings.
    pub id: String,
    pub kind: &'static str,
    pub detail: Value,
}

impl Happening {
    pub(super) fn add_to(&self, fingerprint: &mut Fingerprint) {
        fingerprint.add(self.id.as_bytes());
        fingerprint.add(&self.at.as_nanosecond().to_le_bytes());
        fingerprint.add(self.detail.to_string().as_bytes());
    }
}

/// The detail-type of a purchase.
pub const PURCHASE: &str = "purchase";

/// The detail-type of a sign-up.
pub(crate) const SIGN_UP: &str = "sign-up";

/// Someone signs up this long before they first buy.
pub(crate) const BEFORE_THE_FIRST_PURCHASE: SignedDuration = SignedDuration::from_hours(1);

/// Sign-ups, purchases and withdrawn consents by time; at the same instant in this order.
pub fn of(orders: &[Order], people: &People) -> Vec<Happening> {
    let mut signed_up = HashSet::new();
    let mut happenings = Vec::with_capacity(orders.len() * 2);
    for order in orders {
        if signed_up.insert(order.member.as_str())
            && let Some(person) = people.get(&order.member)
        {
            let at = order.at.checked_sub(BEFORE_THE_FIRST_PURCHASE).unwrap_or(order.at);
            happenings.push(sign_up(person, at));
            happenings.extend(withdrawals(person, at));
        }
        happenings.push(purchase(order));
    }
    happenings.sort_by_key(|happening| happening.at);
    happenings
}

/// Payments with points, rewards, carts, returns and replies, which the sample does not tell of, added to what happens.
pub fn with_habits(mut happenings: Vec<Happening>, orders: &[Order], people: &People) -> Vec<Happening> {
    let sign_ups = happenings.iter().filter(|happening| happening.kind == SIGN_UP);
    let replied = sign_ups.filter_map(|one| {
        let person = people.get(one.detail.get("member")?.as_str()?)?;
        Some(replies::of(person, one.at))
    });
    let replied: Vec<Happening> = replied.flatten().collect();
    happenings.extend(replied);
    happenings.extend(habits::payments(orders).iter().flat_map(payment));
    happenings.extend(habits::claims(orders).iter().flat_map(claimed));
    happenings.extend(habits::carts(orders).iter().map(filled));
    happenings.extend(habits::returns(orders).iter().map(returned));
    happenings.sort_by_key(|happening| happening.at);
    happenings
}

fn purchase(order: &Order) -> Happening {
    let mut detail = json!({
        "member": order.member,
        "order": order.id,
        "at": order.at,
        "amount": order.amount,
        "currency": order.currency,
    });
    if let (Some(fields), Some(quantity)) = (detail.as_object_mut(), order.quantity) {
        let lines = json!([{"line": ITEM, "quantity": quantity, "amount": order.amount}]);
        fields.insert("lines".to_owned(), lines);
    }
    Happening {
        at: order.at,
        id: format!("{PURCHASE} {}", order.id),
        kind: PURCHASE,
        detail,
    }
}

/// The one line of an order of which only the number of items is known.
const ITEM: &str = "item";

fn payment(payment: &Payment<'_>) -> Vec<Happening> {
    let (order, at) = (payment.order, payment.at);
    let happening = |kind: &'static str, detail| Happening {
        at,
        id: format!("{kind} {}", order.id),
        kind,
        detail,
    };
    if payment.held {
        let reserve = json!({"member": order.member, "reservation": order.id, "order": order.id, "at": at,
            "points": payment.points});
        let commit = json!({"member": order.member, "reservation": order.id, "at": at});
        return vec![happening("reserve", reserve), happening("commit", commit)];
    }
    let redeem = json!({"member": order.member, "redemption": order.id, "order": order.id, "at": at,
        "points": payment.points});
    vec![happening("redeem", redeem)]
}

fn claimed(claimed: &Claimed<'_>) -> Vec<Happening> {
    let order = claimed.order;
    let happening = |kind: &'static str, at: Timestamp| {
        let mut detail = json!({"member": order.member, "claim": order.id, "at": at});
        if let (Some(fields), "claim") = (detail.as_object_mut(), kind) {
            fields.insert("reward".to_owned(), json!(claimed.reward));
        }
        Happening {
            at,
            id: format!("{kind} {}", order.id),
            kind,
            detail,
        }
    };
    let mut all = vec![happening("claim", claimed.at)];
    match claimed.then {
        None => {}
        Some((Then::Cancelled, at)) => all.push(happening("cancel-reward", at)),
        Some((Then::Fulfilled, at)) => all.push(happening("fulfil", at)),
        Some((Then::Refunded, at)) => {
            let back = at.checked_add(SignedDuration::from_hours(24)).unwrap_or(at);
            all.extend([happening("fulfil", at), happening("refund-reward", back)]);
        }
    }
    all
}

fn filled(filled: &Filled<'_>) -> Happening {
    let order = filled.order;
    Happening {
        at: filled.at,
        id: format!("cart {}", order.id),
        kind: "cart",
        detail: json!({"member": order.member, "id": order.id, "at": filled.at, "amount": order.amount,
            "currency": order.currency}),
    }
}

fn returned(back: &Return<'_>) -> Happening {
    let order = back.order;
    let mut detail = json!({"member": order.member, "refund": order.id, "order": order.id, "at": back.at});
    if let Some(fields) = detail.as_object_mut() {
        match &back.part {
            ReturnedPart::Whole => {}
            ReturnedPart::Item => {
                fields.insert("lines".to_owned(), json!([{"line": ITEM, "quantity": 1}]));
            }
            ReturnedPart::Amount(amount) => {
                fields.insert("amount".to_owned(), json!(amount));
                fields.insert("currency".to_owned(), json!(order.currency));
            }
        }
    }
    Happening {
        at: back.at,
        id: format!("refund {}", order.id),
        kind: "refund",
        detail,
    }
}

fn sign_up(person: &Person, at: Timestamp) -> Happening {
    let consents = person.consents.iter();
    let mut detail = json!({
        "member": person.member,
        "at": at,
        "name": person.name,
        "phone": person.phone,
        "locale": person.locale,
        "zone": person.zone,
        "consents": consents
            .map(|given| json!({"channel": given.channel, "purpose": given.purpose, "wording": given.wording}))
            .collect::<Vec<_>>(),
    });
    if let Some(fields) = detail.as_object_mut() {
        if let Some(birthday) = person.birthday {
            fields.insert("birthday".to_owned(), json!(birthday));
        }
        if let Some(device) = &person.device {
            fields.insert(
                "device".to_owned(),
                json!({"platform": device.platform, "token": device.token}),
            );
        }
    }
    Happening {
        at,
        id: format!("{SIGN_UP} {}", person.member),
        kind: SIGN_UP,
        detail,
    }
}

/// Someone who has had enough of SMS takes back each consent to it, at a decent hour of theirs.
fn withdrawals(person: &Person, signed_up: Timestamp) -> Vec<Happening> {
    let Some(at) = withdraws_at(person, signed_up) else {
        return Vec::new();
    };
    let wording = if person.locale == "zh-CN" {
        "请不要再给我发短信。"
    } else {
        "Please stop texting me."
    };
    let by_sms = person.consents.iter().filter(|given| given.channel == "sms");
    by_sms
        .map(|given| {
            let id = format!("withdrawal-{}-{}", given.channel, given.purpose);
            Happening {
                at,
                id: format!("consent {} {id}", person.member),
                kind: "consent",
                detail: json!({
                    "member": person.member,
                    "id": id,
                    "at": at,
                    "channel": given.channel,
                    "purpose": given.purpose,
                    "granted": false,
                    "wording": wording,
                }),
            }
        })
        .collect()
}

/// When somebody takes their consents to SMS back, if they do.
pub(crate) fn withdraws_at(person: &Person, signed_up: Timestamp) -> Option<Timestamp> {
    let day = person.withdraws_at(signed_up)?;
    at_a_decent_hour(person, day)
}

fn at_a_decent_hour(person: &Person, day: Timestamp) -> Option<Timestamp> {
    let zone = TimeZone::get(person.zone).ok()?;
    let hour = 10 + i8::try_from(Dice::new(SEED, &person.member, "withdraws at").below(10)).ok()?;
    let local = day.to_zoned(zone.clone()).date().at(hour, 0, 0, 0);
    Some(local.to_zoned(zone).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn order(id: &str, member: &str, at: &str) -> Order {
        let (amount, currency) = ("29.33".to_owned(), "USD".to_owned());
        Order {
            id: id.to_owned(),
            member: member.to_owned(),
            at: at.parse().unwrap(),
            amount,
            currency,
            quantity: None,
            time_made_up: false,
        }
    }

    #[test]
    fn a_member_signs_up_once_an_hour_before_the_first_purchase() {
        let orders = [
            order("a", "0001", "1997-01-01T15:00:00Z"),
            order("b", "0001", "1997-01-02T15:00:00Z"),
        ];
        let people = People::make_up(["0001"].into_iter());
        let happenings = of(&orders, &people);
        let told: Vec<_> = happenings
            .iter()
            .map(|happening| (happening.kind, happening.at.to_string()))
            .collect();
        let at = |text: &str| text.to_owned();
        assert_eq!(
            told.iter().take(3).cloned().collect::<Vec<_>>(),
            [
                ("sign-up", at("1997-01-01T14:00:00Z")),
                ("purchase", at("1997-01-01T15:00:00Z")),
                ("purchase", at("1997-01-02T15:00:00Z")),
            ]
        );
        assert_eq!(
            happenings.get(1).unwrap().detail,
            json!({"member": "0001", "order": "a", "at": "1997-01-01T15:00:00Z", "amount": "29.33", "currency": "USD"})
        );
    }

    #[test]
    fn consents_are_taken_back_one_by_one_months_later() {
        let members: Vec<_> = (0..200).map(|n| n.to_string()).collect();
        let people = People::make_up(members.iter().map(String::as_str));
        let leaving = members
            .iter()
            .find(|member| people.get(member).unwrap().withdraws_after_days.is_some())
            .unwrap();
        let happenings = of(&[order("a", leaving, "1997-01-01T15:00:00Z")], &people);
        let taken_back: Vec<_> = happenings
            .iter()
            .filter(|happening| happening.kind == "consent")
            .collect();
        let given = people
            .get(leaving)
            .unwrap()
            .consents
            .iter()
            .filter(|given| given.channel == "sms")
            .count();
        assert_eq!(taken_back.len(), given);
        let first = taken_back.first().unwrap();
        assert_eq!(first.detail.get("granted"), Some(&json!(false)));
        assert!(first.at > "1997-02-25T00:00:00Z".parse().unwrap(), "{}", first.at);
    }
}
