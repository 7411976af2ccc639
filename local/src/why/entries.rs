//! Entries in plain sentences.

use ledger::{Day, Entry, Line, What};
use programme::{Amount, Basis, Programme, TierSetId, WalletId};

use super::rules::many;
use super::told::EntryTold;
use crate::statement;

pub(super) fn entry(programme: &Programme, (line, entry): &(Line, Entry)) -> EntryTold {
    EntryTold {
        number: line.number,
        cause: entry.cause.to_string(),
        what: line.name(),
        points: line.change,
        says: says(programme, line, entry),
    }
}

fn says(programme: &Programme, line: &Line, entry: &Entry) -> String {
    let points = |points: programme::Points| many(&points.to_string(), "point", "points");
    let of = wallet(programme, entry.wallet);
    match &entry.what {
        What::Joined => "joined".to_owned(),
        What::Earned {
            points: all, last_day, ..
        } => format!("earned {}{of}, {}", points(*all), lapse(*last_day)),
        What::Pending {
            points: all,
            last_day,
            until,
            ..
        } => format!(
            "earned {}{of}, which can be spent from {until} on; then they are points {}",
            points(*all),
            lapse(*last_day)
        ),
        What::Granted {
            points: all,
            last_day,
            until,
            ..
        } => {
            let waits = until.map_or(String::new(), |until| format!("which can be spent from {until} on; "));
            let by = statement::granted(programme, line);
            format!(
                "granted {}{of}{}, {waits}{}",
                points(*all),
                by.replace("  ", " "),
                lapse(*last_day)
            )
        }
        What::TierChanged {
            set,
            from,
            to,
            qualifying,
        } => {
            let counts = counts(programme, *set, *qualifying);
            let wanted = wanted(programme, *set, if to > from { *to } else { *from });
            moves(programme, *set, (*from, *to), &format!("{counts}, {wanted}"))
        }
        What::TierLost {
            set,
            from,
            to,
            qualifying,
        } => {
            let counts = counts(programme, *set, *qualifying);
            moves(
                programme,
                *set,
                (*from, *to),
                &format!("the order it was reached on came back, {counts} are left"),
            )
        }
        What::TierGiven {
            set,
            from,
            to,
            reason,
            actor,
            until,
        } => {
            let by_hand = format!("given by {} until {until}: {}", actor.as_str(), reason.as_str());
            moves(programme, *set, (*from, *to), &by_hand)
        }
        What::TierKept { set, tier, qualifying } => {
            let (counts, wanted) = (counts(programme, *set, *qualifying), wanted(programme, *set, *tier));
            format!("tier {} kept: {counts}, {wanted}", name(programme, *set, *tier))
        }
        What::TierGrace {
            set,
            tier,
            qualifying,
            until,
        } => {
            let (counts, wanted) = (counts(programme, *set, *qualifying), wanted(programme, *set, *tier));
            let name = name(programme, *set, *tier);
            format!("tier {name} kept until {until} all the same: {counts}, {wanted}")
        }
        What::Expired { points: all, last_day } => {
            format!("{}{of} lapsed, whose last day was {last_day}", points(*all))
        }
        What::Reminded {
            points: all, last_day, ..
        } => {
            format!("a reminder fell due: {}{of} lapse after {last_day}", points(*all))
        }
        What::RewardReminded { last_day, .. } => format!(
            "a reminder fell due: the reward {} lapses after {last_day}",
            entry.claim().unwrap_or_default()
        ),
        What::RewardExpired => format!("the reward {} was not used in time", entry.cause),
        What::Happened { .. } if entry.cause.starts_with("cart#") => "the cart changed".to_owned(),
        What::Happened { .. } if entry.cause.starts_with("profile#") => {
            "the zone or the birthday was told anew".to_owned()
        }
        What::CartLeft { minor, currency } => {
            let amount = Amount::of_minor(*minor, *currency).map(|amount| amount.to_string());
            let amount = amount.unwrap_or_default();
            format!(
                "a cart of {amount} {} was left behind: nothing was bought since",
                currency.code()
            )
        }
        What::Erased { lots, pending } => {
            let lots = lots.iter().map(|(_, points)| points.get());
            let all: i64 = lots.chain(pending.iter().map(|waits| waits.points.get())).sum();
            format!(
                "the member was erased: {}{of} lapsed",
                many(&all.to_string(), "point", "points")
            )
        }
        What::Birthday => "the birthday came".to_owned(),
        What::Anniversary { years } => {
            format!(
                "the anniversary of joining came: {}",
                many(&years.to_string(), "year", "years")
            )
        }
        What::TierAtRisk {
            set,
            tier,
            to,
            missing,
            review,
            ..
        } => format!(
            "tier {} will be {} at the review of {review}, unless {missing} more count",
            name(programme, *set, *tier),
            name(programme, *set, *to)
        ),
        _ => {
            let change = match line.change {
                0 => String::new(),
                change => format!(" {change:+}"),
            };
            let after = statement::after(programme, line);
            let after: Vec<&str> = after.split("  ").filter(|part| !part.is_empty()).collect();
            let colon = if after.is_empty() { "" } else { ": " };
            format!("{}{change}{of}{colon}{}", line.name(), after.join(", "))
        }
    }
}

fn wallet(programme: &Programme, wallet: WalletId) -> String {
    if wallet == WalletId::MAIN {
        String::new()
    } else {
        format!(" in {}", programme.wallet_name(wallet, ""))
    }
}

fn lapse(last_day: Day) -> String {
    if last_day.stretch().is_some() {
        "which last while the member is active".to_owned()
    } else if last_day >= Day::FOREVER {
        "which never lapse".to_owned()
    } else {
        format!("which lapse after {last_day}")
    }
}

fn name(programme: &Programme, set: TierSetId, tier: u8) -> &str {
    programme.tier_name(set, tier, "")
}

fn moves(programme: &Programme, set: TierSetId, (from, to): (u8, u8), why: &str) -> String {
    let (from, to) = (name(programme, set, from), name(programme, set, to));
    if from == to {
        return format!("tier {to}: {why}");
    }
    format!("tier {from} -> {to}: {why}")
}

/// What counted for a tier.
fn counts(programme: &Programme, set: TierSetId, counted: i64) -> String {
    let Some(tiers) = programme.tier_set(set) else {
        return format!("{counted} counted");
    };
    let months = many(&(u16::from(tiers.window_months) + 1).to_string(), "month", "months");
    match tiers.basis {
        Basis::Points => format!("{counted} points in {months}"),
        Basis::Spend => format!("{counted} spent in {months}"),
        Basis::Visits => format!("{counted} purchases in {months}"),
        Basis::Balance => format!("{counted} points to be spent"),
        Basis::Segment => "as the shop's segments say".to_owned(),
    }
}

/// From when on a member is in a tier.
fn wanted(programme: &Programme, set: TierSetId, tier: u8) -> String {
    let tiers = programme.tier_set(set);
    let level = tiers.and_then(|tiers| tiers.levels.get_ref().get(usize::from(tier)));
    match (level, tiers.map(|tiers| tiers.basis)) {
        (Some(level), Some(Basis::Segment)) => {
            format!(
                "and {} is for the segment {}",
                level.name,
                level.segment.as_deref().unwrap_or("of all")
            )
        }
        (Some(level), _) => format!("and {} is from {} on", level.name, level.from),
        (None, _) => "and the programme has no such tier now".to_owned(),
    }
}
