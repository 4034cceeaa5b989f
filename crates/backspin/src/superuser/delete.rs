//! `backspin superuser delete`

use backspin_auth::delete_superuser;
use clap::Args;

use crate::application::{ApplicationPath, explain};
use crate::output::println;

/// Delete a superuser; the only one stays
#[derive(Args)]
pub(super) struct Delete {
    email: String,

    #[command(flatten)]
    application: ApplicationPath,
}

impl Delete {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let app = self.application.open().await?;
        delete_superuser(&app, &self.email).await.map_err(explain)?;
        println!("Deleted the superuser {}.", self.email);
        Ok(())
    }
}
