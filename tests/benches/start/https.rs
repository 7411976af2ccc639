//! AWS as far as a start needs it: TLS 1.3 under a private CA, and the answer to one cheap question.

use std::io::{self, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned, version};

use crate::Outcome;
use crate::http::{Request, answer, read_request};

/// Where a system keeps the authorities it trusts, in one file.
const SYSTEM_ROOTS: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];

/// A running stub.
pub(crate) struct Https {
    pub(crate) port: u16,
    /// The private CA alone, in PEM.
    pub(crate) root: PathBuf,
    /// The system's authorities and the private CA, in PEM.
    pub(crate) roots: PathBuf,
    /// How many authorities `roots` holds.
    pub(crate) roots_count: usize,
    answered: Arc<AtomicUsize>,
}

impl Https {
    /// Makes the certificates, writes the authorities into `folder`, and serves until the process ends.
    pub(crate) fn start(folder: &Path) -> Outcome<Self> {
        let (config, root) = certificates()?;
        let system = SYSTEM_ROOTS.iter().find_map(|path| std::fs::read_to_string(path).ok());
        let all = system.unwrap_or_default() + "\n" + &root;
        let stub = Self {
            port: 0,
            root: folder.join("start-root.pem"),
            roots: folder.join("start-roots.pem"),
            roots_count: all.matches("BEGIN CERTIFICATE").count(),
            answered: Arc::default(),
        };
        std::fs::write(&stub.root, root)?;
        std::fs::write(&stub.roots, all)?;

        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let answered = Arc::clone(&stub.answered);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (config, answered) = (Arc::clone(&config), Arc::clone(&answered));
                // A process that is measured is ended while its connection is open: an error here is no news.
                thread::spawn(move || serve(connection, config, &answered));
            }
        });
        Ok(Self { port, ..stub })
    }

    /// How many questions were answered so far.
    pub(crate) fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }
}

fn serve(connection: TcpStream, config: Arc<ServerConfig>, answered: &AtomicUsize) -> Outcome<()> {
    connection.set_nodelay(true)?;
    let tls = ServerConnection::new(config)?;
    let mut stream = BufReader::new(StreamOwned::new(tls, connection));
    while let Some(request) = read_request(&mut stream)? {
        reply(&request, stream.get_mut())?;
        answered.fetch_add(1, Ordering::SeqCst);
    }
    Ok(())
}

/// DynamoDB knows no such item; SNS has no such attribute.
fn reply(request: &Request, to: &mut impl io::Write) -> io::Result<()> {
    if request.header("x-amz-target").is_some() {
        let kind = [
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-crc32", "2745614147"),
        ];
        return answer(to, "200 OK", &kind, "{}");
    }
    let attributes = "<GetSMSAttributesResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
        <GetSMSAttributesResult><attributes/></GetSMSAttributesResult></GetSMSAttributesResponse>";
    answer(to, "200 OK", &[("content-type", "text/xml")], attributes)
}

/// A server's configuration for `localhost`, and the CA behind it.
fn certificates() -> Outcome<(Arc<ServerConfig>, String)> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;

    let key = KeyPair::generate()?;
    let mut server = CertificateParams::new(["localhost".to_owned()])?;
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = server.signed_by(&key, &authority)?;

    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok((Arc::new(config), authority.pem()))
}
