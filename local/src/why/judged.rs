//! Messages in plain sentences: what became of each, and why.

use jiff::{SignedDuration, Timestamp};
use messages::{Delay, Intent, Profile, Verdict, Way, as_one, decide, quiet_until, ways};
use programme::{Channel, MessageKind, Rendered, RewardName, Switch, Zone};
use store::{Change, Evidence, MessageRecord, State};

use super::replay::{Programmes, Step};
use super::replied;
use super::told::MessageTold;

/// What messages are judged by.
pub(super) struct Judged<'a> {
    pub(super) programmes: &'a Programmes,
    pub(super) steps: &'a [Step<'a>],
    /// From when on the profile was what it was.
    pub(super) profiles: &'a [(Timestamp, Profile)],
    /// All of the member's messages.
    pub(super) records: &'a [MessageRecord],
    pub(super) changes: &'a [Change],
    /// What was replied from the member's number, in order of its arrival.
    pub(super) replies: &'a [Evidence],
    pub(super) zone: Zone,
    pub(super) now: Timestamp,
}

impl Judged<'_> {
    /// A message that a step stated.
    pub(super) fn message(&self, record: &MessageRecord, place: usize) -> MessageTold {
        let stated = self.steps.get(place).map_or(record.intent.at, |step| step.decided);
        let mut says = Vec::new();
        let mut text = None;
        if let Some(until) = record.deferred_until {
            says.push(self.put_off(record, stated, until));
        }
        let first = record.deferred_until.unwrap_or(stated);
        match record.state {
            State::Sent => {
                let sent = record.sent_at.unwrap_or(first);
                says.extend(self.held(record, first, sent));
                says.push(self.sent(record, sent));
                text = self.text(record, place, sent);
            }
            State::Suppressed => {
                let reason = record.reason.as_deref().unwrap_or_default();
                says.push(format!("never went: {}", self.suppressed(record, reason, first)));
            }
            State::Paused => says.push(self.waits_for_operator(record)),
            State::Deferred => {}
            State::Merged => says.push(format!(
                "went as one with {}",
                record.into.as_deref().unwrap_or("another, which is not known")
            )),
            State::Intent | State::Ready => says.push("is about to be decided".to_owned()),
            State::Claimed => says.push("is being sent, or whoever sent it died".to_owned()),
            State::Failed => {
                let code = record.reason.as_deref().unwrap_or("it did not say why");
                says.push(format!("SNS refused it: {code}"));
            }
            State::Unknown => says.push(
                "was handed to SNS and no answer came: nobody knows whether it left, and one that is promotional is not \
                 sent again"
                    .to_owned(),
            ),
        }
        MessageTold {
            key: record.intent.key(),
            state: record.state.name(),
            channel: record.channel.map(Channel::name),
            reason: record.reason.clone(),
            says,
            text,
        }
    }

    pub(super) fn local(&self, at: Timestamp) -> String {
        let local = self.zone.rules().to_datetime(at);
        local.strftime("%Y-%m-%d %H:%M").to_string()
    }

    fn put_off(&self, record: &MessageRecord, stated: Timestamp, until: Timestamp) -> String {
        let programme = self.programmes.plain();
        let quiet = programme.quiet_hours;
        let by = if record.deferred_by.as_deref() == Some(Delay::OwnHours.name()) {
            self.by_own_hours(stated)
        } else if record.deferred_by.as_deref() == Some(Delay::OwnFrequency.name()) {
            "for the member was sent as many as they want".to_owned()
        } else if record.deferred_by.as_deref() == Some(Delay::LegalHours.name()) {
            self.by_law(stated)
        } else if record.deferred_by.as_deref() == Some(Delay::LocalTime.name()) {
            "for its time, where the member lives".to_owned()
        } else if record.deferred_by.as_deref() == Some(Delay::Cap.name()) {
            "by a cap: the member was sent as many as it allows".to_owned()
        } else if record.deferred_by.as_deref() == Some(Delay::Budget.name()) {
            "for what messages may cost was spent".to_owned()
        } else if record.deferred_by.as_deref() == Some(Delay::Rate.name()) {
            "for others went first, as fast as whoever takes messages takes them".to_owned()
        } else if record.deferred_by.as_deref() == Some(Delay::Throttled.name()) {
            "for SNS had asked for a pause".to_owned()
        } else if record.deferred_by.as_deref() == Some(Delay::Digest.name()) {
            "to go as one with others of its digest".to_owned()
        } else if record.deferred_by.as_deref() == Some(Delay::Late.name()) {
            "for it was late, to go as one with what else was".to_owned()
        } else if quiet_until(quiet, self.zone, stated) == Some(until) {
            format!(
                "by quiet hours ({} to {} in {})",
                quiet.from,
                quiet.to,
                self.zone.name()
            )
        } else {
            "and not by the quiet hours as they are now: they were others then, or SNS had asked for a pause".to_owned()
        };
        format!("put off until {} {by}", self.local(until))
    }

    fn by_law(&self, at: Timestamp) -> String {
        let phone = self.profile(at).and_then(|profile| profile.phone.as_ref());
        let hours = phone.and_then(|phone| self.programmes.at(at).legal_hours(phone.reveal()));
        let place = hours.map_or("the number's country", |hours| hours.place);
        format!("by law: no text may advertise at that hour in {place}")
    }

    fn by_own_hours(&self, at: Timestamp) -> String {
        let preferences = self.profile(at).and_then(|profile| profile.preferences.as_deref());
        match preferences.and_then(|own| own.hours) {
            Some(hours) => format!(
                "for the member wants messages from {} to {} in {}",
                hours.from,
                hours.to,
                self.zone.name()
            ),
            None => "for the member wanted no messages at that hour".to_owned(),
        }
    }

    /// By whom it was held until it went.
    fn held(&self, record: &MessageRecord, first: Timestamp, sent: Timestamp) -> Option<String> {
        let (intent, channel) = (&record.intent, record.channel?);
        if sent <= first {
            return None;
        }
        // It may have been resumed at the very instant.
        let before = first.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(first);
        let mut then = [first, before].into_iter().map(|at| self.programmes.at(at));
        let held = then.find_map(|programme| programme.paused.holds(intent.kind, &intent.cause, channel))?;
        let pause = self.pause(&held, first)?;
        let resumed = self
            .changes
            .iter()
            .find(|change| change.switch == held && !change.paused && first <= change.at && change.at <= sent)?;
        Some(format!(
            "waited until {}: {held} was paused {}",
            self.local(resumed.at),
            self.by(pause)
        ))
    }

    fn pause(&self, switch: &Switch, at: Timestamp) -> Option<&Change> {
        let mut before = self.changes.iter().rev();
        before.find(|change| change.paused && change.switch == *switch && change.at <= at)
    }

    fn by(&self, change: &Change) -> String {
        format!("at {} by {}: {}", self.local(change.at), change.by, change.reason)
    }

    fn sent(&self, record: &MessageRecord, sent: Timestamp) -> String {
        let by = record.channel.map_or("", spoken);
        let not_by = self.closed(&record.intent, record.channel, sent);
        let parts = if record.parts > 1 {
            format!(" in {} parts", record.parts)
        } else {
            String::new()
        };
        format!("sent by {by} at {}{parts}{not_by}", self.local(sent))
    }

    /// The channels that were asked before one, and why they did not carry it.
    fn closed(&self, intent: &Intent, taken: Option<Channel>, at: Timestamp) -> String {
        let rule = self.programmes.at(at).rule(intent.kind, &intent.cause);
        let Some((rule, profile)) = rule.zip(self.profile(at)) else {
            return String::new();
        };
        let asked = ways(rule.channels.get_ref(), rule.purpose, profile);
        let asked = asked.take_while(|(channel, _)| Some(*channel) != taken);
        let closed = asked.map(|(channel, way)| match (way, channel) {
            (Way::Unreachable, Channel::Sms) if profile.phone.is_some() => {
                "; not by SMS: the number is no mobile number".to_owned()
            }
            (Way::Unreachable, Channel::Sms) => "; not by SMS: no phone is known".to_owned(),
            (Way::Unreachable, Channel::Push) => "; not by push: no device is known".to_owned(),
            (Way::NoConsent, _) => {
                let (purpose, by) = (rule.purpose.name(), spoken(channel));
                format!("; not by {by}: no consent to {purpose} messages by it")
            }
            (Way::Stopped, _) => match replied::stop(self.replies, at) {
                Some(reply) => format!(
                    "; not by {}: the number was told to stop at {} by {}",
                    spoken(channel),
                    self.local(reply.at),
                    replied::cause(reply)
                ),
                None => format!("; not by {}: the number was told to stop", spoken(channel)),
            },
            (Way::Open, _) => format!("; not by {}, which is open now", spoken(channel)),
        });
        closed.collect()
    }

    fn suppressed(&self, record: &MessageRecord, reason: &str, at: Timestamp) -> String {
        let intent = &record.intent;
        let closed = || {
            let closed = self.closed(intent, None, at);
            closed.trim_start_matches("; ").to_owned()
        };
        match reason {
            "no-consent" | "stopped-by-member" | "unreachable" => closed(),
            "too-late" => {
                let useful = self.local(intent.useful_until);
                match quiet_until(self.programmes.plain().quiet_hours, self.zone, at) {
                    Some(until) if until > intent.useful_until => format!(
                        "it was useful until {useful}, and quiet hours ended at {}",
                        self.local(until)
                    ),
                    _ => format!("it was useful until {useful}, and could not go before"),
                }
            }
            "over-cap" => {
                "the member was sent as many as a cap allows, and would have been until it was of no use".to_owned()
            }
            "topic-off" => self.topic_off(intent, at),
            "own-hours" => "the hours in which the member wants messages came too late for it".to_owned(),
            "own-frequency" => {
                "the member was sent as many as they want, and would have been until it was of no use".to_owned()
            }
            "missed" => "it was late, and its kind does not go late".to_owned(),
            "unapproved" => {
                "who carries SMS where the number is from has not approved its text; `regulars approvals` tells more"
                    .to_owned()
            }
            "over-budget" => "what messages may cost was spent for as long as it was of use".to_owned(),
            "no-longer-true" => no_longer_true(intent.kind).to_owned(),
            "too-long" => {
                "its text is longer than its channel takes; `regulars check` and the texts tell more".to_owned()
            }
            "text" => "its text could not be written; the log of publish-messages says why".to_owned(),
            "unknown-member" => "nobody had signed up by then".to_owned(),
            other => other.to_owned(),
        }
    }

    fn topic_off(&self, intent: &Intent, at: Timestamp) -> String {
        let programme = self.programmes.at(at).at(at);
        match programme.topic(intent.kind, &intent.cause, intent.facts.campaign.as_deref()) {
            Some(topic) => format!("the member wants no offers of the topic {}", topic.name),
            None => "the member wants no offers of its topic".to_owned(),
        }
    }

    fn waits_for_operator(&self, record: &MessageRecord) -> String {
        let account = self.steps.last().and_then(|step| step.after.as_ref());
        let (waiting, now) = ((&record.intent, record.waited(self.now)), self.now);
        let verdict = account
            .zip(self.profile(now))
            .map(|(account, profile)| decide(self.programmes.at(now), waiting, (account, profile), &[], now));
        let held = match verdict {
            Some(Ok(Verdict::Wait { paused })) => Some(paused),
            _ => None,
        };
        match held.and_then(|held| Some((self.pause(&held, self.now)?, held))) {
            Some((pause, held)) => format!("waits until {held} is resumed, paused {}", self.by(pause)),
            None => "waits; what it waited for is resumed, and the alarm clock's next round lets it go".to_owned(),
        }
    }

    /// What it said, by the account and the profile of then. Of several commits of one instant nobody knows which of them
    /// it has seen, so that all must give the same.
    fn text(&self, record: &MessageRecord, place: usize, sent: Timestamp) -> Option<String> {
        let until = self.steps.partition_point(|step| step.decided <= sent);
        let surely = self.steps.partition_point(|step| step.decided < sent);
        let seen = self.steps.get(place.max(surely.saturating_sub(1))..until)?;
        // Until here everything is as the ledger says.
        let exact = self.steps.get(..until)?.iter().all(|step| step.otherwise.is_none());
        let profile = self.profile(sent).filter(|_| exact)?;
        let (programme, waiting) = (self.programmes.at(sent), (&record.intent, record.waited(sent)));
        let merged = record.merges.iter().filter_map(|key| {
            let mut records = self.records.iter();
            records
                .find(|other| other.intent.key() == *key)
                .map(|other| &other.intent)
        });
        let merged: Vec<&Intent> = merged.collect();
        let gone: Vec<RewardName> = record.gone.iter().filter_map(|name| name.parse().ok()).collect();
        let mut texts = seen.iter().map(|step| {
            let account = step.after.as_ref()?;
            let verdict = decide(programme, waiting, (account, profile), &gone, sent).ok()?;
            let verdict = match verdict {
                Verdict::Send(alone) if !merged.is_empty() => Verdict::Send(as_one(
                    programme,
                    (&record.intent, &alone),
                    &merged,
                    (account, profile, &gone),
                    sent,
                )?),
                other => other,
            };
            match verdict {
                Verdict::Send(again) if Some(again.channel) == record.channel && again.parts == record.parts => {
                    Some(again.text)
                }
                Verdict::Send(_) | Verdict::Defer { .. } | Verdict::Wait { .. } | Verdict::Suppress(_) => None,
            }
        });
        let text = texts.next()??;
        let is_same = texts.all(|other| other.as_ref() == Some(&text));
        is_same.then(|| said(&text))
    }

    fn profile(&self, at: Timestamp) -> Option<&Profile> {
        let mut known = self.profiles.iter().rev();
        known.find(|(from, _)| *from <= at).map(|(_, profile)| profile)
    }
}

/// A text in one line.
pub(super) fn said(text: &Rendered) -> String {
    let Rendered { title, body } = text;
    if title.is_empty() {
        body.clone()
    } else {
        format!("{title}: {body}")
    }
}

pub(super) fn spoken(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "SMS",
        Channel::Push => "push",
    }
}

/// What had become untrue.
fn no_longer_true(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::PointsExpiring => "none of these points were left, or their last day was over",
        MessageKind::PointsEarned => "the order had come back, and its points with it",
        MessageKind::PointsPending => "no points waited for that day any longer",
        MessageKind::TierAtRisk => "the review would not take the tier any longer, or was over",
        MessageKind::TierUpgraded => "the member was not in that tier any longer",
        MessageKind::Birthday => "the birthday was over where the member lives",
        MessageKind::RewardReady | MessageKind::RewardExpiring => {
            "the member had not got the reward any longer: it was used, given back, or had lapsed"
        }
        MessageKind::CartLeft => "the member had bought something since, or the cart had changed",
        MessageKind::Broadcast => "the member was not in its audience any longer, or the programme had it no longer",
        MessageKind::Welcome
        | MessageKind::PointsUnlocked
        | MessageKind::PointsExpired
        | MessageKind::PointsReturned
        | MessageKind::PointsReceived
        | MessageKind::Anniversary => "the programme does not tell of it any longer",
    }
}
