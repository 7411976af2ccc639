//! Activities on their way in: from the fields a shop sends to an item of the table.

use jiff::Timestamp;
use ledger::{Activity, ActivityId, Fact, MemberId, OrderLine};
use serde_json::{Map, Value};

use crate::item::{Damaged, Item, text};
use crate::keys::{PK, SK};
use crate::recorded::{self, Recorded};

/// The kinds of activities, each with the field that makes its id. A member signs up once, and is forgotten once.
const KINDS: [(&str, Option<&str>); 26] = [
    ("purchase", Some("order")),
    ("redeem", Some("redemption")),
    ("reserve", Some("reservation")),
    ("commit", Some("reservation")),
    ("cancel", Some("reservation")),
    ("claim", Some("claim")),
    ("fulfil", Some("claim")),
    ("cancel-reward", Some("claim")),
    ("refund-reward", Some("claim")),
    ("transfer", Some("transfer")),
    ("release", Some("order")),
    ("refund", Some("refund")),
    ("adjust", Some("adjustment")),
    ("set-tier", Some("change")),
    ("segment", Some("change")),
    ("cart", Some("id")),
    ("event", Some("id")),
    ("code", Some("id")),
    ("attributes", Some("id")),
    ("extend", Some("adjustment")),
    ("reinstate", Some("adjustment")),
    ("consent", Some("id")),
    ("preferences", Some("id")),
    ("sign-up", None),
    ("profile", Some("id")),
    ("erasure", None),
];

/// All of them, as they are listed for people.
pub(crate) fn kinds() -> String {
    KINDS.map(|(kind, _)| kind).join(", ")
}

/// Attributes of the table's own, which nobody who sends an activity can set.
const OWN: [&str; 7] = ["pk", "sk", "kind", "received", "refused", "answer", "erased"];

/// An activity to be stored: its keys, and its own fields as text.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub member: MemberId,
    pub id: ActivityId,
    pub kind: &'static str,
    /// When it happened, and when it arrived.
    pub at: Timestamp,
    pub received: Timestamp,
    pub fields: Vec<(String, String)>,
}

impl Arrival {
    /// An activity of a kind, as a shop sends it: the member, what makes its id, and the rest. What is wrong is said
    /// without repeating anything that may be personal.
    pub fn from_fields(kind: &str, sent: &Map<String, Value>, received: Timestamp) -> Result<Self, String> {
        let known = KINDS.into_iter().find(|(known, _)| *known == kind);
        let (kind, id_field) =
            known.ok_or_else(|| format!("{kind:?} is no kind of activity; send one of {}", kinds()))?;
        let field = |name: &str| match sent.get(name) {
            Some(Value::String(text)) => Ok(text.as_str()),
            Some(_) => Err(format!("{kind}: the field {name:?} is no text; put it in quotes")),
            None => Err(format!("{kind}: the field {name:?} is missing")),
        };
        let named = |name: &str, why: ledger::IdError| format!("{kind}: the field {name:?} cannot be used: {why}");
        let member: MemberId = field("member")?.parse().map_err(|why| named("member", why))?;
        let id = match id_field {
            Some(name) => ActivityId::of(kind, field(name)?).map_err(|why| named(name, why))?,
            None => kind.parse::<ActivityId>().map_err(|why| named("kind", why))?,
        };
        let fields = as_text(sent).map_err(|name| {
            format!("{kind}: the field {name:?} is a number with decimals; write it as text, such as \"29.33\"")
        })?;
        let mut arrival = Self {
            member,
            id,
            kind,
            at: received,
            received,
            fields,
        };
        arrival.at = arrival.check().map_err(|why| format!("{kind}: {why}"))?.at;
        Ok(arrival)
    }

    /// An activity that another member's makes; none of what the ledger makes no such of. Nobody can send one.
    pub fn arising(member: MemberId, activity: &Activity) -> Option<Self> {
        let (kind, named, what) = match &activity.fact {
            Fact::Referral { referee, .. } => ("referral", "referee", referee.to_string()),
            Fact::ReferralLost { of } => ("referral-lost", "of", of.to_string()),
            _ => return None,
        };
        let fields = [("at", activity.at.to_string()), (named, what)];
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
        Some(Self {
            member,
            id: activity.id.clone(),
            kind,
            at: activity.at,
            received: activity.received,
            fields: fields.collect(),
        })
    }

    /// Whether the activity can be read back as what it says it is.
    pub fn check(&self) -> Result<Recorded, Damaged> {
        Recorded::read(&self.item())
    }

    /// The lines of a purchase; none where it names none, or is none.
    pub fn lines(&self) -> Vec<OrderLine> {
        recorded::order_lines(&self.item()).unwrap_or_default()
    }

    pub(crate) fn item(&self) -> Item {
        let own = [("kind", self.kind.to_owned()), ("received", self.received.to_string())];
        let keys = [(PK, self.member.as_str()), (SK, self.id.as_str())];
        let keys = keys.into_iter().map(|(name, value)| (name.to_owned(), text(value)));
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), text(value)));
        let fields = self.fields.iter().map(|(name, value)| (name.clone(), text(value)));
        fields.chain(keys).chain(own).collect()
    }
}

/// The fields as text: lists and objects as JSON, nothing for null. Decimal numbers are refused by name, for JSON's are
/// not exact.
fn as_text(sent: &Map<String, Value>) -> Result<Vec<(String, String)>, String> {
    let wanted = sent
        .iter()
        .filter(|(name, _)| *name != "member" && !OWN.contains(&name.as_str()));
    let text = wanted.filter_map(|(name, value)| match value {
        Value::Null => None,
        Value::String(text) => Some(Ok((name.clone(), text.clone()))),
        Value::Number(number) if number.is_f64() => Some(Err(name.clone())),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Some(Ok((name.clone(), value.to_string())))
        }
    });
    text.collect()
}
