//! What members reply, as their provider and the queue hand it on.

pub use regulars::play::replies::inbound;
use serde_json::{Value, json};

use crate::Line;

impl Line {
    /// Has replies of a number read at once, each a text, an id and its time: they are in force when this returns.
    pub async fn read_replies(&self, number: &str, replies: &[(&str, &str, &str)]) {
        let records = replies.iter().map(|(text, id, at)| {
            let message = inbound(number, text, id).to_string();
            let body =
                json!({"Type": "Notification", "MessageId": id, "Message": message, "Timestamp": at}).to_string();
            json!({"messageId": id, "body": body, "eventSource": "aws:sqs"})
        });
        let records: Vec<Value> = records.collect();
        let event = json!({"Records": records, "now": self.bundle.now()});
        let answer = self.bundle.invoke("ReadRepliesFunction", event).await;
        assert_eq!(answer.expect("an answer")["batchItemFailures"], json!([]));
    }
}
