//! The people behind the orders. A file of orders has member ids and nothing else, so names, phones, languages, zones,
//! consents and devices are made up, the same in each run. Every phone number is from a range reserved for fiction.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::dice::Dice;
use super::names::{CHINESE_FAMILY, CHINESE_GIVEN, ENGLISH_FAMILY, ENGLISH_GIVEN};

/// What all made-up choices follow from.
pub const SEED: u64 = 1997;

/// A member as the shop knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub member: String,
    pub name: String,
    pub birthday: Option<Date>,
    pub locale: &'static str,
    pub zone: &'static str,
    /// E.164.
    pub phone: String,
    pub consents: Vec<Consent>,
    pub device: Option<Device>,
    /// So long after signing up the member takes back each consent to SMS.
    pub withdraws_after_days: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent {
    pub channel: &'static str,
    pub purpose: &'static str,
    /// What the member read when they ticked the box.
    pub wording: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// As SNS names it: `GCM` or `APNS`.
    pub platform: &'static str,
    pub token: String,
}

/// Everyone, by member id.
#[derive(Debug)]
pub struct People {
    by_member: HashMap<String, Person>,
    /// How many share a number with someone, since fiction has no more: none below some ten thousand members.
    pub sharing_a_number: u64,
}

impl People {
    /// Makes up a person for each member. Of two members who would get the same number the first keeps it, so
    /// members are given in the order in which they first bought: more orders later change nobody.
    pub fn make_up<'a>(members: impl Iterator<Item = &'a str>) -> Self {
        let mut people = Self {
            by_member: HashMap::new(),
            sharing_a_number: 0,
        };
        let mut numbers = FreeNumbers::new();
        for member in members {
            if people.by_member.contains_key(member) {
                continue;
            }
            let mut person = person(member);
            people.sharing_a_number += u64::from(!numbers.give(&mut person));
            people.by_member.insert(member.to_owned(), person);
        }
        people
    }

    pub fn get(&self, member: &str) -> Option<&Person> {
        self.by_member.get(member)
    }

    pub fn len(&self) -> usize {
        self.by_member.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_member.is_empty()
    }
}

impl Person {
    /// When the member takes back consent to SMS, if they signed up at this time.
    pub fn withdraws_at(&self, signed_up: Timestamp) -> Option<Timestamp> {
        let days = self.withdraws_after_days?;
        signed_up.checked_add((i64::from(days) * 24).hours()).ok()
    }
}

/// The zones people live in, how many of a hundred do, and area codes of theirs. None has a number yet.
struct Region {
    zone: &'static str,
    share: u32,
    numbers: Numbers,
}

enum Numbers {
    /// +1 NPA 555 0100 to 0199: reserved for fiction in each area code.
    NorthAmerica(&'static [u16]),
    /// +44 7700 900000 to 900999: Ofcom's range for drama.
    UnitedKingdom,
}

const REGIONS: [Region; 5] = [
    Region {
        zone: "America/New_York",
        share: 36,
        numbers: Numbers::NorthAmerica(&[
            201, 202, 203, 212, 215, 216, 240, 248, 267, 301, 305, 313, 321, 336, 347, 352, 386, 404, 407, 410, 412,
            413, 443, 484, 508, 513, 516, 518, 540, 561, 585, 603, 607, 609, 610, 614, 617, 631, 646, 678, 703, 704,
            716, 717, 718, 732, 740, 754, 757, 770, 772, 781, 786, 803, 804, 813, 828, 843, 845, 856, 857, 860, 862,
            864, 904, 908, 910, 914, 917, 919, 937, 941, 954, 973, 978, 980, 984,
        ]),
    },
    Region {
        zone: "America/Chicago",
        share: 25,
        numbers: Numbers::NorthAmerica(&[
            205, 210, 214, 217, 224, 225, 228, 251, 262, 281, 309, 312, 314, 316, 318, 319, 331, 337, 361, 402, 405,
            409, 414, 417, 469, 479, 501, 504, 507, 512, 515, 573, 601, 608, 612, 615, 618, 630, 636, 651, 662, 682,
            708, 713, 715, 731, 737, 763, 773, 779, 806, 815, 816, 817, 832, 847, 870, 872, 901, 903, 913, 918, 920,
            936, 940, 952, 956, 972, 979, 985,
        ]),
    },
    Region {
        zone: "America/Denver",
        share: 8,
        numbers: Numbers::NorthAmerica(&[303, 307, 385, 406, 435, 505, 575, 719, 720, 801, 970]),
    },
    Region {
        zone: "America/Los_Angeles",
        share: 21,
        numbers: Numbers::NorthAmerica(&[
            206, 209, 213, 253, 310, 323, 360, 408, 415, 424, 425, 503, 509, 510, 530, 559, 562, 619, 626, 650, 657,
            661, 669, 702, 707, 714, 725, 747, 760, 805, 818, 831, 858, 909, 916, 925, 949, 951, 971,
        ]),
    },
    Region {
        zone: "Europe/London",
        share: 10,
        numbers: Numbers::UnitedKingdom,
    },
];

impl Numbers {
    /// How many numbers there are.
    fn count(&self) -> u32 {
        match self {
            Self::NorthAmerica(areas) => u32::try_from(areas.len()).unwrap_or(0) * 100,
            Self::UnitedKingdom => 1_000,
        }
    }

    /// The nth number, counted from 0.
    fn number(&self, nth: u32) -> String {
        match self {
            Self::NorthAmerica(areas) => {
                let area = areas.get((nth / 100) as usize).copied().unwrap_or(212);
                format!("+1{area}55501{:02}", nth % 100)
            }
            Self::UnitedKingdom => format!("+447700900{:03}", nth % 1_000),
        }
    }
}

fn region(member: &str) -> (usize, &'static Region) {
    let mut at = Dice::new(SEED, member, "zone").below(100);
    let mut last = (0, const { &REGIONS[0] });
    for (place, region) in REGIONS.iter().enumerate() {
        last = (place, region);
        if at < region.share {
            break;
        }
        at -= region.share;
    }
    last
}

/// A member as they would be if nobody else had a number yet: whose it is bears on nothing but where a message lands.
pub(crate) fn somebody(member: &str) -> Person {
    let mut person = person(member);
    FreeNumbers::number_alone(&mut person);
    person
}

/// Everything about a member but the number, which depends on who has one already.
fn person(member: &str) -> Person {
    let dice = |what| Dice::new(SEED, member, what);
    let chinese = dice("locale").percent(15);
    let locale = if chinese { "zh-CN" } else { "en" };
    let name = if chinese {
        let family = one_of(dice("family name"), &CHINESE_FAMILY);
        format!("{family}{}", one_of(dice("given name"), &CHINESE_GIVEN))
    } else {
        let given = one_of(dice("given name"), &ENGLISH_GIVEN);
        format!("{given} {}", one_of(dice("family name"), &ENGLISH_FAMILY))
    };
    let agreeable = !dice("consents to nothing").percent(6);
    let has_the_app = dice("app").percent(42);
    let by_sms = agreeable && (!has_the_app || dice("sms").percent(65));
    let mut consents = Vec::new();
    if by_sms {
        consents.extend(agreed("sms", locale, dice("sms offers").percent(75)));
    }
    if agreeable && has_the_app {
        consents.extend(agreed("push", locale, dice("push offers").percent(80)));
    }
    let withdraws = by_sms && dice("withdraws").percent(4);
    let days = u16::try_from(dice("withdraws after").below(300)).unwrap_or(0) + 60;
    Person {
        member: member.to_owned(),
        name,
        birthday: birthday(dice("birthday")),
        locale,
        zone: region(member).1.zone,
        phone: String::new(),
        consents,
        device: has_the_app.then(|| device(dice("device"))),
        withdraws_after_days: withdraws.then_some(days),
    }
}

fn one_of(mut dice: Dice, names: &[&'static str]) -> &'static str {
    dice.pick(names).copied().unwrap_or_default()
}

/// Consent to what is about the member's own account and, where they like offers, to those.
fn agreed(channel: &'static str, locale: &str, offers: bool) -> impl Iterator<Item = Consent> {
    let chinese = locale == "zh-CN";
    let account = if chinese {
        "请告知我的积分变动。"
    } else {
        "Tell me about my points."
    };
    let promotional = if chinese {
        "请告知我会员活动与优惠。"
    } else {
        "Tell me about offers for members."
    };
    let account = Consent {
        channel,
        purpose: "transactional",
        wording: account,
    };
    let promotional = Consent {
        channel,
        purpose: "promotional",
        wording: promotional,
    };
    std::iter::once(account).chain(offers.then_some(promotional))
}

/// Most tell the shop their birthday. All are grown up in 1997.
fn birthday(mut dice: Dice) -> Option<Date> {
    const FIRST: Date = jiff::civil::date(1930, 1, 1);
    const DAYS: u32 = 49 * 365 + 12;
    let told = dice.percent(85);
    let day = FIRST.checked_add(i64::from(dice.below(DAYS)).days()).ok();
    day.filter(|_| told)
}

fn device(mut dice: Dice) -> Device {
    let platform = if dice.percent(55) { "APNS" } else { "GCM" };
    let token = [(); 4].map(|()| format!("{:016x}", dice.next())).concat();
    Device { platform, token }
}

/// Which numbers of each region nobody has yet.
struct FreeNumbers {
    taken: [Vec<bool>; REGIONS.len()],
    left: [u32; REGIONS.len()],
}

impl FreeNumbers {
    fn new() -> Self {
        let left = REGIONS.each_ref().map(|region| region.numbers.count());
        Self {
            taken: left.map(|count| vec![false; count as usize]),
            left,
        }
    }

    /// Gives a number of the person's zone that nobody has; false where all are taken and it is shared.
    fn give(&mut self, person: &mut Person) -> bool {
        let (place, region) = region(&person.member);
        let count = region.numbers.count();
        let first = Dice::new(SEED, &person.member, "phone").below(count);
        let own = self.take(place, first, count);
        person.phone = region.numbers.number(own.unwrap_or(first));
        own.is_some()
    }

    fn number_alone(person: &mut Person) {
        let (_, region) = region(&person.member);
        let first = Dice::new(SEED, &person.member, "phone").below(region.numbers.count());
        person.phone = region.numbers.number(first);
    }

    /// The first free number from a given one on, around the end.
    fn take(&mut self, place: usize, first: u32, count: u32) -> Option<u32> {
        let left = self.left.get_mut(place).filter(|left| **left > 0)?;
        let taken = self.taken.get_mut(place)?;
        let free = (first..count)
            .chain(0..first)
            .find(|nth| taken.get(*nth as usize) == Some(&false))?;
        *taken.get_mut(free as usize)? = true;
        *left -= 1;
        Some(free)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::HashSet;

    use super::*;

    /// As many as the sample has.
    fn everyone() -> (Vec<String>, People) {
        let members: Vec<_> = (1..=2_357).map(|n| format!("{n:04}")).collect();
        let people = People::make_up(members.iter().map(String::as_str));
        (members, people)
    }

    fn share(of: impl Fn(&Person) -> bool) -> f64 {
        let (members, people) = everyone();
        let hits = members.iter().filter(|member| of(people.get(member).unwrap())).count();
        f64::from(u32::try_from(hits).unwrap()) * 100.0 / 2_357.0
    }

    #[test]
    fn every_number_is_unique_and_reserved_for_fiction() {
        let (members, people) = everyone();
        let mut numbers = HashSet::new();
        for member in &members {
            let person = people.get(member).unwrap();
            assert!(numbers.insert(person.phone.clone()), "{} stands twice", person.phone);
            if person.zone == "Europe/London" {
                assert!(person.phone.starts_with("+447700900"), "{}", person.phone);
                assert_eq!(person.phone.len(), 13);
            } else {
                assert!(person.phone.starts_with("+1"), "{}", person.phone);
                assert_eq!(person.phone.get(5..10), Some("55501"), "{}", person.phone);
                assert_eq!(person.phone.len(), 12);
            }
        }
        assert_eq!(people.sharing_a_number, 0);
    }

    #[test]
    fn people_are_the_same_in_each_run_and_when_more_come() {
        let (members, people) = everyone();
        let fewer = People::make_up(members.iter().take(1_000).map(String::as_str));
        for member in members.iter().take(1_000) {
            assert_eq!(fewer.get(member), people.get(member));
        }
        // Recorded once: a change here changes every report.
        let first = people.get("0001").unwrap();
        assert_eq!((first.name.as_str(), first.zone, first.phone.as_str()), RECORDED);
    }

    const RECORDED: (&str, &str, &str) = ("朱杰", "America/Chicago", "+16085550193");

    #[test]
    fn more_members_than_fiction_has_numbers_share_and_it_is_said() {
        let members: Vec<_> = (0..15_000).map(|n| n.to_string()).collect();
        let people = People::make_up(members.iter().map(String::as_str));
        assert!(people.sharing_a_number > 0);
        assert!(people.get("14999").unwrap().phone.starts_with('+'));
    }

    #[test]
    fn shares_are_about_as_stated() {
        let consents_to = |person: &Person, channel| person.consents.iter().any(|given| given.channel == channel);
        let about = |wanted: f64, found: f64| assert!((wanted - found).abs() < 3.0, "{found} % instead of {wanted} %");
        about(80.0, share(|person| consents_to(person, "sms")));
        about(40.0, share(|person| person.device.is_some()));
        about(15.0, share(|person| person.locale == "zh-CN"));
        about(6.0, share(|person| person.consents.is_empty()));
        about(3.0, share(|person| person.withdraws_after_days.is_some()));
        assert!(share(|person| person.withdraws_after_days.is_some()) > 1.0);
        assert!(share(|person| person.consents.is_empty()) > 4.0);
    }
}
