//! What is wrong with a programme, said so that the operator can mend it.

mod broadcasts;
mod calendar;
mod campaigns;
mod caps;
mod digests;
mod doubts;
mod missions;
mod personalisation;
mod places;
mod referral;
mod rewards;
mod tiers;
mod topics;
mod versions;
mod wallets;
mod wordings;

pub(crate) use campaigns::compile;
pub(crate) use versions::check_versions;

use crate::expiry::Lasts;
use crate::file::{ClawBack, Earn, File, Lowest};
use crate::mistake::{Mistake, Severity, Source};
use crate::{Limit, MessageKind, MessageRule, Pending, Texts, suggest};
use campaigns::check_campaigns;
use caps::check_caps;
use digests::check_digests;
use doubts::doubts;
use missions::check_missions;
use personalisation::check_personalisation;
use places::Places;
use referral::check_referral;
use rewards::check_rewards;
use tiers::check_tiers;
use topics::check_topics;
use wallets::{check_pay, check_wallets, lowest, number};
use wordings::check_wordings;

/// What several values of `programme.toml` say wrong together.
pub(crate) fn check(source: Source<'_>, file: &File, texts: &Texts) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let places = Places::new(source);
    let mut say = |offset: usize, what: String| mistakes.push(source.error(places.whole(offset), what));

    check_wallets(file, &mut say);
    let purpose = |earn: &toml::Spanned<Earn>| {
        let earn = earn.get_ref();
        (earn.currency, number(file, earn.wallet.as_deref()), earn.tier.clone())
    };
    for (index, earn) in file.earn.iter().enumerate() {
        let twice = file
            .earn
            .iter()
            .take(index)
            .any(|other| purpose(other) == purpose(earn));
        if twice {
            let code = earn.get_ref().currency.code();
            say(
                earn.span().start,
                format!("{code} has two earn rules; keep one [[earn]] for each currency, wallet and tier"),
            );
        }
    }
    if file.earn.is_empty() {
        say(
            0,
            "no currency earns points; add an [[earn]] with currency and points-per-unit".to_owned(),
        );
    }
    check_expiry(file, &mut say);
    if let Some(returns) = &file.returns
        && returns.get_ref().claw_back == ClawBack::Unlimited
        && lowest(file).all(|lowest| lowest == Lowest::Nought)
    {
        say(
            returns.span().start,
            "claw-back is unlimited, but a balance may not go below nought; write \"within-balance\", or a [balance] \
             with a lowest below 0"
                .to_owned(),
        );
    }
    check_limits(file, &mut say);
    check_caps(file, &mut say);
    check_digests(file, &mut say);
    check_topics(file, &mut say);
    check_wordings(file, &mut say);
    check_personalisation(file, &mut say);
    check_pay(file, &mut say);
    check_tiers(file, &mut say);
    check_tier_names(file, &mut say);
    check_rewards(file, &mut say);
    check_campaigns(file, &mut say);
    check_missions(file, &mut say);
    check_referral(file, &mut say);
    calendar::check_days(file, &mut say);
    check_messages(file, &mut say);
    broadcasts::check_broadcasts(file, texts, &mut say);
    if let Some(guard) = &file.guard
        && guard.get_ref().usual_opt_outs >= guard.get_ref().alarming_opt_outs
    {
        let (usual, alarming) = (guard.get_ref().usual_opt_outs, guard.get_ref().alarming_opt_outs);
        say(
            guard.span().start,
            format!(
                "{alarming} of opt-outs cannot be alarming where {usual} are usual; write more, such as four times as many"
            ),
        );
    }
    if !texts.locales().any(|locale| locale == file.default_locale.get_ref()) {
        let (locale, offset) = (file.default_locale.get_ref(), file.default_locale.span().start);
        let known: Vec<&str> = texts.locales().collect();
        say(
            offset,
            format!(
                "there is no texts/{locale}.toml; write one, or choose one of: {}",
                known.join(", ")
            ),
        );
    }
    doubts(&places, file, texts, &mut |bytes, what| {
        mistakes.push(source.mistake(Severity::Warning, bytes, what));
    });
    mistakes.sort_by_key(|mistake| mistake.bytes.start);
    mistakes
}

/// All the ways in which points may last, with the place of each.
fn all_lasts(file: &File) -> impl Iterator<Item = (usize, &Lasts)> {
    let tiers = &file.tiers.levels;
    let tiers = tiers
        .get_ref()
        .iter()
        .map(|tier| (tiers.span().start, tier.lasts.as_ref()));
    let rules = file
        .earn
        .iter()
        .map(|rule| (rule.span().start, rule.get_ref().lasts.as_ref()));
    let general = (file.expiry.lasts.span().start, Some(file.expiry.lasts.get_ref()));
    let wallets = &file.wallets;
    let wallets = wallets
        .get_ref()
        .iter()
        .map(|wallet| (wallets.span().start, wallet.lasts.as_ref()));
    let granted = file.campaigns.iter();
    let granted = granted.map(|campaign| (campaign.span().start, campaign.get_ref().lasts.as_ref()));
    let missions = file.missions.iter().flat_map(|mission| {
        let milestones = &mission.get_ref().milestones;
        let lasts = milestones.get_ref().iter().map(|milestone| milestone.lasts.as_ref());
        lasts.map(|lasts| (milestones.span().start, lasts))
    });
    let granted = granted.chain(missions);
    let all = rules.chain(wallets).chain(tiers).chain(granted).chain([general]);
    all.filter_map(|(offset, lasts)| Some((offset, lasts?)))
}

fn check_expiry(file: &File, say: &mut impl FnMut(usize, String)) {
    // There is one clock of a member's activity.
    let general = file.expiry.lasts.get_ref();
    for (offset, lasts) in all_lasts(file) {
        if matches!(lasts, Lasts::Active { .. }) && lasts != general {
            let what = "active-months is for all points alike; write it under [expiry] alone, or leave it out there";
            say(offset, what.to_owned());
        }
    }
    for rule in &file.earn {
        let (offset, rule) = (rule.span().start, rule.get_ref());
        let wait = (offset, rule.pending.as_ref());
        check_wait(file, wait, (rule.lasts.as_ref(), rule.wallet.as_deref()), say);
    }
    for campaign in &file.campaigns {
        let (offset, campaign) = (campaign.span().start, campaign.get_ref());
        let of_referrals = referral::wait(file, &campaign.on);
        let wait = (offset, campaign.pending.as_ref().or(of_referrals.as_ref()));
        check_wait(file, wait, (campaign.lasts.as_ref(), campaign.wallet.as_deref()), say);
    }
    for mission in &file.missions {
        let (offset, mission) = (mission.span().start, mission.get_ref());
        let of_referrals = referral::wait(file, &mission.on);
        for milestone in mission.milestones.get_ref() {
            let own = (milestone.lasts.as_ref(), milestone.wallet.as_deref());
            check_wait(file, (offset, of_referrals.as_ref()), own, say);
        }
    }
    let reminders = &file.expiry.remind_days_before;
    let offset = reminders.span().start;
    let longest = all_lasts(file).filter_map(|(_, lasts)| lasts.longest()).max();
    if longest.is_none() && !reminders.get_ref().is_empty() {
        say(offset, "points never lapse, so nobody is reminded; write []".to_owned());
    }
    for &days in reminders.get_ref() {
        if let Some(longest) = longest
            && (days == 0 || days >= longest)
        {
            let most = longest.saturating_sub(1);
            say(
                offset,
                format!("a reminder {days} days before points lapse can never come; write 1 to {most}"),
            );
        }
    }
    let mut sorted = reminders.get_ref().clone();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    sorted.dedup();
    if &sorted != reminders.get_ref() {
        say(
            offset,
            "the days before are not from far to near, each once; write them like [30, 7, 1]".to_owned(),
        );
    }
}

/// Points that wait must not lapse before they can be spent.
fn check_wait(
    file: &File,
    (offset, pending): (usize, Option<&Pending>),
    (own, wallet): (Option<&Lasts>, Option<&str>),
    say: &mut impl FnMut(usize, String),
) {
    let Some(pending) = pending else {
        return;
    };
    let of_tiers = file.tiers.levels.get_ref().iter().map(|tier| tier.lasts.as_ref());
    let general = file.expiry.lasts.get_ref();
    let wallet = number(file, wallet);
    let mut wallets = file.wallets.get_ref().iter();
    let of_wallet = wallets
        .find(|own| Some(own.number) == wallet)
        .and_then(|own| own.lasts.as_ref());
    let own = own.or(of_wallet);
    let lasts = of_tiers.map(|tier| own.or(tier).unwrap_or(general));
    let Some(kept) = lasts.filter_map(Lasts::shortest).min() else {
        return;
    };
    let longest = pending.longest();
    if longest >= kept {
        say(
            offset,
            format!(
                "points may wait {longest} days and lapse before they can be spent; let them wait less than {kept}, or \
                 last longer"
            ),
        );
    }
}

/// Rules that are for a tier name one of the main set.
fn check_tier_names(file: &File, say: &mut impl FnMut(usize, String)) {
    let earn = file.earn.iter().map(|rule| (rule.span().start, &rule.get_ref().tier));
    let limits = file
        .limits
        .iter()
        .map(|limit| (limit.span().start, &limit.get_ref().tier));
    let pay = file.pay.iter().map(|pay| (pay.span().start, &pay.get_ref().tier));
    let levels = file.tiers.levels.get_ref();
    for (offset, tier) in earn.chain(limits).chain(pay) {
        if let Some(tier) = tier
            .as_ref()
            .filter(|tier| !levels.iter().any(|level| level.name == **tier))
        {
            let known: Vec<&str> = levels.iter().map(|level| level.name.as_str()).collect();
            let mend = suggest::one_of(tier, &known);
            say(offset, format!("there is no tier {tier:?} in [tiers]; {mend}"));
        }
    }
}

fn check_limits(file: &File, say: &mut impl FnMut(usize, String)) {
    for (index, limit) in file.limits.iter().enumerate() {
        let (offset, limit) = (limit.span().start, limit.get_ref());
        if let Some(mistake) = limit.mistake() {
            say(offset, mistake.to_owned());
        }
        let mut before = file.limits.iter().take(index).map(toml::Spanned::get_ref);
        let of = |limit: &Limit| {
            (
                number(file, limit.wallet.as_deref()),
                limit.on,
                limit.per,
                limit.tier.clone(),
            )
        };
        if before.any(|other| of(other) == of(limit)) {
            let what = "there are two limits on the same in the same time; keep one of them";
            say(offset, what.to_owned());
        }
    }
}

fn check_messages(file: &File, say: &mut impl FnMut(usize, String)) {
    for kind in MessageKind::ALL.into_iter().filter(|kind| kind.is_of_the_ledger()) {
        if !file.messages.keys().any(|key| *key.get_ref() == kind) {
            let name = kind.name();
            say(
                0,
                format!(
                    "nothing says how {name} messages are sent; add [messages.{name}] with purpose, channels and useful-hours"
                ),
            );
        }
    }
    for (kind, rule) in &file.messages {
        check_rule(kind.get_ref().name(), rule, say);
        if !kind.get_ref().is_of_the_ledger() {
            let what = "each broadcast says for itself how it is sent; write it as its message under [[broadcasts]]";
            say(kind.span().start, what.to_owned());
        }
    }
}

fn check_rule(name: &str, rule: &MessageRule, say: &mut impl FnMut(usize, String)) {
    if rule.channels.get_ref().is_empty() {
        say(
            rule.channels.span().start,
            format!("{name} has no channel; write [\"push\", \"sms\"], or one of them"),
        );
    }
    // Quiet hours are at most a day: a message that lives shorter could lapse before it may ever go.
    if *rule.useful_hours.get_ref() < 24 {
        say(
            rule.useful_hours.span().start,
            format!(
                "{name} would lapse after {} hours, perhaps within quiet hours; write 24 or more",
                rule.useful_hours.get_ref()
            ),
        );
    }
}
