//! What the ledger's tests share: programmes from text, and activities in a line.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

pub(crate) mod events;
pub(crate) mod random;
pub(crate) mod terms;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use ledger::budget::{Left, granted_out_of_budgets};
use ledger::{Account, Activity, Entry, Fact, MonthDay, OrderLine, Page, Part, Past, Refusal, Shelf, What, apply};
use programme::{Amount, Files, Points, Programme, WalletId, Zone};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// The wallet of a programme that has one.
pub(crate) const MAIN: WalletId = WalletId::MAIN;

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../program").join(name)).unwrap()
}

fn texts() -> Vec<(String, String)> {
    let texts = ["en", "zh-CN"].map(|locale| (locale.to_owned(), read(&format!("texts/{locale}.toml"))));
    texts.to_vec()
}

/// A programme with the sample's texts.
pub(crate) fn programme(main: &str) -> Programme {
    Programme::parse(main, &texts()).unwrap_or_else(|mistakes| panic!("{mistakes:?} in\n{main}"))
}

/// A programme of several versions, each as its main file and the day from which it is in effect: the oldest, which has
/// none, and those after it.
pub(crate) fn versions(oldest: String, newer: &[(&str, String)]) -> Programme {
    let dated = |(from, main): &(&str, String)| format!("effective-from = {from:?}\n{main}");
    let mut all: Vec<String> = std::iter::once(oldest).chain(newer.iter().map(dated)).collect();
    let main = all.pop().unwrap();
    let earlier = all.into_iter().enumerate();
    let files = Files {
        approvals: None,
        main,
        texts: texts(),
        earlier: earlier
            .map(|(number, main)| (format!("earlier/{number}/programme.toml"), main))
            .collect(),
    };
    Programme::of(&files).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

/// The sample programme without its rewards, with some of its text replaced.
pub(crate) fn sample(replacements: &[(&str, &str)]) -> Programme {
    programme(&sample_text(replacements))
}

/// Its main file.
pub(crate) fn sample_text(replacements: &[(&str, &str)]) -> String {
    let whole = read("programme.toml");
    let (before, rest) = whole.split_once("[[rewards]]").unwrap();
    let (_, after) = rest.split_once("# Members may send").unwrap();
    replaced(format!("{before}# Members may send{after}"), replacements)
}

/// The sample programme with its rewards.
pub(crate) fn whole_sample(replacements: &[(&str, &str)]) -> Programme {
    programme(&replaced(read("programme.toml"), replacements))
}

fn replaced(mut main: String, replacements: &[(&str, &str)]) -> String {
    for (from, to) in replacements {
        assert!(main.contains(from), "the sample programme has no {from:?}");
        main = main.replace(from, to);
    }
    main
}

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn activity(id: &str, at: Timestamp, received: Timestamp, fact: Fact) -> Activity {
    Activity {
        id: id.parse().unwrap(),
        at,
        received,
        fact,
        said: ledger::Said::default(),
    }
}

pub(crate) fn sign_up(at: &str, zone: &str, birthday: Option<&str>) -> Activity {
    let fact = Fact::SignUp {
        zone: Zone::parse(zone).unwrap(),
        birthday: birthday.map(|date| MonthDay::of(date.parse().unwrap())),
        referrer: None,
    };
    activity("sign-up", instant(at), instant(at), fact)
}

pub(crate) fn amount(text: &str, currency: &str) -> Fact {
    Fact::Purchase {
        amount: Amount::parse(text, currency.parse().unwrap()).unwrap(),
    }
}

/// A purchase in dollars that arrives as it happens.
pub(crate) fn purchase(id: &str, at: &str, dollars: &str) -> Activity {
    late_purchase(id, at, at, dollars)
}

pub(crate) fn late_purchase(id: &str, at: &str, received: &str, dollars: &str) -> Activity {
    activity(id, instant(at), instant(received), amount(dollars, "USD"))
}

pub(crate) fn redeem(id: &str, at: &str, points: i64) -> Activity {
    let fact = Fact::Redeem {
        points: Points::new(points),
        wallet: None,
        order: None,
    };
    activity(id, instant(at), instant(at), fact)
}

/// Points that pay for an order.
pub(crate) fn redeem_on(id: &str, at: &str, points: i64, order: &str) -> Activity {
    let fact = Fact::Redeem {
        points: Points::new(points),
        wallet: None,
        order: Some(order.parse().unwrap()),
    };
    activity(id, instant(at), instant(at), fact)
}

pub(crate) fn refund(id: &str, at: &str, order: &str, part: Part) -> Activity {
    let order = order.parse().unwrap();
    activity(id, instant(at), instant(at), Fact::Refund { order, part })
}

pub(crate) fn dollars(text: &str) -> Part {
    Part::Amount(Amount::parse(text, "USD".parse().unwrap()).unwrap())
}

/// The lines of every order in these tests, which follow from what was paid: three of `vinyl` for some two thirds of it,
/// and one `sleeve` for half of the rest. What is left is postage.
pub(crate) fn lines(minor: i64) -> Vec<OrderLine> {
    let vinyl = minor / 3 * 2;
    let line = |line: &str, quantity, minor| OrderLine {
        line: line.parse().unwrap(),
        quantity,
        minor,
        fields: Vec::new(),
    };
    vec![line("vinyl", 3, vinyl), line("sleeve", 1, (minor - vinyl) / 2)]
}

/// What an activity looks back at: the lines of its order, where a page or the open one has it.
pub(crate) fn order_lines(account: Option<&Account>, pages: &[Page], activity: &Activity) -> Vec<OrderLine> {
    let Some(order) = activity.fact.looks_back_at() else {
        return Vec::new();
    };
    let pages = pages.iter().chain(account.map(Account::page));
    let mut entries = pages.flat_map(|page| page.entries().unwrap());
    let minor = entries.find_map(|entry| match entry.what {
        What::Earned { minor, .. } | What::Pending { minor, .. } if entry.cause == order.as_str() => Some(minor),
        _ => None,
    });
    minor.map(lines).unwrap_or_default()
}

/// What is left of the reward that an activity claims, were this the only member.
pub(crate) fn shelf(
    programme: &Programme,
    account: Option<&Account>,
    pages: &[Page],
    activity: &Activity,
) -> Option<Shelf<'static>> {
    let Fact::Claim { reward } = &activity.fact else {
        return None;
    };
    let stock = programme.reward(reward.as_str())?.stock?;
    // A page may be there before the commit that drops it from the account, and twice.
    let open = account?.page();
    let closed = pages.iter().filter(|page| page.end() <= open.first());
    let closed: BTreeMap<u64, &Page> = closed.map(|page| (page.number(), page)).collect();
    let entries = closed.into_values().chain([open]);
    let entries = entries.flat_map(|page| page.entries().unwrap());
    let taken = entries.map(|entry| match entry.what {
        What::Claimed { reward: of, .. } => i64::from(of == *reward),
        What::RewardBack { reward: of, .. } => -i64::from(of == *reward),
        _ => 0,
    });
    let left = stock - u64::try_from(taken.sum::<i64>()).unwrap();
    Some(Shelf { left, code: None })
}

/// What is left of budgets, where this member alone draws on them.
pub(crate) fn budgets(programme: &Programme, account: Option<&Account>, pages: &[Page]) -> Vec<Left> {
    let open = account.map(Account::page);
    let pages = pages.iter().chain(open);
    let entries: Vec<Entry> = pages.flat_map(|page| page.entries().unwrap()).collect();
    let granted = granted_out_of_budgets(programme, &entries);
    let with_budget = programme.campaigns.iter().filter_map(|one| Some((one, one.budget?)));
    let left = with_budget.map(|(campaign, budget)| {
        let mut own = granted.iter().filter(|(one, _)| one.name == campaign.name);
        let granted = own.next().map_or(0, |(_, points)| points.get());
        Left {
            campaign: campaign.name.id(),
            points: Points::new(budget.get() - granted),
        }
    });
    left.collect()
}

/// A member as the tables hold them: the account, and the closed pages in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Member {
    pub(crate) account: Option<Account>,
    pub(crate) pages: Vec<Page>,
}

impl Member {
    pub(crate) fn account(&self) -> &Account {
        self.account.as_ref().expect("a member")
    }

    /// A commit of one activity. A refusal changes nothing, which is checked here, for every test.
    pub(crate) fn apply(&mut self, programme: &Programme, activity: &Activity) -> Result<(), Refusal> {
        let own = budgets(programme, self.account.as_ref(), &self.pages);
        self.apply_with(programme, activity, &own)
    }

    /// The same, with so much left of budgets.
    pub(crate) fn apply_with(
        &mut self,
        programme: &Programme,
        activity: &Activity,
        budgets: &[Left],
    ) -> Result<(), Refusal> {
        let mut account = self.account.clone();
        let closed = account.as_mut().map(Account::close_pages).transpose().unwrap();
        let before = account.clone();
        let applied = self.with_past(programme, activity, budgets, |past| {
            apply(programme, &mut account, activity, past)
        });
        match &applied {
            Ok(()) => {
                self.pages.extend(closed.unwrap_or_default());
                self.account = account;
            }
            Err(refusal) => {
                assert_eq!(account, before, "changed by an activity that was refused: {refusal}");
            }
        }
        applied
    }

    /// Why an activity that comes next would do what it does.
    pub(crate) fn explain<'p>(
        &self,
        programme: &'p Programme,
        activity: &Activity,
    ) -> Result<ledger::Explanation<'p>, Refusal> {
        let own = budgets(programme, self.account.as_ref(), &self.pages);
        self.with_past(programme, activity, &own, |past| {
            ledger::explain(programme, self.account.as_ref(), activity, past)
        })
    }

    /// What an activity looks back at, with so much left of budgets.
    fn with_past<T>(
        &self,
        programme: &Programme,
        activity: &Activity,
        budgets: &[Left],
        ask: impl FnOnce(Past<'_>) -> T,
    ) -> T {
        let mut account = self.account.clone();
        let closed = account.as_mut().map(Account::close_pages).transpose().unwrap();
        let mut pages = self.pages.clone();
        pages.extend(closed.unwrap_or_default());
        let lines = order_lines(account.as_ref(), &pages, activity);
        ask(Past {
            pages: &pages,
            lines: &lines,
            shelf: shelf(programme, account.as_ref(), &pages, activity),
            budgets,
            // Whoever is named is there.
            referrer: Some(ledger::Referrer::Known),
        })
    }

    /// A commit of what has fallen due.
    pub(crate) fn wake(&mut self, programme: &Programme, now: Timestamp) -> usize {
        let account = self.account.as_mut().expect("a member");
        self.pages.extend(account.close_pages().unwrap());
        ledger::wake(programme, account, now).unwrap()
    }

    /// The whole ledger, oldest first.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let open = self.account.as_ref().map(Account::page);
        let pages = self.pages.iter().chain(open);
        pages.flat_map(|page| page.entries().unwrap()).collect()
    }

    /// Causes of all entries, as a newcomer reads them in a test.
    pub(crate) fn causes(&self) -> Vec<String> {
        self.entries().into_iter().map(|entry| entry.cause.into()).collect()
    }
}

/// How many things happen in each history of the exhaustive check; `LAWS_LENGTH` chooses.
pub(crate) fn exhaustive_length() -> usize {
    usize::try_from(setting("LAWS_LENGTH", 4)).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "how much is tested is no setting of a function"
)]
fn setting(name: &str, default: u64) -> u64 {
    let chosen = std::env::var(name).ok();
    chosen.map_or(default, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no whole number: {text:?}"))
    })
}

/// Checks a law on random cases: one of `share` of those asked for, where each takes long. `LAWS_SEED` and `LAWS_CASES`
/// choose other cases and more of them.
pub(crate) fn check<S: Strategy>(law: &str, share: u64, strategy: &S, holds: impl Fn(S::Value)) {
    let seed = setting("LAWS_SEED", 19_970_101);
    let cases = u32::try_from((setting("LAWS_CASES", 2_000) / share).max(1)).unwrap();
    println!("{law}: seed {seed}, {cases} cases");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let outcome = runner.run(strategy, |case| {
        holds(case);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{law} fails with LAWS_SEED={seed}: {failure}");
    }
}
