//! SMS by `sns:Publish` to a phone number.

use messages::Phone;
use programme::Purpose;

use crate::{PublishError, Sns, attribute, failure, once};

impl Sns {
    /// Publishes an SMS once; gives SNS's message id.
    pub async fn publish_sms(&self, phone: &Phone, text: &str, purpose: Purpose) -> Result<String, PublishError> {
        let kind = match purpose {
            Purpose::Transactional => "Transactional",
            Purpose::Promotional => "Promotional",
        };
        let mut publish = self
            .client
            .publish()
            .phone_number(phone.reveal())
            .message(text)
            .message_attributes("AWS.SNS.SMS.SMSType", attribute("String", kind)?);
        if let Some(sender) = &self.sender_id {
            publish = publish.message_attributes("AWS.SNS.SMS.SenderID", attribute("String", sender)?);
        }
        let published = publish
            .customize()
            .config_override(once())
            .send()
            .await
            .map_err(|error| failure(&error))?;
        Ok(published.message_id.unwrap_or_default())
    }
}
