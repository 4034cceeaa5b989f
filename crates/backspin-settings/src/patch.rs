//! A change of the settings: the keys that a client sends, over those that are stored.

use serde_json::{Map, Value as Json};

/// The object of the settings whose keys are an operator's own: the body for the mail API.
const FREE: &str = "body";

/// Puts `patch` over `settings`: objects by their keys, everything else and
/// the body for the mail API whole. `null` means the zero value of what
/// was there. Keys that are no settings are left out. `None` if something else stands where an object belongs.
pub(crate) fn apply(settings: &mut Map<String, Json>, patch: Map<String, Json>) -> Option<()> {
    for (key, new) in patch {
        if key == FREE {
            // Nothing of it is a setting of its own.
            settings.insert(key, if new.is_null() { Json::Object(Map::new()) } else { new });
            continue;
        }
        let Some(old) = settings.get_mut(&key) else {
            // A secret that is not set is not among the settings.
            if matches!(key.as_str(), "password" | "secret") {
                settings.insert(key, if new.is_null() { "".into() } else { new });
            }
            continue;
        };
        match (old, new) {
            (Json::Object(old), Json::Object(new)) => apply(old, new)?,
            (old, Json::Null) => *old = zero(old),
            (Json::Object(_), _) => return None,
            (old, new) => *old = new,
        }
    }
    Some(())
}

fn zero(value: &Json) -> Json {
    match value {
        Json::Null => Json::Null,
        Json::Bool(_) => false.into(),
        Json::Number(_) => 0.into(),
        Json::String(_) => "".into(),
        Json::Array(_) => Json::Array(Vec::new()),
        Json::Object(object) => object.iter().map(|(key, value)| (key.clone(), zero(value))).collect(),
    }
}
