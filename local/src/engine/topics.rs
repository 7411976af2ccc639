//! SNS topics: what is published to one goes to the queues that are subscribed, in SNS's envelope.

use serde_json::{Value, json};

use super::faults::Kind;
use super::shared::Shared;
use crate::template::pattern;
use crate::wiring::{ACCOUNT, REGION};

/// Publishes a message to a topic by its logical id; whether there is such a topic. Like the bus, a topic may hand one
/// message on twice.
pub(super) fn publish(shared: &Shared, topic: &str, message: &str) -> bool {
    let Some(name) = shared.wiring.topics.get(topic).map(|topic| &topic.name) else {
        return false;
    };
    let now = shared.clock.now();
    let envelope = json!({
        "Type": "Notification",
        "MessageId": shared.ids.next(),
        "TopicArn": format!("arn:aws:sns:{REGION}:{ACCOUNT}:{name}"),
        "Message": message,
        "Timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        "SignatureVersion": "1",
    });
    let body: Option<Value> = serde_json::from_str(message).ok();
    let copies = if shared.dice.throw(Kind::Duplicate) { 2 } else { 1 };
    for subscription in &shared.wiring.subscriptions {
        // What is no JSON passes no policy on the body.
        let passes = |filter: &Value| body.as_ref().is_some_and(|body| pattern::matches(filter, body));
        if subscription.topic != topic || !subscription.filter.as_ref().is_none_or(passes) {
            continue;
        }
        for _ in 0..copies {
            shared.queues.send(&subscription.queue, envelope.to_string(), now);
        }
    }
    true
}
