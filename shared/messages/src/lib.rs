//! Who is told what, when: intents from ledger entries, and the decision whether a message may go.
//!
//! Pure, like `ledger`: the programme, the account, the profile and the time are arguments. It knows no service; how
//! a message is put on the wire is for `channels`, where it is kept for `store`.

mod decision;
mod intent;
mod profile;

pub use decision::{Reason, Send, Verdict, Way, decide, quiet_until, ways};
pub use intent::{Facts, Intent, intents};
pub use profile::{Device, Phone, PhoneError, Platform, Profile, ProfileChange};
