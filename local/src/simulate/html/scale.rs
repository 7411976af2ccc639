//! A scale with round ticks, in whole numbers: what is drawn by it is finite and within it.

/// How deep a chart is, in its own units, from the top.
pub(super) const DEEP: i128 = 1_000;

/// From one round number to another, nought among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    low: i128,
    high: i128,
    step: i128,
}

/// So many steps are between the ticks, or one or two more.
const STEPS: i128 = 4;

impl Scale {
    /// The smallest that covers all of these.
    pub(super) fn over(values: impl Iterator<Item = i128>) -> Self {
        let (low, high) = values.fold((0, 0), |(low, high): (i128, i128), value| {
            (low.min(value), high.max(value))
        });
        let step = round((high - low).div_euclid(STEPS) + i128::from((high - low) % STEPS > 0));
        let low = low.div_euclid(step) * step;
        let high = high + (-high).rem_euclid(step);
        Self {
            low,
            high: if low == high { step } else { high },
            step,
        }
    }

    /// From nought to this, as it is.
    pub(super) fn to(most: i128) -> Self {
        let high = most.max(1);
        Self {
            low: 0,
            high,
            step: high,
        }
    }

    /// From the lowest up.
    pub(super) fn ticks(self) -> impl Iterator<Item = i128> {
        std::iter::successors(Some(self.low), move |tick| Some(tick + self.step))
            .take_while(move |tick| *tick <= self.high)
    }

    /// Where a value lies, from the top.
    pub(super) fn at(self, value: i128) -> i128 {
        (self.high - value.clamp(self.low, self.high)) * DEEP / (self.high - self.low)
    }
}

/// The next of 1, 2, 5, 10, 20, 25, 50 and so on: what has no halves.
fn round(least: i128) -> i128 {
    let mut ten = 10;
    loop {
        for quarter in [4, 8, 10, 20] {
            let step = quarter * ten / 40;
            if step >= least && step * 40 == quarter * ten {
                return step;
            }
        }
        ten *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(values: &[i128]) -> Vec<i128> {
        Scale::over(values.iter().copied()).ticks().collect()
    }

    #[test]
    fn ticks_are_round_and_cover_the_values() {
        assert_eq!(ticks(&[28_024, 40_218]), [0, 20_000, 40_000, 60_000]);
        assert_eq!(ticks(&[-41_000, 46_000]), [-50_000, -25_000, 0, 25_000, 50_000]);
        assert_eq!(ticks(&[-4_000, 9_000]), [-5_000, 0, 5_000, 10_000]);
        assert_eq!(ticks(&[3]), [0, 1, 2, 3]);
        assert_eq!(ticks(&[-7]), [-8, -6, -4, -2, 0]);
        assert_eq!(ticks(&[]), [0, 1]);
        let huge = i128::from(i64::MAX) * 12;
        for values in [[0, huge], [-huge, huge], [1, 9_999], [-1, 0]] {
            let ticks = ticks(&values);
            assert!((2..=8).contains(&ticks.len()), "{values:?}: {ticks:?}");
            assert!(*ticks.first().unwrap_or(&1) <= values.iter().copied().fold(0, i128::min));
            assert!(*ticks.last().unwrap_or(&-1) >= values.iter().copied().fold(0, i128::max));
        }
    }

    #[test]
    fn what_is_drawn_is_within() {
        let scale = Scale::over([-100, 300].into_iter());
        assert_eq!([scale.at(300), scale.at(0), scale.at(-100)], [0, 750, DEEP]);
        assert_eq!(
            [scale.at(i128::from(i64::MAX)), scale.at(i128::from(i64::MIN))],
            [0, DEEP]
        );
    }
}
