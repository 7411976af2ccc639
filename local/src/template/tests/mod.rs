#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod errors;
mod event_errors;
mod expression;
mod intrinsics;
mod ours;
mod pattern;
mod policies;
mod resources;

use std::collections::BTreeMap;

use super::fault::Problem;
use crate::wiring::Wiring;

const HEAD: &str = "Transform: AWS::Serverless-2016-10-31\n";

/// Reads a template whose first line, the transform, is added.
fn wire(text: &str) -> Wiring {
    wire_with(text, &[]).unwrap_or_else(|(line, problem)| panic!("line {line}: {problem}"))
}

fn wire_with(text: &str, parameters: &[(&str, &str)]) -> Result<Wiring, (usize, Problem)> {
    let parameters: BTreeMap<String, String> = parameters
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    super::wire(&format!("{HEAD}{text}"), &parameters).map_err(|fault| (fault.line, fault.problem))
}
