//! Wallets: the currencies of points that a programme has.

use std::collections::BTreeMap;
use std::fmt;

use compact_str::{CompactString, format_compact};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::Lowest;
use crate::expiry::Lasts;

/// Which wallet: its number in the programme file, which stands in every entry and never changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "maximum" = 15)))]
#[serde(try_from = "u8", into = "u8")]
pub struct WalletId(u8);

impl TryFrom<u8> for WalletId {
    type Error = String;
    fn try_from(number: u8) -> Result<Self, String> {
        let most = Self::MOST - 1;
        Self::new(number).ok_or_else(|| format!("a wallet cannot have the number {number}; write 0 to {most}"))
    }
}

impl From<WalletId> for u8 {
    fn from(id: WalletId) -> Self {
        id.0
    }
}

impl WalletId {
    /// The wallet that is meant where none is named.
    pub const MAIN: Self = Self(0);
    /// There are so many at most.
    pub const MOST: u8 = 16;

    pub fn new(number: u8) -> Option<Self> {
        (number < Self::MOST).then_some(Self(number))
    }

    pub fn number(self) -> u8 {
        self.0
    }

    /// A name of something of this wallet: as it is in the main wallet, and told apart in the others, by a space, which no
    /// name of the shop's own has.
    pub fn own(self, name: CompactString) -> CompactString {
        if self == Self::MAIN {
            name
        } else {
            format_compact!("{name} w{}", self.0)
        }
    }
}

impl fmt::Display for WalletId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// One currency of points.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Wallet {
    pub number: WalletId,
    pub name: String,
    /// Its name in other languages, by locale.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// How long its points last, whatever the member's tier.
    pub lasts: Option<Lasts>,
    /// How low its balance may go, where that is not as for all.
    pub lowest: Option<Lowest>,
    /// Whether its points can be spent.
    #[serde(default = "yes")]
    pub spendable: bool,
    /// Whether members hear of its points.
    #[serde(default = "yes")]
    pub told: bool,
}

pub(crate) fn yes() -> bool {
    true
}

/// The wallets of a programme that names none: one.
pub(crate) fn one() -> Spanned<Vec<Wallet>> {
    let points = Wallet {
        number: WalletId::MAIN,
        name: "points".to_owned(),
        names: BTreeMap::from([("zh-CN".to_owned(), "积分".to_owned())]),
        lasts: None,
        lowest: None,
        spendable: true,
        told: true,
    };
    Spanned::new(0..0, vec![points])
}
