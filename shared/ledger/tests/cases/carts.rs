//! A cart that is left behind is booked once, and only if it is still the member's when its time comes.

use ledger::Refusal;
use programme::Amount;

use super::*;

const FOURTH: &str = "1997-03-01T";

fn cart(id: &str, at: &str, received: &str, dollars: &str) -> ledger::Activity {
    let amount = Amount::parse(dollars, "USD".parse().unwrap()).unwrap();
    activity(id, instant(at), instant(received), Fact::Cart { amount })
}

/// The causes of the carts that were booked as left behind.
fn left(member: &Member) -> Vec<String> {
    let entries = member.entries().into_iter();
    let left = entries.filter(|entry| matches!(entry.what, What::CartLeft { .. }));
    left.map(|entry| entry.cause.to_string()).collect()
}

fn time(hour: u32, minute: u32) -> String {
    format!("{FOURTH}{hour:02}:{minute:02}:00Z")
}

#[test]
fn whatever_order_they_arrive_in_the_latest_says_what_is_in_the_cart() {
    let programme = sample(&[]);
    // Half an hour apart, and all told of at noon.
    let happen = |nth: usize| {
        let at = time(10, 0).replace("10:00", ["10:00", "10:30", "11:00", "11:30"][nth]);
        let (id, noon) = (format!("cart#{nth}"), time(12, 0));
        match nth {
            0 => cart(&id, &at, &noon, "20.00"),
            1 => late_purchase("purchase#1", &at, &noon, "5.00"),
            2 => cart(&id, &at, &noon, "30.00"),
            _ => cart(&id, &at, &noon, "0"),
        }
    };
    let mut orders = vec![vec![]];
    for _ in 0..4 {
        let longer = orders.iter().flat_map(|order: &Vec<usize>| {
            let more = (0..4).filter(|next| !order.contains(next));
            more.map(|next| [order.clone(), vec![next]].concat())
                .collect::<Vec<_>>()
        });
        orders.extend(longer.collect::<Vec<_>>());
        orders.sort();
        orders.dedup();
    }
    assert_eq!(orders.len(), 65);
    for order in orders {
        let mut member = ana(&programme);
        for nth in &order {
            member.apply(&programme, &happen(*nth)).unwrap();
        }
        let expected: Vec<String> = match order.iter().max() {
            Some(0) => vec!["cart#0#left".to_owned()],
            Some(2) => vec!["cart#2#left".to_owned()],
            _ => Vec::new(),
        };
        let open = member.account().cart().map(|cart| cart.cause().to_string());
        assert_eq!(open.into_iter().collect::<Vec<_>>(), expected, "{order:?}");
        let due = if order.iter().max() == Some(&0) { 14 } else { 15 };
        member.wake(&programme, instant(&time(due - 1, 59)));
        assert_eq!(left(&member), Vec::<String>::new(), "{order:?}");
        if !expected.is_empty() {
            assert_eq!(member.account().alarm(), instant(&time(due, 0)), "{order:?}");
        }
        member.wake(&programme, instant(&time(due, 0)));
        member.wake(&programme, instant(&time(due + 5, 0)));
        assert_eq!(left(&member), expected, "{order:?}");
        assert_eq!(ledger::audit(&programme, &member.pages, member.account()), []);
    }
}

#[test]
fn a_cart_that_is_bought_emptied_or_changed_in_time_is_not_left_behind() {
    let programme = sample(&[]);
    let (ten, eleven) = (time(10, 0), time(11, 0));
    let mut member = ana(&programme);
    member.apply(&programme, &cart("cart#1", &ten, &ten, "20.00")).unwrap();
    member
        .apply(&programme, &cart("cart#2", &eleven, &eleven, "25.50"))
        .unwrap();
    member.wake(&programme, instant(&time(14, 0)));
    assert_eq!(left(&member), Vec::<String>::new(), "it was changed an hour later");
    member.wake(&programme, instant(&time(15, 0)));
    assert_eq!(left(&member), ["cart#2#left"]);
    // Told of once; a change after that is another.
    let seven = time(19, 0);
    member
        .apply(&programme, &cart("cart#3", &seven, &seven, "30.00"))
        .unwrap();
    buy(&mut member, &programme, "purchase#1", &time(20, 0), "1.00");
    member.wake(&programme, instant(&time(23, 30)));
    assert_eq!(left(&member), ["cart#2#left"]);
    assert!(member.account().cart().is_none());
}

#[test]
fn a_cart_that_is_told_of_after_its_time_is_not_left_behind() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    let (ten, six) = (time(10, 0), time(18, 0));
    member.apply(&programme, &cart("cart#1", &ten, &six, "20.00")).unwrap();
    member.wake(&programme, instant(&time(20, 0)));
    assert_eq!(left(&member), Vec::<String>::new());
}

#[test]
fn without_carts_in_the_programme_none_is_taken() {
    let programme = sample(&[("[carts]\nleft-after-hours = 4\n", "")]);
    let mut member = ana(&programme);
    let ten = time(10, 0);
    let refused = member.apply(&programme, &cart("cart#1", &ten, &ten, "20.00"));
    assert_eq!(refused, Err(Refusal::NoCarts));
}
