//! The channels a message leaves by: SMS and mobile push, through SNS.
//!
//! No send API takes an idempotency token, so the SDK's retries are off for the publish itself, and every error says
//! whether the message certainly did not leave.

mod push;
mod sms;

use std::collections::BTreeMap;

use aws_sdk_sns::Client;
use aws_sdk_sns::config::Config;
use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sns::types::MessageAttributeValue;

/// SNS, with what is configured for it.
#[derive(Debug, Clone)]
pub struct Sns {
    client: Client,
    /// Shown as the sender of SMS, where the country allows it.
    sender_id: Option<String>,
    /// The ARN of the platform application by platform name.
    applications: BTreeMap<String, String>,
}

/// Why a message was not published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// SNS refused it; it did not leave and never will as it is. The text is SNS's error code.
    #[error("SNS refused the message: {0}")]
    Refused(String),
    /// SNS has the number on its own list of those who opted out: nothing leaves for it.
    #[error("the number opted out at SNS")]
    OptedOut,
    /// It did not leave, and may go a little later.
    #[error("SNS takes no more messages now")]
    Throttled,
    /// Nobody knows whether it left.
    #[error("SNS did not answer")]
    Unknown,
}

impl Sns {
    pub fn new(client: Client, sender_id: Option<String>, applications: BTreeMap<String, String>) -> Self {
        Self {
            client,
            sender_id,
            applications,
        }
    }

    /// Opens the connection with a cheap question, so that the first message does not wait for it.
    pub async fn connect(&self) -> Result<(), PublishError> {
        match self
            .client
            .get_sms_attributes()
            .attributes("DefaultSMSType")
            .send()
            .await
        {
            Ok(_) => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }
}

/// Overrides for the publish: once, and never again by itself.
fn once() -> aws_sdk_sns::config::Builder {
    Config::builder().retry_config(RetryConfig::disabled())
}

fn attribute(kind: &str, value: &str) -> Result<MessageAttributeValue, PublishError> {
    let attribute = MessageAttributeValue::builder()
        .data_type(kind)
        .string_value(value)
        .build();
    attribute.map_err(|_| PublishError::Refused("InvalidAttribute".to_owned()))
}

fn says_opted_out(message: Option<&str>) -> bool {
    message.is_some_and(|message| message.contains("opted out"))
}

fn failure<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> PublishError {
    match error {
        SdkError::ConstructionFailure(_) => PublishError::Refused("InvalidRequest".to_owned()),
        SdkError::ServiceError(context) => match context.err().code() {
            // Throttling is not modelled for Publish and arrives under several names.
            Some("Throttling" | "ThrottlingException" | "ThrottledException" | "Throttled") => PublishError::Throttled,
            // A fault on their side may come after the message went.
            None | Some("InternalError" | "InternalFailure" | "ServiceUnavailable") => PublishError::Unknown,
            Some("OptedOut") => PublishError::OptedOut,
            // Not every one of its ways to say so has a code of its own.
            Some("InvalidParameter") if says_opted_out(context.err().message()) => PublishError::OptedOut,
            Some(code) => PublishError::Refused(code.to_owned()),
        },
        _ => PublishError::Unknown,
    }
}
