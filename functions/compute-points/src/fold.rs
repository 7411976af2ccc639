//! A member's activities of one batch, folded into the profile and the account.

use ledger::budget::{Left, granted_out_of_budgets, looks_at_budgets};
use ledger::{Account, Activity, Entry, Fact, MemberId, OrderLine, Page, Past, Referrer, Refusal, UNKNOWN_MEMBER};
use programme::Programme;
use store::{Arrival, Beside, Commit, Drawn, Moved, OfBudget, OnShelf, Recorded, Store, StoreError};

use crate::person;
use crate::receiver;
use crate::record::Record;
use crate::referrer;

/// Whether any of them may change more than the member's account.
pub(crate) fn looks_beside(records: &[Record]) -> bool {
    activities(records).any(|(_, recorded)| {
        let activity = recorded.incoming.activity.as_ref();
        activity.is_some_and(|activity| activity.fact.looks_beside())
    })
}

/// Other writers of one member are few; so many lost races in a row mean something else is wrong.
pub(crate) const ATTEMPTS: usize = 20;

pub(crate) async fn member(
    store: &Store,
    programme: &Programme,
    member: &MemberId,
    records: &[Record],
) -> Result<(), StoreError> {
    match person::profile(store, programme, member, records).await {
        // What the ledger makes of them waits for no profile.
        Err(StoreError::Damaged(why)) => {
            let of_profile = activities(records).filter(|(_, recorded)| recorded.incoming.profile.is_some());
            for (record, _) in of_profile {
                store.refuse(&record.item, &format!("damaged: {why}")).await?;
            }
        }
        other => other?,
    }
    let mut lost = 0;
    while lost < ATTEMPTS {
        match account(store, programme, member, records).await? {
            Folded::Whole => return Ok(()),
            Folded::Part => {}
            Folded::Nothing => lost += 1,
        }
    }
    Err(StoreError::Refused {
        code: "Contended".to_owned(),
        message: format!("{ATTEMPTS} commits were overtaken"),
    })
}

pub(crate) fn activities(records: &[Record]) -> impl Iterator<Item = (&Record, &Recorded)> {
    records
        .iter()
        .filter_map(|record| Some((record, record.activity.as_ref().ok()?)))
}

/// What one try came to.
enum Folded {
    Whole,
    /// Some of the records; the others are to come.
    Part,
    /// Another writer was faster.
    Nothing,
}

/// One try: read the account, decide, commit.
async fn account(
    store: &Store,
    programme: &Programme,
    member: &MemberId,
    records: &[Record],
) -> Result<Folded, StoreError> {
    let damaged = |why| store::Damaged::of_account(why);
    let stored = match store.account(member).await {
        Ok(stored) => stored,
        // The account cannot be read: its activities wait beside their reason, and the others go on.
        Err(StoreError::Damaged(why)) => {
            for (record, _) in activities(records) {
                store.refuse(&record.item, &format!("damaged: {why}")).await?;
            }
            return Ok(Folded::Whole);
        }
        Err(other) => return Err(other),
    };
    let version = stored.as_ref().map(|stored| stored.version);
    let mut account = stored.map(|stored| stored.account);
    let was_erased = account.as_ref().is_some_and(Account::is_erased);
    if was_erased {
        person::forget(store, member, records).await?;
    }
    let read = account.clone();
    let closed = account
        .as_mut()
        .map(Account::close_pages)
        .transpose()
        .map_err(damaged)?
        .unwrap_or_default();
    let (mut changed, mut beside, mut more) = (false, Vec::new(), false);
    for (record, recorded) in activities(records) {
        let Some(activity) = &recorded.incoming.activity else {
            continue;
        };
        let (id, programme) = (activity.id.as_str(), programme.at(activity.received));
        match is_repeat(store, member, read.as_ref(), account.as_ref(), record, id).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(StoreError::Damaged(why)) => {
                store.refuse(&record.item, &format!("damaged: {why}")).await?;
                continue;
            }
            Err(other) => return Err(other),
        }
        // A commit has what one activity changes beside the account, and that of a new account what the sign-up does; the
        // rest is for the next.
        let is_new = version.is_none() && account.is_some();
        let fact = &activity.fact;
        let may_change = |account: &Account| {
            fact.looks_beside()
                || account.may_make_referral_count()
                || looks_at_budgets(programme, fact, activity.at).next().is_some()
        };
        if !beside.is_empty() || (is_new && account.as_ref().is_some_and(may_change)) {
            more = true;
            break;
        }
        let past = match Looked::back(store, programme, member, read.as_ref(), &closed, activity).await {
            Ok(past) => Looked {
                referrer: referrer::seen(store, programme, recorded).await?,
                ..past
            },
            // What it looks back at cannot be read: it waits beside its reason, and the others go on.
            Err(StoreError::Damaged(why)) => {
                store.refuse(&record.item, &format!("damaged: {why}")).await?;
                continue;
            }
            Err(other) => return Err(other),
        };
        beside = match decide(store, programme, member, &mut account, activity, past).await? {
            Ok(found) => found,
            Err(_) if is_new => {
                more = true;
                break;
            }
            // With the commit that counts it as read: a refusal that another writer overtook is no refusal.
            Err(refusal) if account.is_some() => vec![Beside::Refused(record.item.clone(), refusal)],
            Err(refusal) => {
                store.refuse(&record.item, &refusal.reason()).await?;
                continue;
            }
        };
        if let Some(account) = &mut account {
            account.set_mark(record.mark.clone());
        }
        changed = true;
    }
    let (true, Some(after)) = (changed, account) else {
        return Ok(Folded::Whole);
    };
    if version.is_none() {
        // What arrived before the sign-up was refused for the want of it. Its new records come after this one.
        store.redrive(member, UNKNOWN_MEMBER).await?;
    }
    let committed = store.commit_with(member, &after, version, &closed, &beside).await?;
    if committed == Commit::Done {
        for beside in &beside {
            warn(programme, beside);
        }
    }
    Ok(match committed {
        // Who was erased just now is forgotten next.
        Commit::Done if more || (after.is_erased() && !was_erased) => Folded::Part,
        Commit::Done => Folded::Whole,
        Commit::Conflict => Folded::Nothing,
    })
}

/// Warns of what an operator should know, once it is committed.
fn warn(programme: &Programme, beside: &Beside) {
    match beside {
        Beside::Shelf(moved) => moved.warn_if_low(programme),
        Beside::Budgets(drawn) => drawn.iter().for_each(Drawn::warn_if_used_up),
        Beside::Refused(_, refusal) => tracing::warn!("an activity was refused: {}", refusal.code()),
        Beside::Arises(_) | Beside::Receiver(_) => {}
    }
}

/// Books an activity in an account: what changes beside it, or why it is refused and changes nothing.
async fn decide(
    store: &Store,
    programme: &Programme,
    member: &MemberId,
    account: &mut Option<Account>,
    activity: &Activity,
    looked: Looked,
) -> Result<Result<Vec<Beside>, Refusal>, StoreError> {
    let mut next = account.clone();
    if let Err(refusal) = ledger::apply(programme, &mut next, activity, looked.seen()) {
        return Ok(Err(refusal));
    }
    let mut beside = Vec::new();
    if let Some(after) = next.as_ref().filter(|_| !looked.budgets.is_empty()) {
        let before = account.as_ref().map_or(0, Account::entries);
        let entries = after.added_since(before).map_err(store::Damaged::of_account)?;
        let drawn = looked.drawn(programme, member, entries);
        beside.extend((!drawn.is_empty()).then_some(Beside::Budgets(drawn)));
    }
    beside.extend(match (&activity.fact, &next) {
        (Fact::Transfer { to: Some(to), .. }, Some(after)) => {
            match receiver::decide(store, programme, (member, after), activity, to).await? {
                Ok(receiver) => Some(Beside::Receiver(Box::new(receiver))),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        (Fact::Purchase { .. } | Fact::Refund { .. }, Some(after)) => arises(member, after, activity)?,
        (_, Some(after)) => Moved::by(programme, after, activity, looked.shelf)?.map(Beside::Shelf),
        (_, None) => None,
    });
    *account = next;
    Ok(Ok(beside))
}

/// What a purchase, or its return, does for the one who referred the member.
fn arises(member: &MemberId, after: &Account, activity: &Activity) -> Result<Option<Beside>, StoreError> {
    let arises = ledger::for_referrer(member, after, activity).map_err(store::Damaged::of_account)?;
    let arrival = arises.and_then(|(referrer, arises)| Arrival::arising(referrer, &arises));
    Ok(arrival.map(|arrival| Beside::Arises(Box::new(arrival))))
}

/// What an activity looks back at: nothing, for nearly all.
#[derive(Default)]
struct Looked {
    pages: Vec<Page>,
    lines: Vec<OrderLine>,
    shelf: Option<OnShelf>,
    budgets: Vec<OfBudget>,
    left: Vec<Left>,
    referrer: Option<Referrer>,
}

impl Looked {
    /// Reads what an activity looks back at, `closed` being the pages that this commit closes.
    async fn back(
        store: &Store,
        programme: &Programme,
        member: &MemberId,
        read: Option<&Account>,
        closed: &[Page],
        activity: &Activity,
    ) -> Result<Self, StoreError> {
        let budgets = store.budgets_for(programme, activity).await?;
        let looked = Self {
            left: budgets.iter().map(OfBudget::seen).collect(),
            budgets,
            ..Self::default()
        };
        if read.is_none() {
            return Ok(looked);
        }
        if !activity.fact.looks_back() {
            let shelf = store.shelf_for(programme, &activity.fact).await?;
            return Ok(Self { shelf, ..looked });
        }
        let lines = match activity.fact.looks_back_at() {
            Some(order) => match store.order_lines(member, order).await {
                // An item that was never a purchase, or is none any more.
                Err(StoreError::Damaged(_)) => Vec::new(),
                lines => lines?,
            },
            None => Vec::new(),
        };
        let mut pages = store.pages(member).await?;
        pages.extend_from_slice(closed);
        Ok(Self { pages, lines, ..looked })
    }

    /// What entries drew on the budgets that were looked at.
    fn drawn(&self, programme: &Programme, member: &MemberId, entries: &[Entry]) -> Vec<Drawn> {
        let granted = granted_out_of_budgets(programme, entries).into_iter();
        let drawn = granted.filter_map(|(campaign, points)| {
            let id = campaign.name.id();
            let budget = self.budgets.iter().find(|budget| budget.seen().campaign == id)?;
            Some(budget.draw(member, points))
        });
        drawn.flatten().collect()
    }

    fn seen(&self) -> Past<'_> {
        Past {
            pages: &self.pages,
            lines: &self.lines,
            shelf: self.shelf.as_ref().map(OnShelf::seen),
            budgets: &self.left,
            referrer: self.referrer,
        }
    }
}

/// Whether a record was worked on before. Its place in the stream tells, for a new item; a changed item, or one of
/// another stream, is looked for in the ledger. A repeat costs a read and no write.
async fn is_repeat(
    store: &Store,
    member: &MemberId,
    read: Option<&Account>,
    now: Option<&Account>,
    record: &Record,
    cause: &str,
) -> Result<bool, StoreError> {
    let Some(now) = now else { return Ok(false) };
    match now.mark().covers(&record.mark) {
        Some(true) => Ok(true),
        Some(false) if record.inserted => Ok(false),
        _ => {
            let mentioned = now.page().mentions(cause).map_err(store::Damaged::of_account)?;
            Ok(mentioned
                || match read {
                    Some(read) => store.has_cause(member, read, cause).await?,
                    None => false,
                })
        }
    }
}
