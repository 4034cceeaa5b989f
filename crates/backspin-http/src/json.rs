//! JSON bodies, read more strictly than serde_json does: a key given twice is an error.

use std::fmt;

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

/// The fields of a body.
pub type Object = Map<String, Value>;

/// Reads one JSON object, or `null` as an empty one, and nothing after it.
pub(crate) fn object(bytes: &[u8]) -> Option<Object> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let object = reader.deserialize_any(ObjectVisitor).ok()?;
    reader.end().ok().map(|()| object)
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_unit<E>(self) -> Result<Object, E> {
        Ok(Object::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        let mut object = Object::new();
        while let Some((key, value)) = map.next_entry::<String, Value>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom("a key is given twice"));
            }
            object.insert(key, value);
        }
        Ok(object)
    }
}
