//! What a receiver asks for that has too much to do: `Retry-After`, in seconds or as a date (RFC 9110, section 10.2.3).

use std::time::SystemTime;

use actix_web::http::header::HttpDate;
use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::Time;

/// Nobody is left alone for longer, whatever they ask for.
const LONGEST: TimeDelta = TimeDelta::days(1);

/// For how long a receiver is left alone; nothing when what it says cannot be read, or has passed.
pub(super) fn pause(said: &str, now: Time) -> Option<TimeDelta> {
    let said = said.trim();
    let asked = match said.bytes().all(|it| it.is_ascii_digit()) {
        // More digits than a number has are long, too.
        true if !said.is_empty() => said.parse().map_or(LONGEST, seconds),
        _ => until(said)? - now,
    };
    (asked > TimeDelta::zero()).then(|| asked.min(LONGEST))
}

fn seconds(count: u32) -> TimeDelta {
    TimeDelta::seconds(count.into())
}

fn until(date: &str) -> Option<Time> {
    let date: HttpDate = date.parse().ok()?;
    Some(DateTime::<Utc>::from(SystemTime::from(date)).naive_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sun, 06 Nov 1994 08:49:37 GMT
    fn now() -> Time {
        DateTime::from_timestamp(784_111_777, 0)
            .unwrap()
            .naive_utc()
    }

    #[test]
    fn seconds_and_dates_are_read_and_bounded() {
        let day = 86_400;
        for (said, expected) in [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("86400", Some(day)),
            ("86401", Some(day)),
            ("99999999999999999999999999", Some(day)),
            // The three forms of a date.
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
            ("Sun Nov  6 08:50:37 1994", Some(60)),
            ("Wed, 01 Jan 2098 00:00:00 GMT", Some(day)),
        ] {
            let found = pause(said, now()).map(|it| it.num_seconds());
            assert_eq!(found, expected, "{said}");
        }
    }

    #[test]
    fn what_has_passed_or_cannot_be_read_is_nothing() {
        for said in [
            "",
            " ",
            "0",
            "-5",
            "+5",
            "1.5",
            "1e3",
            "soon",
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:36 GMT",
            "1994-11-06T08:50:37Z",
            "Sun, 99 Nov 1994 08:50:37 GMT",
        ] {
            assert_eq!(pause(said, now()), None, "{said}");
        }
    }
}
