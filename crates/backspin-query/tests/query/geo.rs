//! `geoDistance` against the haversine in 64-bit floating point with the platform's functions.

use proptest::prelude::*;

use crate::blog::{Blog, Case};

/// The distance that the SQL of a filter computes.
fn distance(blog: &Blog, [lon_a, lat_a, lon_b, lat_b]: [f64; 4]) -> f64 {
    let filter = format!("geoDistance({lon_a}, {lat_a}, {lon_b}, {lat_b}) = 0");
    let (sql, values) =
        blog.statement(&Case { filter: Some(&filter), ..Case::default() }).expect("a statement");
    let (_, comparison) = sql.split_once(" WHERE ").expect("a filter");
    let (expression, _) = comparison.rsplit_once(" IS ").expect("a comparison");
    // The bound of the comparison is the last parameter and stays unused.
    let sql = format!("SELECT {expression}, ?{}", values.len());
    let values = rusqlite::params_from_iter(values.into_iter().map(crate::blog::to_sql));
    blog.database.query_row(&sql, values, |row| row.get(0)).expect("a distance")
}

/// By the chord between the points, as a check of another make.
fn expected([lon_a, lat_a, lon_b, lat_b]: [f64; 4]) -> f64 {
    let vector = |lon: f64, lat: f64| {
        let (lon, lat) = (lon.to_radians(), lat.to_radians());
        [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
    };
    let (a, b) = (vector(lon_a, lat_a), vector(lon_b, lat_b));
    let length = |v: [f64; 3]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
    let difference = length([a[0] - b[0], a[1] - b[1], a[2] - b[2]]);
    let sum = length([a[0] + b[0], a[1] + b[1], a[2] + b[2]]);
    2.0 * 6371.0 * difference.atan2(sum)
}

fn check(blog: &Blog, points: [f64; 4]) {
    let (found, expected) = (distance(blog, points), expected(points));
    // The check itself is exact to some 1e-15 of Earth's radius, about 10 nanometres.
    assert!((found - expected).abs() <= 1e-9 * expected + 1e-11, "{points:?}: {found} and not {expected}");
}

/// Whether a record in the one place is found around the other, within a distance.
fn is_within(blog: &Blog, [lon_a, lat_a, lon_b, lat_b]: [f64; 4], distance: f64) -> bool {
    let place = format!(r#"{{"lon":{lon_a},"lat":{lat_a}}}"#);
    blog.database.execute("UPDATE posts SET geo = ?1 WHERE id = 'p1'", [place]).expect("an update");
    let filter = format!("id = 'p1' && geoDistance(geo.lon, geo.lat, {lon_b}, {lat_b}) <= {distance}");
    let swapped = format!("id = 'p1' && {distance} >= geoDistance({lon_b}, {lat_b}, geo.lon, geo.lat)");
    let [found, same] = [filter, swapped]
        .map(|filter| !blog.run_both(&Case { filter: Some(&filter), ..Case::default() }).is_empty());
    assert_eq!(found, same);
    found
}

#[test]
fn special_places_are_exact() {
    let blog = Blog::new();
    for points in [
        [0.0, 0.0, 0.0, 0.0],
        [10.0, 20.0, 10.0, 20.0],
        [0.0, 90.0, 0.0, -90.0],
        [0.0, 0.0, 180.0, 0.0],
        [-180.0, 45.0, 180.0, 45.0],
        [179.999999, 1.0, -179.999999, 1.0],
        [10.0, 50.0, -170.0, -50.000001],
        [23.32, 42.69, 23.320001, 42.690001],
        [5.0, 89.9999999, -175.0, 89.9999999],
        [0.0, 0.0, 90.0, 0.0],
        [400.0, 100.0, -1000.0, 271.5],
    ] {
        check(&blog, points);
    }
    assert_eq!(distance(&blog, [10.0, 20.0, 10.0, 20.0]), 0.0);
    assert!(is_within(&blog, [10.0, 20.0, 10.0, 20.0], 0.0));
    assert!(!is_within(&blog, [10.0, 20.0, 10.0, 20.0], -1.0));
    assert!(is_within(&blog, [0.0, 90.0, 0.0, -90.0], 20_016.0));
    assert!((distance(&blog, [0.0, 0.0, 90.0, 0.0]) - 6371.0 * std::f64::consts::FRAC_PI_2).abs() < 1e-11);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_two_places_are_exact(lon_a in -180.0..180.0, lat_a in -90.0..90.0, lon_b in -180.0..180.0, lat_b in -90.0..90.0) {
        check(&Blog::new(), [lon_a, lat_a, lon_b, lat_b]);
    }

    #[test]
    fn a_circle_holds_what_is_nearer_than_its_radius(
        lon_a in -180.0..180.0, lat_a in -90.0..90.0, lon_b in -180.0..180.0, lat_b in -90.0..90.0, near in any::<bool>()
    ) {
        let blog = Blog::new();
        let points = if near { [lon_a, lat_a, lon_a + lon_b / 1e6, lat_a + lat_b / 1e6] } else { [lon_a, lat_a, lon_b, lat_b] };
        let distance = expected(points);
        prop_assert!(is_within(&blog, points, distance * (1.0 + 1e-9) + 1e-9));
        prop_assert!(!is_within(&blog, points, distance * (1.0 - 1e-9) - 1e-9));
    }

    #[test]
    fn near_places_are_exact(lon in -180.0..180.0, lat in -89.0..89.0, east in -1e-3..1e-3, north in -1e-3..1e-3) {
        check(&Blog::new(), [lon, lat, lon + east, lat + north]);
    }
}
