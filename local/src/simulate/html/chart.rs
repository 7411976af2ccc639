//! The geometry of a chart over months: where bars, lines and labels stand. What they look like says the style sheet.

use super::super::months::{self, MonthNumber};
use super::super::numbers::{compact, signed};
use super::scale::{DEEP, Scale};

/// A number for each month, drawn in one way.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) name: String,
    /// As CSS writes it.
    pub(super) colour: String,
    pub(super) shape: Shape,
    pub(super) values: Vec<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Bars on top of each other, upwards from nought or downwards.
    Up,
    Down,
    /// A line; with the area under it; of dashes.
    Line,
    Area,
    Dashed,
}

/// In units of its own: each month is so wide, and all is `DEEP` deep.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) width: usize,
    pub(super) deep: i128,
    pub(super) ticks: Vec<Tick>,
    pub(super) columns: Vec<Column>,
    pub(super) lines: Vec<Line>,
    pub(super) labels: Vec<Label>,
    /// So wide are the longest tick's letters, in pixels.
    pub(super) margin: usize,
}

#[derive(Debug)]
pub(super) struct Tick {
    /// Of the chart's depth.
    pub(super) y: String,
    pub(super) label: String,
    pub(super) nought: bool,
}

#[derive(Debug)]
pub(super) struct Column {
    pub(super) x: usize,
    /// The month and its figures, to be read by who points at it.
    pub(super) title: String,
    pub(super) bars: Vec<Bar>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bar {
    pub(super) y: i128,
    pub(super) height: i128,
    pub(super) colour: String,
}

#[derive(Debug)]
pub(super) struct Line {
    pub(super) colour: String,
    pub(super) dashed: bool,
    pub(super) path: String,
    pub(super) area: Option<String>,
    /// Where it ends, for a dot.
    pub(super) end: (usize, i128),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Label {
    /// Of the chart's width.
    pub(super) x: String,
    pub(super) name: String,
    pub(super) year: String,
    /// Only where there is room.
    pub(super) roomy: bool,
}

pub(super) const SLOT: usize = 100;
/// So many labels have room beside each other on a phone, and on anything else.
const ON_A_PHONE: usize = 6;
const ELSEWHERE: usize = 12;

impl Chart {
    pub(super) fn of(months: &[MonthNumber], series: &[Series]) -> Self {
        let stacks: Vec<Vec<(i128, i128)>> = (0..months.len()).map(|nth| stack(series, nth)).collect();
        let ends = stacks.iter().flatten().flat_map(|(from, to)| [*from, *to]);
        let lines = series.iter().filter(|one| !one.is_bar());
        let points = lines
            .clone()
            .flat_map(|line| line.values.iter().copied().map(i128::from));
        let scale = Scale::over(ends.chain(points));
        let ticks: Vec<Tick> = scale.ticks().map(|tick| Tick::of(scale, tick)).collect();
        let longest = ticks.iter().map(|tick| tick.label.len()).max().unwrap_or_default();
        let columns = (0..).zip(months).zip(&stacks);
        Self {
            width: months.len() * SLOT,
            deep: DEEP,
            columns: columns
                .map(|((nth, month), stack)| Column {
                    x: nth * SLOT,
                    title: title(*month, series, nth),
                    bars: bars(scale, series, stack),
                })
                .collect(),
            lines: lines.filter_map(|line| Line::of(scale, line)).collect(),
            labels: labels(months),
            margin: longest * 8 + 10,
            ticks,
        }
    }

    /// Bars with a gap of their own width vanish where there are many.
    pub(super) fn dense(&self) -> bool {
        self.columns.len() > 48
    }
}

impl Series {
    fn is_bar(&self) -> bool {
        matches!(self.shape, Shape::Up | Shape::Down)
    }

    fn at(&self, nth: usize) -> i64 {
        self.values.get(nth).copied().unwrap_or_default()
    }
}

/// From where to where the bars of a month reach, in the order of the series.
fn stack(series: &[Series], nth: usize) -> Vec<(i128, i128)> {
    let (mut above, mut below) = (0, 0);
    let bars = series.iter().filter(|one| one.is_bar());
    let reach = bars.map(|bar| {
        let value = i128::from(bar.at(nth)) * if bar.shape == Shape::Down { -1 } else { 1 };
        let end = if value < 0 { &mut below } else { &mut above };
        let from = *end;
        *end += value;
        (from, *end)
    });
    reach.collect()
}

fn bars(scale: Scale, series: &[Series], stack: &[(i128, i128)]) -> Vec<Bar> {
    let bars = series.iter().filter(|one| one.is_bar()).zip(stack);
    let bars = bars.filter(|(_, (from, to))| from != to).map(|(bar, (from, to))| {
        let (top, bottom) = (scale.at(*from.max(to)), scale.at(*from.min(to)));
        Bar {
            y: top,
            height: bottom - top,
            colour: bar.colour.clone(),
        }
    });
    bars.collect()
}

fn title(month: MonthNumber, series: &[Series], nth: usize) -> String {
    let mut title = months::spoken(month);
    for one in series {
        title.push_str(&format!("\n{}: {}", one.name, signed(one.at(nth))));
    }
    title
}

impl Tick {
    fn of(scale: Scale, tick: i128) -> Self {
        Self {
            y: percent(scale.at(tick), DEEP),
            label: compact(tick),
            nought: tick == 0,
        }
    }
}

impl Line {
    fn of(scale: Scale, series: &Series) -> Option<Self> {
        let points: Vec<(usize, i128)> = (0..)
            .zip(&series.values)
            .map(|(nth, value)| (nth * SLOT + SLOT / 2, scale.at((*value).into())))
            .collect();
        let ((first, _), (last, end)) = (*points.first()?, *points.last()?);
        let joined: Vec<String> = points.iter().map(|(x, y)| format!("{x} {y}")).collect();
        let path = format!("M{}", joined.join("L"));
        let nought = scale.at(0);
        let area = (series.shape == Shape::Area).then(|| format!("{path}L{last} {nought}L{first} {nought}Z"));
        Some(Self {
            colour: series.colour.clone(),
            dashed: series.shape == Shape::Dashed,
            path,
            area,
            end: (last, end),
        })
    }
}

/// Names for as many months as there is room for, those that a phone has room for among them.
fn labels(months: &[MonthNumber]) -> Vec<Label> {
    let (narrow, wide) = (every(months.len(), ON_A_PHONE), every(months.len(), ELSEWHERE));
    let (mut first, mut first_narrow) = (true, true);
    let mut labels = Vec::new();
    for (nth, month) in (0_i128..).zip(months) {
        if month.rem_euclid(wide) != 0 {
            continue;
        }
        let roomy = month.rem_euclid(narrow) != 0;
        let with_year = first || (!roomy && first_narrow) || month.rem_euclid(12) == 0;
        (first, first_narrow) = (false, first_narrow && roomy);
        let (name, year) = months::short(*month);
        let (name, year) = match (wide >= 12, with_year) {
            (true, _) => (year, String::new()),
            (false, true) => (name.to_owned(), year),
            (false, false) => (name.to_owned(), String::new()),
        };
        let x = percent(2 * nth + 1, 2 * i128::try_from(months.len()).unwrap_or(i128::MAX));
        labels.push(Label { x, name, year, roomy });
    }
    labels
}

/// Each month, or each second, third … one: as few as there is room for.
fn every(months: usize, room: usize) -> MonthNumber {
    let mut every = 1;
    let fits = |every: MonthNumber| usize::try_from(every).is_ok_and(|every| months.div_ceil(every) <= room);
    while !fits(every) {
        every = match every {
            1 => 3,
            every => every * 2,
        };
    }
    every
}

/// With two places.
pub(super) fn percent(part: i128, whole: i128) -> String {
    let hundredths = if whole == 0 { 0 } else { part * 10_000 / whole };
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn series(shape: Shape, values: &[i64]) -> Series {
        Series {
            name: "a".to_owned(),
            colour: "red".to_owned(),
            shape,
            values: values.to_vec(),
        }
    }

    fn months(count: i32) -> Vec<MonthNumber> {
        (0..count).map(|nth| 1997 * 12 + nth).collect()
    }

    fn spans(chart: &Chart, nth: usize) -> Vec<(i128, i128)> {
        chart.columns[nth]
            .bars
            .iter()
            .map(|bar| (bar.y, bar.y + bar.height))
            .collect()
    }

    #[test]
    fn bars_stand_on_each_other_and_end_where_their_sum_is() {
        let all = [
            series(Shape::Up, &[30, 0]),
            series(Shape::Up, &[10, 7]),
            series(Shape::Down, &[20, 1]),
            series(Shape::Down, &[20, 0]),
        ];
        let chart = Chart::of(&months(2), &all);
        // From -40 to 40.
        assert_eq!(spans(&chart, 0), [(125, 500), (0, 125), (500, 750), (750, 1000)]);
        assert_eq!(chart.columns[1].bars.len(), 2, "what is nought is not drawn");
        assert_eq!(chart.columns[1].title, "February 1997\na: 0\na: 7\na: 1\na: 0");
    }

    #[test]
    fn what_is_below_nought_goes_the_other_way() {
        let chart = Chart::of(&months(1), &[series(Shape::Up, &[-10]), series(Shape::Down, &[-10])]);
        assert_eq!(spans(&chart, 0), [(500, 1000), (0, 500)]);
    }

    #[test]
    fn a_line_goes_through_the_middle_of_its_months() {
        let chart = Chart::of(&months(3), &[series(Shape::Area, &[0, 20, 40])]);
        let line = &chart.lines[0];
        assert_eq!(line.path, "M50 1000L150 500L250 0");
        assert_eq!(line.area.as_deref(), Some("M50 1000L150 500L250 0L250 1000L50 1000Z"));
        assert_eq!(line.end, (250, 0));
    }

    #[test]
    fn nothing_and_huge_numbers_can_be_drawn() {
        let none = Chart::of(&[], &[series(Shape::Up, &[]), series(Shape::Line, &[])]);
        assert!(none.columns.is_empty() && none.lines.is_empty() && none.labels.is_empty());
        let huge = [i64::MAX, i64::MIN];
        let all = [Shape::Up, Shape::Up, Shape::Down, Shape::Line].map(|shape| series(shape, &huge));
        let chart = Chart::of(&months(2), &all);
        for bar in chart.columns.iter().flat_map(|column| &column.bars) {
            assert!(bar.y >= 0 && bar.height >= 0 && bar.y + bar.height <= DEEP, "{bar:?}");
        }
    }

    #[test]
    fn labels_never_crowd() {
        let named = |count: i32, phone: bool| -> Vec<String> {
            let labels = labels(&months(count));
            let labels = labels.into_iter().filter(|label| !(phone && label.roomy));
            labels.map(|label| format!("{} {}", label.name, label.year)).collect()
        };
        assert_eq!(named(1, true), ["Jan 1997"]);
        assert_eq!(
            named(18, true),
            ["Jan 1997", "Apr ", "Jul ", "Oct ", "Jan 1998", "Apr "]
        );
        assert_eq!(named(12, false).len(), 12);
        assert_eq!(named(12, true), ["Jan 1997", "Apr ", "Jul ", "Oct "]);
        assert_eq!(
            named(120, true),
            ["1997 ", "1999 ", "2001 ", "2003 ", "2005 "].map(|year| {
                // Every second year that is even since the year 0.
                let year: i32 = year.trim().parse().unwrap();
                format!("{} ", year + 1)
            })
        );
        for count in 1..400 {
            assert!((1..=ON_A_PHONE).contains(&named(count, true).len()), "{count}");
            assert!(named(count, false).len() <= ELSEWHERE, "{count}");
        }
    }

    #[test]
    fn labels_stand_under_the_middle_of_their_months() {
        let xs: Vec<String> = labels(&months(2)).into_iter().map(|label| label.x).collect();
        assert_eq!(xs, ["25.00%", "75.00%"]);
    }
}
