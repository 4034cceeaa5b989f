//! Places: an object of degrees, or the same as JSON in a text. What is no number counts as 0.

use backspin_core::{FieldError, Value};
use serde_json::{Map, Value as Json, json};

use super::required;
use crate::field::{Field, number_json};

pub(super) fn to_stored(field: &Field, input: &Json) -> Result<Value, FieldError> {
    let (lon, lat) = match input {
        Json::Object(point) => from_object(point),
        Json::String(text) => serde_json::from_str(text).map_or((0.0, 0.0), |point| from_object(&point)),
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

/// A point is read up to the first value of the wrong type.
fn from_object(point: &Map<String, Json>) -> (f64, f64) {
    let (mut lon, mut lat) = (0.0, 0.0);
    for (name, value) in point {
        let degrees = match name.as_str() {
            "lon" => &mut lon,
            "lat" => &mut lat,
            _ => continue,
        };
        match value {
            Json::Null => {}
            Json::Number(number) => *degrees = number.as_f64().unwrap_or(0.0),
            _ => break,
        }
    }
    (lon, lat)
}
