//! What a message is about, read again from the account when it is to go, and what its text may say of it.

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::{Account, Claim, Day};
use programme::{Amount, Channel, Context, MessageKind, Points, Programme, Rendered, Reward, RewardName, Told, Zone};

use crate::decision::zone;
use crate::intent::Intent;
use crate::profile::Profile;

/// What a message is about, read again from the account.
pub(crate) struct Truth<'a> {
    points: i64,
    date: Date,
    today: Day,
    claim: Option<&'a Claim>,
    amount: Option<Amount>,
}

/// What a message is about; `None` where it is no longer true.
pub(crate) fn truth<'a>(
    programme: &Programme,
    intent: &Intent,
    account: &'a Account,
    zone: Zone,
    now: Timestamp,
) -> Option<Truth<'a>> {
    let today = Day::at(now, programme.zone);
    let (wallet, set) = (intent.wallet, intent.facts.set.unwrap_or_default());
    let mut points = intent.facts.points.unwrap_or_default();
    let mut amount = None;
    let mut date = intent.facts.day.unwrap_or(Date::constant(1970, 1, 1));
    match intent.kind {
        MessageKind::PointsExpiring => {
            let last_day = Day::of(date);
            points = account.lapsing_on(wallet, last_day).get();
            let told = ledger::told_last_day(programme, last_day);
            if points == 0 || told < today {
                return None;
            }
            date = told.date();
        }
        // Of an order that came back meanwhile, what stays.
        MessageKind::PointsEarned => {
            points -= account.taken_back(wallet, &intent.cause).unwrap_or_default();
            if points <= 0 {
                return None;
            }
        }
        // All that wait for that day: some of them may have come back since, or need not wait any longer, though nothing has
        // booked that yet.
        MessageKind::PointsPending => {
            let waiting = account.pending(wallet).iter();
            let day = Day::of(date);
            let of_day = waiting.filter(|pending| pending.until == day && day > today);
            points = of_day.map(|pending| pending.points.get()).sum();
            if points == 0 {
                return None;
            }
        }
        MessageKind::TierAtRisk => {
            let risk = ledger::at_risk(programme, account, set).filter(|risk| risk.review.date() == date)?;
            if risk.review <= today {
                return None;
            }
            points = risk.missing;
        }
        MessageKind::TierUpgraded if intent.facts.tier? > account.tier_in(set) => return None,
        // A birthday is over at the member's midnight.
        MessageKind::Birthday if Day::at(now, zone) != Day::at(intent.at, zone) => return None,
        // Used, given back or lapsed meanwhile.
        MessageKind::RewardReady | MessageKind::RewardExpiring if claim(intent, account).is_none() => return None,
        // Bought, emptied or changed since: a changed one is told of for itself.
        MessageKind::CartLeft => {
            let cart = account.cart().filter(|cart| cart.cause() == intent.cause)?;
            amount = Some(cart.amount()?);
        }
        MessageKind::Broadcast => {
            let audience = programme.broadcast(&intent.cause)?.compiled.as_ref();
            if !ledger::is_in_audience(programme, account, audience, now) {
                return None;
            }
        }
        MessageKind::Welcome
        | MessageKind::RewardReady
        | MessageKind::RewardExpiring
        | MessageKind::PointsUnlocked
        | MessageKind::TierUpgraded
        | MessageKind::PointsExpired
        | MessageKind::PointsReturned
        | MessageKind::PointsReceived
        | MessageKind::Birthday
        | MessageKind::Anniversary => {}
    }
    let claim = claim(intent, account);
    Some(Truth {
        points,
        date,
        today,
        claim,
        amount,
    })
}

/// The reward that lies nearest above the balance, and how many points are missing for it.
type Next<'a> = (&'a Reward, Points);

/// That reward, for a text that speaks of it: it takes some working out.
pub(crate) fn next<'a>(
    programme: &'a Programme,
    told: &Told<'_>,
    (account, gone): (&Account, &[RewardName]),
    now: Timestamp,
) -> Option<Next<'a>> {
    let asked = told.speaks_of_next_reward();
    asked
        .then(|| ledger::next_reward(programme, account, gone, now))
        .flatten()
}

/// What a text promises of which there may be nothing left.
pub(crate) fn promised(next: Option<Next<'_>>) -> Option<RewardName> {
    let limited = next.filter(|(reward, _)| reward.is_limited());
    limited.map(|(reward, _)| reward.name.clone())
}

/// What a text may say.
pub(crate) fn context<'a>(
    programme: &'a Programme,
    intent: &Intent,
    account: &Account,
    profile: &'a Profile,
    (truth, next, locale): (&Truth<'a>, Option<Next<'a>>, &str),
    now: Timestamp,
) -> Context<'a> {
    let (wallet, set) = (intent.wallet, intent.facts.set.unwrap_or_default());
    let Truth {
        points,
        date,
        today,
        claim,
        amount,
    } = *truth;
    let campaign = intent.facts.campaign.as_deref();
    let campaign_title = campaign.and_then(|name| programme.campaign_title(name, locale));
    Context {
        name: if account.is_personalised(programme) {
            &profile.name
        } else {
            programme.personalisation.name(locale)
        },
        programme: &programme.name,
        balance: account.balance(wallet, programme, now).get(),
        wallet: programme.wallet_name(wallet, locale),
        tier: programme.tier_name(set, account.tier_in(set), locale),
        points,
        date,
        days: i64::from(today.until(Day::of(date))),
        years: i64::from(intent.facts.years.unwrap_or_default()),
        campaign: campaign_title.unwrap_or_default(),
        reward: claim.map_or("", |claim| programme.reward_title(claim.reward.as_str(), locale)),
        code: claim.and_then(|claim| claim.code.as_deref()).unwrap_or_default(),
        lapses: claim.is_some_and(|claim| claim.lapses_after().is_some()),
        amount,
        next_reward: next.map_or("", |(reward, _)| reward.title(locale)),
        missing: next.map_or(0, |(_, missing)| missing.get()),
        lines: "",
        count: 0,
    }
}

/// The reward that a message is about, if the member has it still.
fn claim<'a>(intent: &Intent, account: &'a Account) -> Option<&'a Claim> {
    let id = intent.facts.claim.as_deref()?;
    account.claims().iter().find(|claim| claim.id == id)
}

/// The line that says of a message what it is about, if it is true, and what it promises.
pub(crate) fn line(
    programme: &Programme,
    intent: &Intent,
    (account, profile, gone): (&Account, &Profile, &[RewardName]),
    locale: &str,
    now: Timestamp,
) -> Option<(String, Option<RewardName>)> {
    let truth = truth(programme, intent, account, zone(programme, account, profile), now)?;
    let told = programme.texts.line(intent.text(), locale).ok()?;
    let next = next(programme, &told, (account, gone), now);
    let context = context(programme, intent, account, profile, (&truth, next, locale), now);
    let line = told.render(&context).ok()?;
    Some((line.body, promised(next)))
}

/// The text of a message that goes for several, if it is true, and what it promises beside its lines.
pub(crate) fn digest(
    programme: &Programme,
    (first, channel): (&Intent, Channel),
    lines: &[String],
    (account, profile, gone): (&Account, &Profile, &[RewardName]),
    locale: &str,
    now: Timestamp,
) -> Option<(Rendered, Option<RewardName>)> {
    let truth = truth(programme, first, account, zone(programme, account, profile), now)?;
    let told = programme.texts.digest(channel, locale).ok()?;
    let next = next(programme, &told, (account, gone), now);
    let context = Context {
        lines: &programme::joined(lines, channel, locale),
        count: i64::try_from(lines.len()).unwrap_or_default(),
        ..context(programme, first, account, profile, (&truth, next, locale), now)
    };
    Some((told.render(&context).ok()?, promised(next)))
}
