//! Mobile push by `sns:Publish` to a platform endpoint.

use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use jiff::SignedDuration;
use messages::{Device, Platform};
use programme::Rendered;
use serde_json::{Value, json};

use crate::{PublishError, Sns, attribute, failure, once};

impl Sns {
    /// Whether push can be sent to a platform at all.
    pub fn serves(&self, platform: Platform) -> bool {
        self.applications.contains_key(platform.name())
    }

    /// The endpoint of a device, made where there is none yet. Making one for a known token gives the known endpoint.
    pub async fn endpoint_for(&self, device: &Device) -> Result<String, PublishError> {
        let application = self.applications.get(device.platform.name());
        let application = application.ok_or_else(|| PublishError::Refused("NoPlatformApplication".to_owned()))?;
        let made = self
            .client
            .create_platform_endpoint()
            .platform_application_arn(application)
            .token(&device.token)
            .send()
            .await;
        match made {
            Ok(made) => Ok(made.endpoint_arn.unwrap_or_default()),
            Err(error) => match known_endpoint(&error) {
                // The token is known with other attributes or was disabled: it is ours again.
                Some(endpoint) => {
                    let attributes = [
                        ("Token".to_owned(), device.token.clone()),
                        ("Enabled".to_owned(), "true".to_owned()),
                    ];
                    let set = self
                        .client
                        .set_endpoint_attributes()
                        .endpoint_arn(&endpoint)
                        .set_attributes(Some(attributes.into()));
                    set.send().await.map_err(|error| failure(&error))?;
                    Ok(endpoint)
                }
                // Nothing was published yet, so an endpoint that could not be made is worth another try.
                None => Err(match failure(&error) {
                    PublishError::Unknown => PublishError::Throttled,
                    other => other,
                }),
            },
        }
    }

    /// Deletes an endpoint, with the token that SNS keeps of it. One that is gone is no error.
    pub async fn delete_endpoint(&self, endpoint: &str) -> Result<(), PublishError> {
        let deleted = self.client.delete_endpoint().endpoint_arn(endpoint).send().await;
        deleted.map(|_| ()).map_err(|error| failure(&error))
    }

    /// Publishes a push once; gives SNS's message id. `lifetime` is how long a push service may hold it.
    pub async fn publish_push(
        &self,
        endpoint: &str,
        platform: Platform,
        text: &Rendered,
        lifetime: SignedDuration,
    ) -> Result<String, PublishError> {
        let seconds = lifetime.as_secs().max(60);
        let name = match platform {
            Platform::Gcm => "AWS.SNS.MOBILE.FCM.TTL",
            Platform::Apns => "AWS.SNS.MOBILE.APNS.TTL",
        };
        let publish = self
            .client
            .publish()
            .target_arn(endpoint)
            .message_structure("json")
            .message(payload(platform, text, seconds).to_string())
            .message_attributes(name, attribute("String", &seconds.to_string())?);
        let published = publish
            .customize()
            .config_override(once())
            .send()
            .await
            .map_err(|error| failure(&error))?;
        Ok(published.message_id.unwrap_or_default())
    }
}

/// The message by platform. Each platform's value is itself JSON as text; `default` must be there.
fn payload(platform: Platform, text: &Rendered, seconds: i64) -> Value {
    let alert = json!({ "title": text.title, "body": text.body });
    let own = match platform {
        Platform::Gcm => json!({ "fcmV1Message": { "message": {
            "notification": alert,
            "android": { "priority": "high", "ttl": format!("{seconds}s") },
        }}}),
        Platform::Apns => json!({ "aps": { "alert": alert, "sound": "default" } }),
    };
    let mut payload = json!({ "default": text.body });
    if let Some(values) = payload.as_object_mut() {
        values.insert(platform.name().to_owned(), Value::String(own.to_string()));
    }
    payload
}

/// SNS names the endpoint it has for a token in its refusal, and nowhere else.
fn known_endpoint<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Option<String> {
    let message = error.as_service_error()?.message()?;
    let (_, rest) = message.split_once("Endpoint ")?;
    let (endpoint, rest) = rest.split_once(' ')?;
    (endpoint.starts_with("arn:") && rest.starts_with("already exists with the same")).then(|| endpoint.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn a_push_is_json_within_json() {
        let text = Rendered {
            title: "+29 points".to_owned(),
            body: "You have \"29\"".to_owned(),
        };
        for platform in [Platform::Gcm, Platform::Apns] {
            let payload = payload(platform, &text, 3600);
            assert_eq!(payload["default"], text.body.as_str());
            let own: Value = serde_json::from_str(payload[platform.name()].as_str().unwrap()).unwrap();
            let alert = match platform {
                Platform::Gcm => &own["fcmV1Message"]["message"]["notification"],
                Platform::Apns => &own["aps"]["alert"],
            };
            assert_eq!(alert["body"], text.body.as_str());
        }
    }
}
