//! As much of HTTP/1.1 as the two stubs speak.

use std::io::{self, BufRead, Write};

/// A request as it came; headers have lower-case names.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(present, _)| present == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The next request of a connection; none where it has ended.
pub(crate) fn read_request(from: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut first = String::new();
    if from.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut words = first.split_whitespace().map(str::to_owned);
    let mut request = Request {
        method: words.next().unwrap_or_default(),
        path: words.next().unwrap_or_default(),
        headers: Vec::new(),
        body: String::new(),
    };
    loop {
        let mut line = String::new();
        from.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        request
            .headers
            .push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = request.header("content-length").and_then(|length| length.parse().ok());
    if request.header("transfer-encoding").is_some() {
        request.body = read_chunks(from)?;
    } else if let Some(length) = length {
        let mut body = vec![0; length];
        from.read_exact(&mut body)?;
        request.body = String::from_utf8_lossy(&body).into_owned();
    }
    Ok(Some(request))
}

fn read_chunks(from: &mut impl BufRead) -> io::Result<String> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        from.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
        let mut chunk = vec![0; size + "\r\n".len()];
        from.read_exact(&mut chunk)?;
        if size == 0 {
            return Ok(String::from_utf8_lossy(&body).into_owned());
        }
        chunk.truncate(size);
        body.append(&mut chunk);
    }
}

pub(crate) fn answer(to: &mut impl Write, status: &str, headers: &[(&str, &str)], body: &str) -> io::Result<()> {
    // Written at once: in pieces, TCP might hold one back.
    let mut text = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len()).into_bytes();
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n")?;
    }
    write!(text, "\r\n{body}")?;
    to.write_all(&text)?;
    to.flush()
}
