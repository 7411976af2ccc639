//! The first instant that suits quiet hours, legal hours, a member's preferences and caps together, against trying every minute.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods)]

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use messages::{Hold, first_open};
use programme::{Cap, CapPer, Hours, Programme, Windows, Zone};

/// The numbers of a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn one_of<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let place = self.below(from.len() as u64);
        &from[usize::try_from(place).unwrap()]
    }
}

const MINUTE: i64 = 60;
/// Ten days are tried, a minute each.
const MINUTES: i64 = 10 * 24 * 60;
const CASES: u64 = 1_500;

/// What a cap is, as it is read here.
#[derive(Debug, Clone, Copy)]
enum Per {
    Day,
    Week,
    Month,
    Rolling(i64),
}

fn caps() -> Vec<(Per, Cap)> {
    let pers = [
        (Per::Day, "\"day\""),
        (Per::Week, "\"week\""),
        (Per::Month, "\"month\""),
        (Per::Rolling(7 * 3_600), "{ hours = 7 }"),
        (Per::Rolling(3 * 86_400), "{ days = 3 }"),
    ];
    let sections = [1, 2, 3].map(|most| pers.map(|(_, per)| format!("[[caps]]\nmost = {most}\nper = {per}\n")));
    let written: Vec<String> = sections.into_iter().flatten().collect();
    let files = programme::Files::read(std::path::Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../program"
    )));
    let files = files.unwrap();
    let pers = [(); 3].into_iter().flat_map(|()| pers);
    let own = "[[caps]]\nmost = 2\nper = \"week\"\nover = \"digest\"\n";
    assert!(files.main.contains(own));
    let read = pers.zip(written).map(|((per, _), section)| {
        let main = files.main.replace(own, &section);
        let programme = Programme::parse(&main, &files.texts).unwrap();
        (per, programme.caps.into_iter().next().unwrap())
    });
    read.collect()
}

/// Those that members set themselves.
fn own_caps() -> Vec<(Per, Cap)> {
    let pers = [
        (Per::Day, CapPer::Day),
        (Per::Week, CapPer::Week),
        (Per::Month, CapPer::Month),
    ];
    let all = [1, 2, 5].map(|most: u8| pers.map(|(read, per)| (read, Cap::own(most.try_into().unwrap(), per))));
    all.into_iter().flatten().collect()
}

/// Whether a local time is from one on and before another, perhaps of the next day, by counting the minutes from the first.
fn is_within((from, to): (Time, Time), time: Time) -> bool {
    let minutes = |time: Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
    let since = |time: Time| (minutes(time) - minutes(from)).rem_euclid(24 * 60);
    since(time) < since(to)
}

/// Whether one more is allowed at an instant, by counting.
fn has_room((per, most): (Per, usize), sent: &[Timestamp], zone: Zone, at: Timestamp) -> bool {
    let date = |instant: Timestamp| zone.rules().to_datetime(instant).date();
    let monday = |date: Date| {
        date.checked_sub(jiff::Span::new().days(date.weekday().to_monday_zero_offset()))
            .unwrap()
    };
    let is_in = |sent: &&Timestamp| match per {
        Per::Day => date(**sent) == date(at),
        Per::Week => monday(date(**sent)) == monday(date(at)),
        Per::Month => date(**sent).first_of_month() == date(at).first_of_month(),
        Per::Rolling(seconds) => at.as_second() - sent.as_second() < seconds,
    };
    sent.iter().filter(is_in).count() < most
}

/// A window of a day, or none.
fn window(dice: &mut Dice, times: &[&str]) -> Option<(Time, Time)> {
    let [one, other] = [(); 2].map(|()| dice.one_of(times).parse::<Time>().unwrap());
    (one != other && dice.below(4) > 0).then(|| (one.min(other), one.max(other)))
}

#[test]
fn the_first_instant_is_the_first_minute_that_suits_all() {
    let seed = std::env::var("WHEN_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(1997);
    let mut dice = Dice(seed);
    let (caps, own_caps) = (caps(), own_caps());
    let zones: [&str; 8] = [
        "America/New_York",
        "Europe/London",
        "Asia/Shanghai",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "America/Havana",
        "Pacific/Apia",
        "UTC",
    ];
    // Around changes of clocks, the end of a year, and the day that Samoa left out.
    let days = [
        "1997-04-04",
        "1997-10-23",
        "1998-03-27",
        "1999-12-29",
        "2011-12-26",
        "2024-03-08",
        "2024-11-01",
    ];
    let times = ["21:00", "09:00", "01:30", "02:30", "00:00", "23:59", "12:00", "02:00"];
    let (mut put_off, mut never, mut tried) = (0, 0, 0_i64);
    // How often the hours, and the cap, of the member's own decided.
    let mut by_own = [0, 0];
    for case in 0..CASES {
        let zone = Zone::parse(dice.one_of::<&str>(&zones)).unwrap();
        let start: Timestamp = format!("{}T00:00:00Z", dice.one_of(&days)).parse().unwrap();
        let now = start + SignedDuration::from_secs(MINUTE * i64::try_from(dice.below(3 * 1_440)).unwrap());
        let time = |dice: &mut Dice| (*dice.one_of(&times)).to_owned().try_into().unwrap();
        let hours: Vec<Hours> = (0..=dice.below(2))
            .map(|_| Hours {
                from: time(&mut dice),
                to: time(&mut dice),
            })
            .collect();
        // On some weekdays none.
        let days: Vec<[Option<(Time, Time)>; 7]> = (0..dice.below(3))
            .map(|_| [(); 7].map(|()| window(&mut dice, &times)))
            .collect();
        let windows: Vec<Windows> = days.iter().map(|days| Windows::new(*days)).collect();
        let other = Zone::parse(dice.one_of::<&str>(&zones)).unwrap();
        let mut sent: Vec<Timestamp> = (0..dice.below(6))
            .map(|_| now - SignedDuration::from_secs(MINUTE * i64::try_from(dice.below(6_000)).unwrap()))
            .collect();
        sent.sort();
        let mut chosen: Vec<&(Per, Cap)> = (0..dice.below(3)).map(|_| dice.one_of(&caps)).collect();
        let own_cap = (dice.below(2) == 0).then(|| dice.one_of(&own_caps));
        chosen.extend(own_cap);
        let ends = [(); 2].map(|()| *dice.one_of(&times));
        let wanted = (ends[0] != ends[1] && dice.below(2) == 0).then_some(ends);
        let wanted_hours = wanted.map(|[from, to]| Hours {
            from: from.to_owned().try_into().unwrap(),
            to: to.to_owned().try_into().unwrap(),
        });
        let wanted = wanted.map(|[from, to]| (from.parse::<Time>().unwrap(), to.parse::<Time>().unwrap()));
        let mut holds: Vec<Hold<'_>> = hours.iter().map(|hours| Hold::Quiet(*hours, zone)).collect();
        holds.extend(chosen.iter().map(|(_, cap)| Hold::Cap(cap, &sent, zone)));
        holds.extend(
            windows
                .iter()
                .zip([zone, other])
                .map(|(windows, zone)| Hold::Legal(windows, zone)),
        );
        holds.extend(wanted_hours.map(|hours| Hold::Wanted(hours, zone)));
        let until = now + SignedDuration::from_secs(MINUTE * MINUTES);
        let wants = |at: Timestamp| {
            let local = zone.rules().to_datetime(at).time();
            wanted.is_none_or(|wanted| is_within(wanted, local))
        };
        let allowed = |at: Timestamp| {
            let local = zone.rules().to_datetime(at).time();
            let legal = |(days, zone): (&[Option<(Time, Time)>; 7], Zone)| {
                let local = zone.rules().to_datetime(at);
                let day = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap();
                days[day].is_some_and(|(from, to)| from <= local.time() && local.time() < to)
            };
            wants(at)
                && hours.iter().all(|hours| !hours.contain(local))
                && days.iter().zip([zone, other]).all(legal)
                && chosen
                    .iter()
                    .all(|(per, cap)| has_room((*per, cap.most.get()), &sent, zone, at))
        };
        let minutes = (0..=MINUTES).map(|minute| now + SignedDuration::from_secs(MINUTE * minute));
        let by_trying = minutes.inspect(|_| tried += 1).find(|at| allowed(*at));
        let computed = first_open(&holds, now, until);
        assert_eq!(
            computed,
            by_trying,
            "case {case} of seed {seed}: {holds:?} in {}, from {now}",
            zone.name()
        );
        put_off += u64::from(computed.is_some_and(|at| at > now));
        never += u64::from(computed.is_none());
        by_own[0] += u64::from(!wants(now));
        let is_full = |(per, cap): &(Per, Cap)| !has_room((*per, cap.most.get()), &sent, zone, now);
        by_own[1] += u64::from(own_cap.is_some_and(is_full));
    }
    println!(
        "seed {seed}: {CASES} cases, {put_off} put off, {never} never, {by_own:?} by the member's own hours and cap, against \
         {tried} minutes"
    );
    assert!(put_off > CASES / 4 && never > 10 && by_own.iter().all(|own| *own > CASES / 10));
}
