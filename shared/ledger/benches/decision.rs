//! How many purchases one core decides in a second: the decision alone, and with decoding and encoding the item.
//!
//! Two purchases are measured: one into a lot that is there already, and the first of a month, which opens a lot.

#![allow(clippy::unwrap_used)]

use programme::WalletId;
use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use ledger::{Account, Activity, ENTRIES_PER_PAGE, Fact, MonthDay, Past, apply};
use programme::{Amount, Programme, Zone};

fn sample() -> Programme {
    Programme::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../program")).unwrap()
}

fn activity(id: &str, at: &str, fact: Fact) -> Activity {
    let at: Timestamp = at.parse().unwrap();
    Activity {
        id: id.parse().unwrap(),
        at,
        received: at,
        fact,
        said: ledger::Said::default(),
    }
}

fn purchase(order: u32, at: &str, amount: &str) -> Activity {
    let amount = Amount::parse(amount, "USD".parse().unwrap()).unwrap();
    activity(&format!("purchase#cdnow-{order:05}"), at, Fact::Purchase { amount })
}

/// A member of the second tier with six lots and half a page of entries.
fn member(programme: &Programme) -> Account {
    let sign_up = Fact::SignUp {
        zone: Zone::parse("America/Los_Angeles").unwrap(),
        birthday: Some(MonthDay { month: 5, day: 1 }),
        referrer: None,
    };
    let mut account = None;
    apply(
        programme,
        &mut account,
        &activity("sign-up#1", "1997-01-01T15:00:00Z", sign_up),
        Past::default(),
    )
    .unwrap();
    for order in 0..16 {
        let at = format!("1997-{:02}-{:02}T18:30:00Z", 1 + order % 6, 2 + order);
        apply(programme, &mut account, &purchase(order, &at, "19.33"), Past::default()).unwrap();
    }
    let mut account = account.unwrap();
    account.close_pages().unwrap();
    assert_eq!(account.lots(WalletId::MAIN).len(), 6);
    assert_eq!(account.tier(), 1);
    assert_eq!(account.page().entries().unwrap().len(), ENTRIES_PER_PAGE / 2);
    account
}

fn decisions(criterion: &mut Criterion) {
    let programme = sample();
    let account = member(&programme);
    let stored = account.encode().unwrap();
    println!("the stored account has {} bytes", stored.len());
    let purchases = [
        ("into a lot", purchase(90_001, "1997-06-28T18:30:00Z", "29.33")),
        ("opens a lot", purchase(90_002, "1997-07-02T18:30:00Z", "29.33")),
    ];

    let mut group = criterion.benchmark_group("decision");
    group.throughput(Throughput::Elements(1));
    for (name, purchase) in &purchases {
        group.bench_function(format!("pure, {name}"), |bencher| {
            bencher.iter_batched_ref(
                || Some(Account::decode(&stored).unwrap()),
                |account| apply(black_box(&programme), account, black_box(purchase), Past::default()),
                BatchSize::NumIterations(16),
            );
        });
        group.bench_function(format!("decode, decide, encode, {name}"), |bencher| {
            bencher.iter(|| {
                let mut account = Some(Account::decode(black_box(&stored)).unwrap());
                apply(
                    black_box(&programme),
                    &mut account,
                    black_box(purchase),
                    Past::default(),
                )
                .unwrap();
                account.unwrap().encode().unwrap()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, decisions);
criterion_main!(benches);
