//! `geoDistance` with nothing but arithmetic, because SQLite as Spin builds it has no `sin` or `acos`.
//!
//! The distance on a sphere of 6371 km is `2R·atan(√(h/g))`, with
//! `h = sin²(Δφ/2) + cos φ₁·cos φ₂·sin²(Δλ/2)` (the haversine) and
//! `g = 1 − h = sin²(φm) + cos φ₁·cos φ₂·cos²(Δλ/2)`, `φm` the mean latitude. Neither sum cancels, so it
//! is exact to about 1e-15 of itself from metres to antipodes; PocketBase's `acos` is not for short
//! distances, so there the two differ by what PocketBase is off.
//!
//! Angles are brought into ±90° while still in degrees, where that is exact, and `sin` is its Taylor
//! series there; `√` is a first guess and four steps of Heron's method; `atan` is its Taylor series
//! around the nearest eighth. Each stage is a `SELECT` of its own with a `LIMIT`, which keeps SQLite from
//! merging them and computing everything many times over.

use std::f64::consts::{FRAC_PI_2, PI};

const EARTH_RADIUS_KM: f64 = 6371.0;
/// In radians.
const DEGREE: f64 = PI / 180.0;
const HALF_DEGREE: f64 = PI / 360.0;
/// Terms of the series of the sine: the next one is below 2e-18 at 90°.
const SINE_TERMS: i32 = 11;
/// Terms of the series of the squared sine: the next one is below 1e-18 at 90°.
const SQUARED_SINE_TERMS: i32 = 15;
/// Terms of the series of the arc tangent: the next one is below 1e-18 at 1/16.
const ARC_TANGENT_TERMS: i32 = 7;
/// The square root is brought into one of so many ranges, each 16 times the one before. Below the last,
/// distances are under a nanometre and count as 0.
const ROOT_RANGES: i32 = 26;

/// The distance in km between two points as a scalar subquery. `degrees` are SQL expressions: longitude
/// and latitude of the first point, then of the second. Null if one of them is no number.
pub(crate) fn distance_sql(degrees: [&str; 4]) -> String {
    let [lon_a, lat_a, lon_b, lat_b] = degrees;
    let given = format!("SELECT {lon_a} AS x1, {lat_a} AS y1, {lon_b} AS x2, {lat_b} AS y2 LIMIT 1");
    let [lon_a, lat_a, lon_b, lat_b] = ["x1", "y1", "x2", "y2"].map(number_sql);
    let points =
        format!("SELECT {lon_a} AS x1, {lat_a} AS y1, {lon_b} AS x2, {lat_b} AS y2 FROM ({given}) LIMIT 1");
    // sin² has a period of 180°, cos one of 360°.
    let half_turn = |angle: &str| format!("({angle}) - 180.0 * round(({angle}) / 180.0)");
    let full_turn = |angle: &str| format!("({angle}) - 360.0 * round(({angle}) / 360.0)");
    let angles = format!(
        "SELECT {} AS a, {} AS m, 90.0 - abs({}) AS c1, 90.0 - abs({}) AS c2, {} AS o FROM ({points}) LIMIT 1",
        half_turn("(y1 - y2) / 2.0"),
        half_turn("(y1 + y2) / 2.0"),
        full_turn("y1"),
        full_turn("y2"),
        half_turn("(x1 - x2) / 2.0"),
    );
    let radians = format!(
        "SELECT a * {DEGREE:e} AS a, m * {DEGREE:e} AS m, c1 * {DEGREE:e} AS c1, c2 * {DEGREE:e} AS c2, \
         o * {DEGREE:e} AS o, (90.0 - abs(o)) * {DEGREE:e} AS p FROM ({angles}) LIMIT 1"
    );
    let sines = format!(
        "SELECT {} AS a, {} AS m, {} * {} AS c, {} AS o, {} AS p FROM ({radians}) LIMIT 1",
        sine_sql("a"),
        sine_sql("m"),
        sine_sql("c1"),
        sine_sql("c2"),
        sine_sql("o"),
        sine_sql("p"),
    );
    let sums = format!(
        "SELECT max(0.0, a * a + c * o * o) AS h, max(0.0, m * m + c * p * p) AS g FROM ({sines}) LIMIT 1"
    );
    let ratio =
        format!("SELECT h > g AS far, CASE WHEN h > g THEN g / h ELSE h / g END AS u FROM ({sums}) LIMIT 1");
    let scaled = format!("SELECT far, u, {} AS s FROM ({ratio}) LIMIT 1", scale_sql(0, ROOT_RANGES));
    // On 1 to 16 the first guess is off by at most a ninth.
    let mut root =
        format!("SELECT far, s, u * s * s AS v, (u * s * s + 4.0) / 4.5 AS r FROM ({scaled}) LIMIT 1");
    for _ in 0..4 {
        root = format!("SELECT far, s, v, (r + v / r) / 2.0 AS r FROM ({root}) LIMIT 1");
    }
    let tangent = format!("SELECT far, CASE WHEN s > 0.0 THEN r / s ELSE v END AS t FROM ({root}) LIMIT 1");
    let eighth = format!("SELECT far, t, round(t * 8.0) / 8.0 AS e FROM ({tangent}) LIMIT 1");
    let rest = format!("SELECT far, e, (t - e) / (1.0 + t * e) AS t FROM ({eighth}) LIMIT 1");
    let angle =
        format!("SELECT far, {} + {} AS q FROM ({rest}) LIMIT 1", eighths_sql("e"), arc_tangent_sql("t"));
    let (radius, right) = (2.0 * EARTH_RADIUS_KM, FRAC_PI_2);
    format!("(SELECT {radius:e} * (CASE WHEN far THEN {right:e} - q ELSE q END) FROM ({angle}) LIMIT 1)")
}

/// The haversine of the angle between two points, which grows with their distance, as a scalar
/// subquery: enough to compare a distance with a known one, whose haversine is [`haversine_of_km`].
/// `degrees` are as for [`distance_sql`]; the cosines of the latitudes, where known, are given.
pub(crate) fn haversine_sql(degrees: [&str; 4], cosines: [Option<&str>; 2]) -> String {
    let [lon_a, lat_a, lon_b, lat_b] = degrees;
    let given = format!("SELECT {lon_a} AS x1, {lat_a} AS y1, {lon_b} AS x2, {lat_b} AS y2 LIMIT 1");
    let typed = |name: &str, known: bool| if known { name.to_owned() } else { number_sql(name) };
    let points = format!(
        "SELECT {} AS x1, {} AS y1, {} AS x2, {} AS y2 FROM ({given}) LIMIT 1",
        number_sql("x1"),
        typed("y1", cosines[0].is_some()),
        number_sql("x2"),
        typed("y2", cosines[1].is_some()),
    );
    let half =
        |difference: &str| format!("({difference} - 360.0 * round({difference} / 360.0)) * {HALF_DEGREE:e}");
    let right = |lat: &str| format!("(90.0 - abs({lat} - 360.0 * round({lat} / 360.0))) * {DEGREE:e}");
    let radians = format!(
        "SELECT {} AS a, {} AS o, {} AS c1, {} AS c2 FROM ({points}) LIMIT 1",
        half("(y1 - y2)"),
        half("(x1 - x2)"),
        if cosines[0].is_some() { "1".to_owned() } else { right("y1") },
        if cosines[1].is_some() { "1".to_owned() } else { right("y2") },
    );
    let cosine = |known: Option<&str>, name: &str| known.map_or_else(|| sine_sql(name), str::to_owned);
    format!(
        "(SELECT {} + ({}) * ({}) * ({}) FROM ({radians}) LIMIT 1)",
        squared_sine_sql("a"),
        cosine(cosines[0], "c1"),
        cosine(cosines[1], "c2"),
        squared_sine_sql("o"),
    )
}

/// The haversine of a distance, in the order of distances also where they are none: below 0 and beyond
/// half the Earth's circumference.
pub(crate) fn haversine_of_km(distance: f64) -> f64 {
    if distance < 0.0 {
        -1.0
    } else if distance > PI * EARTH_RADIUS_KM {
        2.0
    } else {
        (distance / (2.0 * EARTH_RADIUS_KM)).sin().powi(2)
    }
}

/// A value as a real number: numbers and texts that look like one.
fn number_sql(value: &str) -> String {
    format!(
        "(CASE typeof({value}) WHEN 'real' THEN {value} WHEN 'integer' THEN 1.0 * {value} WHEN 'text' THEN \
         CASE WHEN json_valid({value}) AND json_type({value}) IN ('integer', 'real') THEN CAST({value} AS REAL) \
         END END)"
    )
}

/// The sine of a column in radians within ±π/2.
fn sine_sql(column: &str) -> String {
    let coefficients = (0..SINE_TERMS).map(|k| {
        let factorial: f64 = (1..=2 * k + 1).map(f64::from).product();
        (if k % 2 == 0 { 1.0 } else { -1.0 }) / factorial
    });
    odd_series_sql(column, coefficients)
}

/// The square of the sine of a column in radians within ±π/2: the sum of `−(−4x²)ᵏ / 2(2k)!`.
fn squared_sine_sql(column: &str) -> String {
    let coefficients = (1..=SQUARED_SINE_TERMS).map(|k| {
        let factorial: f64 = (1..=2 * k).map(f64::from).product();
        -(-4f64).powi(k) / (2.0 * factorial)
    });
    format!("{column} * ({})", odd_series_sql(column, coefficients))
}

/// The arc tangent of a column within ±1/16.
fn arc_tangent_sql(column: &str) -> String {
    odd_series_sql(
        column,
        (0..ARC_TANGENT_TERMS).map(|k| (if k % 2 == 0 { 1.0 } else { -1.0 }) / f64::from(2 * k + 1)),
    )
}

/// `x·(c₀ + x²·(c₁ + x²·(…)))`
fn odd_series_sql(column: &str, coefficients: impl DoubleEndedIterator<Item = f64>) -> String {
    let inner = coefficients.rev().fold(String::new(), |inner, coefficient| match inner.as_str() {
        "" => format!("{coefficient:e}"),
        inner => format!("({coefficient:e} + {column} * {column} * {inner})"),
    });
    format!("{column} * {inner}")
}

/// The arc tangent of a column that is a multiple of 1/8 up to 1.
fn eighths_sql(column: &str) -> String {
    let cases: String = (1..=8)
        .map(|k| format!(" WHEN {:?} THEN {:e}", f64::from(k) / 8.0, (f64::from(k) / 8.0).atan()))
        .collect();
    format!("(CASE {column} WHEN 0.0 THEN 0.0{cases} END)")
}

/// The power of 4 whose square brings column `u` to between 1 and 16; 0 if `u` is too small.
fn scale_sql(from: i32, to: i32) -> String {
    if from == to {
        return if from == ROOT_RANGES { "0.0".to_owned() } else { format!("{:e}", 4f64.powi(from)) };
    }
    let middle = (from + to) / 2;
    let above = format!("u >= {:e}", 16f64.powi(-middle));
    format!("CASE WHEN {above} THEN {} ELSE {} END", scale_sql(from, middle), scale_sql(middle + 1, to))
}
