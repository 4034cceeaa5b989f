//! `backspin superuser list`

use backspin_auth::list_superusers;
use clap::Args;

use crate::application::{ApplicationPath, explain};
use crate::output::println;

/// List the emails of all superusers
#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    application: ApplicationPath,
}

impl List {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let app = self.application.open().await?;
        for email in list_superusers(&app).await.map_err(explain)? {
            println!("{email}");
        }
        Ok(())
    }
}
