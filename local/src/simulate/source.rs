//! What is simulated: the sample as a run plays it, or a shop's own orders.

use std::path::Path;

use indicatif::ProgressBar;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use programme::Programme;
use simulation::{Simulation, Ticks};

use super::cores::{self, SimulationError};
use super::history::{self, History};
use super::kept::{Counts, Kept};
use super::lives::signs_up_at;
use super::parts::Layout;
use super::tally::Tally;
use super::{SimulateError, by_time};
use crate::cli::SimulateOptions;
use crate::play::orders::OrdersError;
use crate::play::people::SEED;
use crate::play::player::next_midnight;
use crate::play::setting::Setting;
use crate::play::summary::{MadeUp, OrderNotes};
use crate::play::{PlayError, STEP};
use crate::project::{Project, ProjectError};

/// A history, and the programme it is lived through in.
pub(super) enum Source {
    /// With the payments, returns and rewards that a run makes up, so members may stand beside each other.
    Sample(Box<Setting>),
    Own(Box<Own>),
}

pub(super) struct Own {
    programme: Programme,
    file: String,
    orders: Kept,
    span: (Timestamp, Timestamp),
}

impl Source {
    pub(super) fn read(options: &SimulateOptions) -> Result<Self, SimulateError> {
        let Some(orders) = &options.orders else {
            let setting = Setting::of(options.program.as_deref(), None, options.until)?;
            return Ok(Self::Sample(Box::new(setting)));
        };
        Own::read(orders, options, None).map(Box::new).map(Self::Own)
    }

    pub(super) fn programme(&self) -> &Programme {
        match self {
            Self::Sample(setting) => &setting.project.programme,
            Self::Own(own) => &own.programme,
        }
    }

    /// The first midnight, and the last.
    pub(super) fn span(&self) -> (Timestamp, Timestamp) {
        match self {
            Self::Sample(setting) => (setting.start, setting.end),
            Self::Own(own) => own.span,
        }
    }

    /// How many purchases are simulated by a bar; the sample is done before one is seen.
    pub(super) fn purchases(&self) -> u64 {
        match self {
            Self::Sample(_) => 0,
            Self::Own(own) => own.orders.counts.purchases,
        }
    }

    /// How many cores it is simulated on: members who may stand beside each other on one.
    pub(super) fn cores(&self, wanted: usize) -> usize {
        match self {
            Self::Sample(_) => 1,
            Self::Own(own) if by_time::share(&own.programme) => 1,
            Self::Own(_) => wanted,
        }
    }

    /// By a programme that may be another than its own. Its ticks are those of a run: the hours from the first midnight on.
    pub(super) fn simulate<'a>(
        &self,
        programme: &'a Programme,
        cores: usize,
        by_member: bool,
        bar: &ProgressBar,
    ) -> Result<Tally<'a>, SimulationError> {
        let (start, until) = self.span();
        let ticks = Ticks::new(start, STEP);
        let simulation = Simulation {
            programme,
            ticks,
            until,
            shelves: None,
        };
        let done = match self {
            Self::Own(own) if by_time::share(programme) => {
                by_time::all(simulation, (&own.orders, until), by_member, bar)
            }
            Self::Own(own) => cores::all(simulation, (&own.orders, until), cores, by_member, bar),
            Self::Sample(setting) => {
                let mut tally = Tally::new(programme, until, by_member);
                let history = History::of(&setting.happenings, ticks, until);
                history.simulate(simulation, history::pools(programme), &mut tally)?;
                Ok(tally)
            }
        };
        bar.finish_and_clear();
        done
    }

    pub(super) fn notes(&self) -> OrderNotes {
        match self {
            Self::Sample(setting) => setting.notes.clone(),
            Self::Own(own) => own.notes(),
        }
    }

    pub(super) fn made_up(&self) -> MadeUp {
        match self {
            Self::Sample(setting) => setting.made_up(),
            Self::Own(own) => MadeUp {
                seed: SEED,
                statement: format!(
                    "The orders are those of {}; the people are made up (seed {SEED}), as a run makes them up: names, phones, \
                     birthdays, languages, zones, consents and devices.",
                    own.file
                ),
            },
        }
    }
}

impl Own {
    fn read(orders: &Path, options: &SimulateOptions, layout: Option<Layout>) -> Result<Self, SimulateError> {
        let programme = match &options.program {
            Some(folder) => Programme::load_linted(folder)?,
            None => Project::find(None).map_err(PlayError::from)?.programme,
        };
        let zone = programme.zone.rules().clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "orders are history: none lies in the real future"
        )]
        let today = Timestamp::now();
        let end = options.until.map(|until| end_of(until, &zone));
        let file = orders.display().to_string();
        let orders = Kept::read(orders, (&zone, today), end, layout)?;
        let span = span(orders.counts, (options.until, end), &zone)?;
        Ok(Self {
            programme,
            file,
            orders,
            span,
        })
    }

    fn notes(&self) -> OrderNotes {
        let Kept { left_out, counts, .. } = &self.orders;
        OrderNotes {
            file: self.file.clone(),
            refused: left_out.count,
            first_refused: left_out.first.iter().map(ToString::to_string).collect(),
            left_out: counts.after,
            times_made_up: counts.times_made_up,
        }
    }
}

fn end_of(day: Date, zone: &TimeZone) -> Timestamp {
    let end = day.tomorrow().and_then(|day| zone.to_timestamp(day.into()));
    end.unwrap_or(Timestamp::MAX)
}

fn span(
    counts: Counts,
    until: (Option<Date>, Option<Timestamp>),
    zone: &TimeZone,
) -> Result<(Timestamp, Timestamp), SimulateError> {
    let (first, last) = (counts.first(), counts.last());
    let day_of = |at: Timestamp| at.to_zoned(zone.clone()).date();
    let signs_up = signs_up_at(first);
    let start = zone.to_timestamp(day_of(signs_up).into()).unwrap_or(signs_up);
    let (Some(until), Some(end)) = until else {
        return Ok((start, next_midnight(last, zone)));
    };
    if end <= first {
        let first = day_of(first);
        return Err(PlayError::TooEarly { until, first }.into());
    }
    Ok((start, end))
}

impl From<ProjectError> for SimulateError {
    fn from(error: ProjectError) -> Self {
        PlayError::from(error).into()
    }
}

impl From<OrdersError> for SimulateError {
    fn from(error: OrdersError) -> Self {
        PlayError::from(error).into()
    }
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
