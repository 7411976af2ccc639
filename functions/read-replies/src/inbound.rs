//! A member's reply, as it comes: a message of the queue, in it SNS's envelope, in it what the provider received.

use jiff::Timestamp;
use messages::Phone;
use serde::Deserialize;

/// A reply that can be worked on.
#[derive(Debug)]
pub(crate) struct Inbound {
    /// The number it was sent from.
    pub(crate) phone: Phone,
    /// The number, or the agent, it was sent to.
    pub(crate) to: Option<String>,
    pub(crate) text: String,
    /// The provider's own id.
    pub(crate) id: String,
    /// When the provider handed it on; it does not say when it was sent.
    pub(crate) at: Option<Timestamp>,
}

/// SNS's envelope.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    message: String,
    timestamp: Option<String>,
}

/// What the provider received. Whatever else it says of it is optional, and not needed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Received {
    origination_number: String,
    destination_number: Option<String>,
    message_body: String,
    inbound_message_id: String,
}

/// The body of an RCS reply is JSON itself.
#[derive(Deserialize)]
struct Rcs {
    #[serde(rename = "type")]
    _kind: String,
    text: Option<String>,
}

/// Reads a message of the queue: none where nobody said anything. A reason names nobody.
pub(crate) fn read(body: &str) -> Result<Option<Inbound>, String> {
    let envelope: Envelope =
        serde_json::from_str(body).map_err(|why| unreadable("it is no notification of a topic", &why))?;
    let received: Received =
        serde_json::from_str(&envelope.message).map_err(|why| unreadable("its message is no reply", &why))?;
    let Received {
        origination_number,
        destination_number,
        message_body,
        inbound_message_id,
    } = received;
    // RCS leaves out the plus.
    let digits = origination_number.trim().trim_start_matches('+');
    let phone: Phone = format!("+{digits}")
        .parse()
        .map_err(|_| "its originationNumber is no phone number".to_owned())?;
    let id = inbound_message_id;
    if id.is_empty() || id.len() > 200 || !id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
        return Err("its inboundMessageId is empty, longer than 200 bytes, or has signs that no id has".to_owned());
    }
    let rcs = message_body
        .starts_with('{')
        .then(|| serde_json::from_str(&message_body).ok())
        .flatten();
    let text = match rcs {
        None => message_body,
        Some(Rcs { text: Some(text), .. }) => text,
        // Somebody is typing, or has opened the conversation.
        Some(Rcs { text: None, .. }) => return Ok(None),
    };
    Ok(Some(Inbound {
        phone,
        to: destination_number,
        text,
        id,
        at: envelope.timestamp.and_then(|at| at.parse().ok()),
    }))
}

/// Where a text cannot be read. The reader's own words may quote it, so they stay out.
fn unreadable(what: &str, why: &serde_json::Error) -> String {
    let missing = ["originationNumber", "messageBody", "inboundMessageId", "Message"];
    let said = why.to_string();
    let missing = missing
        .iter()
        .find(|name| said.starts_with(&format!("missing field `{name}`")));
    match missing {
        Some(name) => format!("{what}: {name} is missing"),
        None => format!("{what}: at line {}, column {}", why.line(), why.column()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn notification(message: &str) -> String {
        serde_json::json!({"Type": "Notification", "MessageId": "m", "Message": message,
            "Timestamp": "2026-03-02T15:00:00.000Z"})
        .to_string()
    }

    fn reply(number: &str, body: &str) -> String {
        notification(
            &serde_json::json!({"originationNumber": number, "messageBody": body, "inboundMessageId": "i-1"})
                .to_string(),
        )
    }

    #[test]
    fn numbers_are_made_alike_and_bodies_of_rcs_are_read() {
        for number in ["+12125550147", "12125550147"] {
            let read = read(&reply(number, "STOP")).unwrap().unwrap();
            assert_eq!((read.phone.reveal(), read.text.as_str()), ("+12125550147", "STOP"));
            assert_eq!(read.at, Some("2026-03-02T15:00:00Z".parse().unwrap()));
        }
        let suggestion = r#"{"type":"SUGGESTION","text":"Stop","postbackData":"x"}"#;
        assert_eq!(read(&reply("12125550147", suggestion)).unwrap().unwrap().text, "Stop");
        for nobody in [r#"{"type":"RCS_TYPING"}"#, r#"{"type":"CONVERSATION_STARTED","at":1}"#] {
            assert!(read(&reply("12125550147", nobody)).unwrap().is_none());
        }
        // What only looks like it is what somebody wrote.
        assert_eq!(read(&reply("12125550147", "{STOP}")).unwrap().unwrap().text, "{STOP}");
    }

    #[test]
    fn a_reason_names_the_place_and_nobody() {
        let secret = "Ana Sommer 12125550147";
        let wrong = [
            secret.to_owned(),
            "{}".to_owned(),
            notification(secret),
            notification(r#"{"originationNumber":"+12125550147","messageBody":"Ana Sommer"}"#),
            notification(r#"{"originationNumber":{"Ana Sommer":1},"messageBody":"x","inboundMessageId":"i"}"#),
            reply("Ana Sommer", "STOP"),
            reply("777", "STOP"),
        ];
        for body in wrong {
            let why = read(&body).unwrap_err();
            assert!(why.starts_with("it"), "{why}");
            assert!(!why.contains("Ana") && !why.contains("2125550147"), "{why}");
        }
        let missing = read(&notification(
            r#"{"originationNumber":"+12125550147","messageBody":"x"}"#,
        ))
        .unwrap_err();
        assert_eq!(missing, "its message is no reply: inboundMessageId is missing");
    }
}
