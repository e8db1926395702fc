//! Times: read with or without an offset, shown in UTC.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// Reads `2026-12-24T20:00:00+01:00`, or without an offset, in UTC, `2026-12-24 20:00` and
/// `2026-12-24`.
pub fn parse(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.to_utc());
    }
    for format in [
        "%Y-%m-%d %H:%M",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%dT%H:%M:%S",
    ] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
            return Ok(time.and_utc());
        }
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    date.and_then(|date| date.and_hms_opt(0, 0, 0))
        .map(|time| time.and_utc())
        .ok_or_else(|| {
            "write it like 2026-12-24, \"2026-12-24 20:00\" (UTC) or 2026-12-24T20:00:00+01:00"
                .to_owned()
        })
}

/// `2026-12-24 20:00`, in UTC.
pub fn show(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M").to_string()
}

/// The same, or a dash.
pub fn show_or_dash(time: Option<DateTime<Utc>>) -> String {
    time.map_or_else(|| "-".to_owned(), show)
}

/// Now.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the command line reads the clock"
)]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_and_without_an_offset() {
        for (text, utc) in [
            ("2026-12-24T20:00:00+01:00", "2026-12-24 19:00"),
            ("2026-12-24T20:00:00Z", "2026-12-24 20:00"),
            ("2026-12-24T20:00", "2026-12-24 20:00"),
            ("2026-12-24 20:00", "2026-12-24 20:00"),
            ("2026-12-24", "2026-12-24 00:00"),
        ] {
            assert_eq!(show(parse(text).unwrap()), utc, "{text}");
        }
    }

    #[test]
    fn other_times_are_refused() {
        for text in [
            "",
            "tomorrow",
            "24.12.2026",
            "2026-13-01",
            "2026-02-30",
            "20:00",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
