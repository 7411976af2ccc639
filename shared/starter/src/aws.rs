//! The SDK's configuration, written out: the default chain would look in five places for what Lambda puts in the
//! environment, and parse some 140 certificate authorities where AWS uses five.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use std::time::Duration;

use crate::settings::{Settings, SettingsError};

/// Amazon's own roots, which sign every endpoint of the commercial regions.
const AMAZON_ROOTS: &[u8] = include_bytes!("../roots/amazon.pem");

/// What all services have in common, one HTTP client among it.
#[derive(Debug)]
pub struct Aws(SdkConfig);

impl Aws {
    /// Reads what Lambda sets, and `AWS_CA_BUNDLE`, which names a file of other roots.
    pub fn new(settings: &mut Settings) -> Result<Self, SettingsError> {
        let region = settings.text("AWS_REGION");
        let key = settings.text("AWS_ACCESS_KEY_ID");
        let secret = settings.text("AWS_SECRET_ACCESS_KEY");
        let token = settings.optional("AWS_SESSION_TOKEN");
        let roots = match settings.optional("AWS_CA_BUNDLE") {
            None => AMAZON_ROOTS.to_vec(),
            Some(path) => std::fs::read(&path).map_err(|why| SettingsError::Roots { path, why })?,
        };
        let trust = TrustStore::empty().with_pem_certificate(roots);
        let tls = TlsContext::builder()
            .with_trust_store(trust)
            .build()
            .map_err(|why| SettingsError::Tls(why.to_string()))?;
        let http = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(tls)
            .build_https();
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(region))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                key,
                secret,
                token,
                None,
                "environment",
            )))
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .retry_config(RetryConfig::standard())
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(2))
                    .operation_attempt_timeout(Duration::from_secs(5))
                    .operation_timeout(Duration::from_secs(15))
                    .build(),
            )
            .http_client(AtFirstCall(http))
            .build();
        Ok(Self(config))
    }

    /// The configuration for one service, whose name in the environment is `service`: `AWS_ENDPOINT_URL_<service>` says
    /// where it is, where that is not AWS.
    pub fn service(&self, settings: &Settings, service: &str) -> SdkConfig {
        let mut config = self.0.to_builder();
        config.set_endpoint_url(settings.optional(&format!("AWS_ENDPOINT_URL_{service}")));
        config.build()
    }
}

/// An HTTP client that sets up TLS at the first call, once. Left alone, it does so for each service's client too, only to
/// throw it away.
#[derive(Debug)]
struct AtFirstCall(SharedHttpClient);

impl HttpClient for AtFirstCall {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

/// Whether a connection is worth opening before the first event: one without TLS costs nothing to open later.
pub fn connects(config: &SdkConfig) -> bool {
    config.endpoint_url().is_none_or(|url| url.starts_with("https:"))
}
