//! What the parameters of password hashes may be: no less than OWASP recommends, and no more than an instance can do.

use backspin_core::{FieldError, FieldErrors};
use backspin_password::Hashing;
use serde_json::json;

/// The least memory, in KiB, for so many passes or more.
const LEAST_MEMORY_KIB: [(u32, u32); 5] = [(1, 47_104), (2, 19_456), (3, 12_288), (4, 9_216), (5, 7_168)];
/// An instance may have 128 MiB on the clouds.
const MEMORY_KIB_MAX: u32 = 65_536;
const ITERATIONS_MAX: u32 = 10;
const HASHES_AT_ONCE_MAX: u32 = 64;

pub(super) fn check(hashing: Hashing) -> FieldErrors {
    let Hashing { memory_kib, iterations, hashes_at_once } = hashing;
    let mut errors = FieldErrors::default();
    let fits = |(passes, _): &&(u32, u32)| *passes <= iterations.max(1);
    let memory_kib_min = LEAST_MEMORY_KIB.iter().rfind(fits).map_or(0, |(_, memory_kib)| *memory_kib);
    for (name, number, (min, max)) in [
        ("memoryKiB", memory_kib, (memory_kib_min, MEMORY_KIB_MAX)),
        ("iterations", iterations, (1, ITERATIONS_MAX)),
        ("hashesAtOnce", hashes_at_once, (1, HASHES_AT_ONCE_MAX)),
    ] {
        if number < min {
            let message = format!("Must be no less than {min}.");
            errors.add(name, refused("validation_min_greater_equal_than_required", message, min));
        } else if number > max {
            let message = format!("Must be no greater than {max}.");
            errors.add(name, refused("validation_max_less_equal_than_required", message, max));
        }
    }
    errors
}

fn refused(code: &str, message: String, threshold: u32) -> FieldError {
    FieldError::with_params(code, message, json!({ "threshold": threshold }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_refused(numbers: (u32, u32, u32), fields: &[&str]) {
        let (memory_kib, iterations, hashes_at_once) = numbers;
        let errors = check(Hashing { memory_kib, iterations, hashes_at_once });
        for field in ["memoryKiB", "iterations", "hashesAtOnce"] {
            assert_eq!(errors.get(field).is_some(), fields.contains(&field), "{field} of {numbers:?}");
        }
    }

    #[test]
    fn less_than_owasp_recommends_is_refused_and_so_is_what_no_instance_can_do() {
        for (memory_kib, iterations) in
            [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5), (7_168, 10)]
        {
            assert_refused((memory_kib, iterations, 1), &[]);
            assert_refused((memory_kib - 1, iterations, 64), &["memoryKiB"]);
        }
        assert_refused((65_536, 10, 2), &[]);
        assert_refused((65_537, 11, 65), &["memoryKiB", "iterations", "hashesAtOnce"]);
        assert_refused((0, 0, 0), &["memoryKiB", "iterations", "hashesAtOnce"]);
    }
}
