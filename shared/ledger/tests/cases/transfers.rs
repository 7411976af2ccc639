//! One member's side of a transfer.

use super::*;
use crate::support::activity;

fn act(member: &mut Member, programme: &Programme, id: &str, at: &str, fact: Fact) -> Result<(), Refusal> {
    member.apply(programme, &activity(id, instant(at), instant(at), fact))
}

fn send(points: i64) -> Fact {
    Fact::Transfer {
        points: Points::new(points),
        wallet: None,
        to: Some("bo".parse().unwrap()),
        to_wallet: None,
    }
}

#[test]
fn a_limit_on_transfers_counts_what_goes_and_not_what_comes() {
    let limit = "[[limits]]\non = \"transfer\"\nper = \"day\"\npoints = 30\n\n[tiers]\n";
    let programme = sample(&[("\n[tiers]\n", limit)]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-01-10T17:00:00Z", "100.00");
    let at = "1997-02-10T17:00:00Z";
    act(&mut member, &programme, "transfer#1", at, send(20)).unwrap();
    let more = act(&mut member, &programme, "transfer#2", at, send(20)).unwrap_err();
    assert_eq!(more.to_string(), "30 points a day may be sent; 10 more may be");
    let lots = vec![(ledger::Day::of(date(1998, 3, 31)), Points::new(500))];
    let from = "bo".parse().unwrap();
    let comes = Fact::Receive {
        from,
        wallet: MAIN,
        lots,
    };
    act(&mut member, &programme, "received#bo#transfer#9", at, comes).unwrap();
    act(&mut member, &programme, "transfer#3", at, send(10)).unwrap();
    act(&mut member, &programme, "transfer#4", "1997-02-11T17:00:00Z", send(30)).unwrap();
    assert_eq!(balance(&member, &programme, "1997-02-11T17:00:00Z"), 540);
    let total = member.account().totals(MAIN);
    assert_eq!((total.received.get(), total.spent.get()), (440, 0));
    assert_eq!(ledger::audit(&programme, &member.pages, member.account()), []);
}

#[test]
fn points_go_from_wallet_to_wallet_and_not_out_of_one_that_only_counts() {
    const STATUS: &str = "[[earn]]\ncurrency = \"USD\"\npoints-per-unit = \"2\"\nwallet = \"status\"\n\n[[wallets]]\nnumber = 0\n\
                          name = \"points\"\n\n[[wallets]]\nnumber = 1\nname = \"status\"\nspendable = false\n\n[expiry]\n";
    let programme = sample(&[("[expiry]\n", STATUS)]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-01-10T17:00:00Z", "100.00");
    let between = |from: Option<&str>, to: Option<&str>| Fact::Transfer {
        points: Points::new(40),
        wallet: from.map(|name| name.parse().unwrap()),
        to: None,
        to_wallet: to.map(|name| name.parse().unwrap()),
    };
    let at = "1997-02-10T17:00:00Z";
    let code = |member: &mut Member, fact| act(member, &programme, "transfer#x", at, fact).unwrap_err().code();
    assert_eq!(code(&mut member, between(None, None)), "to-oneself");
    assert_eq!(code(&mut member, between(Some("status"), None)), "not-spendable");
    assert_eq!(code(&mut member, between(None, Some("gifts"))), "unknown-wallet");
    act(&mut member, &programme, "transfer#1", at, between(None, Some("status"))).unwrap();
    let status = programme::WalletId::new(1).unwrap();
    let of = |wallet| member.account().balance(wallet, &programme, instant(at)).get();
    assert_eq!((of(MAIN), of(status)), (60, 240));
    assert_eq!(
        member.account().lots(status).len(),
        1,
        "they lapse when they would have"
    );
    assert_eq!(ledger::audit(&programme, &member.pages, member.account()), []);
}

#[test]
fn a_transfer_that_finds_the_giver_in_a_lower_tier_than_the_balance_reaches_goes_all_the_same() {
    let balance = ("\nwindow-months = 12\n", "\nwindow-months = 12\nbasis = \"balance\"\n");
    let programme = sample(&[balance]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-01-10T17:00:00Z", "200.00");
    let at = "1997-02-10T17:00:00Z";
    let down = Fact::SetTier {
        tier: "Listener".parse().unwrap(),
        until: None,
        reason: "mistake".parse().unwrap(),
        actor: "clerk-7".parse().unwrap(),
    };
    act(&mut member, &programme, "set-tier#1", at, down).unwrap();
    act(&mut member, &programme, "transfer#1", at, send(10)).unwrap();
    assert_eq!(member.account().tier(), 1, "the rest reaches it");
    let (giver, id) = ("ana".parse().unwrap(), "transfer#1");
    let sent = activity(id, instant(at), instant(at), send(10));
    let receipt = ledger::receipt(&programme, (&giver, member.account()), &sent).unwrap();
    let Fact::Receive { lots, .. } = receipt.fact else {
        panic!("{receipt:?}");
    };
    assert_eq!(lots.iter().map(|(_, points)| points.get()).sum::<i64>(), 10);
}

#[test]
fn days_since_joining_are_the_members_own() {
    let programme = sample(&[
        ("joined-days-ago = 30", "joined-days-ago = 0"),
        ("least-points = 10\njoined", "least-points = 1\njoined"),
    ]);
    let mut member = Member::default();
    // Already the second of January there, and still the first in the programme's zone.
    let joins = sign_up("1997-01-01T20:00:00Z", "Pacific/Auckland", None);
    member.apply(&programme, &joins).unwrap();
    buy(&mut member, &programme, "purchase#1", "1997-01-01T20:30:00Z", "20.00");
    act(&mut member, &programme, "transfer#1", "1997-01-01T21:00:00Z", send(10)).unwrap();
}
