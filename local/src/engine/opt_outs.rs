//! SNS's own list of numbers that opted out, whoever they told so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::sns::{Form, Refusal, is_e164};

/// A page of the list.
const PAGE: usize = 100;
/// SNS takes a number off it no sooner after it did so before.
const BETWEEN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A number that was put on the list, or taken off it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct OptOut {
    pub(super) number: String,
    pub(super) at: Timestamp,
    pub(super) listed: bool,
}

#[derive(Debug, Default)]
pub(super) struct OptOuts {
    list: Mutex<List>,
}

#[derive(Debug, Default)]
struct List {
    numbers: BTreeSet<String>,
    /// When each was taken off.
    taken_off: BTreeMap<String, Timestamp>,
}

impl OptOuts {
    /// The list as a fault has it, with what became of it since.
    pub(super) fn new(named: &[String], since: Vec<OptOut>) -> Self {
        let opt_outs = Self {
            list: Mutex::new(List {
                numbers: named.iter().cloned().collect(),
                taken_off: BTreeMap::new(),
            }),
        };
        for change in since {
            opt_outs.change(&change);
        }
        opt_outs
    }

    pub(super) fn change(&self, change: &OptOut) {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        if change.listed {
            list.numbers.insert(change.number.clone());
        } else {
            list.numbers.remove(&change.number);
            list.taken_off.insert(change.number.clone(), change.at);
        }
    }

    pub(super) fn has(&self, number: &str) -> bool {
        let list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        list.numbers.contains(number)
    }

    /// `CheckIfPhoneNumberIsOptedOut`.
    pub(super) fn check(&self, form: &Form) -> Result<String, Refusal> {
        let listed = self.has(number(form)?);
        Ok(format!("<isOptedOut>{listed}</isOptedOut>"))
    }

    /// `ListPhoneNumbersOptedOut`. The token is the last number of the page before.
    pub(super) fn page(&self, form: &Form) -> Result<String, Refusal> {
        let list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let after = form.get("nextToken").map(String::as_str).unwrap_or_default();
        if !after.is_empty() && !is_e164(after) {
            return Err(Refusal::invalid("nextToken"));
        }
        let mut rest = list.numbers.iter().filter(|number| number.as_str() > after).peekable();
        let (mut members, mut ended_at) = (String::new(), "");
        for number in rest.by_ref().take(PAGE) {
            let _ = write!(members, "<member>{number}</member>");
            ended_at = number;
        }
        let next = rest.peek().map(|_| format!("<nextToken>{ended_at}</nextToken>"));
        Ok(format!(
            "<phoneNumbers>{members}</phoneNumbers>{}",
            next.unwrap_or_default()
        ))
    }

    /// `OptInPhoneNumber`: what becomes of the list, where it does.
    pub(super) fn opt_in(&self, form: &Form, now: Timestamp) -> Result<Option<OptOut>, Refusal> {
        let number = number(form)?;
        let list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        if !list.numbers.contains(number) {
            return Ok(None);
        }
        if list
            .taken_off
            .get(number)
            .is_some_and(|at| now.duration_since(*at) < BETWEEN)
        {
            return Err(Refusal::invalid(
                "PhoneNumber Reason: a number can be opted in once every 30 days",
            ));
        }
        Ok(Some(OptOut {
            number: number.to_owned(),
            at: now,
            listed: false,
        }))
    }
}

fn number(form: &Form) -> Result<&str, Refusal> {
    let number = form.get("phoneNumber").map(String::as_str).unwrap_or_default();
    if is_e164(number) {
        Ok(number)
    } else {
        Err(Refusal::invalid("phoneNumber Reason: it is no number of a phone"))
    }
}
