//! Conditions on one name that exclude each other. Only what compares a name with what is known is seen; what is not
//! seen is taken for possible.

use std::ops::ControlFlow;

use super::guards::{inverse, mirrored};
use crate::Decimal;
use crate::tree::{Number, Order, Place, Test, Text};

/// What a test says of one name.
enum Claim<'a> {
    Bool(bool),
    OneOf(Vec<&'a str>),
    NoneOf(Vec<&'a str>),
    /// The flag: the name holds whole numbers.
    Number(Order, Decimal, bool),
    Has(bool),
}

/// The texts that a name may hold, where they are known.
pub(crate) type Domain<'a> = &'a dyn Fn(Place) -> Option<&'a [String]>;

/// The first test that cannot hold with those before it, and the one that it excludes where it is a single one: itself,
/// where it cannot hold alone.
/// With `holds` false: that cannot fail.
pub(crate) fn find(tests: &[&Test], holds: bool, domain: Domain<'_>) -> Option<(usize, Option<usize>)> {
    let claims: Vec<Option<(Place, Claim<'_>)>> = tests.iter().map(|test| claim(test, holds)).collect();
    let on = |index: usize| claims.get(index).and_then(Option::as_ref);
    let possible = |place: Place, indices: &mut dyn Iterator<Item = usize>| {
        let of_place: Vec<&Claim<'_>> = indices
            .filter_map(on)
            .filter_map(|(other, claim)| (*other == place).then_some(claim))
            .collect();
        possible(&of_place, domain(place))
    };
    let first = (0..tests.len()).try_for_each(|index| match on(index) {
        Some((place, _)) if !possible(*place, &mut (0..=index)) => {
            let mut others = [index].into_iter().chain(0..index);
            let other = others.find(|other| !possible(*place, &mut [*other, index].into_iter()));
            ControlFlow::Break((index, other))
        }
        _ => ControlFlow::Continue(()),
    });
    first.break_value()
}

fn claim(test: &Test, holds: bool) -> Option<(Place, Claim<'_>)> {
    match test {
        Test::Not(test) => claim(test, !holds),
        Test::Is(place) => Some((*place, Claim::Bool(holds))),
        Test::Has(place) => Some((*place, Claim::Has(holds))),
        Test::Texts(order @ (Order::Equal | Order::Unequal), left, right) => {
            let (Text::Place(place), Text::Known(text)) = ordered(left, right) else {
                return None;
            };
            Some((*place, texts(vec![text], (*order == Order::Equal) == holds)))
        }
        // Of an empty list it has been said already.
        Test::OneOfTexts(Text::Place(place), list) if !list.is_empty() => {
            let known = list.iter().map(|text| match text {
                Text::Known(text) => Some(&**text),
                _ => None,
            });
            Some((*place, texts(known.collect::<Option<_>>()?, holds)))
        }
        Test::Numbers(order, left, right) => {
            let order = if holds { *order } else { inverse(*order) };
            let (name, order, known) = match (left, right) {
                (name, Number::Known(known)) => (name, order, known),
                (Number::Known(known), name) => (name, mirrored(order), known),
                _ => return None,
            };
            match name {
                Number::Whole(place) => Some((*place, Claim::Number(order, known.exact(), true))),
                Number::Exact(place) => Some((*place, Claim::Number(order, known.exact(), false))),
                _ => None,
            }
        }
        _ => None,
    }
}

fn ordered<'a>(left: &'a Text, right: &'a Text) -> (&'a Text, &'a Text) {
    match left {
        Text::Known(_) => (right, left),
        _ => (left, right),
    }
}

fn texts(list: Vec<&str>, within: bool) -> Claim<'_> {
    if within {
        Claim::OneOf(list)
    } else {
        Claim::NoneOf(list)
    }
}

fn possible(claims: &[&Claim<'_>], domain: Option<&[String]>) -> bool {
    let says = |wanted: &dyn Fn(&Claim<'_>) -> bool| claims.iter().any(|claim| wanted(claim));
    if says(&|claim| matches!(claim, Claim::Has(true))) && says(&|claim| matches!(claim, Claim::Has(false))) {
        return false;
    }
    if says(&|claim| matches!(claim, Claim::Bool(true))) && says(&|claim| matches!(claim, Claim::Bool(false))) {
        return false;
    }
    text_possible(claims, domain) && number_possible(claims)
}

fn text_possible(claims: &[&Claim<'_>], domain: Option<&[String]>) -> bool {
    let allowed = claims.iter().find_map(|claim| match claim {
        Claim::OneOf(list) => Some(list.clone()),
        _ => None,
    });
    let allowed = allowed.or_else(|| domain.map(|all| all.iter().map(String::as_str).collect()));
    let fits = |text: &&str| {
        claims.iter().all(|claim| match claim {
            Claim::OneOf(list) => list.contains(text),
            Claim::NoneOf(list) => !list.contains(text),
            _ => true,
        })
    };
    allowed.is_none_or(|allowed| allowed.iter().any(fits))
}

/// Between the highest of what a number must reach and the lowest that it may not pass, some must be left.
fn number_possible(claims: &[&Claim<'_>]) -> bool {
    let numbers = || {
        claims.iter().filter_map(|claim| match claim {
            Claim::Number(order, number, whole) => Some((*order, *number, *whole)),
            _ => None,
        })
    };
    let whole = numbers().any(|(_, _, whole)| whole);
    let step = Decimal::of_billionths(if whole { Decimal::from(1).billionths() } else { 1 });
    // Numbers have nine decimals, so that there is a next one: what is over 5 is at least 5 and a step.
    let least = numbers().filter_map(|(order, number, _)| match order {
        Order::Equal | Order::AtLeast if whole => ceiling(number),
        Order::Equal | Order::AtLeast => Some(number),
        Order::More if whole => floor(number)?.checked_add(step),
        Order::More => number.checked_add(step),
        _ => None,
    });
    let most = numbers().filter_map(|(order, number, _)| match order {
        Order::Equal | Order::AtMost if whole => floor(number),
        Order::Equal | Order::AtMost => Some(number),
        Order::Less if whole => ceiling(number)?.checked_sub(step),
        Order::Less => number.checked_sub(step),
        _ => None,
    });
    let (Some(least), Some(most)) = (least.max(), most.min()) else {
        return true;
    };
    let excluded = numbers().any(|(order, number, _)| order == Order::Unequal && number == least);
    least < most || (least == most && !excluded)
}

fn floor(number: Decimal) -> Option<Decimal> {
    let unit = Decimal::from(1).billionths();
    number
        .billionths()
        .div_euclid(unit)
        .checked_mul(unit)
        .map(Decimal::of_billionths)
}

fn ceiling(number: Decimal) -> Option<Decimal> {
    floor(number.checked_neg()?)?.checked_neg()
}
