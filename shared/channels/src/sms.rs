//! SMS by `sns:Publish` to a phone number.

use messages::Phone;
use programme::Purpose;

use crate::{PublishError, Sns, attribute, failure, once};

impl Sns {
    /// Publishes an SMS once; gives SNS's message id.
    pub async fn publish_sms(&self, phone: &Phone, text: &str, purpose: Purpose) -> Result<String, PublishError> {
        self.sms(phone, text, purpose, None).await
    }

    /// Answers an SMS once, from the number it was sent to, where that is one.
    pub async fn answer_sms(&self, phone: &Phone, text: &str, from: Option<&str>) -> Result<String, PublishError> {
        let from = from.filter(|from| is_number(from));
        self.sms(phone, text, Purpose::Transactional, from).await
    }

    /// Takes a number off the provider's own list of those who opted out.
    pub async fn opt_in(&self, phone: &Phone) -> Result<(), PublishError> {
        let opted = self
            .client
            .opt_in_phone_number()
            .phone_number(phone.reveal())
            .send()
            .await;
        opted.map(|_| ()).map_err(|error| failure(&error))
    }

    /// Whether a number is on that list.
    pub async fn is_opted_out(&self, phone: &Phone) -> Result<bool, PublishError> {
        let check = self.client.check_if_phone_number_is_opted_out();
        let checked = check.phone_number(phone.reveal()).send().await;
        checked
            .map(|checked| checked.is_opted_out)
            .map_err(|error| failure(&error))
    }

    /// A page of that list, a hundred numbers at the most, and where the next begins. What is no number of a phone is left out.
    pub async fn opted_out(&self, after: Option<&str>) -> Result<(Vec<Phone>, Option<String>), PublishError> {
        let list = self.client.list_phone_numbers_opted_out();
        let page = list.set_next_token(after.map(str::to_owned)).send().await;
        let page = page.map_err(|error| failure(&error))?;
        let phones = page.phone_numbers.unwrap_or_default().into_iter();
        let next = page.next_token.filter(|next| !next.is_empty());
        Ok((phones.filter_map(|phone| phone.parse().ok()).collect(), next))
    }

    async fn sms(
        &self,
        phone: &Phone,
        text: &str,
        purpose: Purpose,
        from: Option<&str>,
    ) -> Result<String, PublishError> {
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
        if let Some(from) = from {
            publish = publish.message_attributes("AWS.MM.SMS.OriginationNumber", attribute("String", from)?);
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

/// A long or a short number, as SNS takes one to send from. An agent's name is none.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (5..=14).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}
