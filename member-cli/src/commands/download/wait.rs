//! The wait before a free film, counted down.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget};
use playhouse_api::downloads::Ticket;
use playhouse_cli_support::{Session, when};

const STEP: Duration = Duration::from_millis(200);

/// Sleeps until the server lets the ticket be used. A ticket of an earlier call has waited
/// meanwhile; a clock that is wrong makes it no longer than the server said.
pub(super) async fn until_available(session: &Session, ticket: &Ticket) {
    let longest = Duration::from_secs(u64::try_from(ticket.wait_seconds).unwrap_or(0));
    let left = (ticket.available_at - when::now()).to_std();
    let left = left.unwrap_or(Duration::ZERO).min(longest);
    if !left.is_zero() {
        count_down(session, left).await;
    }
}

async fn count_down(session: &Session, left: Duration) {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if session.quiet {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    } else if bar.is_hidden() {
        eprintln!("The download begins in {} s.", seconds(left));
    }
    let end = Instant::now() + left;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        bar.set_message(format!("The download begins in {} s.", seconds(left)));
        bar.tick();
        tokio::time::sleep(left.min(STEP)).await;
    }
    bar.finish_and_clear();
}

/// Whole seconds, rounded up: nothing begins "in 0 s".
fn seconds(left: Duration) -> u64 {
    left.as_millis()
        .div_ceil(1000)
        .try_into()
        .unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_rounded_up() {
        for (millis, shown) in [(1, 1), (1000, 1), (1001, 2), (29_999, 30)] {
            assert_eq!(seconds(Duration::from_millis(millis)), shown, "{millis}");
        }
    }
}
