//! Who is told what, when: intents from ledger entries, and the decision whether a message may go.
//!
//! Pure, like `ledger`: the programme, the account, the profile and the time are arguments. It knows no service; how
//! a message is put on the wire is for `channels`, where it is kept for `store`.

mod broadcast;
mod contacts;
mod decision;
mod delay;
mod guard;
mod intent;
mod merged;
mod number;
mod preferences;
mod profile;
mod truth;
mod update;
mod when;

pub use broadcast::broadcast;
pub use contacts::{Contact, with_contact};
pub use decision::{Reason, Send, Verdict, Way, decide, ways};
pub use delay::{Delay, Waited, legal};
pub use guard::{Cohort, Counts, Tested, cohort, counts_for, is_from, reason, test};
pub use intent::{Facts, Intent, intents, turn};
pub use merged::{Stated, as_one, merge, stated};
pub use number::{Came, Heard, Number, Stopped};
pub use preferences::{Preferences, Unfit};
pub use profile::{Device, Phone, PhoneError, Platform, Profile, ProfileChange};
pub use replies::Reply;
pub use update::{ProfilePart, ProfileUpdate};
pub use when::{Hold, first_open, quiet_until};
