//! `backspin superuser upsert`

use backspin_auth::upsert_superuser;
use clap::Args;

use crate::application::{ApplicationPath, explain};
use crate::output::println;
use crate::password;

/// Add a superuser, or give one a new password
///
/// A new password ends all sessions, half sign-ins and codes of that superuser.
#[derive(Args)]
pub(super) struct Upsert {
    email: String,

    /// At least 8 characters; without it, one is made and printed
    password: Option<String>,

    #[command(flatten)]
    application: ApplicationPath,
}

impl Upsert {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let app = self.application.open().await?;
        let password = self.password.clone().unwrap_or_else(|| password::generate(app.env()));
        upsert_superuser(&app, &self.email, &password).await.map_err(explain)?;
        println!("Saved the superuser {}.", self.email);
        if self.password.is_none() {
            println!("Its password, which is not shown again: {password}");
        }
        Ok(())
    }
}
