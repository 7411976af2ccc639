//! Runs a law over random cases, the same each time: `EXPRESSION_SEED` and `EXPRESSION_CASES` choose others and more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

#[expect(
    clippy::disallowed_methods,
    reason = "how much is tested is no setting of a function"
)]
fn setting(name: &str, default: u64) -> u64 {
    let chosen = std::env::var(name).ok();
    chosen.map_or(default, |text| text.parse().expect("a whole number"))
}

pub(crate) fn check<S: Strategy>(law: &str, strategy: &S, holds: impl Fn(S::Value)) {
    let seed = setting("EXPRESSION_SEED", 19_970_101);
    let cases = u32::try_from(setting("EXPRESSION_CASES", 1_000)).unwrap();
    println!("{law}: seed {seed}, {cases} cases");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases,
        failure_persistence: None,
        max_local_rejects: u32::MAX,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let outcome = runner.run(strategy, |case| {
        holds(case);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{law} fails with EXPRESSION_SEED={seed}: {failure}");
    }
}

/// A source with characters gone, doubled, changed or put between: each change says where, which of the four, and with what.
pub(crate) fn mangle(source: &str, changes: Vec<(prop::sample::Index, i32, char)>) -> String {
    let mut chars: Vec<char> = source.chars().collect();
    for (index, sort, with) in changes {
        let at = index.index(chars.len());
        match (sort, chars.get(at).copied()) {
            (0, Some(_)) if chars.len() > 1 => _ = chars.remove(at),
            (1, Some(same)) => chars.insert(at, same),
            (2, _) => chars.insert(at, with),
            _ => chars.splice(at..=at, [with]).for_each(drop),
        }
    }
    chars.into_iter().collect()
}
