#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::Path;

use super::*;

const HEADER: &str = "order_id,member_id,ordered_at,amount,currency\n";

fn zone() -> TimeZone {
    TimeZone::get("America/New_York").unwrap()
}

fn read_bytes(content: &[u8]) -> Result<Orders, OrdersError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    std::fs::write(&path, content).unwrap();
    read(&path, &zone(), "2026-01-01T00:00:00Z".parse().unwrap())
}

fn read_text(content: &str) -> Result<Orders, OrdersError> {
    read_bytes(content.as_bytes())
}

fn made_up(orders: &Orders) -> usize {
    orders.orders.iter().filter(|order| order.time_made_up).count()
}

/// Why a row is refused that stands after a good one.
fn refusal(row: &str) -> String {
    let orders = read_text(&format!("{HEADER}good,0001,1997-01-01,1.00,USD\n{row}\n")).unwrap();
    assert_eq!(orders.orders.len(), 1, "{row:?} was taken for an order");
    let refused = orders.refused.first().unwrap();
    assert_eq!(refused.line, 3);
    refused.to_string().split_once(":3: ").unwrap().1.to_owned()
}

#[test]
fn the_sample_is_read_whole() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/cdnow-sample-orders.csv");
    let orders = read(&path, &zone(), "2026-01-01T00:00:00Z".parse().unwrap()).unwrap();
    assert_eq!(
        (orders.orders.len(), orders.refused.len(), made_up(&orders)),
        (6_919, 0, 6_919)
    );
    assert!(orders.orders.is_sorted_by_key(|order| order.at));
    let hours = orders.orders.iter().map(|order| order.at.to_zoned(zone()).hour());
    assert_eq!((hours.clone().min(), hours.max()), (Some(9), Some(21)));
}

#[test]
fn columns_are_found_by_name_in_any_order_with_others_between() {
    let content = "note,currency,amount,ordered_at,member_id,order_id\nx,JPY,120,1997-05-04T10:00:00+09:00,m,o\n";
    let orders = read_text(content).unwrap();
    let at = "1997-05-04T01:00:00Z".parse().unwrap();
    let order = Order {
        id: "o".into(),
        member: "m".into(),
        at,
        amount: "120".into(),
        currency: "JPY".into(),
        quantity: None,
        time_made_up: false,
    };
    assert_eq!(orders.orders, [order]);
    assert_eq!(made_up(&orders), 0);
}

#[test]
fn a_byte_order_mark_line_ends_of_windows_and_blanks_are_no_mistakes() {
    let orders = read_text("\u{feff}order_id,member_id,ordered_at,amount,currency\r\no, m ,1997-05-04,7.5,USD\r\n");
    let orders = orders.unwrap();
    assert_eq!(
        (orders.orders[0].member.as_str(), orders.orders[0].amount.as_str()),
        ("m", "7.50")
    );
}

#[test]
fn orders_come_by_time_and_then_as_in_the_file() {
    let at = "1997-01-02T12:00:00Z";
    let content = format!("{HEADER}b,m,{at},1,USD\na,m,{at},1,USD\nc,m,1997-01-01T12:00:00Z,1,USD\n");
    let ids: Vec<_> = read_text(&content)
        .unwrap()
        .orders
        .into_iter()
        .map(|order| order.id)
        .collect();
    assert_eq!(ids, ["c", "b", "a"]);
}

#[test]
fn each_wrong_cell_is_refused_with_its_column_and_the_mend() {
    let cases = [
        (
            "o,0001,1997-02-30,1,USD",
            "ordered_at: \"1997-02-30\" is no day of the calendar",
        ),
        (
            "o,0001,01/02/1997,1,USD",
            "ordered_at: \"01/02/1997\" is no day such as 1997-01-31",
        ),
        (
            "o,0001,1997-01-02T10:00:00,1,USD",
            "has a time and no zone; add Z or an offset",
        ),
        ("o,0001,2097-01-02,1,USD", "is in the future"),
        ("o,0001,1907-01-02,1,USD", "is before 1970"),
        ("o,0001,,1,USD", "ordered_at: is empty; fill it in"),
        ("o,0001,1997-01-02,-5,USD", "amount: \"-5\" is negative"),
        ("o,0001,1997-01-02,\"1,5\",USD", "amount: \"1,5\" is no amount"),
        ("o,0001,1997-01-02,1.234,USD", "has more decimals than USD has (2)"),
        ("o,0001,1997-01-02,1,usd", "currency: \"usd\" is no currency code"),
        (",0001,1997-01-02,1,USD", "order_id: is empty"),
        ("o,,1997-01-02,1,USD", "member_id: is empty"),
        ("o,0001,1997-01-02", "currency: the row ends after 3 columns"),
        (
            "good,0001,1997-01-02,1,USD",
            "order_id: \"good\" stands on line 2 already",
        ),
    ];
    for (row, expected) in cases {
        let found = refusal(row);
        assert!(found.contains(expected), "{row:?} gave {found:?}");
    }
    let long = format!("{},0001,1997-01-02,1,USD", "x".repeat(129));
    assert!(refusal(&long).contains("an identifier has 1 to 128"));
    assert!(refusal("o,two words,1997-01-02,1,USD").starts_with("member_id: \"two words\""));
    let bytes = [HEADER.as_bytes(), b"good,1,1997-01-01,1,USD\no,\xff,1997-01-01,1,USD\n"].concat();
    assert!(
        read_bytes(&bytes).unwrap().refused[0]
            .why
            .contains("save the file as UTF-8")
    );
}

#[test]
fn a_file_without_orders_says_what_it_lacks() {
    let cases = [
        (
            "",
            "is empty; its first line must name the columns: order_id,member_id,ordered_at,amount,currency",
        ),
        (HEADER, "has a header and no rows"),
        (
            "order_id,member_id,amount,currency\n",
            "the column ordered_at is missing from the header",
        ),
        (
            "order_id|member_id|ordered_at|amount|currency\n",
            "separate the columns by commas, semicolons or tabs",
        ),
        (
            "order_id;member_id;when;amount;currency\n",
            "which names order_id, member_id, when, amount, currency",
        ),
        (
            "order_id,order_id,member_id,ordered_at,amount,currency\n",
            "the column order_id stands twice",
        ),
        (
            "order_id,member_id,ordered_at,amount,currency\no,m,never,1,USD\n",
            "none of the 1 rows",
        ),
    ];
    for (content, expected) in cases {
        let found = read_text(content).unwrap_err().to_string();
        assert!(found.contains(expected), "{content:?} gave {found:?}");
    }
    let found = read(Path::new("/nowhere/orders.csv"), &zone(), Timestamp::MAX)
        .unwrap_err()
        .to_string();
    assert!(
        found.starts_with("cannot read the orders in /nowhere/orders.csv"),
        "{found}"
    );
}

#[test]
fn columns_may_be_separated_as_spreadsheets_do() {
    let content = format!("{HEADER}o,m,1997-05-04,7.50,USD\n");
    let commas = read_text(&content).unwrap().orders;
    for separator in [";", "\t"] {
        assert_eq!(
            read_text(&content.replace(',', separator)).unwrap().orders,
            commas,
            "{separator:?}"
        );
    }
    let named = format!("note;x,{HEADER}a;b,o,m,1997-05-04,7.50,USD\n");
    assert_eq!(read_text(&named).unwrap().orders, commas);
    let decimals = format!("{}o;m;1997-05-04;7,50;USD\n", HEADER.replace(',', ";"));
    let found = read_text(&decimals).unwrap_err().to_string();
    assert!(
        found.contains("amount: \"7,50\" is no amount; write digits with a point, such as 29.33"),
        "{found}"
    );
}

#[test]
fn a_file_that_is_no_text_in_utf_8_is_told_for_what_it_is() {
    let content = format!("{HEADER}o,m,1997-05-04,7.50,USD\n");
    let of = |mark: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let units = format!("{mark}{content}");
        units.encode_utf16().flat_map(bytes).collect()
    };
    let cases = [
        (of("\u{feff}", u16::to_le_bytes), " is in UTF-16;"),
        (of("\u{feff}", u16::to_be_bytes), " is in UTF-16;"),
        (of("", u16::to_le_bytes), " is in UTF-16 or no text at all;"),
        (of("", u16::to_be_bytes), " is in UTF-16 or no text at all;"),
        (
            b"PK\x03\x04\x14\0".to_vec(),
            " is a workbook of a spreadsheet, or a zip archive;",
        ),
        (b"\x1f\x8b\x08".to_vec(), " is compressed by gzip;"),
    ];
    for (bytes, expected) in cases {
        let found = read_bytes(&bytes).unwrap_err().to_string();
        assert!(found.contains(expected), "{found:?}, not {expected:?}");
        assert!(found.ends_with("; save it as CSV in UTF-8"), "{found:?}");
    }
}
