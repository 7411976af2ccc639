//! Devices as SNS knows them: an endpoint for each token of a platform application.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::sns::{Form, Refusal, To};

/// A device's endpoint and its attributes (`Token`, `Enabled`, `CustomUserData`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Endpoint {
    pub(super) arn: String,
    pub(super) platform: String,
    pub(super) attributes: BTreeMap<String, String>,
    /// It was deleted.
    #[serde(default)]
    pub(super) gone: bool,
}

#[derive(Debug, Default)]
pub(super) struct Endpoints {
    endpoints: Mutex<BTreeMap<String, Endpoint>>,
}

impl Endpoints {
    pub(super) fn new(endpoints: Vec<Endpoint>) -> Self {
        let mut known = BTreeMap::new();
        for endpoint in endpoints {
            if endpoint.gone {
                known.remove(&endpoint.arn);
            } else {
                known.insert(endpoint.arn.clone(), endpoint);
            }
        }
        Self {
            endpoints: Mutex::new(known),
        }
    }

    /// Where a publish to an endpoint goes, if the endpoint is there and enabled.
    pub(super) fn target(&self, arn: &str) -> Result<To, Refusal> {
        if !arn.starts_with("arn:") || !arn.contains(":endpoint/") {
            return Err(Refusal::invalid(format!(
                "TargetArn Reason: {arn} is not valid to publish to"
            )));
        }
        let endpoints = self.lock();
        let Some(endpoint) = endpoints.get(arn) else {
            return Err(not_found());
        };
        if endpoint.attributes.get("Enabled").map(String::as_str) != Some("true") {
            return Err(Refusal {
                status: 400,
                code: "EndpointDisabled",
                message: "Endpoint is disabled".to_owned(),
            });
        }
        Ok(To::Endpoint {
            arn: arn.to_owned(),
            token: endpoint.attributes.get("Token").cloned().unwrap_or_default(),
            platform: endpoint.platform.clone(),
        })
    }

    /// `CreatePlatformEndpoint`: the same token and attributes give the same endpoint again.
    pub(super) fn create(&self, form: &Form) -> Result<Endpoint, Refusal> {
        let application = required(form, "PlatformApplicationArn")?;
        let token = required(form, "Token")?;
        let Some((head, path)) = application.split_once(":app/") else {
            return Err(Refusal::invalid(
                "PlatformApplicationArn Reason: not an ARN of a platform application",
            ));
        };
        let platform = path.split('/').next().unwrap_or_default().to_owned();
        let mut attributes = entries(form);
        attributes.insert("Token".to_owned(), token.to_owned());
        attributes
            .entry("Enabled".to_owned())
            .or_insert_with(|| "true".to_owned());
        if let Some(data) = form.get("CustomUserData").filter(|data| !data.is_empty()) {
            attributes.insert("CustomUserData".to_owned(), data.clone());
        }
        let prefix = format!("{head}:endpoint/{path}/");
        let mut endpoints = self.lock();
        let known = endpoints.values().find(|endpoint| {
            endpoint.arn.starts_with(&prefix) && endpoint.attributes.get("Token").map(String::as_str) == Some(token)
        });
        if let Some(known) = known {
            if known.attributes == attributes {
                return Ok(known.clone());
            }
            return Err(Refusal::invalid(format!(
                "Token Reason: Endpoint {} already exists with the same Token, but different attributes.",
                known.arn
            )));
        }
        let endpoint = Endpoint {
            arn: format!("{prefix}{}", name(&prefix, token)),
            platform,
            attributes,
            gone: false,
        };
        endpoints.insert(endpoint.arn.clone(), endpoint.clone());
        Ok(endpoint)
    }

    pub(super) fn get(&self, form: &Form) -> Result<Endpoint, Refusal> {
        let arn = required(form, "EndpointArn")?;
        self.lock().get(arn).cloned().ok_or_else(not_found)
    }

    pub(super) fn set(&self, form: &Form) -> Result<Endpoint, Refusal> {
        let arn = required(form, "EndpointArn")?;
        let mut endpoints = self.lock();
        let endpoint = endpoints.get_mut(arn).ok_or_else(not_found)?;
        endpoint.attributes.extend(entries(form));
        Ok(endpoint.clone())
    }

    /// `DeleteEndpoint`: none where it was not there, which is no error.
    pub(super) fn delete(&self, form: &Form) -> Result<Option<Endpoint>, Refusal> {
        let arn = required(form, "EndpointArn")?;
        let deleted = self.lock().remove(arn);
        Ok(deleted.map(|endpoint| Endpoint { gone: true, ..endpoint }))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Endpoint>> {
        self.endpoints.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_found() -> Refusal {
    Refusal {
        status: 404,
        code: "NotFound",
        message: "Endpoint does not exist".to_owned(),
    }
}

fn required<'a>(form: &'a Form, key: &str) -> Result<&'a str, Refusal> {
    form.get(key)
        .map(String::as_str)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| Refusal::invalid(format!("{key} Reason: no value for required parameter")))
}

fn entries(form: &Form) -> BTreeMap<String, String> {
    (1..)
        .map_while(|index| {
            let key = form.get(&format!("Attributes.entry.{index}.key"))?;
            let value = form.get(&format!("Attributes.entry.{index}.value"))?;
            Some((key.clone(), value.clone()))
        })
        .collect()
}

/// The last part of an endpoint's ARN: a UUID's form, the same for the same device.
fn name(application: &str, token: &str) -> String {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, application, token).hash(&mut hasher);
        hasher.finish()
    };
    let (high, low) = (half(0), half(1));
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}
