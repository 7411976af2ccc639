//! `regulars simulate`: a programme over a history, in memory, with the decisions that the functions take.

pub mod history;
