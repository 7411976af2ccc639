//! Conditions and formulas, written in a part of CEL, the Common Expression Language.
//!
//! A source is read and checked once, against a [`Scope`] of typed names, and lowered to a form that evaluates fast and
//! always comes to an end: [`condition`] makes a [`Condition`], [`formula`] a [`Formula`].
//!
//! What there is: whole numbers, numbers with up to nine decimals (exact, never binary fractions), texts, `true`, `false`;
//! `&& || !`, `== != < <= > >=`, `+ - * / %`, `? :`, `in` a list; `startsWith`, `endsWith`, `contains`, `size`, `has`,
//! `min`, `max`; over lists `exists`, `all`, `exists_one`, `filter` and `map(x, number).sum()`. All else of CEL is refused
//! with what to write instead.
//!
//! What is read here means what it means in CEL, and binds as tightly. Of its grammar there are no records in `{}`, no
//! exponents, no `.5` for `0.5`, no names with a point before them and no comma at a list's end; and a source is at most
//! 2,000 bytes long, 400 words and signs, and 32 brackets deep.
//!
//! How it differs from CEL: whole numbers and others mix; `sum`, `min` and `max` are added; a list does not go through
//! another inside. A name that may be missing is used only behind `has`, and a division stands only behind what excludes
//! that it is by zero.
//!
//! What cannot be said (a missing value, a number that does not fit) is neither true nor false: as an error in CEL, it is
//! carried up unless another part decides (`false && it` is false, `true || it` is true). In the end a condition that
//! cannot be said does not hold, and a formula gives `None`. Whole numbers are of 64 bits and divide to whole ones; a
//! [`Decimal`] quotient is truncated toward zero at the ninth place.

#![allow(clippy::similar_names, reason = "tests and texts are what expressions are made of")]

mod decimal;
mod form;
mod parse;
mod problem;
mod run;
mod scope;
mod tree;
mod value;

pub use decimal::{Decimal, DecimalError};
pub use form::{Clause, Condition, Formula};
pub use parse::{Checked, condition, formula};
pub use problem::{Problem, Severity};
pub use scope::{Field, Scope, Slot, Type};
pub use value::{Texts, Value, Values};
