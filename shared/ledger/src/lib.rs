//! The points ledger: what an activity does to a member's account, and what falls due for a member.
//!
//! Pure: the programme, the account, the activity and the time are arguments; the result is a new account with its new
//! entries. It names no service, reads no clock and draws no lots. `store` keeps what it decides.
//!
//! One account is one commit: everything an activity does stands in the [`Account`] and its open page of entries, so
//! one conditional write of one item stores all of it or nothing.

mod account;
mod activity;
mod agenda;
mod audience;
mod audit;
pub mod budget;
mod campaigns;
mod carts;
mod chain;
mod codec;
mod day;
mod day_moments;
mod decide;
mod earn;
mod entry;
mod expiry;
mod explain;
mod given;
mod happened;
mod ids;
mod liability;
mod limits;
mod longer;
mod missions;
mod missions_back;
mod moments;
mod order;
mod overdue;
mod page;
mod pending;
mod person;
mod quote;
mod referral;
mod refusal;
mod reserve;
mod returned;
mod returns;
mod reward_moments;
mod rewards;
mod said;
mod seen;
mod segments;
mod shelf;
mod spend;
mod statement;
mod tier;
mod tier_ahead;
mod tier_back;
mod tier_balance;
mod tier_given;
mod tier_set;
mod transfer;
mod versions;
mod wallet;
mod yearly;

pub use account::{Account, Mark};
pub use activity::{Activity, Fact, Part, Past, Shelf};
pub use agenda::{agenda, next_moment};
pub use audience::{explain_audience, is_in_audience};
pub use audit::{Difference, Finding, audit};
pub use campaigns::WhyNot;
pub use carts::Cart;
pub use chain::Head;
pub use codec::Corrupt;
pub use day::{Day, Month, MonthDay};
pub use decide::{apply, is_ahead};
pub use entry::{Accepted, Entry, Share, Step, What};
pub use explain::{Advanced, Earned, Explanation, OfCampaign, OfMission, explain, explain_moment};
pub use ids::{ActivityId, IdError, Label, LabelError, MemberId};
pub use liability::{Coming, Liability, When};
pub use missions::NotCounted;
pub use moments::{Due, Moment, told_last_day, wake, wake_told};
pub use page::{ENTRIES_PER_PAGE, Page};
pub use person::Changed;
pub use quote::{Quote, quote};
pub use referral::{Referrer, for_referrer};
pub use refusal::{REFERRAL_REVIEW, Refusal, UNKNOWN_MEMBER};
pub use returned::Returned;
pub use rewards::{Claim, can_be_claimed, next_reward};
pub use said::{OrderLine, Said};
pub use shelf::{Counted, back_on_shelf, looks_at_shelf};
pub use statement::{Line, statement};
pub use tier_ahead::{AtRisk, Progress, at_risk, progress};
pub use transfer::{hand_over, receipt};
pub use versions::rearm;
pub use wallet::{Lot, Pending, Reservation, Totals};
