//! Carts: what the shop tells of them, and when one counts as left behind.

use compact_str::{CompactString, format_compact};
use jiff::{SignedDuration, Timestamp};
use programme::{Amount, Currency, Programme, WalletId};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::activity::Activity;
use crate::entry::What;
use crate::moments::{self, Due, Moment};
use crate::refusal::Refusal;
use crate::spend::Times;

/// What is known of a member's cart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Carts {
    /// The latest millisecond from which something is known: what is told of an earlier one, or was bought then, came too late.
    known: i64,
    left: Option<Cart>,
}

/// A cart with something in it, and nothing bought since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cart {
    /// The activity that told of it.
    id: CompactString,
    /// When it was last changed, in seconds of Unix time.
    at: i64,
    minor: i64,
    currency: Currency,
}

impl Cart {
    /// What is in it comes to.
    pub fn amount(&self) -> Option<Amount> {
        Amount::of_minor(self.minor, self.currency)
    }

    /// The cause of the entry that books it as left behind.
    pub fn cause(&self) -> CompactString {
        left(&self.id)
    }
}

pub(crate) fn left(id: &str) -> CompactString {
    format_compact!("{id}#left")
}

impl Account {
    /// The member's cart as it was told last, if something is in it and the member has bought nothing since.
    pub fn cart(&self) -> Option<&Cart> {
        self.state.carts.left.as_ref()
    }
}

/// The shop tells what is in the cart now; an amount of nothing is an empty one.
pub(crate) fn told(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    amount: Amount,
) -> Result<(), Refusal> {
    if programme.carts.is_none() {
        return Err(Refusal::NoCarts);
    }
    let what = What::Happened { progress: Vec::new() };
    account.book(WalletId::MAIN, activity.id.as_str(), Times::of(activity), what)?;
    let at = activity.at.as_millisecond();
    if at <= account.state.carts.known {
        return Ok(());
    }
    account.state.carts = Carts {
        known: at,
        left: (amount.minor() > 0).then(|| Cart {
            id: activity.id.as_str().into(),
            at: activity.at.as_second(),
            minor: amount.minor(),
            currency: amount.currency(),
        }),
    };
    moments::pass(account, activity.received);
    if let Some(due) = due(programme, account) {
        account.state.alarm = account.state.alarm.min(due.at.as_second());
    }
    Ok(())
}

/// A purchase empties the cart: who has bought is told of nothing left behind.
pub(crate) fn bought(programme: &Programme, account: &mut Account, at: Timestamp) {
    let carts = &mut account.state.carts;
    if programme.carts.is_some() && at.as_millisecond() >= carts.known {
        *carts = Carts {
            known: at.as_millisecond(),
            left: None,
        };
    }
}

/// When the cart will count as left behind; none where it has been booked as that.
pub(crate) fn due(programme: &Programme, account: &Account) -> Option<Due> {
    let (cart, rule) = (account.cart()?, programme.carts?);
    let after = SignedDuration::from_hours(i64::from(rule.left_after_hours.get()));
    let at = Timestamp::from_second(cart.at).ok()?.checked_add(after).ok()?;
    let due = Due {
        at,
        moment: Moment::CartLeft { id: cart.id.clone() },
    };
    moments::to_come(account, at).then_some(due)
}

/// What the entry of a cart left behind says; none where it is another by now, or none.
pub(crate) fn booked(account: &Account, id: &str) -> Option<What> {
    let cart = account.cart().filter(|cart| cart.id == id)?;
    Some(What::CartLeft {
        minor: cart.minor,
        currency: cart.currency,
    })
}
