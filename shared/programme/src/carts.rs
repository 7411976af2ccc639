//! Carts: when a member is told of one that was left behind.

use serde::Deserialize;

/// When a cart counts as left behind; where nothing is said, nobody is told of carts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Carts {
    /// So many hours after its last change, if the member has bought nothing since.
    pub left_after_hours: LeftAfterHours,
}

/// How many hours: 1 to 720.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("minimum" = 1, "maximum" = 720)))]
#[serde(try_from = "u16")]
pub struct LeftAfterHours(u16);

impl LeftAfterHours {
    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for LeftAfterHours {
    type Error = String;
    fn try_from(hours: u16) -> Result<Self, String> {
        if (1..=720).contains(&hours) {
            Ok(Self(hours))
        } else {
            Err(format!(
                "a cart cannot be left behind after {hours} hours; write 1 to 720, which are 30 days"
            ))
        }
    }
}
