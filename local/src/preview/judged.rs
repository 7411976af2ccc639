//! What would become of a message, by the send decision that production takes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ledger::Account;
use messages::{Delay, Intent, Phone, Profile, Reason, Send, Verdict, Waited, decide};
use programme::{Channel, Encoding, Programme, RewardName, TextError, parts};
use serde::Serialize;

/// So often a message is put off at most: each time by something else.
const PUT_OFF: usize = 8;

/// A member, and what they would be sent.
#[derive(Debug, Serialize)]
pub struct Previewed {
    pub member: String,
    pub locale: String,
    /// In which times are told.
    pub zone: String,
    pub outcome: Outcome,
    /// Why it is put off, held, or never goes, as a word for programs.
    pub reason: Option<String>,
    /// The first instant at which it could go.
    pub at: Option<Timestamp>,
    #[serde(flatten)]
    pub sent: Option<Sent>,
}

/// What would become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Sent,
    Deferred,
    Paused,
    Suppressed,
    /// There is nothing to tell them.
    Nothing,
}

/// What would be sent.
#[derive(Debug, Serialize)]
pub struct Sent {
    pub channel: &'static str,
    /// The last digits of a number.
    pub to: Option<String>,
    pub title: String,
    pub text: String,
    /// None of a push.
    pub encoding: Option<&'static str>,
    pub parts: u32,
    /// In millionths of the currency of `[prices]`; none where there are no prices.
    pub cost_millionths: Option<u64>,
}

impl Previewed {
    /// Somebody who would not be sent it.
    pub(super) fn never(member: String, outcome: Outcome, reason: Option<&str>) -> Self {
        Self {
            member,
            locale: String::new(),
            zone: String::new(),
            outcome,
            reason: reason.map(str::to_owned),
            at: None,
            sent: None,
        }
    }
}

/// What would become of a message that is stated at an instant. `paused` is the programme with what is paused, `programme` the
/// one without.
pub(super) fn judged(
    (programme, paused): (&Programme, &Programme),
    intent: &Intent,
    (account, profile): (&Account, &Profile),
    gone: &[RewardName],
    now: Timestamp,
) -> Result<Previewed, TextError> {
    let told = |outcome, reason: Option<String>, at, send: Option<Send>| Previewed {
        member: intent.member.to_string(),
        locale: programme.at(now).texts.locale_for(&profile.locale).to_owned(),
        zone: profile.zone.clone(),
        outcome,
        reason,
        at,
        sent: send.map(|send| sent(programme.at(now), profile, send)),
    };
    let (mut at, mut by, mut waited) = (now, None::<Delay>, None);
    for _ in 0..PUT_OFF {
        match decide(paused, (intent, waited), (account, profile), gone, at)? {
            Verdict::Send(send) => {
                let outcome = if by.is_some() { Outcome::Deferred } else { Outcome::Sent };
                return Ok(told(outcome, by.map(|by| by.name().to_owned()), Some(at), Some(send)));
            }
            Verdict::Defer { until, by: delay } => {
                by = by.or(Some(delay));
                at = until;
                waited = Some(Waited { until, by: delay });
            }
            Verdict::Wait { paused } => {
                let send = match decide(programme, (intent, waited), (account, profile), gone, at)? {
                    Verdict::Send(send) => Some(send),
                    Verdict::Defer { .. } | Verdict::Wait { .. } | Verdict::Suppress(_) => None,
                };
                return Ok(told(Outcome::Paused, Some(paused.to_string()), None, send));
            }
            Verdict::Suppress(reason) => {
                return Ok(told(Outcome::Suppressed, Some(reason.name().to_owned()), None, None));
            }
        }
    }
    let reason = Some(Reason::TooLate.name().to_owned());
    Ok(told(Outcome::Suppressed, reason, None, None))
}

fn sent(programme: &Programme, profile: &Profile, send: Send) -> Sent {
    let phone = profile.phone.as_ref();
    let prices = programme.prices.as_ref();
    let cost = prices.map(|prices| prices.millionths(send.channel, send.parts, phone.map(Phone::reveal)));
    let is_sms = send.channel == Channel::Sms;
    Sent {
        channel: send.channel.name(),
        to: phone.filter(|_| is_sms).map(Phone::masked),
        encoding: is_sms.then(|| parts(&send.text.body).encoding.name()),
        title: send.text.title,
        text: send.text.body,
        parts: send.parts,
        cost_millionths: cost,
    }
}

/// What all of them come to.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    /// How many members are shown, how many could be told so, and how many there are.
    pub shown: usize,
    pub could_be_told: u64,
    pub members: u64,
    pub at_once: usize,
    pub later: usize,
    pub paused: usize,
    pub suppressed: BTreeMap<String, usize>,
    pub nothing: usize,
    pub sms: usize,
    pub parts: u32,
    /// The most parts of one, and whose it is.
    pub most_parts: u32,
    pub most_parts_of: Option<String>,
    pub ucs2: usize,
    pub cost_millionths: Option<u64>,
}

impl Summary {
    pub(super) fn of(all: &[Previewed], (could_be_told, members): (u64, u64)) -> Self {
        let mut summary = Self {
            shown: all.len(),
            could_be_told,
            members,
            ..Self::default()
        };
        for one in all {
            match one.outcome {
                Outcome::Sent => summary.at_once += 1,
                Outcome::Deferred => summary.later += 1,
                Outcome::Paused => summary.paused += 1,
                Outcome::Nothing => summary.nothing += 1,
                Outcome::Suppressed => {
                    let reason = one.reason.clone().unwrap_or_default();
                    *summary.suppressed.entry(reason).or_default() += 1;
                }
            }
            if let Some(sent) = &one.sent {
                summary.add(&one.member, sent);
            }
        }
        summary
    }

    fn add(&mut self, member: &str, sent: &Sent) {
        self.sms += usize::from(sent.encoding.is_some());
        self.ucs2 += usize::from(sent.encoding == Some(Encoding::Ucs2.name()));
        self.parts += sent.parts;
        if sent.parts > self.most_parts {
            self.most_parts = sent.parts;
            self.most_parts_of = Some(member.to_owned());
        }
        if let Some(cost) = sent.cost_millionths {
            *self.cost_millionths.get_or_insert(0) += cost;
        }
    }
}
