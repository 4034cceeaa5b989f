//! Places: an object of degrees, or the same as JSON in a text. What is no number counts as 0.

use backspin_core::{FieldError, Value};
use serde_json::{Map, Value as Json, json};

use super::required;
use crate::field::{Field, number_json};

pub(super) fn to_stored(field: &Field, input: &Json) -> Result<Value, FieldError> {
    let (lon, lat) = match input {
        Json::Object(point) => (degrees(point, "lon"), degrees(point, "lat")),
        Json::String(text) => from_text(text),
        _ => (0.0, 0.0),
    };
    if field.required && lon == 0.0 && lat == 0.0 {
        return Err(required());
    }
    if !(-90.0..=90.0).contains(&lat) {
        let message = "Latitude must be between -90 and 90 degrees.";
        return Err(FieldError::new("validation_invalid_latitude", message));
    }
    if !(-180.0..=180.0).contains(&lon) {
        let message = "Longitude must be between -180 and 180 degrees.";
        return Err(FieldError::new("validation_invalid_longitude", message));
    }
    Ok(json!({ "lon": number_json(lon), "lat": number_json(lat) }).to_string().into())
}

fn degrees(point: &Map<String, Json>, name: &str) -> f64 {
    point.get(name).and_then(Json::as_f64).unwrap_or(0.0)
}

/// A text is read up to the first value of the wrong type.
fn from_text(text: &str) -> (f64, f64) {
    let Ok(Json::Object(point)) = serde_json::from_str(text) else { return (0.0, 0.0) };
    let sound = |(name, value): &(&String, &Json)| {
        !matches!(name.as_str(), "lon" | "lat") || value.is_number() || value.is_null()
    };
    let point: Map<String, Json> =
        point.iter().take_while(sound).map(|(name, value)| (name.clone(), value.clone())).collect();
    (degrees(&point, "lon"), degrees(&point, "lat"))
}
