//! From a business event on the bus to an activity, or to the reason why not.

use jiff::Timestamp;
use ledger::{ActivityId, MemberId};
use serde::Deserialize;
use serde_json::{Map, Value};
use store::Arrival;

/// An event that cannot be an activity.
#[derive(Debug)]
pub(crate) struct Unusable {
    /// The event's own id, where it has one.
    pub(crate) id: Option<String>,
    pub(crate) why: String,
}

/// What EventBridge wraps around an event, as far as it is used.
#[derive(Deserialize)]
struct Envelope {
    id: String,
    #[serde(rename = "detail-type")]
    detail_type: String,
    detail: Map<String, Value>,
}

/// The kinds of events, each with the field that makes its id. A member signs up once.
const KINDS: [(&str, Option<&str>); 10] = [
    ("purchase", Some("order")),
    ("redeem", Some("redemption")),
    ("reserve", Some("reservation")),
    ("commit", Some("reservation")),
    ("cancel", Some("reservation")),
    ("release", Some("order")),
    ("refund", Some("refund")),
    ("adjust", Some("adjustment")),
    ("consent", Some("id")),
    ("sign-up", None),
];

/// Attributes of the table's own, which an event cannot set.
const OWN: [&str; 5] = ["pk", "sk", "kind", "received", "refused"];

pub(crate) fn read(body: &str, received: Timestamp) -> Result<Arrival, Unusable> {
    let envelope: Envelope = serde_json::from_str(body).map_err(|why| {
        let why = format!(
            "it is no event of the bus: at line {}, column {}",
            why.line(),
            why.column()
        );
        Unusable { id: None, why }
    })?;
    let unusable = |why: String| Unusable {
        id: Some(envelope.id.clone()),
        why,
    };
    let kind = KINDS.into_iter().find(|(kind, _)| *kind == envelope.detail_type);
    let (kind, id_field) = kind.ok_or_else(|| {
        let known: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
        unusable(format!(
            "its detail-type {:?} is unknown; send one of {}",
            envelope.detail_type,
            known.join(", ")
        ))
    })?;
    let field = |name: &str| match envelope.detail.get(name) {
        Some(Value::String(text)) => Ok(text.as_str()),
        Some(_) => Err(unusable(format!(
            "{kind}: the field {name:?} is no text; put it in quotes"
        ))),
        None => Err(unusable(format!("{kind}: the field {name:?} is missing"))),
    };
    let named =
        |name: &str, why: ledger::IdError| unusable(format!("{kind}: the field {name:?} cannot be used: {why}"));
    let member: MemberId = field("member")?.parse().map_err(|why| named("member", why))?;
    let id = match id_field {
        Some(name) => {
            let own: ActivityId = field(name)?.parse().map_err(|why| named(name, why))?;
            format!("{kind}#{own}").parse().map_err(|why| named(name, why))?
        }
        None => kind.parse::<ActivityId>().map_err(|why| named("detail-type", why))?,
    };
    let fields = fields(&envelope.detail).map_err(|name| {
        unusable(format!(
            "{kind}: the field {name:?} is a number with decimals; write it as text, such as \"29.33\""
        ))
    })?;
    let arrival = Arrival {
        member,
        id,
        kind,
        received,
        fields,
    };
    arrival.check().map_err(|why| unusable(format!("{kind}: {why}")))?;
    Ok(arrival)
}

/// An event's fields as text: lists and objects as JSON, nothing for null. Decimal numbers are refused by name, for
/// JSON's are not exact.
fn fields(detail: &Map<String, Value>) -> Result<Vec<(String, String)>, String> {
    let wanted = detail
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
