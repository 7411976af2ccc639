//! `regulars coupons`: fills a reward's pool of codes, from a file or with new ones.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anstream::println;
use indicatif::{ProgressBar, ProgressStyle};
use programme::{Programme, Reward, RewardName};
use store::{Store, StoreError};

use crate::cli::CouponsOptions;
use crate::ledgers::{LedgersError, Opened};
use crate::table::thousands;

/// Why a pool is not filled. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum CouponsError {
    #[error(transparent)]
    Ledgers(#[from] LedgersError),
    #[error("the programme has no reward {reward} with coupons = true; those that have are: {known}")]
    NoPool { reward: RewardName, known: String },
    #[error("{0} cannot be read: {1}; name a text file with one code in each line")]
    File(PathBuf, std::io::Error),
    #[error("line {line} of {file} cannot be a code: {why}")]
    Code {
        file: PathBuf,
        line: usize,
        why: &'static str,
    },
    #[error("no random numbers can be had from the system: {0}")]
    Random(getrandom::Error),
}

/// Fills the pool, and tells what is in it then.
pub async fn run(options: &CouponsOptions) -> Result<(), CouponsError> {
    let codes = match (&options.import, options.generate) {
        (Some(file), _) => read(file)?,
        (None, Some(count)) => generated(count)?,
        (None, None) => Vec::new(),
    };
    let opened = Opened::open(&options.source).await?;
    let filled = fill(&opened.store, &opened.programme, &options.reward, &codes).await;
    opened.close().await;
    println!("{}", filled?);
    Ok(())
}

async fn fill(
    store: &Store,
    programme: &Programme,
    reward: &RewardName,
    codes: &[String],
) -> Result<String, CouponsError> {
    let reward = pool(programme, reward)?;
    let added = add(store, reward, codes).await.map_err(LedgersError::from)?;
    let left = store.on_shelf(reward).await.map_err(LedgersError::from)?.left();
    let (known, name) = (codes.len() as u64 - added, &reward.name);
    if codes.is_empty() {
        return Ok(format!("{} codes of {name} are left to be given out.", thousands(left)));
    }
    let mut said = format!("{} codes were added to the pool of {name}", thousands(added));
    if known > 0 {
        said.push_str(&format!("; {} were known before, and left out", thousands(known)));
    }
    Ok(format!("{said}. {} are left to be given out.", thousands(left)))
}

fn pool<'a>(programme: &'a Programme, wanted: &RewardName) -> Result<&'a Reward, CouponsError> {
    let pools = || programme.rewards.iter().filter(|reward| reward.coupons);
    let found = pools().find(|reward| reward.name == *wanted);
    found.ok_or_else(|| {
        let known: Vec<&str> = pools().map(|reward| reward.name.as_str()).collect();
        CouponsError::NoPool {
            reward: wanted.clone(),
            known: if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            },
        }
    })
}

/// Adds codes to a pool; gives how many were new.
pub(crate) async fn add(store: &Store, reward: &Reward, codes: &[String]) -> Result<u64, StoreError> {
    let bar = bar(codes.len() as u64);
    let mut added = 0;
    for code in codes {
        added += u64::from(store.add_coupon(&reward.name, code).await?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(added)
}

/// The codes of a file, one in each line; empty lines are passed over.
fn read(file: &Path) -> Result<Vec<String>, CouponsError> {
    let text = std::fs::read_to_string(file).map_err(|why| CouponsError::File(file.to_owned(), why))?;
    let mut codes = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let code = line.trim();
        if code.is_empty() {
            continue;
        }
        if let Some(why) = wrong(code) {
            let line = index + 1;
            return Err(CouponsError::Code {
                file: file.to_owned(),
                line,
                why,
            });
        }
        codes.push(code.to_owned());
    }
    Ok(codes)
}

fn wrong(code: &str) -> Option<&'static str> {
    if code.len() > 64 {
        return Some("it is longer than 64 characters");
    }
    let odd = !code.chars().all(|c| c.is_ascii_graphic());
    odd.then_some("it has a blank or a character that is not plain ASCII")
}

/// Letters and digits that nobody takes for one another.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// New codes of twelve letters, in threes of four: sixty bits, so that nobody guesses one.
fn generated(count: u32) -> Result<Vec<String>, CouponsError> {
    (0..count)
        .map(|_| {
            let bits = getrandom::u64().map_err(CouponsError::Random)?;
            Ok(code_of(bits))
        })
        .collect()
}

/// The code that sixty bits make: `7K2M-Q9XD-3HFB`.
pub(crate) fn code_of(bits: u64) -> String {
    let letter = |place: u32| {
        let index = usize::try_from((bits >> (5 * place)) & 31).unwrap_or_default();
        LETTERS.get(index).copied().map_or('2', char::from)
    };
    let part = |first: u32| (first..first + 4).map(letter).collect::<String>();
    [part(0), part(4), part(8)].join("-")
}

fn bar(codes: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "  Adding codes {bar:32.cyan/dim} {percent:>3} %";
    let bar = ProgressBar::new(codes.max(1));
    bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_code_has_twelve_letters_that_are_told_apart() {
        assert_eq!(code_of(0), "2222-2222-2222");
        assert_eq!(code_of(u64::MAX), "ZZZZ-ZZZZ-ZZZZ");
        let codes = generated(2_000).unwrap();
        let different: std::collections::BTreeSet<&String> = codes.iter().collect();
        assert_eq!(different.len(), 2_000);
        assert!(codes.iter().all(|code| wrong(code).is_none() && code.len() == 14));
    }

    #[test]
    fn a_file_is_read_line_by_line_and_a_wrong_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("codes.txt");
        std::fs::write(&file, "AB-1\n\n  AB-2  \n").unwrap();
        assert_eq!(read(&file).unwrap(), ["AB-1", "AB-2"]);
        std::fs::write(&file, "AB-1\nAB 2\n").unwrap();
        let said = read(&file).unwrap_err().to_string();
        assert!(said.contains("line 2 of") && said.contains("a blank"), "{said}");
    }
}
