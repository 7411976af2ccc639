//! SNS over its Query protocol: what it accepts is kept as published, what AWS refuses is refused.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::endpoints::Endpoints;
use super::faults::{Dice, Kind};
use super::opt_outs::OptOuts;

/// The text of one SMS: 1,600 characters, counted here in bytes as the service does.
const SMS_LIMIT: usize = 1_600;

/// A message that SNS accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Published {
    pub id: String,
    /// Virtual time.
    pub at: Timestamp,
    pub target: To,
    /// The SMS's text, or the message as sent where it is JSON for several platforms.
    pub body: String,
    /// The message attributes as sent. `delivery` is added where SNS accepts and delivers nothing, with the reason.
    pub attributes: BTreeMap<String, String>,
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum To {
    Phone(String),
    Endpoint {
        arn: String,
        token: String,
        platform: String,
    },
}

/// A refusal: the wire's error code, the status and the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self {
            status: 400,
            code: "InvalidParameter",
            message: format!("Invalid parameter: {}", message.into()),
        }
    }
}

/// The fields of a request's form.
pub(super) type Form = BTreeMap<String, String>;

/// What SNS holds: the messages it accepted and the endpoints of devices.
pub(super) struct Sns {
    pub(super) endpoints: Endpoints,
    pub(super) opt_outs: OptOuts,
    published: Mutex<Vec<Published>>,
    parts: Mutex<u64>,
}

impl Sns {
    pub(super) fn new(published: Vec<Published>, endpoints: Endpoints, opt_outs: OptOuts) -> Self {
        let parts = published
            .iter()
            .filter(|message| !message.attributes.contains_key("delivery"))
            .map(|message| match message.target {
                To::Phone(_) => parts(&message.body),
                To::Endpoint { .. } => 0,
            })
            .sum();
        Self {
            endpoints,
            opt_outs,
            published: Mutex::new(published),
            parts: Mutex::new(parts),
        }
    }

    pub(super) fn published_after(&self, count: usize) -> Vec<Published> {
        let published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        published.get(count..).unwrap_or_default().to_vec()
    }

    /// Checks a publish and makes the message of it; nothing is kept yet.
    pub(super) fn accept(&self, form: &Form, id: String, now: Timestamp, dice: &Dice) -> Result<Published, Refusal> {
        let message = form.get("Message").map(String::as_str).unwrap_or_default();
        if message.is_empty() {
            return Err(Refusal::invalid("Empty message"));
        }
        let target = self.target(form)?;
        let json = form.get("MessageStructure").map(String::as_str) == Some("json");
        let platform = match &target {
            To::Endpoint { platform, .. } => platform.as_str(),
            To::Phone(_) => "sms",
        };
        let text = if json {
            text_of(message, platform)?
        } else {
            message.to_owned()
        };
        let mut attributes = attributes(form);
        if let To::Phone(number) = &target {
            if text.len() > SMS_LIMIT {
                return Err(Refusal::invalid("Message Reason: Message is too long for SMS"));
            }
            if dice.faults().refuse_opted_out && self.opt_outs.has(number) {
                dice.count(Kind::OptedOut);
                return Err(Refusal {
                    status: 400,
                    code: "OptedOut",
                    message: "The phone number opted out of receiving messages".to_owned(),
                });
            }
            if let Some(reason) = self.withhold(number, &text, dice) {
                attributes.insert("delivery".to_owned(), reason.to_owned());
            }
        }
        Ok(Published {
            id,
            at: now,
            body: if matches!(target, To::Phone(_)) {
                text
            } else {
                message.to_owned()
            },
            target,
            attributes,
        })
    }

    /// Keeps an accepted message. `store` runs first, in the order in which messages are kept.
    pub(super) fn keep(&self, message: Published, store: impl FnOnce(&Published)) {
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        store(&message);
        published.push(message);
    }

    fn target(&self, form: &Form) -> Result<To, Refusal> {
        let filled = |key: &str| form.get(key).filter(|value| !value.is_empty());
        match (filled("PhoneNumber"), filled("TargetArn")) {
            (Some(number), None) if is_e164(number) => Ok(To::Phone(number.clone())),
            (Some(number), None) => Err(Refusal::invalid(format!(
                "PhoneNumber Reason: {number} is not valid to publish to"
            ))),
            (None, Some(arn)) => self.endpoints.target(arn),
            (None, None) => match filled("TopicArn") {
                Some(_) => Err(Refusal {
                    status: 404,
                    code: "NotFound",
                    message: "Topic does not exist".to_owned(),
                }),
                None => Err(Refusal::invalid(
                    "TopicArn or TargetArn Reason: no value for required parameter",
                )),
            },
            (Some(_), Some(_)) => Err(Refusal::invalid(
                "PhoneNumber Reason: only one of PhoneNumber and TargetArn may be given",
            )),
        }
    }

    /// Why an SMS that is accepted will reach nobody, in the words of the delivery log.
    fn withhold(&self, number: &str, text: &str, dice: &Dice) -> Option<&'static str> {
        let faults = dice.faults();
        if self.opt_outs.has(number) {
            dice.count(Kind::OptedOut);
            return Some("Phone number is opted out");
        }
        let mut spent = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        if faults.spend_limit_parts.is_some_and(|limit| *spent >= limit) {
            dice.count(Kind::SpendLimit);
            return Some("No quota left for account");
        }
        *spent += parts(text);
        None
    }
}

/// The text for a platform in a message of several: the platform's own, else the default.
fn text_of(message: &str, platform: &str) -> Result<String, Refusal> {
    let parsed: Value = serde_json::from_str(message)
        .map_err(|_| Refusal::invalid("Message Structure - JSON message body failed to parse"))?;
    let Some(default) = parsed.get("default").and_then(Value::as_str) else {
        return Err(Refusal::invalid(
            "Message Structure - No default entry in JSON message body",
        ));
    };
    let own = parsed.get(platform).and_then(Value::as_str);
    Ok(own.unwrap_or(default).to_owned())
}

fn attributes(form: &Form) -> BTreeMap<String, String> {
    (1..)
        .map_while(|index| {
            let entry = format!("MessageAttributes.entry.{index}");
            let name = form.get(&format!("{entry}.Name"))?;
            let value = form.get(&format!("{entry}.Value.StringValue"));
            Some((name.clone(), value.cloned().unwrap_or_default()))
        })
        .collect()
}

/// A plus, a digit other than nought, and at most fifteen digits in all.
pub(super) fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// How many parts an SMS is billed as: 160 septets or 70 units, less when it is split.
fn parts(text: &str) -> u64 {
    const EXTENDED: &str = "^{}\\[]~|€\u{c}";
    const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡\
        ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    let mut septets = 0_usize;
    for letter in text.chars() {
        septets += match letter {
            letter if BASIC.contains(letter) => 1,
            letter if EXTENDED.contains(letter) => 2,
            _ => {
                let units = text.encode_utf16().count();
                return split(units, 70, 67);
            }
        };
    }
    split(septets, 160, 153)
}

fn split(length: usize, alone: usize, each: usize) -> u64 {
    if length <= alone {
        1
    } else {
        length.div_ceil(each) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_e164() {
        assert!(is_e164("+12125550147"));
        for number in ["12125550147", "+0125550147", "banana", "+1a2345678", "+1", ""] {
            assert!(!is_e164(number), "{number}");
        }
    }

    #[test]
    fn parts_are_counted_as_billed() {
        assert_eq!(parts(&"a".repeat(160)), 1);
        assert_eq!(parts(&"a".repeat(161)), 2);
        assert_eq!(parts(&"€".repeat(80)), 1);
        assert_eq!(parts(&"积".repeat(70)), 1);
        assert_eq!(parts(&"积".repeat(71)), 2);
    }
}
