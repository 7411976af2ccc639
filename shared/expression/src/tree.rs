//! The lowered form: each node knows its types, so that an evaluation asks nothing it could have known before.

use crate::{Decimal, Slot};

/// Where a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Name(Slot),
    /// A field of the record at hand, of the list in that slot.
    Field(Slot, u16),
    /// The text at hand, of a list of texts.
    Item,
    /// A list of records as a whole.
    Lines(Slot),
}

/// How two things compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Order {
    pub(crate) fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::More => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// Where a text is sought in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Start,
    End,
    Any,
}

/// Of how many of a list something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantity {
    Some,
    Every,
    One,
}

/// Those of a list for which the filter holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Each {
    pub(crate) over: Over,
    pub(crate) filter: Option<Test>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Over {
    Lines(Slot),
    Texts(Place),
}

/// What is yes or no.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    Known(bool),
    Is(Place),
    Has(Place),
    Not(Box<Test>),
    All(Vec<Test>),
    Any(Vec<Test>),
    Same(Box<(Test, Test)>),
    Numbers(Order, Number, Number),
    Texts(Order, Text, Text),
    OneOfNumbers(Number, Vec<Number>),
    OneOfTexts(Text, Vec<Text>),
    /// In a list of texts.
    Among(Text, Place),
    Part(Part, Text, Text),
    If(Box<(Test, Test, Test)>),
    Loop(Quantity, Box<Each>, Box<Test>),
}

/// A number as it is reckoned with: whole ones by the rules of whole ones, as long as they are among themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Num {
    Whole(i64),
    Exact(Decimal),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Number {
    Known(Num),
    /// What a place holds, if it is a whole number.
    Whole(Place),
    /// What a place holds, as a decimal.
    Exact(Place),
    /// A whole number become a decimal.
    Promoted(Box<Number>),
    Negated(Box<Number>),
    Sum(Op, Box<(Number, Number)>),
    Least(Box<(Number, Number)>),
    Most(Box<(Number, Number)>),
    If(Box<(Test, Number, Number)>),
    /// Of a text, in characters.
    Size(Text),
    Count(Box<Each>),
    /// The sum, over a list, of a number of each; a decimal where the flag says so.
    Total(Box<(Each, Number)>, bool),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Text {
    Known(Box<str>),
    Place(Place),
    If(Box<(Test, Text, Text)>),
}
