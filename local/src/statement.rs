//! `regulars statement`: a member's ledger, point by point, and what lapses when.

use std::fmt::Write;

use anstream::print;
use jiff::Timestamp;
use ledger::{Accepted, Account, Day, Line, MemberId, Page, Referrer, What, statement};
use programme::{Basis, CampaignId, Points, Programme, RewardName, Tiers, WalletId};
use store::{Damaged, Ledger};

use crate::cli::StatementOptions;
use crate::ledgers::{LedgersError, Opened};

/// Why there is no statement.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    #[error(transparent)]
    Ledgers(#[from] LedgersError),
    #[error("nobody has signed up as {0}; member ids are the shop's own, as in its orders")]
    NoMember(MemberId),
    #[error("the ledger of {member} cannot be read: {why}; `regulars audit` tells more")]
    Damaged { member: MemberId, why: String },
}

/// Prints a member's statement.
pub async fn run(options: &StatementOptions) -> Result<(), StatementError> {
    let opened = Opened::open(&options.source).await?;
    let found = opened.store.ledger(&options.member).await;
    let now = opened.now();
    let text = match found {
        Ok(ledger) => text(opened.programme.at(now), ledger, now),
        Err(why) => Err(LedgersError::from(why).into()),
    };
    opened.close().await;
    print!("{}", text?);
    Ok(())
}

fn text(programme: &Programme, ledger: Ledger, now: Timestamp) -> Result<String, StatementError> {
    let member = ledger.member;
    let damaged = |why: String| StatementError::Damaged {
        member: member.clone(),
        why,
    };
    let stored = ledger.account.ok_or_else(|| StatementError::NoMember(member.clone()))?;
    let account = stored.map_err(|why| damaged(why.to_string()))?.account;
    let pages: Result<Vec<Page>, Damaged> = ledger.pages.into_iter().collect();
    let pages = pages.map_err(|why| damaged(why.to_string()))?;
    let lines = statement(&pages, &account).map_err(|why| damaged(why.to_string()))?;
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut out, programme, &member, &account, &lines, now);
    Ok(out)
}

fn write(
    out: &mut String,
    programme: &Programme,
    member: &MemberId,
    account: &Account,
    lines: &[Line],
    now: Timestamp,
) -> std::fmt::Result {
    let tiers = programme.tier_sets();
    let tiers = tiers.map(|tiers| programme.tier_name(tiers.number, account.tier_in(tiers.number), ""));
    let tier = tiers.collect::<Vec<_>>().join(", ");
    let several = programme.wallets.len() > 1;
    let balances = account.wallets().map(|wallet| {
        let balance = account.balance(wallet, programme, now);
        let name = programme.wallet(wallet).map_or("", |rules| &rules.name);
        if several {
            format!("{balance} {name}")
        } else {
            format!("{balance} points to spend")
        }
    });
    let balances = balances.collect::<Vec<_>>().join(", ");
    writeln!(out, "Member {member}  {tier}, joined {}, {balances}", account.joined())?;
    for tiers in programme.tier_sets() {
        writeln!(out, "{}", standing(programme, account, tiers, now))?;
    }
    writeln!(out)?;
    let widest = lines.iter().map(|line| line.cause.len()).max().unwrap_or_default();
    writeln!(
        out,
        "  {:16}  {:11}  {:widest$}  {:>9}  {:>9}",
        "when", "what", "why", "points", "balance"
    )?;
    for line in lines {
        let at = line
            .at
            .to_zoned(programme.zone.rules().clone())
            .strftime("%Y-%m-%d %H:%M");
        let change = if line.change == 0 {
            String::new()
        } else {
            format!("{:+}", line.change)
        };
        let row = format!(
            "  {at:16}  {:11}  {:widest$}  {change:>9}  {:>9}",
            line.name(),
            line.cause,
            line.balance
        );
        let mut after = after(programme, line);
        if several && !line.lots().is_empty() {
            let _ = write!(after, "  {}", own_name(programme, line.wallet));
        }
        writeln!(out, "{row}{after}")?;
    }
    for wallet in account.wallets() {
        coming(out, programme, account, wallet, now)?;
    }
    unused(out, account)?;
    if !account.badges().is_empty() {
        let badges: Vec<&str> = account.badges().iter().map(RewardName::as_str).collect();
        writeln!(out, "\n  Badges  {}", badges.join(", "))?;
    }
    Ok(())
}

/// What an entry says beside its cause and its points.
pub(crate) fn after(programme: &Programme, line: &Line) -> String {
    lots(line) + &granted(programme, line)
}

/// What campaigns granted of an entry's points, and which milestone it was.
pub(crate) fn granted(programme: &Programme, line: &Line) -> String {
    let name = |id: CampaignId| {
        let campaign = programme.campaign(id).map(|campaign| campaign.name.to_string());
        let mission = || programme.mission(id).map(|mission| mission.name.to_string());
        // The file has it no longer.
        campaign.or_else(mission).unwrap_or_else(|| id.to_string())
    };
    match &line.what {
        What::Earned { shares, .. } | What::Pending { shares, .. } if !shares.is_empty() => {
            let shares = shares
                .iter()
                .map(|share| format!("{} by {}", share.points, name(share.campaign)));
            format!("  {}", shares.collect::<Vec<_>>().join(", "))
        }
        What::Granted { campaign, .. } => format!("  by {}", name(*campaign)),
        What::Milestone { mission, reach, badge } => {
            let badge = badge.as_ref().map_or(String::new(), |badge| format!(", badge {badge}"));
            format!("  {reach} of {}{badge}", name(*mission))
        }
        What::MilestoneLost { badge: Some(badge), .. } => format!("  badge {badge} is gone"),
        What::Referred { by, referrer } => match referrer {
            Referrer::Known => format!("  by {by}"),
            Referrer::Unknown => format!("  by {by}, who is no member: it cannot count"),
            Referrer::SamePerson => format!("  by {by}, who is the same person: it cannot count"),
        },
        What::ReferralMet { by, .. } => format!("  by {by}"),
        What::Referral { referee, accepted, .. } => match accepted {
            Some(Accepted { reason, actor }) => {
                format!("  of {referee}, accepted by {}: {}", actor.as_str(), reason.as_str())
            }
            None => format!("  of {referee}"),
        },
        _ => String::new(),
    }
}

/// The name of a wallet, where there are several.
fn own_name(programme: &Programme, wallet: WalletId) -> &str {
    if programme.wallets.len() > 1 {
        programme.wallet(wallet).map_or("", |rules| &rules.name)
    } else {
        ""
    }
}

/// When the points of a wallet can be spent, and when they lapse.
fn coming(
    out: &mut String,
    programme: &Programme,
    account: &Account,
    wallet: WalletId,
    now: Timestamp,
) -> std::fmt::Result {
    let name = own_name(programme, wallet);
    let today = Day::at(now, programme.zone);
    // The end of a wait needs no write to count.
    let waits: Vec<_> = account
        .pending(wallet)
        .iter()
        .filter(|pending| pending.until > today)
        .collect();
    if !waits.is_empty() {
        writeln!(out, "\n  {}", format!("To be spent from  {name}").trim_end())?;
        for pending in waits {
            writeln!(out, "  {}  {:>9}", pending.until.date(), pending.points.get())?;
        }
    }
    let lapsing = account.lapsing(wallet, programme, now);
    if !lapsing.is_empty() {
        writeln!(out, "\n  {}", format!("To be spent by  {name}").trim_end())?;
        for (last_day, points) in lapsing {
            writeln!(out, "  {last_day}  {:>9}", points.get())?;
        }
    }
    Ok(())
}

/// The rewards that the member has and has not used.
fn unused(out: &mut String, account: &Account) -> std::fmt::Result {
    if account.claims().is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  Rewards not used")?;
    for claim in account.claims() {
        let last_day = claim
            .lapses_after()
            .map_or("no last day".to_owned(), |day| day.to_string());
        let code = claim
            .code
            .as_ref()
            .map_or(String::new(), |code| format!("  code {code}"));
        writeln!(out, "  {last_day:11}  {}  {}{code}", claim.reward, claim.id)?;
    }
    Ok(())
}

/// What an entry about a reward says besides its cause.
fn reward(line: &Line, lots: &str) -> String {
    match &line.what {
        What::Claimed { reward, .. } if lots.is_empty() => format!("  {reward}"),
        What::Claimed { reward, .. } => format!("  {reward}, from {lots}"),
        What::RewardGiven { reward, .. } => format!("  {reward}"),
        What::RewardBack { reward, .. } if lots.is_empty() => format!("  {reward}"),
        What::RewardBack { reward, .. } => format!("  {reward}, back {lots}"),
        _ => String::new(),
    }
}

/// Whom points went to, or came from.
fn party(line: &Line, lots: &str) -> String {
    let other = |member: &Option<MemberId>| member.as_ref().map_or("another wallet".to_owned(), ToString::to_string);
    match &line.what {
        What::Sent { to, .. } => format!("  {lots} to {}", other(to)),
        What::Received { from, .. } => format!("  {lots} from {}", other(from)),
        _ => String::new(),
    }
}

/// How far the next tier is, and what the review will find as things stand.
pub(crate) fn standing(programme: &Programme, account: &Account, tiers: &Tiers, now: Timestamp) -> String {
    let set = tiers.number;
    let name = |tier: u8| programme.tier_name(set, tier, "");
    let Some(progress) = ledger::progress(programme, account, set, now) else {
        return String::new();
    };
    let next = match progress.next {
        Some((tier, missing)) => format!(", {missing} more reach {}", name(tier)),
        None => String::new(),
    };
    let review = match (ledger::at_risk(programme, account, set), account.review_in(set)) {
        (Some(risk), _) => format!(
            "; the review of {} will find {}, unless {} more are earned",
            risk.review,
            name(risk.to),
            risk.missing
        ),
        (None, Some(review)) if progress.projected > account.tier_in(set) => {
            format!("; the review of {review} will give {}", name(progress.projected))
        }
        (None, Some(review)) => format!("; the review of {review} will keep the tier"),
        (None, None) => String::new(),
    };
    let counted = match tiers.basis {
        Basis::Segment => "The shop's segments decide on the tier".to_owned(),
        Basis::Points | Basis::Balance => format!("{} points count for the tier", progress.qualifying),
        Basis::Spend => format!("{} spent count for the tier", progress.qualifying),
        Basis::Visits => format!("{} purchases count for the tier", progress.qualifying),
    };
    format!("{counted}{next}{review}")
}

/// Who adjusted points by hand, and why.
fn by_hand(line: &Line) -> String {
    match &line.what {
        What::Adjusted { reason, actor, .. }
        | What::TierGiven { reason, actor, .. }
        | What::Extended { reason, actor, .. }
        | What::Reinstated { reason, actor, .. } => {
            format!("  {} by {}", reason.as_str(), actor.as_str())
        }
        _ => String::new(),
    }
}

/// What became of the points of an order that came back.
fn came_back(line: &Line) -> String {
    let What::Returned(returned) = &line.what else {
        return String::new();
    };
    let lots = |lots: &[(Day, Points)]| {
        let each = lots.iter().map(|(day, points)| format!("{points} of {day}"));
        each.collect::<Vec<_>>().join(", ")
    };
    let parts = [
        ("back", lots(&returned.restored)),
        ("back but lapsed", lots(&returned.gone)),
        ("taken before they could be spent", some(returned.pending)),
        ("taken", lots(&returned.lots)),
        ("lapsed before", some(returned.lapsed)),
        ("owed", some(returned.owed)),
        ("waived", some(returned.waived)),
    ];
    let said = parts.iter().filter(|(_, points)| !points.is_empty());
    let said = said
        .map(|(what, points)| format!("{what} {points}"))
        .collect::<Vec<_>>();
    format!("  {}  {}", returned.order, said.join("; "))
}

/// How many points of an order wait, and until when.
fn waits(line: &Line) -> String {
    match &line.what {
        What::Pending { points, until, .. } => format!("  {points} from {until}"),
        _ => String::new(),
    }
}

/// A number of points, where there are any.
fn some(points: Points) -> String {
    if points.is_zero() {
        String::new()
    } else {
        points.to_string()
    }
}

/// The lots an entry is about, where that is not said by the cause already.
fn lots(line: &Line) -> String {
    let lots = line.lots();
    let days = |lots: &[(Day, i64)]| {
        let each = lots.iter().map(|(day, points)| format!("{points} of {day}"));
        each.collect::<Vec<_>>().join(", ")
    };
    match line.name() {
        "earned" | "granted" | "released" => match lots.first() {
            Some((day, _)) if day.stretch().is_some() || *day >= Day::FOREVER => format!("  {day}"),
            Some((day, _)) => format!("  until {day}"),
            None => String::new(),
        },
        "pending" => waits(line),
        "spent" | "reserved" => format!("  from {}", days(&lots)),
        "let go" => format!("  back {}", days(&lots)),
        "adjusted" | "tier given" | "extended" | "reinstated" => by_hand(line),
        "settled" => format!("  with {}", days(&lots)),
        "taken back" => format!("  {}, for what was waived", days(&lots)),
        "claimed" | "given" | "reward back" => reward(line, &days(&lots)),
        "segment in" | "segment out" => match &line.what {
            What::Segment { segment, .. } => format!("  {}", segment.as_str()),
            _ => String::new(),
        },
        "sent" | "received" => party(line, &days(&lots)),
        "returned" => came_back(line),
        _ => String::new(),
    }
}
