//! The till: answers a shop's checkout at once, where an event on the bus would be decided a moment later.
//!
//! Called directly, by who may invoke it. A question or an activity comes in the words of the events, with `do` in place
//! of the detail-type: `quote`, `redeem`, `reserve`, `commit`, `cancel`. What cannot be done is an answer, with a code for
//! the app and a sentence for people; a failed invocation means only that the tables did not answer, and that the same
//! call may be made again.

use jiff::Timestamp;
use ledger::{MemberId, Quote, Refusal};
use programme::{Amount, Currency, Programme};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use starter::Failure;
use store::{Arrival, Store};
use till::TillError;

/// What a checkout asks.
#[derive(Debug, Deserialize)]
pub struct Request {
    #[serde(rename = "do")]
    pub action: String,
    /// The time of the local bundle. A caller's own word for it is not taken.
    pub now: Option<Timestamp>,
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

/// Answers a checkout.
pub async fn handle(store: &Store, programme: &Programme, request: Request, now: Timestamp) -> Result<Value, Failure> {
    let answered = if request.action == "quote" {
        quote(store, programme, &request.fields, now).await
    } else {
        decide(store, programme, request, now).await
    };
    match answered {
        Ok(answer) => Ok(answer),
        Err(TillError::Unusable(why)) => Ok(refused("unusable", &why)),
        Err(why @ TillError::OtherBody) => Ok(refused("other-activity", &why.to_string())),
        Err(why @ TillError::OnItsWay) => Ok(refused("on-its-way", &why.to_string())),
        Err(why @ (TillError::Store(_) | TillError::Contended)) => Err(Failure {
            kind: "Store",
            why: why.to_string(),
        }),
    }
}

fn refused(code: &str, reason: &str) -> Value {
    json!({"accepted": false, "code": code, "reason": reason})
}

async fn decide(store: &Store, programme: &Programme, request: Request, now: Timestamp) -> Result<Value, TillError> {
    let mut fields = request.fields;
    // A till speaks of now, unless it says otherwise.
    fields.entry("at").or_insert_with(|| json!(now));
    let arrival = Arrival::from_fields(&request.action, &fields, now).map_err(TillError::Unusable)?;
    let answer = till::decide(store, programme, &arrival).await?;
    serde_json::to_value(answer).map_err(|why| TillError::Unusable(why.to_string()))
}

async fn quote(
    store: &Store,
    programme: &Programme,
    fields: &Map<String, Value>,
    now: Timestamp,
) -> Result<Value, TillError> {
    let wrong = |name: &str, why: &str| TillError::Unusable(format!("quote: the field {name:?} {why}"));
    let text = |name: &'static str| match fields.get(name) {
        Some(Value::String(text)) => Ok(text.as_str()),
        Some(_) => Err(wrong(name, "is no text; put it in quotes")),
        None => Err(wrong(name, "is missing")),
    };
    let member = text("member")?.parse::<MemberId>();
    let member = member.map_err(|why| wrong("member", &format!("cannot be used: {why}")))?;
    let currency = text("currency")?.parse::<Currency>();
    let currency = currency.map_err(|why| wrong("currency", &format!("cannot be used: {why}")))?;
    let order = Amount::parse(text("amount")?, currency);
    let order = order.map_err(|why| wrong("amount", &format!("cannot be used: {why}")))?;
    let wallet = fields.get("wallet").map(|_| text("wallet")).transpose()?;
    let quoted = till::quote(store, programme, &member, (wallet, order), now).await?;
    Ok(match quoted {
        Ok(quote) => offer(&quote),
        Err(refusal) => no_offer(&refusal),
    })
}

fn offer(quote: &Quote) -> Value {
    json!({"accepted": true, "points": quote.points, "pays": quote.pays.to_string(), "left": quote.left.to_string(),
        "currency": quote.pays.currency().code(), "balance": quote.balance})
}

fn no_offer(refusal: &Refusal) -> Value {
    let mut answer = refused(refusal.code(), &refusal.to_string());
    if let (Some(missing), Some(fields)) = (refusal.missing(), answer.as_object_mut()) {
        fields.insert("missing".to_owned(), json!(missing));
    }
    answer
}
