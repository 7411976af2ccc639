//! A message as the page shows it, put together from what the tables say and what SNS was given.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::engine::{Published, To};
use crate::play::people::Person;
use crate::play::summary::MessageFact;

/// One message, sent or not.
#[derive(Debug, Clone, Serialize)]
pub struct PageMessage {
    pub id: String,
    /// When it took its state.
    pub at: Timestamp,
    pub member: String,
    /// All but the last four digits are hidden.
    pub phone_masked: String,
    /// The member's own zone.
    pub zone: String,
    /// The language the member reads.
    pub locale: String,
    pub channel: Option<String>,
    pub kind: String,
    /// Who it is from, as the phone shows it; none where the phone shows the number it came from.
    pub sender: Option<String>,
    pub title: Option<String>,
    pub text: Option<String>,
    pub parts: u32,
    pub state: String,
    pub reason: Option<String>,
    pub was_deferred: bool,
    pub until: Option<Timestamp>,
    /// Why SNS accepted it and delivered nothing.
    pub undelivered: Option<String>,
}

/// The attribute that gives an SMS a sender's name.
const SENDER: &str = "AWS.SNS.SMS.SenderID";

/// The attribute the bundle adds to a message that was accepted and never reached the phone.
const DELIVERY: &str = "delivery";

impl PageMessage {
    pub fn new(fact: &MessageFact, published: Option<&Published>, person: Option<&Person>) -> Self {
        let (title, text) = published.map(words).unwrap_or_default();
        let attribute = |name: &str| published.and_then(|message| message.attributes.get(name).cloned());
        Self {
            id: fact.id.clone(),
            at: fact.at,
            member: fact.member.clone(),
            phone_masked: person.map(|person| masked(&person.phone)).unwrap_or_default(),
            zone: person.map_or("UTC", |person| person.zone).to_owned(),
            locale: person.map_or("en", |person| person.locale).to_owned(),
            channel: fact.channel.clone(),
            kind: fact.kind.clone(),
            sender: attribute(SENDER),
            title,
            text,
            parts: fact.parts,
            state: fact.state.clone(),
            reason: fact.reason.clone(),
            was_deferred: fact.deferred_by.is_some(),
            until: fact.until,
            undelivered: attribute(DELIVERY),
        }
    }

    /// Where it stands among the others: by time and then id.
    pub(super) fn place(&self) -> (Timestamp, &str) {
        (self.at, &self.id)
    }
}

/// A number with all but its country and its last four digits hidden: `+1 ••• ••• 0147`.
pub fn masked(phone: &str) -> String {
    let country = if phone.starts_with("+1") {
        "+1"
    } else {
        phone.get(..3).unwrap_or_default()
    };
    let last = phone
        .len()
        .checked_sub(4)
        .and_then(|from| phone.get(from..))
        .unwrap_or_default();
    format!("{country} ••• ••• {last}")
}

/// The title and the text that a phone shows.
fn words(message: &Published) -> (Option<String>, Option<String>) {
    match &message.target {
        To::Phone(_) => (None, Some(message.body.clone())),
        To::Endpoint { platform, .. } => notification(&message.body, platform),
    }
}

/// What a push says: SNS is given JSON in a string for each platform, and a plain default.
fn notification(body: &str, platform: &str) -> (Option<String>, Option<String>) {
    let Ok(platforms) = serde_json::from_str::<Value>(body) else {
        return (None, Some(body.to_owned()));
    };
    let payload = platforms
        .get(platform)
        .and_then(Value::as_str)
        .and_then(|json| serde_json::from_str(json).ok());
    let payload: Value = payload.unwrap_or_default();
    let alert = ["/aps/alert", "/fcmV1Message/message/notification"]
        .iter()
        .find_map(|path| payload.pointer(path));
    let word = |name: &str| {
        alert
            .and_then(|alert| alert.get(name))
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let plain = || platforms.get("default").and_then(Value::as_str).map(str::to_owned);
    (word("title"), word("body").or_else(plain))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_keeps_its_country_and_last_digits() {
        assert_eq!(masked("+12125550147"), "+1 ••• ••• 0147");
        assert_eq!(masked("+447700900123"), "+44 ••• ••• 0123");
    }

    #[test]
    fn a_push_says_the_same_on_either_platform() {
        let words = json!({"title": "+29 points", "body": "You now have 58 to spend."});
        let body = json!({
            "default": "You now have 58 to spend.",
            "APNS": json!({"aps": {"alert": words}}).to_string(),
            "GCM": json!({"fcmV1Message": {"message": {"notification": words}}}).to_string(),
        })
        .to_string();
        let said = (
            Some("+29 points".to_owned()),
            Some("You now have 58 to spend.".to_owned()),
        );
        assert_eq!(notification(&body, "APNS"), said);
        assert_eq!(notification(&body, "GCM"), said);
        assert_eq!(notification(&body, "ADM"), (None, said.1));
        assert_eq!(notification("plain", "GCM"), (None, Some("plain".to_owned())));
    }
}
