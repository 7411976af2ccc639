//! The evaluation. `None` is what cannot be said: a value is missing, or a number does not fit. It is carried up as CEL
//! carries its errors: false with it is false, true or it is true, and all else of it cannot be said either.

use std::cmp::Ordering;

use crate::tree::{Each, Num, Number, Op, Over, Part, Place, Quantity, Test, Text};
use crate::{Decimal, Texts, Value, Values};

/// The values, and what of a list is at hand.
pub(crate) struct Frame<'v, V: ?Sized> {
    pub(crate) values: &'v V,
    pub(crate) line: usize,
    pub(crate) item: Option<&'v str>,
}

impl<V: ?Sized> Clone for Frame<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V: ?Sized> Copy for Frame<'_, V> {}

impl<'v, V: Values + ?Sized> Frame<'v, V> {
    pub(crate) fn new(values: &'v V) -> Self {
        Self {
            values,
            line: 0,
            item: None,
        }
    }

    #[inline]
    pub(crate) fn value(self, place: Place) -> Value<'v> {
        match place {
            Place::Name(slot) => self.values.value(slot),
            Place::Field(slot, field) => self.values.field(slot, self.line, field),
            Place::Item => self.item.map_or(Value::Missing, Value::Text),
            Place::Lines(slot) => i64::try_from(self.values.lines(slot)).map_or(Value::Missing, Value::Int),
        }
    }

    fn texts(self, place: Place) -> Option<&'v dyn Texts> {
        match self.value(place) {
            Value::Texts(texts) => Some(texts),
            _ => None,
        }
    }

    pub(crate) fn test(self, test: &Test) -> Option<bool> {
        match test {
            Test::Known(yes) => Some(*yes),
            Test::Is(place) => match self.value(*place) {
                Value::Bool(yes) => Some(yes),
                _ => None,
            },
            Test::Has(place) => Some(self.has(*place)),
            Test::Not(test) => self.test(test).map(|yes| !yes),
            Test::All(tests) => self.until(false, tests),
            Test::Any(tests) => self.until(true, tests),
            Test::Same(both) => Some(self.test(&both.0)? == self.test(&both.1)?),
            Test::Numbers(order, left, right) => Some(order.holds(compare(self.number(left)?, self.number(right)?))),
            Test::Texts(order, left, right) => {
                let (left, right) = (self.text(left)?, self.text(right)?);
                Some(order.holds(left.cmp(right)))
            }
            Test::OneOfNumbers(number, list) => self.one_of_numbers(self.number(number)?, list),
            Test::OneOfTexts(text, list) => self.one_of_texts(self.text(text)?, list),
            Test::Among(text, place) => Some(self.among(self.text(text)?, *place)),
            Test::Part(part, whole, sought) => {
                let (whole, sought) = (self.text(whole)?, self.text(sought)?);
                Some(match part {
                    Part::Start => whole.starts_with(sought),
                    Part::End => whole.ends_with(sought),
                    Part::Any => whole.contains(sought),
                })
            }
            Test::If(parts) => {
                let (test, then, other) = &**parts;
                self.test(if self.test(test)? { then } else { other })
            }
            Test::Loop(quantity, each, test) => self.quantity(*quantity, each, test),
        }
    }

    fn has(self, place: Place) -> bool {
        match self.value(place) {
            Value::Missing => false,
            // A list is there where something is in it.
            Value::Texts(texts) => texts.count() > 0,
            Value::Int(lines) if matches!(place, Place::Lines(_)) => lines > 0,
            _ => true,
        }
    }

    /// Whether one is `sought`; if none is and one cannot be said, it cannot be said.
    fn until(self, sought: bool, tests: &[Test]) -> Option<bool> {
        let mut result = Some(!sought);
        for test in tests {
            match self.test(test) {
                Some(found) if found == sought => return Some(sought),
                Some(_) => {}
                None => result = None,
            }
        }
        result
    }

    fn one_of_numbers(self, number: Num, list: &[Number]) -> Option<bool> {
        let mut result = Some(false);
        for other in list {
            match self.number(other) {
                Some(other) if compare(number, other).is_eq() => return Some(true),
                Some(_) => {}
                None => result = None,
            }
        }
        result
    }

    fn one_of_texts(self, text: &str, list: &[Text]) -> Option<bool> {
        let mut result = Some(false);
        for other in list {
            match self.text(other) {
                Some(other) if text == other => return Some(true),
                Some(_) => {}
                None => result = None,
            }
        }
        result
    }

    fn among(self, text: &str, place: Place) -> bool {
        self.texts(place)
            .is_some_and(|texts| (0..texts.count()).any(|index| texts.text(index) == Some(text)))
    }

    fn count(self, over: Over) -> usize {
        match over {
            Over::Lines(slot) => self.values.lines(slot),
            Over::Texts(place) => self.texts(place).map_or(0, Texts::count),
        }
    }

    /// Calls for each of a list until it returns false. `None`: of one it cannot be said whether it belongs.
    fn each(self, each: &Each, mut visit: impl FnMut(Self) -> bool) -> Option<()> {
        let count = self.count(each.over);
        let texts = match each.over {
            Over::Lines(_) => None,
            Over::Texts(place) => self.texts(place),
        };
        let mut unsaid = false;
        for index in 0..count {
            let at_hand = match texts {
                None => Self { line: index, ..self },
                Some(texts) => Self {
                    item: texts.text(index),
                    ..self
                },
            };
            match each.filter.as_ref().map_or(Some(true), |filter| at_hand.test(filter)) {
                Some(true) if !visit(at_hand) => return Some(()),
                Some(_) => {}
                None => unsaid = true,
            }
        }
        (!unsaid).then_some(())
    }

    fn quantity(self, quantity: Quantity, each: &Each, test: &Test) -> Option<bool> {
        let (mut holds, mut fails, mut unsaid) = (0_usize, false, false);
        let all_seen = self.each(each, |at_hand| {
            match at_hand.test(test) {
                Some(true) => holds += 1,
                Some(false) => fails = true,
                None => unsaid = true,
            }
            match quantity {
                Quantity::Some => holds == 0,
                Quantity::Every => !fails,
                Quantity::One => true,
            }
        });
        let unsaid = unsaid || all_seen.is_none();
        match quantity {
            Quantity::Some if holds > 0 => Some(true),
            Quantity::Every if fails => Some(false),
            _ if unsaid => None,
            Quantity::Some => Some(false),
            Quantity::Every => Some(true),
            Quantity::One => Some(holds == 1),
        }
    }

    /// What stands there or is known; nearly every number is one of these, and then no call is made.
    #[inline]
    pub(crate) fn number(self, number: &Number) -> Option<Num> {
        match number {
            Number::Known(number) => Some(*number),
            Number::Whole(place) => match self.value(*place) {
                Value::Int(whole) => Some(Num::Whole(whole)),
                _ => None,
            },
            Number::Exact(place) => match self.value(*place) {
                Value::Decimal(exact) => Some(Num::Exact(exact)),
                Value::Int(whole) => Some(Num::Exact(whole.into())),
                _ => None,
            },
            made => self.made(made),
        }
    }

    #[inline(never)]
    fn made(self, number: &Number) -> Option<Num> {
        match number {
            Number::Known(_) | Number::Whole(_) | Number::Exact(_) => self.number(number),
            Number::Promoted(number) => Some(Num::Exact(self.number(number)?.exact())),
            Number::Negated(number) => self.number(number)?.negated(),
            Number::Sum(op, both) => reckon(*op, self.number(&both.0)?, self.number(&both.1)?),
            Number::Least(both) | Number::Most(both) => {
                let (left, right) = (self.number(&both.0)?, self.number(&both.1)?);
                let least = matches!(number, Number::Least(_));
                Some(if compare(left, right).is_le() == least {
                    left
                } else {
                    right
                })
            }
            Number::If(parts) => {
                let (test, then, other) = &**parts;
                self.number(if self.test(test)? { then } else { other })
            }
            Number::Size(text) => whole(self.text(text)?.chars().count()),
            Number::Count(each) if each.filter.is_none() => whole(self.count(each.over)),
            Number::Count(each) => {
                let mut count = 0;
                self.each(each, |_| {
                    count += 1;
                    true
                })?;
                Some(Num::Whole(count))
            }
            Number::Total(parts, exact) => {
                let none = if *exact {
                    Num::Exact(Decimal::ZERO)
                } else {
                    Num::Whole(0)
                };
                let mut total = Some(none);
                self.each(&parts.0, |at_hand| {
                    let next = at_hand.number(&parts.1);
                    total = total.zip(next).and_then(|(total, next)| reckon(Op::Add, total, next));
                    total.is_some()
                })?;
                total
            }
        }
    }

    #[inline]
    fn text<'a>(self, text: &'a Text) -> Option<&'a str>
    where
        'v: 'a,
    {
        match text {
            Text::Known(text) => Some(text),
            Text::Place(place) => match self.value(*place) {
                Value::Text(text) => Some(text),
                _ => None,
            },
            Text::If(parts) => {
                let (test, then, other) = &**parts;
                self.text(if self.test(test)? { then } else { other })
            }
        }
    }
}

fn whole(count: usize) -> Option<Num> {
    i64::try_from(count).ok().map(Num::Whole)
}

impl Num {
    pub(crate) fn exact(self) -> Decimal {
        match self {
            Self::Whole(whole) => whole.into(),
            Self::Exact(exact) => exact,
        }
    }

    pub(crate) fn negated(self) -> Option<Self> {
        match self {
            Self::Whole(whole) => whole.checked_neg().map(Self::Whole),
            Self::Exact(exact) => exact.checked_neg().map(Self::Exact),
        }
    }
}

#[inline]
pub(crate) fn compare(left: Num, right: Num) -> Ordering {
    match (left, right) {
        (Num::Whole(left), Num::Whole(right)) => left.cmp(&right),
        (left, right) => left.exact().cmp(&right.exact()),
    }
}

pub(crate) fn reckon(op: Op, left: Num, right: Num) -> Option<Num> {
    if let (Num::Whole(left), Num::Whole(right)) = (left, right) {
        let whole = match op {
            Op::Add => left.checked_add(right),
            Op::Subtract => left.checked_sub(right),
            Op::Multiply => left.checked_mul(right),
            Op::Divide => left.checked_div(right),
            Op::Remainder => left.checked_rem(right),
        };
        return whole.map(Num::Whole);
    }
    let (left, right) = (left.exact(), right.exact());
    let exact = match op {
        Op::Add => left.checked_add(right),
        Op::Subtract => left.checked_sub(right),
        Op::Multiply => left.checked_mul(right),
        Op::Divide => left.checked_div(right),
        Op::Remainder => left.checked_rem(right),
    };
    exact.map(Num::Exact)
}
