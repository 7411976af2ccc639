//! Whole points, counted exactly.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A number of points. Always whole; sums are checked, never wrapped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Points(i64);

/// A sum of points that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sum of points is larger than can be kept ({})", i64::MAX)]
pub struct PointsError;

impl Points {
    pub const ZERO: Self = Self(0);

    pub const fn new(points: i64) -> Self {
        Self(points)
    }

    pub const fn get(self) -> i64 {
        self.0
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    #[expect(clippy::should_implement_trait, reason = "it is checked, and says so in its type")]
    pub fn add(self, other: Self) -> Result<Self, PointsError> {
        self.0.checked_add(other.0).map(Self).ok_or(PointsError)
    }

    pub fn subtract(self, other: Self) -> Result<Self, PointsError> {
        self.0.checked_sub(other.0).map(Self).ok_or(PointsError)
    }

    /// The sum of many, or an error where it does not fit.
    pub fn sum(all: impl IntoIterator<Item = Self>) -> Result<Self, PointsError> {
        all.into_iter().try_fold(Self::ZERO, Self::add)
    }
}

impl fmt::Display for Points {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}
