//! Who is told what, when: intents from ledger entries, and the decision whether a message may go.
//!
//! Pure, like `ledger`: the programme, the account, the profile and the time are arguments. It knows no service; how
//! a message is put on the wire is for `channels`, where it is kept for `store`.

mod contacts;
mod decision;
mod delay;
mod intent;
mod number;
mod profile;
mod when;

pub use contacts::{Contact, with_contact};
pub use decision::{Reason, Send, Verdict, Way, decide, ways};
pub use delay::{Delay, legal};
pub use intent::{Facts, Intent, intents, turn};
pub use number::{Came, Heard, Number, Stopped};
pub use profile::{Device, Phone, PhoneError, Platform, Profile, ProfileChange};
pub use when::{Hold, first_open, quiet_until};
