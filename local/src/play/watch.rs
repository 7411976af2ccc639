//! What can be seen while a run plays: a bar in the terminal and the page's messages and numbers.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::PlayError;
use super::reader::Reader;
use crate::page::{PageState, Phase};
use crate::table::thousands;

/// The page is brought up to date no more often than this, and takes no more than a tenth of the time.
const REFRESH: Duration = Duration::from_secs(2);
const REST: u32 = 9;

pub(super) struct Watch<'a> {
    reader: &'a Reader<'a>,
    page: PageState,
    zone: TimeZone,
    first_day: Date,
    purchases_in_all: u64,
    /// None where the terminal is a file or a pipe: there a line for each month is written.
    bar: Option<ProgressBar>,
    refresh_after: Instant,
}

impl<'a> Watch<'a> {
    /// `start` and `end` are the first instant and the midnight after the last day.
    pub(super) fn new(
        reader: &'a Reader<'a>,
        page: PageState,
        zone: &TimeZone,
        (start, end): (Timestamp, Timestamp),
        purchases_in_all: u64,
    ) -> Self {
        let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
        let days = days_between(day(start), day(end));
        let bar = std::io::stderr().is_terminal().then(|| {
            let template = "  {prefix:11} {bar:32.cyan/dim} {percent:>3} %  {msg}";
            let bar = ProgressBar::new(days);
            bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        let zone = zone.clone();
        Self {
            reader,
            page,
            first_day: day(start),
            zone,
            purchases_in_all,
            bar,
            refresh_after: Instant::now(),
        }
    }

    /// The play begins, or goes on at this time.
    pub(super) async fn begin(&mut self, now: Timestamp, purchases: u64) -> Result<(), PlayError> {
        self.page.update(|shown| shown.phase = Phase::Playing);
        self.show(now, purchases);
        if purchases > 0 {
            self.refresh(now, purchases).await?;
        }
        Ok(())
    }

    /// A day of virtual time is over.
    pub(super) async fn day(&mut self, now: Timestamp, purchases: u64) -> Result<(), PlayError> {
        self.show(now, purchases);
        if self.page.is_watched() && Instant::now() >= self.refresh_after {
            self.refresh(now, purchases).await?;
        }
        Ok(())
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn show(&self, now: Timestamp, purchases: u64) {
        self.page.update(|shown| {
            shown.progress.now = now;
            shown.progress.purchases = purchases;
        });
        let midnight = now.to_zoned(self.zone.clone()).date();
        let day = midnight.yesterday().unwrap_or(midnight).max(self.first_day);
        let played = format!(
            "{} of {} purchases",
            thousands(purchases),
            thousands(self.purchases_in_all)
        );
        match &self.bar {
            Some(bar) => {
                bar.set_prefix(day.strftime("%-d %b %Y").to_string());
                bar.set_message(played);
                bar.set_position(days_between(self.first_day, midnight));
            }
            None if midnight.day() == 1 && midnight > self.first_day => {
                anstream::eprintln!("  {}  {played}", day.strftime("%-d %B %Y"));
            }
            None => {}
        }
    }

    async fn refresh(&mut self, now: Timestamp, purchases: u64) -> Result<(), PlayError> {
        let began = Instant::now();
        let reading = self.reader.read(now, purchases).await?;
        reading.show(&self.page);
        self.refresh_after = Instant::now() + REFRESH.max(began.elapsed() * REST);
        Ok(())
    }
}

fn days_between(from: Date, to: Date) -> u64 {
    from.until(to)
        .map_or(0, |span| u64::try_from(span.get_days()).unwrap_or(0))
}
