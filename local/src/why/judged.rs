//! Messages in plain sentences: what became of each, and why.

use jiff::{SignedDuration, Timestamp};
use messages::{Delay, Profile, Verdict, Way, decide, quiet_until, ways};
use programme::{Channel, MessageKind, Rendered, Switch, Zone};
use store::{Change, MessageRecord, State};

use super::replay::{Programmes, Step};
use super::told::MessageTold;

/// What messages are judged by.
pub(super) struct Judged<'a> {
    pub(super) programmes: &'a Programmes,
    pub(super) steps: &'a [Step<'a>],
    /// From when on the profile was what it was.
    pub(super) profiles: &'a [(Timestamp, Profile)],
    pub(super) changes: &'a [Change],
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
        let by = if record.deferred_by.as_deref() == Some(Delay::LegalHours.name()) {
            self.by_law(stated)
        } else if record.deferred_by.as_deref() == Some(Delay::Cap.name()) {
            "by a cap: the member was sent as many as it allows".to_owned()
        } else if record.deferred_by.as_deref() == Some(Delay::Budget.name()) {
            "for what messages may cost was spent".to_owned()
        } else if record.deferred_by.as_deref() == Some(Delay::Throttled.name()) {
            "for SNS had asked for a pause".to_owned()
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

    /// By whom it was held until it went.
    fn held(&self, record: &MessageRecord, first: Timestamp, sent: Timestamp) -> Option<String> {
        let (kind, channel) = (record.intent.kind, record.channel?);
        if sent <= first {
            return None;
        }
        // It may have been resumed at the very instant.
        let before = first.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(first);
        let mut then = [first, before].into_iter().map(|at| self.programmes.at(at));
        let held = then.find_map(|programme| programme.paused.holds(kind, channel))?;
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
        let not_by = self.closed(record.intent.kind, record.channel, sent);
        let parts = if record.parts > 1 {
            format!(" in {} parts", record.parts)
        } else {
            String::new()
        };
        format!("sent by {by} at {}{parts}{not_by}", self.local(sent))
    }

    /// The channels that were asked before one, and why they did not carry it.
    fn closed(&self, kind: MessageKind, taken: Option<Channel>, at: Timestamp) -> String {
        let rule = self.programmes.at(at).message(kind);
        let Some((rule, profile)) = rule.zip(self.profile(at)) else {
            return String::new();
        };
        let asked = ways(rule.channels.get_ref(), rule.purpose, profile);
        let asked = asked.take_while(|(channel, _)| Some(*channel) != taken);
        let closed = asked.map(|(channel, way)| match (way, channel) {
            (Way::Unreachable, Channel::Sms) => "; not by SMS: no phone is known".to_owned(),
            (Way::Unreachable, Channel::Push) => "; not by push: no device is known".to_owned(),
            (Way::NoConsent, _) => {
                let (purpose, by) = (rule.purpose.name(), spoken(channel));
                format!("; not by {by}: no consent to {purpose} messages by it")
            }
            (Way::Open, _) => format!("; not by {}, which is open now", spoken(channel)),
        });
        closed.collect()
    }

    fn suppressed(&self, record: &MessageRecord, reason: &str, at: Timestamp) -> String {
        let intent = &record.intent;
        let closed = || {
            let closed = self.closed(intent.kind, None, at);
            closed.trim_start_matches("; ").to_owned()
        };
        match reason {
            "no-consent" | "unreachable" => closed(),
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

    fn waits_for_operator(&self, record: &MessageRecord) -> String {
        let account = self.steps.last().and_then(|step| step.after.as_ref());
        let verdict = account
            .zip(self.profile(self.now))
            .map(|(account, profile)| decide(self.programmes.at(self.now), &record.intent, account, profile, self.now));
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
        let mut texts = seen.iter().map(|step| {
            let account = step.after.as_ref()?;
            let verdict = decide(self.programmes.at(sent), &record.intent, account, profile, sent);
            match verdict.ok()? {
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

fn spoken(channel: Channel) -> &'static str {
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
        MessageKind::Welcome
        | MessageKind::PointsUnlocked
        | MessageKind::PointsExpired
        | MessageKind::PointsReturned
        | MessageKind::PointsReceived
        | MessageKind::Anniversary => "the programme does not tell of it any longer",
    }
}
