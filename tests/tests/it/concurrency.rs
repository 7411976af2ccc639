//! Many writers of one member at once, through the real engine: none is lost, and no point is spent twice.

use programme::WalletId;
use std::sync::Arc;

use bundle_tests::{Line, Start, member, sample_with};
use ledger::{Account, Activity, Fact, Past, Refusal, apply};
use programme::{Amount, Points, Zone};
use store::Commit;
use tokio::task::JoinSet;

const WRITERS: usize = 100;

/// Reads, decides and commits until nobody was faster, as the functions do; gives what the decision was.
async fn commit(line: &Line, activity: &Activity) -> Result<(), Refusal> {
    let member = member("01");
    for _ in 0..10 * WRITERS {
        let stored = line.store.account(&member).await.expect("the table");
        let version = stored.as_ref().map(|stored| stored.version);
        let mut account = stored.map(|stored| stored.account);
        let closed = account
            .as_mut()
            .map(Account::close_pages)
            .transpose()
            .expect("a sound page");
        apply(&line.programme, &mut account, activity, Past::default())?;
        let (account, closed) = (account.expect("an account"), closed.unwrap_or_default());
        let commit = line.store.commit(&member, &account, version, &closed).await;
        if commit.expect("the table") == Commit::Done {
            return Ok(());
        }
    }
    panic!("{} was overtaken for ever", activity.id);
}

fn activity(line: &Line, id: &str, fact: Fact) -> Activity {
    let now = line.bundle.now();
    Activity {
        id: id.parse().expect("an id"),
        at: now,
        received: now,
        fact,
        said: ledger::Said::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_writers_of_one_member_leave_an_exact_balance() {
    let line = Start {
        without_streams: true,
        ..Start::default()
    };
    let line = Arc::new(line.line().await);
    let zone = Zone::parse("America/New_York").expect("a zone");
    let sign_up = activity(
        &line,
        "sign-up",
        Fact::SignUp {
            zone,
            birthday: None,
            referrer: None,
        },
    );
    commit(&line, &sign_up).await.expect("a new member");
    let amount = Amount::parse("100.00", "USD".parse().expect("a currency")).expect("an amount");
    let bought = activity(&line, "purchase#first", Fact::Purchase { amount });
    commit(&line, &bought).await.expect("a purchase");

    // A hundred points: fifty writers earn one each, and fifty want six each.
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let line = Arc::clone(&line);
        writers.spawn(async move {
            let (id, fact) = if writer % 2 == 0 {
                let amount = Amount::parse("1.00", "USD".parse().expect("a currency")).expect("an amount");
                (format!("purchase#{writer}"), Fact::Purchase { amount })
            } else {
                let (points, order) = (Points::new(6), None);
                (
                    format!("redeem#{writer}"),
                    Fact::Redeem {
                        points,
                        wallet: None,
                        order,
                    },
                )
            };
            let done = commit(&line, &activity(&line, &id, fact)).await;
            (writer % 2 == 1, done)
        });
    }
    let (mut spent, mut refused) = (0, 0);
    while let Some(outcome) = writers.join_next().await {
        match outcome.expect("a writer that lives") {
            (true, Ok(())) => spent += 6,
            (true, Err(Refusal::NotEnough { wanted, balance })) => {
                assert!(wanted > balance, "{wanted} of {balance}");
                refused += 1;
            }
            (false, Ok(())) => {}
            other => panic!("{other:?}"),
        }
    }
    let account = line.account("01").await;
    let balance = account
        .balance(WalletId::MAIN, &line.programme, line.bundle.now())
        .get();
    println!("{spent} points spent, {refused} redemptions refused, {balance} points left");
    assert_eq!(balance, 150 - spent);
    assert!(refused >= 25 && balance >= 0, "{refused} refused, {balance} left");
    // Each commit is there once, and the chain is whole across all pages.
    let entries = line.entries("01").await;
    // The sign-up, the first purchase and the tier that the last of the others reached are among them.
    assert_eq!(entries.len(), 3 + 50 + usize::try_from(spent).expect("a count") / 6);
    let pages = line.store.pages(&member("01")).await.expect("the pages");
    assert_eq!(ledger::audit(&line.programme, &pages, &account), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_writers_at_a_limit_earn_as_much_as_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = "[[limits]]\non = \"earn\"\nper = \"member\"\npoints = 90\nover = \"reject\"\n\n[tiers]\n";
    let line = Start {
        without_streams: true,
        program: Some(sample_with(folder.path(), "[tiers]\n", limits)),
        ..Start::default()
    };
    let line = Arc::new(line.line().await);
    let zone = Zone::parse("America/New_York").expect("a zone");
    let sign_up = activity(
        &line,
        "sign-up",
        Fact::SignUp {
            zone,
            birthday: None,
            referrer: None,
        },
    );
    commit(&line, &sign_up).await.expect("a new member");
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let line = Arc::clone(&line);
        writers.spawn(async move {
            let amount = Amount::parse("2.00", "USD".parse().expect("a currency")).expect("an amount");
            let bought = activity(&line, &format!("purchase#{writer}"), Fact::Purchase { amount });
            commit(&line, &bought).await
        });
    }
    let mut refused = 0;
    while let Some(outcome) = writers.join_next().await {
        match outcome.expect("a writer that lives") {
            Ok(()) => {}
            Err(Refusal::Limit { left, .. }) => {
                assert_eq!(left, Points::ZERO);
                refused += 1;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(refused, WRITERS - 45);
    assert_eq!(line.account("01").await.totals(WalletId::MAIN).earned, Points::new(90));
}
