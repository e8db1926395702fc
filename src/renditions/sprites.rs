//! Sheets of small pictures, which a player shows while one looks for a place, and the WebVTT that maps times to them.

use std::fmt::Write as _;

use super::making::{Scratch, Share, Trouble, named};
use super::model::Error;
use super::pipeline::{inside, subject};
use super::service::Renditions;
use super::store;
use crate::encoding::arguments::{self, Sheets};
use crate::encoding::{Source, VideoStream};
use crate::ids::MovieId;
use crate::jobs::{Failure, Outcome, Task};

pub(super) const KIND: &str = "sprites";

/// The longer side of a picture.
const SIDE: i32 = 160;

/// Pictures of a film, about; there are fewer of a short one.
const MOST: i64 = 250;

/// Pictures in a row of a sheet, and rows.
const GRID: i64 = 10;

/// Bytes of a sheet.
const SHEET_BYTES: u64 = 16 << 20;

impl Renditions {
    /// The handler of [`KIND`].
    pub(super) async fn make_sprites(self, task: Task) -> Result<Outcome, Failure> {
        let movie = subject(&task)?;
        match self.sprites(&task, &movie).await {
            Ok(()) | Err(Trouble::Gone) => Ok(Outcome::Done),
            Err(trouble) => Err(trouble.into()),
        }
    }

    async fn sprites(&self, task: &Task, movie: &MovieId) -> Result<(), Trouble> {
        let (file, source) = self.source(movie).await?;
        let sheets = sheets_for(&source);
        let scratch = Scratch::make(&self.work, task)?;
        let folder = inside(scratch.path(), KIND)?;
        let video = &source.video;
        let encoder = self.encoder_for(video.light, task).await;
        let arguments = arguments::sprites(file.path(), video, &sheets, &encoder, &folder);
        let limits = self.limits(source.duration_ms, SHEET_BYTES);
        self.run(task, arguments, limits, Share::WHOLE, source.duration_ms)
            .await?;
        let mut made = 0;
        for number in 0..count_of(&sheets, source.duration_ms).1 {
            let name = format!("sprites-{number}.jpg");
            let path = folder.join(&name);
            if !tokio::fs::try_exists(&path).await? {
                break;
            }
            self.keep_file(named(path).await?, movie, name, "image/jpeg")
                .await?;
            made += 1;
        }
        if made == 0 {
            return Err(Trouble::Broken("no picture came of it".to_owned()));
        }
        let vtt = vtt(&sheets, source.duration_ms, made);
        let movie = movie.clone();
        let noted = self
            .db
            .write::<_, Error, _>(move |conn| Ok(store::set_sprites(conn, &movie, &vtt)?));
        Ok(noted.await?)
    }
}

fn sheets_for(source: &Source) -> Sheets {
    let (width, height) = small(&source.video);
    // Whole half seconds, at least one.
    let every_ms = parts((source.duration_ms / MOST).max(1000), 500) * 500;
    let count = parts(source.duration_ms, every_ms).max(1);
    let number = |it: i64| i32::try_from(it).unwrap_or(1).max(1);
    Sheets {
        every_ms,
        width,
        height,
        columns: number(count.min(GRID)),
        rows: number(parts(count, GRID).min(GRID)),
    }
}

/// The size of a picture: the same shape, even sides.
fn small(video: &VideoStream) -> (i32, i32) {
    let (width, height) = (video.width.max(1), video.height.max(1));
    let longer = width.max(height);
    let scaled = |side: i32| {
        let exact = i64::from(side) * i64::from(SIDE) / i64::from(longer);
        (i32::try_from(exact).unwrap_or(SIDE) & !1).max(2)
    };
    (scaled(width), scaled(height))
}

/// How many pictures, and on how many sheets.
fn count_of(sheets: &Sheets, duration_ms: i64) -> (i64, i64) {
    let count = parts(duration_ms, sheets.every_ms).max(1);
    let on_one = i64::from(sheets.columns) * i64::from(sheets.rows);
    (count, parts(count, on_one))
}

fn vtt(sheets: &Sheets, duration_ms: i64, made: i64) -> String {
    let on_one = i64::from(sheets.columns) * i64::from(sheets.rows);
    let count = count_of(sheets, duration_ms).0.min(made * on_one);
    let mut text = "WEBVTT\n".to_owned();
    for number in 0..count {
        let place = number % on_one;
        let columns = i64::from(sheets.columns);
        let (x, y) = (
            place % columns * i64::from(sheets.width),
            place / columns * i64::from(sheets.height),
        );
        let from = number * sheets.every_ms;
        let to = match number + 1 == count {
            true => duration_ms.max(from + 1),
            false => from + sheets.every_ms,
        };
        // Writing to a text does not fail.
        let _ = write!(
            text,
            "\n{} --> {}\nsprites-{}.jpg#xywh={x},{y},{},{}\n",
            super::vtt::moment(from),
            super::vtt::moment(to),
            number / on_one,
            sheets.width,
            sheets.height
        );
    }
    text
}

/// Division of numbers that are not negative, rounded up.
fn parts(whole: i64, by: i64) -> i64 {
    (whole + by - 1) / by.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheets(duration_ms: i64, width: i32, height: i32) -> Sheets {
        let mut source: Source = crate::encoding::plan::sample();
        (source.video.width, source.video.height) = (width, height);
        source.duration_ms = duration_ms;
        sheets_for(&source)
    }

    #[test]
    fn pictures_keep_the_shape_and_their_number_is_bounded() {
        let hour = sheets(3_600_000, 1920, 1080);
        assert_eq!((hour.every_ms, hour.width, hour.height), (14_500, 160, 90));
        assert_eq!(count_of(&hour, 3_600_000), (249, 3));
        let upright = sheets(10_000, 1080, 1920);
        assert_eq!((upright.width, upright.height), (90, 160));
        assert_eq!(
            (upright.every_ms, upright.columns, upright.rows),
            (1000, 10, 1)
        );
        assert_eq!(count_of(&sheets(700, 64, 64), 700), (1, 1));
    }

    #[test]
    fn every_moment_has_its_place() {
        let sheets = sheets(13_400, 1920, 1080);
        let text = vtt(&sheets, 13_400, 1);
        assert!(text.starts_with(
            "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nsprites-0.jpg#xywh=0,0,160,90\n"
        ));
        assert!(
            text.ends_with("00:00:13.000 --> 00:00:13.400\nsprites-0.jpg#xywh=480,90,160,90\n"),
            "{text}"
        );
    }
}
