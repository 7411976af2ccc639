#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::path::PathBuf;

use simulation::Shelves;

use super::*;
use crate::play::people::People;
use crate::play::{orders, timeline};
use crate::simulate::report::Report;
use crate::simulate::simulate;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The sample's orders in no order of members or time, with rows that cannot be used and orders that stand twice.
fn scattered(path: &Path) {
    let sample = root().join("data/cdnow-sample-orders.csv");
    let sample = orders::read(&sample, &TimeZone::UTC, Timestamp::MAX).unwrap().orders;
    let mut rows = "order_id,member_id,ordered_at,amount,currency\n".to_owned();
    for nth in 0..sample.len() {
        // It shares no factor with how many there are.
        let order = sample.get(nth * 2_003 % sample.len()).unwrap();
        let (id, member, amount) = (&order.id, &order.member, &order.amount);
        let day = order.at.strftime("%Y-%m-%d");
        writeln!(rows, "{id},{member},{day},{amount},USD").unwrap();
        match nth % 97 {
            0 => writeln!(rows, "bad-{nth},{member},{day},-1,USD").unwrap(),
            1 => writeln!(rows, "{id},another,{day},1000,USD").unwrap(),
            // Several at one instant, of which the file's order decides.
            2 => (0..5).for_each(|more| writeln!(rows, "{id}-{more},{member},{day}T12:00:00Z,{more}9.99,USD").unwrap()),
            _ => {}
        }
    }
    std::fs::write(path, rows).unwrap();
}

/// The sample's programme, with points that not everybody gets.
fn scarce(folder: &Path) -> PathBuf {
    let (sample, program) = (root().join("program"), folder.join("scarce"));
    std::fs::create_dir_all(program.join("texts")).unwrap();
    for text in ["texts/en.toml", "texts/zh-CN.toml"] {
        std::fs::copy(sample.join(text), program.join(text)).unwrap();
    }
    let campaigns = "
        [[campaigns]]
        name = \"double\"
        multiply = \"2\"
        budget = 40001

        [[campaigns]]
        name = \"hello\"
        on = \"sign-up\"
        points = 50
        budget = 30020
        ";
    let file = std::fs::read_to_string(sample.join("programme.toml")).unwrap();
    std::fs::write(program.join("programme.toml"), file + campaigns).unwrap();
    program
}

fn options(orders: &Path, program: PathBuf, against: Option<PathBuf>) -> SimulateOptions {
    SimulateOptions {
        orders: Some(orders.to_owned()),
        program: Some(program),
        against,
        against_impersonal: false,
        until: Some(Date::constant(1998, 3, 1)),
        html: None,
        json: true,
        cores: Some(2),
    }
}

#[test]
fn members_who_draw_on_one_budget_are_simulated_as_a_run_plays_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = root().join("data/cdnow-sample-orders.csv");
    let options = options(&path, scarce(folder.path()), None);
    let layout = Layout {
        parts: 7,
        block: 500,
        in_memory: 0,
        folder: folder.path().to_owned(),
    };
    let own = Own::read(&path, &options, Some(layout)).unwrap();
    let (programme, (start, until)) = (&own.programme, own.span);
    let ticks = Ticks::new(start, STEP);
    let simulation = Simulation {
        programme,
        ticks,
        until,
        shelves: None,
    };
    let told = |mut tally: Tally<'_>| {
        let report = Report::of(programme, &tally, own.span).unwrap();
        let mut by_member = tally.by_member.take().unwrap();
        by_member.sort();
        (serde_json::to_string_pretty(&report).unwrap(), by_member)
    };
    let ours = by_time::all(simulation, (&own.orders, until), true, &ProgressBar::hidden()).unwrap();

    let played = orders::read(&path, programme.zone.rules(), Timestamp::MAX)
        .unwrap()
        .orders;
    let people = People::make_up(played.iter().map(|order| order.member.as_str()));
    let history = History::of(&timeline::of(&played, &people), ticks, until);
    let mut theirs = Tally::new(programme, until, true);
    history.simulate(simulation, Shelves::default(), &mut theirs).unwrap();

    assert!(told(ours) == told(theirs), "another end than a run's");
}

#[test]
fn a_simulation_is_the_same_in_however_many_parts_the_orders_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    scattered(&path);
    // By the first everybody is simulated alone, by the other, which has budgets, all in one order of time.
    let programmes = [root().join("program"), scarce(folder.path())];
    for (program, against) in [(0, 1), (1, 0)] {
        let [program, against] = [program, against].map(|nth: usize| programmes.get(nth).cloned());
        let options = options(&path, program.unwrap(), against);
        let told = |layout| {
            let own = Own::read(&path, &options, layout).unwrap();
            let mut told = simulate(&Source::Own(Box::new(own)), &options).unwrap();
            told.seconds = 0.0;
            serde_json::to_string_pretty(&told).unwrap()
        };
        let whole = told(None);
        assert!(
            whole.contains("\"refused\": 144,") && whole.contains("\"gaining\": "),
            "{whole}"
        );
        for (parts, block, in_memory) in [(1, 64, usize::MAX), (3, 500, 0), (40, 4_000, 10_000), (5_000, 100, 0)] {
            let layout = Layout {
                parts,
                block,
                in_memory,
                folder: folder.path().to_owned(),
            };
            assert!(told(Some(layout)) == whole, "{parts} parts give something else");
        }
    }
}

#[test]
fn it_is_told_what_names_bring_and_that_points_stay() {
    let path = root().join("data/cdnow-sample-orders.csv");
    let options = SimulateOptions {
        against_impersonal: true,
        ..options(&path, root().join("program"), None)
    };
    let simulated = simulate(&Source::read(&options).unwrap(), &options).unwrap();
    let against = simulated.against.unwrap();
    // Nothing but names is known of who only buys.
    assert_eq!(against.report.points.issued, simulated.report.points.issued);
    assert_eq!((against.gaining, against.losing), (0, 0));
    assert_eq!(
        against.report.messages.all.messages,
        simulated.report.messages.all.messages
    );
}
