//! The secrets among the settings: never sent to clients, and sealed where the operator has set a key.

use std::collections::BTreeMap;

use backspin_core::Result;
use backspin_secrets::SecretKey;

use crate::{MailApi, Settings, Smtp};

/// In place of a secret that need not be checked.
const CHECKED: &str = "x";

/// Where a secret stands, and its text.
type Secret<'a> = (String, &'a mut String);

impl Settings {
    /// The settings as clients may see them.
    pub fn without_secrets(&self) -> Self {
        let mut public = self.clone();
        public.secrets().for_each(|(_, secret)| secret.clear());
        public
    }

    /// What is left to check: a secret that stays as it is `stored`, sealed, was checked when it was entered.
    pub(crate) fn as_checked(&self, stored: &Self) -> Self {
        let mut checked = self.clone();
        for ((_, secret), before) in checked.secrets_beside(stored) {
            if SecretKey::has_sealed(&before) && *secret == before {
                *secret = CHECKED.to_owned();
            }
        }
        checked
    }

    /// To be stored in place of `stored`.
    pub(crate) fn sealed(&self, stored: &Self, key: &SecretKey) -> Result<Self> {
        let mut sealed = self.clone();
        for ((place, secret), before) in sealed.secrets_beside(stored) {
            *secret = key.seal_changed(secret, &before, &place_of(&place))?;
        }
        Ok(sealed)
    }

    /// Each with the one in the same place of `other`, or an empty one.
    fn secrets_beside<'a>(&'a mut self, other: &Self) -> impl Iterator<Item = (Secret<'a>, String)> {
        let others: BTreeMap<String, String> =
            other.clone().secrets().map(|(place, secret)| (place, std::mem::take(secret))).collect();
        self.secrets().map(move |(place, secret)| {
            let other = others.get(&place).cloned().unwrap_or_default();
            ((place, secret), other)
        })
    }

    fn secrets(&mut self) -> impl Iterator<Item = Secret<'_>> {
        let of_stores =
            [("s3.secret", &mut self.s3.secret), ("backups.s3.secret", &mut self.backups.s3.secret)];
        let of_stores = of_stores.map(|(place, secret)| (place.to_owned(), secret));
        self.smtp.secrets().chain(self.mail_api.secrets()).chain(of_stores)
    }
}

impl Smtp {
    /// With the password as it was entered.
    ///
    /// Errors: 500 if it was sealed with another key.
    pub fn opened(&self, key: &SecretKey) -> Result<Self> {
        let mut opened = self.clone();
        open(opened.secrets(), key)?;
        Ok(opened)
    }

    fn secrets(&mut self) -> impl Iterator<Item = Secret<'_>> {
        [("smtp.password".to_owned(), &mut self.password)].into_iter()
    }
}

impl MailApi {
    /// With the values of its headers as they were entered.
    ///
    /// Errors: 500 if one was sealed with another key.
    pub fn opened(&self, key: &SecretKey) -> Result<Self> {
        let mut opened = self.clone();
        open(opened.secrets(), key)?;
        Ok(opened)
    }

    fn secrets(&mut self) -> impl Iterator<Item = Secret<'_>> {
        self.headers.iter_mut().map(|header| {
            let place = format!("mailApi.headers.{}", header.name.to_ascii_lowercase());
            (place, &mut header.value)
        })
    }
}

fn open<'a>(secrets: impl Iterator<Item = Secret<'a>>, key: &SecretKey) -> Result<()> {
    for (place, secret) in secrets {
        *secret = key.unseal_text(secret, &place_of(&place))?;
    }
    Ok(())
}

fn place_of(place: &str) -> [&str; 2] {
    ["settings", place]
}
