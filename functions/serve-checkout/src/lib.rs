//! The till: answers a shop's checkout at once, where an event on the bus would be decided a moment later.
//!
//! Called directly, by who may invoke it. A question or an activity comes in the words of the events, with `do` in place
//! of the detail-type: the questions `quote` and `rewards`, and what [`till::KINDS`] names. What cannot be done is an
//! answer, with a code for the app and a sentence for people; a failed invocation means only that the tables did not
//! answer, and that the same call may be made again.

use jiff::Timestamp;
use ledger::{Claim, MemberId, Quote, Refusal};
use programme::{Amount, Currency, Programme};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use starter::Failure;
use store::{Arrival, Store};
use till::{Offer, TillError};

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
    let answered = match request.action.as_str() {
        "quote" => quote(store, programme, &request.fields, now).await,
        "rewards" => rewards(store, programme, &request.fields, now).await,
        _ => decide(store, programme, request, now).await,
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
    let asked = Asked { what: "quote", fields };
    let member: MemberId = asked.parsed("member")?;
    let currency: Currency = asked.parsed("currency")?;
    let order = Amount::parse(asked.text("amount")?, currency);
    let order = order.map_err(|why| asked.wrong("amount", &format!("cannot be used: {why}")))?;
    let wallet = fields.get("wallet").map(|_| asked.text("wallet")).transpose()?;
    let quoted = till::quote(store, programme, &member, (wallet, order), now).await?;
    Ok(match quoted {
        Ok(quote) => offer(&quote),
        Err(refusal) => no_offer(&refusal),
    })
}

async fn rewards(
    store: &Store,
    programme: &Programme,
    fields: &Map<String, Value>,
    now: Timestamp,
) -> Result<Value, TillError> {
    let asked = Asked {
        what: "rewards",
        fields,
    };
    let member: MemberId = asked.parsed("member")?;
    let locale = match fields.get("locale") {
        Some(_) => asked.text("locale")?,
        None => "",
    };
    let locale = programme.texts.locale_for(locale);
    Ok(match till::rewards(store, programme, &member, now).await? {
        Ok(found) => json!({
            "accepted": true,
            "rewards": found.offers.iter().map(|offer| offered(offer, locale)).collect::<Vec<_>>(),
            "claims": found.claims.iter().map(|claim| held(programme, claim, locale)).collect::<Vec<_>>(),
        }),
        Err(refusal) => no_offer(&refusal),
    })
}

fn offered(offer: &Offer<'_>, locale: &str) -> Value {
    let mut said = match &offer.can_be_claimed {
        Ok(points) => json!({"accepted": true, "points": points}),
        Err(refusal) => no_offer(refusal),
    };
    if let Some(fields) = said.as_object_mut() {
        fields.insert("reward".to_owned(), json!(offer.reward.name));
        fields.insert("title".to_owned(), json!(offer.reward.title(locale)));
        if let Some(left) = offer.left {
            fields.insert("left".to_owned(), json!(left));
        }
    }
    said
}

fn held(programme: &Programme, claim: &Claim, locale: &str) -> Value {
    // As the other activities name it: by the shop's own id, or whole where it was given.
    let id = claim.id.strip_prefix("claim#").unwrap_or(&claim.id);
    let reward = claim.reward.as_str();
    json!({"claim": id, "reward": reward, "title": programme.reward_title(reward, locale), "coupon": claim.code,
        "last-day": claim.lapses_after()})
}

/// The fields of a question.
struct Asked<'a> {
    what: &'static str,
    fields: &'a Map<String, Value>,
}

impl<'a> Asked<'a> {
    fn wrong(&self, name: &str, why: &str) -> TillError {
        TillError::Unusable(format!("{}: the field {name:?} {why}", self.what))
    }

    fn text(&self, name: &str) -> Result<&'a str, TillError> {
        match self.fields.get(name) {
            Some(Value::String(text)) => Ok(text.as_str()),
            Some(_) => Err(self.wrong(name, "is no text; put it in quotes")),
            None => Err(self.wrong(name, "is missing")),
        }
    }

    fn parsed<T: std::str::FromStr<Err: ToString>>(&self, name: &str) -> Result<T, TillError> {
        let parsed = self.text(name)?.parse();
        parsed.map_err(|why: T::Err| self.wrong(name, &format!("cannot be used: {}", why.to_string())))
    }
}

fn offer(quote: &Quote) -> Value {
    json!({"accepted": true, "points": quote.points, "pays": quote.pays.to_string(), "left": quote.left.to_string(),
        "currency": quote.pays.currency().code(), "balance": quote.balance})
}

fn no_offer(refusal: &Refusal) -> Value {
    let mut answer = refused(refusal.code(), &refusal.to_string());
    let known = [
        ("missing", refusal.missing().map(|missing| json!(missing))),
        ("room", refusal.room().map(|room| json!(room))),
        ("tier", refusal.tier().map(|tier| json!(tier))),
        ("most", refusal.most().map(|most| json!(most))),
    ];
    if let Some(fields) = answer.as_object_mut() {
        let known = known
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        fields.extend(known);
    }
    answer
}
