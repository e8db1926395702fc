//! How far an upload has come: a bar on a terminal, a line for each tenth elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use console::truncate_str;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use playhouse_api::client::upload::{Observer, UploadEvent};

use crate::output::printable;

/// The name takes no more columns than this.
const NAME_WIDTH: usize = 28;
const TEMPLATE: &str = "{msg} {wide_bar} {percent:>3}% {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta} left";

/// One file's progress, on stderr.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    on_terminal: bool,
    lines: Option<Arc<Lines>>,
}

/// For a log: at most eleven lines.
#[derive(Debug)]
struct Lines {
    name: String,
    /// The tenth that was told last, and one.
    next: AtomicU64,
}

impl Progress {
    pub(super) fn new(name: &str, size: u64, quiet: bool) -> Self {
        let name = truncate_str(&printable(name), NAME_WIDTH, "…").into_owned();
        let on_terminal = !quiet && console::user_attended_stderr();
        if !on_terminal {
            let lines = Lines {
                name,
                next: AtomicU64::new(0),
            };
            return Self {
                bar: ProgressBar::hidden(),
                on_terminal: false,
                lines: (!quiet).then(|| Arc::new(lines)),
            };
        }
        // Hidden until it is known where the upload stands.
        let bar = ProgressBar::with_draw_target(Some(size), ProgressDrawTarget::hidden());
        bar.set_message(name);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.progress_chars("=> "));
        }
        Self {
            bar,
            on_terminal,
            lines: None,
        }
    }

    /// What the upload tells.
    pub(super) fn observer(&self) -> Observer {
        let (bar, lines, on_terminal) = (self.bar.clone(), self.lines.clone(), self.on_terminal);
        let total = AtomicU64::new(0);
        Arc::new(move |event| match event {
            UploadEvent::Opened { offset, size, .. } => {
                total.store(size, Ordering::Relaxed);
                bar.set_position(offset);
                // What an earlier call sent does not count for the speed.
                bar.reset_eta();
                bar.reset_elapsed();
                if on_terminal {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                }
                if let Some(lines) = lines.as_ref().filter(|_| offset > 0) {
                    lines.tell(offset, size);
                }
            }
            UploadEvent::Sent(at) => bar.set_position(at),
            UploadEvent::Acknowledged(at) => {
                bar.set_position(at);
                if let Some(lines) = &lines {
                    lines.tell(at, total.load(Ordering::Relaxed));
                }
            }
            UploadEvent::Retrying { pause, reason } => {
                let line = format!("{}; trying again in {pause:?}", printable(&reason));
                bar.suspend(|| eprintln!("{line}"));
            }
        })
    }

    /// Ends the bar: gone when it went well, left standing when not.
    pub(super) fn finish(&self, well: bool) {
        if well {
            self.bar.finish_and_clear();
        } else {
            self.bar.abandon();
        }
    }
}

impl Lines {
    fn tell(&self, at: u64, size: u64) {
        let tenth = tenths(at, size);
        if tenth >= self.next.load(Ordering::Relaxed) {
            self.next.store(tenth + 1, Ordering::Relaxed);
            eprintln!("{}: {}%", self.name, tenth * 10);
        }
    }
}

fn tenths(at: u64, size: u64) -> u64 {
    if size == 0 {
        10
    } else {
        (u128::from(at) * 10 / u128::from(size)) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenths_are_rounded_down() {
        assert_eq!(
            [0, 1, 99, 100, 999, 1000].map(|at| tenths(at, 1000)),
            [0, 0, 0, 1, 9, 10]
        );
        assert_eq!(tenths(u64::MAX, u64::MAX), 10);
        assert_eq!(tenths(0, 0), 10);
    }
}
