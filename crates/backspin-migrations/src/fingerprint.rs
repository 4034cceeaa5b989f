//! A short text that says whether two schemas are the same.

use backspin_core::{Error, Result};
use backspin_schema::Collection;
use sha2::{Digest, Sha256};

/// 64 hexadecimal digits that are equal for equal schemas. The order of the collections, the times at
/// which they were changed and their secrets do not count, so that who may see the schema may compare it.
pub fn fingerprint(collections: &[Collection]) -> Result<String> {
    let mut texts = collections.iter().map(text).collect::<Result<Vec<String>>>()?;
    texts.sort_unstable();
    Ok(digest(&texts.join("\n")))
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(collection: &Collection) -> Result<String> {
    let mut collection = collection.without_secrets();
    collection.created.clear();
    collection.updated.clear();
    serde_json::to_string(&collection).map_err(|error| Error::Internal(error.into()))
}
