//! SNS topics, and what hands their messages on.

use super::context::Context;
use super::fault::Fault;
use super::node::Node;
use super::pattern;
use super::properties::{Keys, Properties};
use super::resources::{Kind, Resource};
use crate::wiring::{Subscription, Topic};

const TOPIC: Keys = Keys {
    honoured: &["FifoTopic", "Subscription"],
    harmless: &[
        "DisplayName",
        "KmsMasterKeyId",
        "SignatureVersion",
        "Tags",
        "TopicName",
        "TracingConfig",
    ],
};
const SUBSCRIPTION: Keys = Keys {
    honoured: &[
        "Endpoint",
        "FilterPolicy",
        "FilterPolicyScope",
        "Protocol",
        "RawMessageDelivery",
        "TopicArn",
    ],
    // A queue here takes whatever it is handed.
    harmless: &["DeliveryPolicy", "RedrivePolicy", "Region"],
};
const SUPPORTED: &str = "sqs to a queue of the template, or email, http, https, sms: nothing of the template is called";

pub(super) fn topic<'a>(context: &'a Context<'a>, id: &str, resource: &Resource<'a>) -> Result<Topic, Fault> {
    let written = resource.properties.and_then(Node::entries).unwrap_or(&[]);
    let topic = Properties::read(context, id, resource.line, written, TOPIC)?;
    if topic.flag("FifoTopic")? == Some(true) {
        return Err(topic.unsupported("FifoTopic", "a FIFO topic", "false: a standard topic"));
    }
    for inline in topic.list("Subscription")? {
        let protocol = inline.get("Protocol").and_then(Node::scalar).unwrap_or_default();
        if calls(&protocol) {
            let what = format!("a subscription with protocol {protocol} within its topic");
            return Err(Fault::unsupported(inline.line, "", what, "an AWS::SNS::Subscription"));
        }
    }
    Ok(Topic {
        name: context.name(id, resource)?,
    })
}

/// A subscription of a queue of the template; none of people, who are not here.
pub(super) fn subscription<'a>(
    context: &'a Context<'a>,
    id: &str,
    resource: &Resource<'a>,
) -> Result<Option<Subscription>, Fault> {
    let written = resource.properties.and_then(Node::entries).unwrap_or(&[]);
    let read = Properties::read(context, id, resource.line, written, SUBSCRIPTION)?;
    let protocol = read.required_text("Protocol")?;
    if !calls(&protocol) {
        return Ok(None);
    }
    if protocol != "sqs" {
        let (line, what) = (
            read.line_of("Protocol"),
            format!("a subscription with protocol {protocol}"),
        );
        return Err(Fault::unsupported(line, "", what, SUPPORTED));
    }
    if read.flag("RawMessageDelivery")? == Some(true) {
        return Err(read.unsupported("RawMessageDelivery", "a message without its envelope", "false"));
    }
    let filter = read.json("FilterPolicy")?;
    if let Some(filter) = &filter {
        let scope = read.text("FilterPolicyScope")?.unwrap_or_default();
        if scope != "MessageBody" {
            return Err(read.unsupported(
                "FilterPolicy",
                "a policy on message attributes",
                "FilterPolicyScope: MessageBody",
            ));
        }
        pattern::check(filter).map_err(|problem| read.invalid("FilterPolicy", &problem))?;
    }
    Ok(Some(Subscription {
        topic: read.required_resource("TopicArn", &[Kind::Topic])?.1,
        queue: read.required_resource("Endpoint", &[Kind::Queue])?.1,
        filter,
    }))
}

/// Whether a protocol calls something that a template may hold.
fn calls(protocol: &str) -> bool {
    matches!(protocol, "lambda" | "sqs" | "firehose")
}
