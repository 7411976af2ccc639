//! Putting a claimed message on its channel, and what became of it.

use channels::PublishError;
use jiff::{SignedDuration, Timestamp};
use ledger::MemberId;
use messages::{Delay, Device, Phone, Send};
use programme::Channel;
use store::{Commit, Outcome, StoreError, StoredProfile};

use crate::{Publisher, THROTTLE_PAUSE, again};

/// Where a message goes, as the profile of a version says.
pub(crate) struct Target {
    to: To,
    pub(crate) profile_version: u64,
}

enum To {
    Phone(Phone),
    Device { device: Device, endpoint: String },
}

impl Publisher {
    /// The address of a message; none where the profile has none that can be used. A device's first message makes its
    /// endpoint, which is kept in the profile.
    pub(crate) async fn target(
        &self,
        send: &Send,
        member: &MemberId,
        stored: StoredProfile,
    ) -> Result<Option<Target>, StoreError> {
        let StoredProfile {
            mut profile,
            version,
            mark,
        } = stored;
        match send.channel {
            Channel::Sms => Ok(profile.phone.map(|phone| Target {
                to: To::Phone(phone),
                profile_version: version,
            })),
            Channel::Push => {
                let Some(mut device) = profile.device.clone() else {
                    return Ok(None);
                };
                if let Some(endpoint) = device.endpoint.clone() {
                    return Ok(Some(Target {
                        to: To::Device { device, endpoint },
                        profile_version: version,
                    }));
                }
                let endpoint = match self.sns.endpoint_for(&device).await {
                    Ok(endpoint) => endpoint,
                    Err(PublishError::OptedOut) => return Ok(None),
                    Err(PublishError::Refused(code)) => {
                        tracing::warn!("a device's endpoint could not be made: {code}");
                        return Ok(None);
                    }
                    Err(_) => return Err(StoreError::Unreachable),
                };
                device.endpoint = Some(endpoint.clone());
                profile.device = Some(device.clone());
                // Where the profile changed meanwhile, the claim finds so and the message is judged again.
                let put = self.store.put_profile(member, &profile, &mark, Some(version)).await?;
                let profile_version = if put == Commit::Done { version + 1 } else { version };
                Ok(Some(Target {
                    to: To::Device { device, endpoint },
                    profile_version,
                }))
            }
        }
    }

    /// Stops a number that opted out at SNS, so that nothing more is claimed for it. Where that fails, the list of SNS says so
    /// within a day.
    async fn stop(&self, target: &Target, now: Timestamp) {
        let To::Phone(phone) = &target.to else { return };
        match self.store.stop_listed(phone, (now, now), now).await {
            Ok(_) => tracing::info!("a number that opted out at SNS is stopped"),
            Err(why) => tracing::warn!("a number that opted out at SNS could not be stopped: {why}"),
        }
    }

    /// Pushes once. Of a device that several members have, the endpoint goes with the first of them who is forgotten: then nothing
    /// left, and it goes to one that is made anew.
    async fn push(
        &self,
        member: &MemberId,
        (device, endpoint): (&Device, &str),
        send: &Send,
        lifetime: SignedDuration,
    ) -> Result<String, PublishError> {
        let pushed = self.sns.publish_push(endpoint, device.platform, &send.text, lifetime);
        match pushed.await {
            Err(PublishError::Refused(code)) if code == "NotFound" => {}
            pushed => return pushed,
        }
        let new = self.sns.endpoint_for(device).await?;
        if let Err(why) = self.store.replace_endpoint(member, endpoint, &new).await {
            tracing::warn!("a device's new endpoint could not be kept, and the next message makes it again: {why}");
        }
        self.sns.publish_push(&new, device.platform, &send.text, lifetime).await
    }

    /// Publishes once.
    pub(crate) async fn publish(
        &self,
        member: &MemberId,
        (target, send): (&Target, &Send),
        lifetime: SignedDuration,
        attempt: u32,
        now: Timestamp,
    ) -> Outcome {
        let published = match &target.to {
            To::Phone(phone) => self.sns.publish_sms(phone, &send.text.body, send.purpose).await,
            To::Device { device, endpoint } => self.push(member, (device, endpoint), send, lifetime).await,
        };
        match published {
            Ok(message_id) => Outcome::Sent { message_id, at: now },
            Err(PublishError::Refused(code)) => {
                tracing::warn!("SNS refused a message: {code}");
                Outcome::Failed { reason: code }
            }
            Err(PublishError::OptedOut) => {
                self.stop(target, now).await;
                Outcome::Failed {
                    reason: "opted-out".to_owned(),
                }
            }
            Err(PublishError::Throttled) => Outcome::Deferred {
                until: now.checked_add(THROTTLE_PAUSE).unwrap_or(now),
                by: Delay::Throttled,
            },
            Err(PublishError::Unknown) => Outcome::Unknown {
                again: again(Some(send.purpose), attempt, now),
            },
        }
    }
}
