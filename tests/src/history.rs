//! What a line's journal says of its messages: what was claimed and what was published, in order, with what was so of the
//! member at that moment. It is read from the requests that the tables and SNS carried out, whatever conditions those had.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ledger::Account;
use programme::WalletId;
use serde_json::Value;

use crate::Line;

/// A message that was claimed.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub member: String,
    /// The message's key.
    pub key: String,
    pub at: Timestamp,
    /// `CHANNEL/PURPOSE`.
    pub consent: String,
    /// The member's consents in force, each so.
    pub consents: Vec<String>,
    /// What the member could spend.
    pub balance: i64,
    /// What the member wants to be sent, as the profile has it; null where they never said.
    pub preferences: Value,
}

#[derive(Debug, Clone)]
pub enum Happened {
    Claimed(Claimed),
    /// By the function that decides on messages.
    Published {
        text: String,
        at: Timestamp,
    },
}

/// What is known of a member.
#[derive(Default)]
struct Known {
    account: Option<Account>,
    consents: Vec<String>,
    preferences: Value,
}

/// All that was claimed and published. The line must have kept its journal from the start.
pub fn history(line: &Line) -> Vec<Happened> {
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    let mut happened = Vec::new();
    for carried in line.bundle.journal() {
        let (body, at) = (&carried.body, carried.at);
        match carried.operation.as_str() {
            "PutItem" => put(&mut known, &body["Item"]),
            "TransactWriteItems" => {
                let items = body["TransactItems"].as_array().into_iter().flatten();
                for item in items {
                    put(&mut known, &item["Put"]["Item"]);
                    happened.extend(claimed(line, &known, &item["Update"], at).map(Happened::Claimed));
                }
            }
            "Publish" if carried.caller == "publish-messages" => happened.push(Happened::Published {
                text: text(&body["Message"]),
                at,
            }),
            _ => {}
        }
    }
    happened
}

fn string(value: &Value) -> String {
    value["S"].as_str().unwrap_or_default().to_owned()
}

fn put(known: &mut BTreeMap<String, Known>, item: &Value) {
    let member = known.entry(string(&item["pk"])).or_default();
    match item["sk"]["S"].as_str() {
        Some("account") => {
            let bytes = item["b"]["B"].as_str().expect("bytes");
            let bytes = aws_smithy_types::base64::decode(bytes).expect("base64");
            member.account = Some(Account::decode(&bytes).expect("a sound account"));
        }
        Some("profile") => {
            let consents = string(&item["consents"]);
            member.consents = consents.split_whitespace().map(str::to_owned).collect();
            member.preferences = serde_json::from_str(&string(&item["preferences"])).unwrap_or_default();
        }
        _ => {}
    }
}

fn claimed(line: &Line, known: &BTreeMap<String, Known>, update: &Value, at: Timestamp) -> Option<Claimed> {
    let values = &update["ExpressionAttributeValues"];
    if string(&values[":claimed"]) != "claimed" {
        return None;
    }
    let member = string(&update["Key"]["pk"]);
    let of_member = known.get(&member).expect("a member");
    let account = of_member.account.as_ref().expect("an account");
    Some(Claimed {
        key: string(&update["Key"]["sk"]),
        at,
        consent: format!("{}/{}", string(&values[":channel"]), string(&values[":purpose"])),
        consents: of_member.consents.clone(),
        balance: account.balance(WalletId::MAIN, &line.programme, at).get(),
        preferences: of_member.preferences.clone(),
        member,
    })
}

/// The text of an SMS, or of a push, which is JSON.
fn text(message: &Value) -> String {
    let message = message.as_str().unwrap_or_default();
    let pushed: Option<Value> = serde_json::from_str(message).ok();
    let default = pushed.as_ref().and_then(|pushed| pushed["default"].as_str());
    default.unwrap_or(message).to_owned()
}
