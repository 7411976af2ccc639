//! Lambda's Runtime API, for one function process at a time.

use std::io::BufReader;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use crate::Outcome;
use crate::http::{Request, answer, read_request};

/// No start takes as long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running Runtime API.
pub(crate) struct RuntimeApi {
    pub(crate) address: SocketAddr,
    requests: Receiver<(Request, TcpStream)>,
}

/// A function's question for the next event. Until it is answered, the function waits.
pub(crate) struct Poll(TcpStream);

impl RuntimeApi {
    pub(crate) fn start() -> Outcome<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let (sender, requests) = mpsc::channel();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let sender = sender.clone();
                thread::spawn(move || forward(connection, &sender));
            }
        });
        Ok(Self { address, requests })
    }

    /// Forgets what the process before said.
    pub(crate) fn clear(&self) {
        while self.requests.try_recv().is_ok() {}
    }

    /// Waits for the next poll, and takes the answers that come before it.
    pub(crate) fn poll(&self) -> Outcome<Poll> {
        loop {
            let (request, mut connection) = self.requests.recv_timeout(PATIENCE)?;
            match request.path.rsplit('/').next() {
                Some("next") if request.method == "GET" => return Ok(Poll(connection)),
                Some("response") => answer(&mut connection, "202 Accepted", &[], "")?,
                _ => return Err(format!("{} {}: {}", request.method, request.path, request.body).into()),
            }
        }
    }
}

impl Poll {
    /// Gives the function an empty event.
    pub(crate) fn give_event(mut self) -> Outcome<()> {
        let headers = [
            ("content-type", "application/json"),
            ("lambda-runtime-aws-request-id", "00000000-0000-0000-0000-000000000001"),
            ("lambda-runtime-deadline-ms", "4102444800000"),
            (
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:us-east-1:000000000000:function:start",
            ),
        ];
        Ok(answer(&mut self.0, "200 OK", &headers, "{}")?)
    }
}

fn forward(connection: TcpStream, to: &Sender<(Request, TcpStream)>) -> Outcome<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection.try_clone()?);
    while let Some(request) = read_request(&mut reader)? {
        to.send((request, connection.try_clone()?))?;
    }
    Ok(())
}
