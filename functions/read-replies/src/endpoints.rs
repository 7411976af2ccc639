//! Endpoints at SNS of members who were forgotten: deleted there, and then here. Whoever dies between does it again.

use starter::Failure;

use crate::Listener;
use crate::listed::failure;

impl Listener {
    pub(crate) async fn delete_endpoints(&self) -> Result<(), Failure> {
        for endpoint in self.store.left_endpoints().await.map_err(failure)? {
            if let Err(why) = self.sns.delete_endpoint(&endpoint).await {
                // The next run comes to it again, and what else is to be done need not wait.
                tracing::warn!("the endpoint of a member who was forgotten is not deleted yet: {why}");
                continue;
            }
            self.store.endpoint_is_gone(&endpoint).await.map_err(failure)?;
        }
        Ok(())
    }
}
