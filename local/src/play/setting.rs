//! What a run is made of, read and checked before anything is built or started.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use simulation::Ticks;

use super::habits::{CLAIM, COME_BACK, HELD_FIRST, LAY_FOR_A_DAY, LAY_FOR_MINUTES, LEAVE_A_CART, PAID_WITH_POINTS};
use super::orders::{self, Orders};
use super::people::{People, SEED};
use super::player::next_midnight;
use super::replies::REPLY;
use super::summary::{MadeUp, OrderNotes};
use super::timeline::{self, Happening, PURCHASE};
use super::{PlayError, STEP};
use crate::cli::Options;
use crate::page::{Phase, Progress, Shown};
use crate::project::Project;
use crate::table::thousands;

/// The orders that are played where none are named, in the template's folder.
const SAMPLE: &str = "data/cdnow-sample-orders.csv";

/// How many refused rows are quoted.
const QUOTED: usize = 5;

pub(crate) struct Setting {
    pub(crate) project: Project,
    pub(crate) people: People,
    /// Whether payments with points, rewards and returns are made up too.
    pub(crate) habits: bool,
    pub(crate) happenings: Vec<Happening>,
    /// The midnight before the first happening.
    pub(crate) start: Timestamp,
    /// The midnight after the last day played.
    pub(crate) end: Timestamp,
    pub(crate) notes: OrderNotes,
}

impl Setting {
    pub(crate) fn read(options: &Options) -> Result<Self, PlayError> {
        check_folders(options)?;
        Self::of(options.program.as_deref(), options.orders.as_deref(), options.until)
    }

    /// These orders, or else the sample with what is made up beside it, until a day.
    pub(crate) fn of(program: Option<&Path>, own: Option<&Path>, until: Option<Date>) -> Result<Self, PlayError> {
        let project = Project::find(program)?;
        let zone = project.programme.zone.rules().clone();
        let sample = || from_here(project.template_dir.join(SAMPLE));
        let file = own.map_or_else(sample, Path::to_owned);
        #[expect(
            clippy::disallowed_methods,
            reason = "orders are history: none lies in the real future"
        )]
        let today = Timestamp::now();
        let orders = orders::read(&file, &zone, today)?;
        let people = People::make_up(orders.orders.iter().map(|order| order.member.as_str()));
        let mut happenings = timeline::of(&orders.orders, &people);
        // A shop's own orders are played as they are.
        let habits = own.is_none();
        if habits {
            happenings = timeline::with_habits(happenings, &orders.orders, &people);
        }
        super::agreed::as_declared(&project.programme, &mut happenings);
        let (start, end) = span(&orders, &happenings, until, &zone)?;
        let notes = notes(&file, &orders, end);
        Ok(Self {
            project,
            people,
            habits,
            happenings,
            start,
            end,
            notes,
        })
    }

    pub(crate) fn zone(&self) -> &TimeZone {
        self.project.programme.zone.rules()
    }

    /// When the clock stops, where anything may be due.
    pub(crate) fn ticks(&self) -> Ticks {
        Ticks::new(self.start, STEP)
    }

    /// The binaries of the template's functions.
    pub(crate) fn functions(&self) -> BTreeSet<String> {
        self.project
            .wiring
            .functions
            .values()
            .map(|function| function.binary.clone())
            .collect()
    }

    pub(crate) fn tiers(&self) -> Vec<String> {
        self.project
            .programme
            .tiers
            .levels
            .get_ref()
            .iter()
            .map(|tier| tier.name.clone())
            .collect()
    }

    /// How many purchases will be played.
    pub(crate) fn purchases(&self) -> u64 {
        let played = self.happenings.iter().take_while(|happening| happening.at < self.end);
        played.map(|happening| u64::from(happening.kind == PURCHASE)).sum()
    }

    pub(crate) fn made_up(&self) -> MadeUp {
        let shared = match self.people.sharing_a_number {
            0 => String::new(),
            sharing => format!(
                " There are not enough of those: {} members share one.",
                thousands(sharing)
            ),
        };
        let habits = if self.habits {
            format!(
                " From the same seed, {PAID_WITH_POINTS} % of the orders that could be are paid in part with points, \
                 {HELD_FIRST} % of those by way of a reservation, and {COME_BACK} % come back within three weeks, whole or in part. After \
                 {CLAIM} % of the orders that earned enough for a reward it is taken; the codes of coupons are made up too. Of a member's later orders, \
                 {LAY_FOR_A_DAY} % lay in a cart the day before and {LAY_FOR_MINUTES} % for some minutes, and after {LEAVE_A_CART} % of all \
                 orders a cart is filled and left. Of the members \
                 whom messages reach by SMS alone {REPLY} % reply to one."
            )
        } else {
            String::new()
        };
        let statement = format!(
            "The orders are those of {}; the people are made up (seed {SEED}): names, phones, birthdays, languages, \
             zones, consents and devices. Every phone number is reserved for fiction.{shared}{habits}",
            self.notes.file
        );
        MadeUp { seed: SEED, statement }
    }

    /// What the page shows before anything has happened.
    pub(crate) fn shown(&self) -> Shown {
        Shown {
            programme: self.project.programme.name.clone(),
            zone: self.project.programme.zone.name().to_owned(),
            phase: Phase::Preparing,
            progress: Progress {
                start: self.start,
                now: self.start,
                end: self.end,
                purchases: 0,
                purchases_in_all: self.purchases(),
            },
            messages: Vec::new(),
            summary: None,
        }
    }

    /// What is about to happen.
    pub(crate) fn announcement(&self) -> String {
        let day = |at: Timestamp| at.to_zoned(self.zone().clone()).strftime("%-d %B %Y").to_string();
        let last = self.end.checked_sub(1.second()).unwrap_or(self.end);
        let purchases = thousands(self.purchases());
        let played = format!(
            "{}: {purchases} purchases from {} to {}, played in virtual time.",
            self.project.programme.name,
            day(self.start),
            day(last)
        );
        let mut said = vec![played];
        if self.notes.refused > 0 {
            said.push(format!("{} rows are left out, first:", thousands(self.notes.refused)));
            said.extend(self.notes.first_refused.iter().map(|refused| format!("  {refused}")));
        }
        said.join("\n")
    }
}

/// What would fail only at the end, or leave half a run, is found at once.
fn check_folders(options: &Options) -> Result<(), PlayError> {
    if let Some(report) = &options.report {
        let folder = report.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder
            && let Err(why) = std::fs::read_dir(folder)
        {
            return Err(PlayError::Report(report.clone(), why));
        }
    }
    if let Some(data) = &options.data {
        std::fs::create_dir_all(data).map_err(|why| PlayError::Data(data.clone(), why))?;
    }
    Ok(())
}

/// A path as it is named from the folder we are in.
fn from_here(path: PathBuf) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).map(Path::to_owned).unwrap_or(path)
}

fn span(
    orders: &Orders,
    happenings: &[Happening],
    until: Option<Date>,
    zone: &TimeZone,
) -> Result<(Timestamp, Timestamp), PlayError> {
    let first = happenings.first().map_or(Timestamp::UNIX_EPOCH, |first| first.at);
    let last = orders.orders.last().map_or(first, |last| last.at);
    let day_of = |at: Timestamp| at.to_zoned(zone.clone()).date();
    let start = zone.to_timestamp(day_of(first).into()).unwrap_or(first);
    let Some(until) = until else {
        return Ok((start, next_midnight(last, zone)));
    };
    let end = until
        .tomorrow()
        .and_then(|day| zone.to_timestamp(day.into()))
        .unwrap_or(Timestamp::MAX);
    let first_order = orders.orders.first().map_or(first, |order| order.at);
    if end <= first_order {
        return Err(PlayError::TooEarly {
            until,
            first: day_of(first_order),
        });
    }
    Ok((start, end))
}

fn notes(file: &Path, orders: &Orders, end: Timestamp) -> OrderNotes {
    let counted = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let played = orders.orders.partition_point(|order| order.at < end);
    OrderNotes {
        file: file.display().to_string(),
        refused: counted(orders.refused.len()),
        first_refused: orders.refused.iter().take(QUOTED).map(ToString::to_string).collect(),
        left_out: counted(orders.orders.len() - played),
        times_made_up: counted(
            orders
                .orders
                .iter()
                .take(played)
                .filter(|order| order.time_made_up)
                .count(),
        ),
    }
}
