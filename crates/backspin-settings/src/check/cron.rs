//! Times of the clock and the calendar, as the program cron writes them.

const NAMES: [&str; 7] = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
/// Minutes, hours, days of the month, months, days of the week.
const RANGES: [(u32, u32); 5] = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];

/// Errors: what is wrong with it.
pub(super) fn check(expression: &str) -> Result<(), &'static str> {
    if NAMES.contains(&expression) {
        return Ok(());
    }
    let segments: Vec<&str> = expression.split(' ').collect();
    if segments.len() != RANGES.len() {
        return Err(
            "Invalid cron expression - must be a valid macro or to have exactly 5 space separated segments.",
        );
    }
    segments.iter().zip(RANGES).try_for_each(|(segment, range)| check_segment(segment, range))
}

/// Several of `*`, `n` or `n-m`, each but a single number maybe with `/step`, and commas between.
fn check_segment(segment: &str, (min, max): (u32, u32)) -> Result<(), &'static str> {
    for part in segment.split(',') {
        let (values, step) = part.split_once('/').map_or((part, None), |(values, step)| (values, Some(step)));
        if let Some(step) = step {
            number(step, 1, max)?;
        }
        match values.split_once('-') {
            _ if values == "*" => {}
            None if step.is_some() => return Err("Invalid segment step - only * and ranges may have one."),
            None => {
                number(values, min, max)?;
            }
            Some((first, last)) if number(first, min, max)? > number(last, min, max)? => {
                return Err("Invalid segment range - it must not end before it begins.");
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn number(text: &str, min: u32, max: u32) -> Result<u32, &'static str> {
    match text.parse() {
        Ok(number) if (min..=max).contains(&number) => Ok(number),
        _ => Err("Invalid segment value - must be between the min and max of the segment."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_have_five_segments_or_a_name() {
        for expression in ["@daily", "0 0 * * *", "*/5 1-5 1,15 * 0", "0-30/10 * * 12 6"] {
            assert_eq!(check(expression), Ok(()), "{expression}");
        }
        for expression in
            ["", "x", "@never", "60 * * * *", "a * * * *", "* * 0 * *", "5-1 * * * *", "1/2 * * * *"]
        {
            assert!(check(expression).is_err(), "{expression}");
        }
    }
}
