//! `regulars read-reply`: what members' replies ask, one a line.

use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, Write};

use replies::Reply;

/// Longer than any reply; what a line has beyond it is not read.
const LONGEST_LINE: u64 = 1 << 20;

pub(crate) const READ_REPLY_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  echo 'please stop texting me' | cargo run -- read-reply
      opt-out
  cargo run -- read-reply < replies.txt | paste - replies.txt
      a file of replies, one a line, each beside what it is taken for
  cargo run -- read-reply
      those that you type; Ctrl-D ends it";

/// Why replies are read no further.
#[derive(Debug, thiserror::Error)]
pub enum ReadReplyError {
    #[error("cannot read replies from standard input: {0}")]
    Read(io::Error),
    #[error("cannot write what replies ask to standard output: {0}")]
    Write(io::Error),
}

/// Reads standard input to its end, and says a word for each line of it as it comes.
pub fn run() -> Result<(), ReadReplyError> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        anstream::eprintln!("Write a reply as a member would, and Enter; Ctrl-D ends it.");
    }
    match answer(stdin.lock(), io::stdout().lock()) {
        // Who reads has read enough: `| head`.
        Err(ReadReplyError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        answered => answered,
    }
}

fn answer(input: impl Read, output: impl Write) -> Result<(), ReadReplyError> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let mut output = BufWriter::with_capacity(1 << 16, output);
    let mut line = Vec::new();
    loop {
        // Nothing is held back from somebody who waits for it before they write on.
        if input.buffer().is_empty() {
            output.flush().map_err(ReadReplyError::Write)?;
        }
        line.clear();
        let read = input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line);
        if read.map_err(ReadReplyError::Read)? == 0 {
            return output.flush().map_err(ReadReplyError::Write);
        }
        if !line.ends_with(b"\n") {
            input.skip_until(b'\n').map_err(ReadReplyError::Read)?;
        }
        let asks = word(replies::read(&String::from_utf8_lossy(&line)));
        writeln!(output, "{asks}").map_err(ReadReplyError::Write)?;
    }
}

/// What is done about messages: an opt-in or a call for help stops none.
fn word(reply: Reply) -> &'static str {
    match reply {
        Reply::OptOut => "opt-out",
        Reply::Unsure => "unsure",
        Reply::OptIn | Reply::Help | Reply::Other => "other",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn answers(input: &[u8]) -> String {
        let mut output = Vec::new();
        answer(input, &mut output).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn each_line_has_its_answer_whatever_it_holds() {
        assert_eq!(answers(b""), "");
        assert_eq!(answers(b"STOP"), "opt-out\n");
        assert_eq!(
            answers(b"\n\r\nSTOP\r\n\0\n\xff\xfe STOP\n"),
            "other\nother\nopt-out\nother\nopt-out\n"
        );
        let long = ["la ".repeat(1 << 20), "\nSTOP\n".to_owned()].concat();
        assert_eq!(answers(long.as_bytes()), "other\nopt-out\n");
    }
}
