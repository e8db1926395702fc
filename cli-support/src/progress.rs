//! How far transfers have come: bars on a terminal, a line for each tenth elsewhere.
//!
//! A [`Board`] shows the transfers of one command: one bar for each file under way and, for
//! several files, one for all of them together. [`Progress`] is one file's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use console::truncate_str;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use playhouse_api::client::upload::{Observer, UploadEvent};

use crate::output::printable;

/// The name takes no more columns than this.
const NAME_WIDTH: usize = 28;
const TEMPLATE: &str = "{msg} {wide_bar} {percent:>3}% {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta} left";

/// The transfers of one command, on stderr.
#[derive(Clone, Debug)]
pub struct Board {
    bars: MultiProgress,
    total: Option<Progress>,
    on_terminal: bool,
    /// Each file tells its own tenths; with several files only the total does.
    tells_lines: bool,
}

/// One file's progress.
#[derive(Clone, Debug)]
pub struct Progress {
    bar: ProgressBar,
    bars: Option<MultiProgress>,
    lines: Option<Arc<Lines>>,
    /// What this one adds to, and how much of it is added already.
    total: Option<(Box<Progress>, Arc<AtomicU64>)>,
}

/// For a log: at most eleven lines.
#[derive(Debug)]
struct Lines {
    name: String,
    /// The tenth that was told last, and one.
    next: AtomicU64,
}

impl Board {
    /// For one file, or for files that come one at a time.
    pub fn new(quiet: bool) -> Self {
        let on_terminal = !quiet && console::user_attended_stderr();
        Self {
            bars: MultiProgress::with_draw_target(ProgressDrawTarget::stderr()),
            total: None,
            on_terminal,
            tells_lines: !quiet && !on_terminal,
        }
    }

    /// For so many files of so many bytes together.
    pub fn of_several(files: usize, bytes: u64, quiet: bool) -> Self {
        let mut board = Self::new(quiet);
        if files > 1 {
            let total = board.add(&format!("all {files} files"), bytes);
            total.begin(0, bytes);
            board.total = Some(total);
            board.tells_lines = false;
        }
        board
    }

    /// One more file. It is shown from [`Progress::begin`] on.
    pub fn add(&self, name: &str, size: u64) -> Progress {
        let name = truncate_str(&printable(name), NAME_WIDTH, "…").into_owned();
        let bar = ProgressBar::with_draw_target(Some(size), ProgressDrawTarget::hidden());
        bar.set_message(name.clone());
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.progress_chars("=> "));
        }
        let next = AtomicU64::new(0);
        let total = self.total.clone();
        Progress {
            bar,
            bars: self.on_terminal.then(|| self.bars.clone()),
            lines: self.tells_lines.then(|| Arc::new(Lines { name, next })),
            total: total.map(|total| (Box::new(total), Arc::default())),
        }
    }

    /// Writes a line to stderr, above the bars.
    pub fn say(&self, line: &str) {
        self.bars.suspend(|| eprintln!("{}", printable(line)));
    }

    /// Takes the bar of all files away.
    pub fn finish(&self) {
        if let Some(total) = &self.total {
            total.finish(true);
        }
    }
}

impl Progress {
    /// The transfer stands at `offset` of `size`; what an earlier call moved does not count for
    /// the speed.
    pub fn begin(&self, offset: u64, size: u64) {
        self.bar.set_length(size);
        self.bar.set_position(offset);
        self.bar.reset_eta();
        self.bar.reset_elapsed();
        if let Some(bars) = &self.bars {
            bars.insert_from_back(usize::from(self.total.is_some()), self.bar.clone());
        }
        if let Some(lines) = self.lines.as_ref().filter(|_| offset > 0) {
            lines.tell(offset, size);
        }
        self.add_to_total(offset);
    }

    /// So many bytes of the file are on their way.
    pub fn moved(&self, at: u64) {
        self.bar.set_position(at);
    }

    /// So many bytes of the file have arrived.
    pub fn arrived(&self, at: u64) {
        self.bar.set_position(at);
        if let Some(lines) = &self.lines {
            lines.tell(at, self.bar.length().unwrap_or(0));
        }
        self.add_to_total(at);
    }

    /// It did not work, and is tried again after the pause.
    pub fn retrying(&self, pause: Duration, reason: &str) {
        self.say(&format!("{}; trying again in {pause:?}", printable(reason)));
    }

    /// Writes a line to stderr, above the bars.
    pub fn say(&self, line: &str) {
        match &self.bars {
            Some(bars) => bars.suspend(|| eprintln!("{line}")),
            None => eprintln!("{line}"),
        }
    }

    /// Ends the bar: gone when it went well, left standing when not.
    pub fn finish(&self, well: bool) {
        if well {
            self.bar.finish_and_clear();
        } else {
            self.bar.abandon();
        }
    }

    /// What an upload tells.
    pub fn observer(&self) -> Observer {
        let progress = self.clone();
        Arc::new(move |event| match event {
            UploadEvent::Opened { offset, size, .. } => progress.begin(offset, size),
            UploadEvent::Sent(at) => progress.moved(at),
            UploadEvent::Acknowledged(at) => progress.arrived(at),
            UploadEvent::Retrying { pause, reason } => progress.retrying(pause, &reason),
        })
    }

    /// The total moves by what this file has gained since it was told last, never back.
    fn add_to_total(&self, at: u64) {
        let Some((total, told)) = &self.total else {
            return;
        };
        let before = told.fetch_max(at, Ordering::Relaxed);
        let sum = total.bar.position() + at.saturating_sub(before);
        total.bar.inc(at.saturating_sub(before));
        if let Some(lines) = &total.lines {
            lines.tell(sum, total.bar.length().unwrap_or(0));
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

    #[test]
    fn the_total_is_the_sum_of_the_files_and_never_moves_back() {
        let board = Board::of_several(2, 30, true);
        let (one, two) = (board.add("a", 10), board.add("b", 20));
        one.begin(4, 10);
        two.begin(0, 20);
        for at in [8, 6, 10] {
            one.arrived(at);
        }
        two.arrived(20);
        let total = board.total.as_ref().map(|it| it.bar.position());
        assert_eq!(total, Some(30));
    }
}
