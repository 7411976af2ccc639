//! Reading an activity: from an item of the table, or of its stream, to what it says.

mod people;
mod said;

use jiff::Timestamp;
use ledger::{Accepted, Activity, ActivityId, Fact, Label, MemberId, Part, Refusal, Said};
use messages::ProfileChange;
use programme::{Amount, Currency, Points, Scope};
use serde::Deserialize;

use crate::arrival;
use crate::consents::Consent;
use crate::item::{Damaged, Item, Reader};
use crate::keys::{PK, SK};
use crate::preferences;
use people::{consent, sign_up, update};
pub(crate) use said::order_lines;
use said::{fields, lines, said_in};

const WHAT: &str = "the activity's";

/// An activity read from the table's stream.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub member: MemberId,
    pub id: ActivityId,
    /// When it happened, and when it arrived.
    pub at: Timestamp,
    pub received: Timestamp,
    pub incoming: Incoming,
}

/// What an activity is about: the ledger, the profile, or both.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub activity: Option<Activity>,
    pub profile: Option<ProfileChange>,
    pub consents: Vec<Consent>,
}

impl Recorded {
    /// Reads an activity, as stored or as a stream shows it.
    pub fn read(item: &Item) -> Result<Self, Damaged> {
        let reader = Reader { what: WHAT, item };
        let member: MemberId = reader.parsed(PK)?;
        let id: ActivityId = reader.parsed(SK)?;
        let at: Timestamp = reader.parsed("at")?;
        // A shop that writes the table itself may leave the arrival out: then it arrived when it happened.
        let received = reader.optional_parsed("received")?.unwrap_or(at);
        let saying = |fact, said| {
            Some(Activity {
                id: id.clone(),
                at,
                received,
                fact,
                said,
            })
        };
        let activity = |fact| saying(fact, Said::default());
        let incoming = match reader.text("kind")? {
            "purchase" => {
                let amount = paid(reader)?;
                let said = Said {
                    fields: fields(item),
                    // Checked on arrival: a return may name them years later.
                    lines: lines(reader, amount)?,
                };
                ledger_alone(saying(Fact::Purchase { amount }, said))
            }
            "cart" => {
                let amount = paid(reader)?;
                ledger_alone(activity(Fact::Cart { amount }))
            }
            "event" => {
                let event = reader.parsed("event")?;
                ledger_alone(saying(Fact::Event { event }, said_in(item)))
            }
            "code" => {
                let code = reader.parsed("code")?;
                ledger_alone(activity(Fact::Code { code }))
            }
            "referral" => ledger_alone(activity(referral(reader)?)),
            "referral-lost" => {
                let of = reader.parsed("of")?;
                ledger_alone(activity(Fact::ReferralLost { of }))
            }
            "attributes" => ledger_alone(saying(Fact::Attributes, said_in(item))),
            "redeem" => ledger_alone(activity(redeem(reader)?)),
            "reserve" => ledger_alone(activity(reserve(reader)?)),
            "extend" => ledger_alone(activity(extend(reader)?)),
            "reinstate" => ledger_alone(activity(reinstate(reader)?)),
            "segment" => {
                let (segment, inside) = (reader.parsed("segment")?, reader.parsed("inside")?);
                ledger_alone(activity(Fact::Segment { segment, inside }))
            }
            "set-tier" => ledger_alone(activity(set_tier(reader)?)),
            "transfer" => ledger_alone(activity(transfer(reader, &member)?)),
            "claim" => {
                let reward = reader.parsed("reward")?;
                ledger_alone(activity(Fact::Claim { reward }))
            }
            "fulfil" => {
                let claim = claim(reader)?;
                ledger_alone(activity(Fact::Fulfil { claim }))
            }
            "cancel-reward" => {
                let claim = claim(reader)?;
                ledger_alone(activity(Fact::CancelReward { claim }))
            }
            "refund-reward" => {
                let claim = claim(reader)?;
                ledger_alone(activity(Fact::RefundReward { claim }))
            }
            "commit" => {
                let reservation = reservation(reader)?;
                ledger_alone(activity(Fact::Commit { reservation }))
            }
            "cancel" => {
                let reservation = reservation(reader)?;
                ledger_alone(activity(Fact::Cancel { reservation }))
            }
            "release" => {
                let order = order(reader.text("order")?)?;
                ledger_alone(activity(Fact::Release { order }))
            }
            "refund" => ledger_alone(activity(refund(reader)?)),
            "adjust" => ledger_alone(activity(adjust(reader)?)),
            "sign-up" => {
                let (fact, profile, consents) = sign_up(reader, &id, (at, received))?;
                Incoming {
                    activity: saying(fact, said_in(item)),
                    profile: Some(ProfileChange::SignUp(Box::new(profile))),
                    consents,
                }
            }
            "consent" => {
                let consent = consent(reader, &id, (at, received))?;
                let granted = consent.granted;
                let (activity, profile) = match consent.scope {
                    Scope::Messages(channel, purpose) => {
                        let change = ProfileChange::Consent {
                            channel,
                            purpose,
                            granted,
                        };
                        (None, Some(change))
                    }
                    Scope::Personalisation => (activity(Fact::Personalisation { granted }), None),
                };
                Incoming {
                    activity,
                    profile,
                    consents: vec![consent],
                }
            }
            "profile" => {
                let (changed, told) = update(reader, at)?;
                Incoming {
                    activity: changed.and_then(|changed| activity(Fact::Changed(changed))),
                    profile: Some(ProfileChange::Update(Box::new(told))),
                    consents: Vec::new(),
                }
            }
            "erasure" => ledger_alone(activity(Fact::Erasure)),
            "preferences" => {
                let said = preferences::said(reader, &id, at)?;
                Incoming {
                    activity: None,
                    profile: Some(ProfileChange::Preferences(Box::new(said))),
                    consents: Vec::new(),
                }
            }
            other => {
                let why = format!("is {other:?}; send one of {}", arrival::kinds());
                return Err(Damaged::new(WHAT, "kind", why));
            }
        };
        Ok(Self {
            member,
            id,
            at,
            received,
            incoming,
        })
    }

    /// Why it is refused where it is from the future, by a clock that whoever wrote it could not set.
    pub fn ahead_of(&self, now: Timestamp) -> Option<Refusal> {
        let at = self.at.max(self.received);
        ledger::is_ahead(at, now).then_some(Refusal::Future { at, received: now })
    }
}

fn ledger_alone(activity: Option<Activity>) -> Incoming {
    Incoming {
        activity,
        profile: None,
        consents: Vec::new(),
    }
}

fn paid(reader: Reader<'_>) -> Result<Amount, Damaged> {
    let currency: Currency = reader.parsed("currency")?;
    amount(reader.text("amount")?, currency, "amount")
}

fn amount(text: &str, currency: Currency, place: &str) -> Result<Amount, Damaged> {
    Amount::parse(text, currency).map_err(|why| Damaged::new(WHAT, place, format!("cannot be read: {why}")))
}

/// The ledger keeps what came back line by line, and a page of it is one item.
const MOST_LINES: usize = 100;

/// One line as a refund names it.
#[derive(Deserialize)]
struct ReturnedLine {
    line: String,
    quantity: u32,
}

fn label(text: &str, place: &str) -> Result<Label, Damaged> {
    text.parse()
        .map_err(|why| Damaged::new(WHAT, place, format!("have a name that cannot be used: {why}")))
}

/// An order by the shop's own id, as the activity of its purchase.
fn order(id: &str) -> Result<ActivityId, Damaged> {
    format!("purchase#{id}")
        .parse()
        .map_err(|why| Damaged::new(WHAT, "order", format!("cannot be used: {why}")))
}

fn refund(reader: Reader<'_>) -> Result<Fact, Damaged> {
    let named: Option<Vec<ReturnedLine>> = json(reader, "lines")?;
    let part = match (reader.optional("amount")?, named) {
        (None, None) => Part::Whole,
        (Some(_), None) => Part::Amount(paid(reader)?),
        (None, Some(named)) if named.len() > MOST_LINES => {
            let why = format!(
                "are {}; send {MOST_LINES} at the most, and the others as another refund",
                named.len()
            );
            return Err(Damaged::new(WHAT, "lines", why));
        }
        (None, Some(named)) => {
            let named = named.into_iter();
            let named = named.map(|named| Ok((label(&named.line, "lines")?, named.quantity)));
            Part::Lines(named.collect::<Result<_, Damaged>>()?)
        }
        (Some(_), Some(_)) => {
            let why = "is given beside lines; send one of them, or neither for the whole order";
            return Err(Damaged::new(WHAT, "amount", why));
        }
    };
    Ok(Fact::Refund {
        order: order(reader.text("order")?)?,
        part,
    })
}

fn redeem(reader: Reader<'_>) -> Result<Fact, Damaged> {
    let points = reader
        .number("points")?
        .ok_or_else(|| Damaged::new(WHAT, "points", "is missing"))?;
    Ok(Fact::Redeem {
        points: Points::new(points),
        wallet: reader.optional_parsed("wallet")?,
        order: reader.optional("order")?.map(order).transpose()?,
    })
}

fn reserve(reader: Reader<'_>) -> Result<Fact, Damaged> {
    let points = reader
        .number("points")?
        .ok_or_else(|| Damaged::new(WHAT, "points", "is missing"))?;
    let minutes: Option<u16> = reader.number("minutes")?;
    if minutes == Some(0) {
        return Err(Damaged::new(WHAT, "minutes", "is 0; hold points for one or more"));
    }
    Ok(Fact::Reserve {
        points: Points::new(points),
        wallet: reader.optional_parsed("wallet")?,
        order: reader.optional("order")?.map(order).transpose()?,
        minutes,
    })
}

/// A reservation by the shop's own id, as the activity that made it.
fn reservation(reader: Reader<'_>) -> Result<ActivityId, Damaged> {
    let id = reader.text("reservation")?;
    let id = format!("reserve#{id}").parse();
    id.map_err(|why| Damaged::new(WHAT, "reservation", format!("cannot be used: {why}")))
}

/// A reward that a member has, by the shop's own id of its claim, or by the whole id of one that was given.
fn claim(reader: Reader<'_>) -> Result<ActivityId, Damaged> {
    let id = reader.text("claim")?;
    let whole = if id.starts_with("given#") {
        id.parse()
    } else {
        format!("claim#{id}").parse()
    };
    whole.map_err(|why| Damaged::new(WHAT, "claim", format!("cannot be used: {why}")))
}

fn transfer(reader: Reader<'_>, member: &MemberId) -> Result<Fact, Damaged> {
    let points = reader
        .number("points")?
        .ok_or_else(|| Damaged::new(WHAT, "points", "is missing"))?;
    let to: Option<MemberId> = reader.optional_parsed("to")?;
    let wallet: Option<Label> = reader.optional_parsed("wallet")?;
    let to_wallet: Option<Label> = reader.optional_parsed("to-wallet")?;
    Ok(Fact::Transfer {
        points: Points::new(points),
        // They stay in the wallet they were in, unless another is named: no field left out turns them into others.
        to_wallet: to_wallet.or_else(|| wallet.clone()),
        wallet,
        to: to.filter(|to| to != member),
    })
}

fn extend(reader: Reader<'_>) -> Result<Fact, Damaged> {
    Ok(Fact::Extend {
        wallet: reader.optional_parsed("wallet")?,
        through: reader.parsed("through")?,
        reason: reader.parsed("reason")?,
        actor: reader.parsed("actor")?,
    })
}

fn reinstate(reader: Reader<'_>) -> Result<Fact, Damaged> {
    Ok(Fact::Reinstate {
        points: reader.number("points")?.map(Points::new),
        wallet: reader.optional_parsed("wallet")?,
        reason: reader.parsed("reason")?,
        actor: reader.parsed("actor")?,
    })
}

/// Somebody of the shop who accepted it has put a name and a reason to it.
fn referral(reader: Reader<'_>) -> Result<Fact, Damaged> {
    let (reason, actor) = (reader.optional_parsed("reason")?, reader.optional_parsed("actor")?);
    Ok(Fact::Referral {
        referee: reader.parsed("referee")?,
        accepted: reason.zip(actor).map(|(reason, actor)| Accepted { reason, actor }),
    })
}

fn set_tier(reader: Reader<'_>) -> Result<Fact, Damaged> {
    Ok(Fact::SetTier {
        tier: reader.parsed("tier")?,
        until: reader.optional_parsed("until")?,
        reason: reader.parsed("reason")?,
        actor: reader.parsed("actor")?,
    })
}

fn adjust(reader: Reader<'_>) -> Result<Fact, Damaged> {
    let points = reader
        .number("points")?
        .ok_or_else(|| Damaged::new(WHAT, "points", "is missing"))?;
    Ok(Fact::Adjust {
        points: Points::new(points),
        wallet: reader.optional_parsed("wallet")?,
        reason: reader.parsed("reason")?,
        actor: reader.parsed("actor")?,
    })
}

/// A list or object kept as JSON text. The error never repeats the content, which may be personal.
pub(crate) fn json<T: for<'de> Deserialize<'de>>(reader: Reader<'_>, name: &str) -> Result<Option<T>, Damaged> {
    let Some(text) = reader.optional(name)? else {
        return Ok(None);
    };
    serde_json::from_str(text).map(Some).map_err(|why| {
        Damaged::new(
            reader.what,
            name,
            format!("is not the JSON it should be, at column {}", why.column()),
        )
    })
}
