//! What a programme owes its members is what their balances come to, to the point, and by any day.

use jiff::Timestamp;
use ledger::{Account, Coming, Day, Liability, When};
use programme::{Points, Programme, WalletId};

/// An account, and the same after everything due was booked.
pub(crate) fn ties(account: &Account, woken: &Account, programme: &Programme, wallet: WalletId, now: Timestamp) {
    let mut liability = Liability::default();
    liability.add(account, wallet, programme, now).unwrap();
    let held = woken.reserved(wallet).iter().flat_map(|held| &held.lots);
    let pending = woken.pending(wallet).iter().map(|pending| pending.points.get());
    assert_eq!(
        liability.reserved.get(),
        held.map(|(_, points)| points.get()).sum::<i64>()
    );
    assert_eq!(liability.pending.get(), pending.sum::<i64>());
    assert_eq!(liability.owed, woken.owed(wallet));
    let balance = account.balance(wallet, programme, now);
    assert_eq!(
        liability.outstanding.get(),
        balance.get().max(0),
        "what can be spent or is owed"
    );
    assert_eq!(liability.owed.get(), (-balance.get()).max(0));
    let all = liability.outstanding.get() + liability.reserved.get() + liability.pending.get();
    assert_eq!(liability.members, u64::from(all > 0));

    for when in [When::month, When::day] {
        let coming = liability.coming(when, None).unwrap();
        let sum = Coming::sum(coming.values()).unwrap();
        assert_eq!((sum.lapsing, sum.unlocking), (liability.outstanding, liability.pending));
    }
    // To the lot: up to any day, what lapses is in the lots through that day, of all that are left then.
    let today = Day::at(now, programme.zone);
    let lots = || woken.lots(wallet).iter().map(|lot| (woken.end(lot), lot.points));
    for through in lots().map(|(day, _)| day).chain([today, today.plus(40)]) {
        let through = through.min(Day::FOREVER.plus(-1));
        let coming = liability.coming(When::month, Some(through)).unwrap();
        let by_then = lots().filter(|(day, _)| *day <= through).map(|(_, points)| points);
        assert_eq!(
            Coming::sum(coming.values()).unwrap().lapsing,
            Points::sum(by_then).unwrap()
        );
    }
}
