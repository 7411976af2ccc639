//! Stored accounts and pages: whatever else the bytes are, they are refused, and never taken for something else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use ledger::{Account, Corrupt, Page};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::sample::select;

use support::{Member, check, purchase, redeem, sample, sign_up};

/// A member with lots, a tier, a closed page and a mark.
fn member() -> Member {
    let programme = sample(&[]);
    let mut member = Member::default();
    let sign_up = sign_up("1997-01-01T15:00:00Z", "America/Los_Angeles", Some("1970-02-28"));
    member.apply(&programme, &sign_up).unwrap();
    for order in 0..14 {
        let at = format!("1997-{:02}-{:02}T18:30:00Z", 1 + order / 2, 2 + order);
        let purchase = purchase(&format!("purchase#cdnow-{order:05}"), &at, "29.33");
        member.apply(&programme, &purchase).unwrap();
    }
    let redemption = redeem("redeem#1", "1997-08-01T12:00:00Z", 100);
    member.apply(&programme, &redemption).unwrap();
    let account = member.account.as_mut().unwrap();
    account.set_mark(ledger::Mark {
        source: 7,
        place: "491829300000000012345678901".into(),
    });
    assert_eq!(member.pages.len(), 1);
    member
}

/// Refuses every prefix, every change of one byte, and a byte more.
fn refuses_all_but(stored: &[u8], decode: impl Fn(&[u8]) -> Result<(), Corrupt>) {
    assert_eq!(decode(stored), Ok(()));
    let mut refused = 0;
    for length in 0..stored.len() {
        assert!(decode(&stored[..length]).is_err(), "taken after {length} bytes");
        refused += 1;
    }
    let mut edited = stored.to_vec();
    for index in 0..stored.len() {
        for value in 0..=u8::MAX {
            edited[index] = value;
            if value != stored[index] {
                assert!(decode(&edited).is_err(), "taken with byte {index} as {value}");
                refused += 1;
            }
        }
        edited[index] = stored[index];
    }
    for value in 0..=u8::MAX {
        let longer = [stored, &[value]].concat();
        assert!(decode(&longer).is_err(), "taken with {value} added");
        refused += 1;
    }
    println!("{refused} damaged forms of {} bytes refused", stored.len());
}

#[test]
fn a_damaged_account_is_refused() {
    let stored = member().account().encode().unwrap();
    refuses_all_but(&stored, |bytes| Account::decode(bytes).map(|_| ()));
    assert_eq!(Account::decode(&[]), Err(Corrupt::Short));
    assert_eq!(Account::decode(&[255, 0, 0, 0, 0]), Err(Corrupt::Version(255)));
}

#[test]
fn a_damaged_page_is_refused() {
    let stored = member().pages[0].encode().unwrap();
    refuses_all_but(&stored, |bytes| Page::decode(bytes).map(|_| ()));
}

/// The bytes with a checksum that is right for them, as a writer that means harm would make it.
fn with_checksum(stored: &[u8]) -> Vec<u8> {
    let mut sealed = stored.to_vec();
    let checksum = crc32fast::hash(&sealed[5..]);
    sealed[1..5].copy_from_slice(&checksum.to_le_bytes());
    sealed
}

/// Asks everything that reads of an account or page that was taken.
fn is_read_without_panic(stored: &[u8]) {
    let programme = sample_programme();
    if let Ok(mut account) = Account::decode(stored) {
        let _ = (
            account.balance(programme::WalletId::MAIN, programme, jiff::Timestamp::UNIX_EPOCH),
            account.tier(),
            account.alarm(),
        );
        let _ = (
            account.review(),
            account.joined(),
            account.entries(),
            account.entries_since(3),
        );
        let _: Vec<_> = account
            .lots(programme::WalletId::MAIN)
            .iter()
            .map(|lot| lot.last_day.date())
            .collect();
        let _ = (ledger::agenda(programme, &account), account.close_pages());
        let _ = ledger::wake(programme, &mut account.clone(), "1998-07-01T00:00:00Z".parse().unwrap());
        let bought = purchase("purchase#1", "1998-07-02T18:30:00Z", "29.33");
        let _ = ledger::apply(programme, &mut Some(account), &bought, ledger::Past::default());
    }
    if let Ok(page) = Page::decode(stored) {
        let _ = (
            page.entries(),
            page.head(),
            page.number(),
            page.end(),
            page.mentions("x"),
            page.encode(),
        );
    }
}

fn sample_programme() -> &'static programme::Programme {
    static PROGRAMME: std::sync::OnceLock<programme::Programme> = std::sync::OnceLock::new();
    PROGRAMME.get_or_init(|| sample(&[]))
}

/// An entry that was altered together with the checksum does not follow the one before it.
#[test]
fn an_altered_entry_is_named() {
    let member = member();
    let mut start = 0;
    for (position, entry) in member.pages[0].entries().unwrap().iter().enumerate() {
        let mut stored = member.pages[0].encode().unwrap();
        let cause = entry.cause.as_bytes();
        let found = stored[start..].windows(cause.len()).position(|window| window == cause);
        let place = start + found.unwrap();
        stored[place] ^= 1;
        start = place + 1;
        let page = Page::decode(&with_checksum(&stored)).unwrap();
        let last = position + 1 == ledger::ENTRIES_PER_PAGE;
        // The last of a page is held by the one after it: the next page begins with its hash.
        match page.entries() {
            Err(why) => assert_eq!(why, Corrupt::Chain(position + 1)),
            Ok(_) => assert!(last && page.head().unwrap() != member.account().page().before()),
        }
    }
}

/// The number of the form that is written today.
fn form() -> u8 {
    Page::default().encode().unwrap()[0]
}

#[test]
fn a_page_whose_end_cannot_be_counted_is_refused() {
    // Its first position is the largest number, it has one entry, and the hash before it is all zeros.
    let span = postcard::to_allocvec(&(u64::MAX, 1_u32, ledger::Head::default())).unwrap();
    let stored = with_checksum(&[&[form(), 0, 0, 0, 0], &span[..]].concat());
    assert_eq!(Page::decode(&stored), Err(Corrupt::Count));
}

#[test]
fn edits_with_a_right_checksum_never_panic() {
    let member = member();
    for stored in [member.account().encode().unwrap(), member.pages[0].encode().unwrap()] {
        for index in 5..stored.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff, stored[index] ^ 1, stored[index].wrapping_add(1)] {
                let mut edited = stored.clone();
                edited[index] = value;
                is_read_without_panic(&with_checksum(&edited));
            }
            is_read_without_panic(&with_checksum(&stored[..index]));
        }
    }
}

#[test]
fn random_bytes_never_panic() {
    check("random bytes", 1, &vec(any::<u8>(), 0..400), |bytes| {
        is_read_without_panic(&bytes);
        is_read_without_panic(&with_checksum(&[&[form(), 0, 0, 0, 0], &bytes[..]].concat()));
    });
    // Numbers of every length, and lists that claim to be long, are more likely in these.
    let numbers = vec(select(&[0, 1, 2, 32, 0x7f, 0x80, 0xff][..]), 0..300);
    check("random numbers", 1, &numbers, |bytes| {
        is_read_without_panic(&with_checksum(&[&[form(), 0, 0, 0, 0], &bytes[..]].concat()));
    });
}
