//! `regulars parts`: how many parts each text is as an SMS, a line of JSON for each line.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use programme::{Outside, Parts, SMS_BYTES, cheaper, outside, parts};
use serde::Serialize;

/// A line is read whole, up to here: far over any text.
const LONGEST: u64 = 1 << 20;
/// So many characters outside the alphabet are named.
const NAMED: usize = 10;

/// What is counted. There is nothing to choose, but the help.
#[derive(Debug, Clone, clap::Args)]
pub struct PartsOptions {}

pub(crate) const PARTS_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  echo '\"It’s your birthday!\"' | cargo run -- parts
      one text; what is printed says UCS-2, for the curly apostrophe at character 2, and what to write for it
  jq '.text' messages.json | cargo run -- parts > parts.jsonl
      the texts of a file, in their order

What is printed for a text that goes as UCS-2 and could be sent for less, here in several lines:
  {\"encoding\":\"UCS-2\",\"parts\":2,\"units\":104,
   \"because\":[{\"at\":2,\"character\":\"’\",\"code_point\":\"U+2019\",\"name\":\"right single quotation mark\",\"instead\":\"'\"}],
   \"plain\":{\"text\":\"It's …\",\"parts\":1,\"units\":104}}
at counts characters from 0; instead is null where a character has to stay, and \"\" where it can be left out. A text over 1600 \
bytes has too_long, for SNS refuses it.";

/// What a text is as an SMS.
#[derive(Debug, Serialize)]
struct Counted<'a> {
    encoding: &'static str,
    parts: u32,
    /// Septets, or units of 16 bits.
    units: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    too_long: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    because: Vec<Because>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plain: Option<Plain<'a>>,
}

/// A character that is outside the GSM 7-bit alphabet.
#[derive(Debug, Serialize)]
struct Because {
    at: usize,
    character: char,
    code_point: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    instead: Option<String>,
}

/// The same in the GSM 7-bit alphabet.
#[derive(Debug, Serialize)]
struct Plain<'a> {
    text: &'a str,
    parts: u32,
    units: u32,
}

/// A line that is no text.
#[derive(Debug, Serialize)]
struct Wrong {
    line: u64,
    error: String,
    mend: &'static str,
}

/// Counts the texts of standard input; whether each line was one.
pub fn run(_: &PartsOptions) -> io::Result<bool> {
    let output = BufWriter::new(io::stdout().lock());
    match count(BufReader::new(io::stdin().lock()), output) {
        // Who reads it has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(true),
        result => result,
    }
}

fn count(mut input: BufReader<impl Read>, mut output: impl Write) -> io::Result<bool> {
    let (mut bytes, mut line, mut sound) = (Vec::new(), 0, true);
    loop {
        bytes.clear();
        if input.by_ref().take(LONGEST).read_until(b'\n', &mut bytes)? == 0 {
            output.flush()?;
            return Ok(sound);
        }
        line += 1;
        let told = if is_whole(&bytes) {
            text(&bytes, line)
        } else {
            input.skip_until(b'\n')?;
            Err(too_long(line))
        };
        match told {
            Ok(text) => tell(&text, &mut output)?,
            Err(wrong) => {
                sound = false;
                serde_json::to_writer(&mut output, &wrong)?;
            }
        }
        output.write_all(b"\n")?;
        // Who asks line by line is answered line by line.
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
}

/// Whether a line was read to its end.
fn is_whole(bytes: &[u8]) -> bool {
    bytes.ends_with(b"\n") || u64::try_from(bytes.len()).is_ok_and(|length| length < LONGEST)
}

fn too_long(line: u64) -> Wrong {
    Wrong {
        line,
        error: format!("the line has more than {LONGEST} bytes"),
        mend: "write one text on each line",
    }
}

/// The text of a line.
fn text(bytes: &[u8], line: u64) -> Result<String, Wrong> {
    let wrong = |error: String, mend| Wrong { line, error, mend };
    let mark = "\u{feff}".as_bytes();
    let bytes = if line == 1 {
        bytes.strip_prefix(mark).unwrap_or(bytes)
    } else {
        bytes
    };
    let bytes = bytes.trim_ascii();
    if bytes.is_empty() {
        return Err(wrong(
            "the line is empty".to_owned(),
            "leave it out, or write \"\" for a text of nothing",
        ));
    }
    if std::str::from_utf8(bytes).is_err() {
        return Err(wrong(
            "the line is not in UTF-8".to_owned(),
            "save the file as UTF-8 text",
        ));
    }
    serde_json::from_slice(bytes).map_err(|why| {
        let mend = if bytes.first() == Some(&b'"') {
            "write \\\" for a quote, \\\\ for a backslash and \\n for a line's end, and close the string"
        } else {
            "write the text as a JSON string, such as \"Hello\""
        };
        wrong(format!("the line is no JSON string: {why}"), mend)
    })
}

/// Writes what a text is.
fn tell(text: &str, output: &mut impl Write) -> io::Result<()> {
    let counted @ Parts { encoding, parts, units } = parts(text);
    let plain = cheaper(text, counted);
    let told = Counted {
        encoding: encoding.name(),
        parts,
        units,
        too_long: (text.len() > SMS_BYTES).then(|| format!("{} bytes; SNS takes {SMS_BYTES}", text.len())),
        because: outside(text).take(NAMED).map(Because::from).collect(),
        plain: plain.as_ref().map(|(text, counted)| Plain {
            text,
            parts: counted.parts,
            units: counted.units,
        }),
    };
    serde_json::to_writer(output, &told)?;
    Ok(())
}

impl From<Outside> for Because {
    fn from(outside: Outside) -> Self {
        Self {
            at: outside.at,
            character: outside.character,
            code_point: outside.code_point(),
            name: outside.name(),
            instead: outside.instead,
        }
    }
}
