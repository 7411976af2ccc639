//! Random programmes, made from the sample by putting other rules in the place of its own.

use std::path::Path;

use bundle_tests::{Dice, SAMPLE_CAP, SAMPLE_DIGEST, root};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::Case;
use super::random_history::{happenings, persons, replies};

/// Campaigns and missions of all kinds.
const CAMPAIGNS: &str = "[purchases]
fields = { store = \"text?\" }

[events.review]
stars = \"whole-number\"

[calendar]
member-day = { monthly = [8, 18] }

[[campaigns]]
name = \"member-day\"
multiply = \"2\"
days = \"member-day\"

[[campaigns]]
name = \"soho\"
points = \"activity.amount / 10 + 1\"
when = \"has(activity.store) && activity.store == 'Soho' && member.tier != 'Virtuoso'\"
budget = 90
times = 2
per = \"month\"

[[campaigns]]
name = \"review\"
on = { event = \"review\" }
points = \"activity.stars * 3\"
budget = 40
cooldown-hours = 30
lasts = { days = 40 }
pending = { days = 2 }

[[campaigns]]
name = \"spring\"
on = { code = \"SPRING\" }
points = 25
when = \"member.purchases > 0\"

[[campaigns]]
name = \"gift\"
on = { day = \"member-day\" }
points = 2
from = \"1999-11-01\"
through = \"2000-02-01\"

[[campaigns]]
name = \"cake\"
on = \"birthday\"
points = 30

[[missions]]
name = \"two-a-month\"
each = \"month\"
[[missions.milestones]]
reach = 2
points = 15
badge = \"regular\"

[[missions]]
name = \"weeks\"
streak = \"week\"
grace = 1
[[missions.milestones]]
reach = 3
points = 40

[[campaigns]]
name = \"brings\"
on = \"referral\"
points = 40
times = 2
per = \"month\"

[[campaigns]]
name = \"brought\"
on = \"referred\"
points = \"activity.amount / 4 + 1\"
pending = { days = 5 }

[[missions]]
name = \"friends\"
on = \"referral\"
[[missions.milestones]]
reach = 1
points = 12
[[missions.milestones]]
reach = 2
points = 60
badge = \"host\"

[referral]
when = \"activity.amount >= 20\"
return-days = 14
review-over = { times = 2, per = \"month\" }

[badges.regular]
en = \"a regular\"

[badges.host]
en = \"a host\"

# Members may send each other points";

/// Caps on what advertises, and on what does not. None is ever full: which of two messages that meet at one tick takes the last
/// room is left open, since one is released and the other stated by two functions at once.
const ROOM: &str = "[[caps]]
most = 50
per = { days = 3 }

[[caps]]
most = 50
per = \"day\"
channel = \"push\"
over = \"switch-channel\"
";

const ROOM_FOR_ALL: &str = "[[caps]]
most = 50
per = \"week\"
purpose = \"transactional\"
over = \"drop\"

[[caps]]
most = 50
per = { hours = 30 }
";

const DAILY: &str = "[[digests]]
kinds = [\"points-earned\", \"tier-upgraded\", \"reward-ready\"]
collect = { until = \"18:00\" }
";

const HALF_DAY: &str = "[[digests]]
kinds = [\"points-expiring\", \"reward-about-to-expire\"]
collect = { minutes = 720 }

[[digests]]
kinds = [\"points-earned\", \"points-unlocked\", \"points-pending\"]
collect = { minutes = 150 }
";

/// Topics that members may leave out, of a kind and of a campaign.
const TOPICS: &str = "[[topics]]
name = \"dates\"
kinds = [\"birthday\", \"anniversary\"]

[[topics]]
name = \"reminders\"
kinds = [\"points-expiring\", \"reward-about-to-expire\", \"tier-about-to-be-lost\"]

[birthday]
";

/// What of the sample is replaced, and by what: one of several each, the first as it is.
const RULES: [(&str, &[&str]); 15] = [
    (
        "zone = \"America/New_York\"",
        &[
            "zone = \"America/New_York\"",
            "zone = \"Asia/Kolkata\"",
            "zone = \"Europe/London\"",
        ],
    ),
    (
        "points-per-unit = \"1\"",
        &[
            "points-per-unit = \"1\"",
            "points-per-unit = \"1.5\"\nround = \"up\"\npending = { days = 14 }",
            "points-per-unit = \"2\"\npending = { released-within-days = 20 }",
        ],
    ),
    (
        "lasts = { months = 12, to-end-of = \"month\" }",
        &[
            "lasts = { months = 12, to-end-of = \"month\" }",
            "lasts = { days = 70 }",
            "lasts = { active-months = 3 }",
        ],
    ),
    (
        "reinstate-within-days = 90",
        &["reinstate-within-days = 90", "grace-days = 7"],
    ),
    (
        "window-months = 12\n# A tier",
        &[
            "window-months = 12\n# A tier",
            "window-months = 2\n# A tier",
            "window-months = 12\nbasis = \"balance\"\n# A tier",
        ],
    ),
    (
        "valid = { months = 12 }",
        &["valid = { months = 12 }", "valid = { months = 2 }"],
    ),
    (
        "claw-back = \"within-balance\"",
        &[
            "claw-back = \"within-balance\"",
            "claw-back = \"only-pending\"",
            "claw-back = \"unlimited\"",
        ],
    ),
    ("stock = 200", &["stock = 200", "stock = 3"]),
    (
        "to = \"09:00\"",
        &["to = \"09:00\"", "to = \"10:00\"", "to = \"21:00\""],
    ),
    (
        "# Members may send each other points",
        &["# Members may send each other points", CAMPAIGNS, CAMPAIGNS],
    ),
    ("joined-days-ago = 30", &["joined-days-ago = 30", "joined-days-ago = 0"]),
    (SAMPLE_CAP, &["", ROOM, ROOM_FOR_ALL]),
    // Hours of promotional texts: none that quiet hours are not in, those of all states, and two states' own.
    (
        "states = [\"NY\", \"IL\", \"CO\", \"CA\"]",
        &[
            "states = [\"NY\", \"IL\", \"CO\", \"CA\"]",
            "states = []",
            "states = [\"TX\", \"CT\"]",
        ],
    ),
    (SAMPLE_DIGEST, &[SAMPLE_DIGEST, DAILY, HALF_DAY]),
    ("[birthday]\n", &[TOPICS, TOPICS, "[birthday]\n"]),
];

/// The programme and the history of a seed.
pub(super) fn case(seed: u64, folder: &Path) -> Case {
    let mut dice = Dice::new(seed);
    let program = programme(&mut dice, folder);
    let rules = programme::Programme::load(&program).unwrap();
    let mut campaigns = rules.versions().flat_map(|version| &version.campaigns);
    let budgets = campaigns.any(|campaign| campaign.budget.is_some());
    let zone = rules.zone;
    let start = "1999-10-20T00:00:00".parse::<jiff::civil::DateTime>().unwrap();
    let start = start.to_zoned(TimeZone::clone(zone.rules())).unwrap().timestamp();
    let mut happenings = happenings(&mut dice, start, budgets);
    let persons = persons(Dice::new(seed.wrapping_add(1 << 32)), &happenings);
    happenings.extend(replies(Dice::new(!seed), &happenings));
    happenings.extend(persons);
    happenings.sort_by_key(|happening| happening.at);
    Case {
        program: Some(program),
        happenings,
        start,
        end: start + SignedDuration::from_hours(24 * 420),
        pools: true,
    }
}

fn programme(dice: &mut Dice, folder: &Path) -> std::path::PathBuf {
    let (from, to) = (root().join("program"), folder.join("program"));
    std::fs::create_dir_all(to.join("texts")).unwrap();
    for text in ["texts/en.toml", "texts/zh-CN.toml"] {
        std::fs::copy(from.join(text), to.join(text)).unwrap();
    }
    let sample = std::fs::read_to_string(from.join("programme.toml")).unwrap();
    let mut rules = RULES.map(|(_, others)| dice.one_of(others));
    let mut versions = vec![version(&sample, &rules)];
    for day in DAYS.iter().take(usize::try_from(dice.below(3)).unwrap()) {
        for (place, (_, others)) in RULES.iter().enumerate() {
            if !LASTING.contains(&place) {
                rules[place] = dice.one_of(others);
            }
        }
        versions.push(format!("effective-from = {day:?}\n{}", version(&sample, &rules)));
    }
    std::fs::write(to.join("programme.toml"), versions.pop().unwrap()).unwrap();
    for (number, earlier) in versions.into_iter().enumerate() {
        let folder = to.join("earlier").join(number.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("programme.toml"), earlier).unwrap();
    }
    to
}

/// When other versions take effect, each between two ticks: what happened before it arrives after it.
const DAYS: [&str; 2] = ["1999-12-20T10:20", "2000-02-01"];
/// The rules that no version may change: the zone, and what counts for the tiers.
const LASTING: [usize; 2] = [0, 4];

fn version(sample: &str, rules: &[&str]) -> String {
    let mut main = sample.to_owned();
    for ((text, _), rule) in RULES.iter().zip(rules) {
        assert!(main.contains(text), "the sample programme has no {text:?}");
        main = main.replace(text, rule);
    }
    if main.contains("\"unlimited\"") {
        main = main.replace("lowest = 0", "lowest = \"any\"");
    }
    main
}
