//! Makes a catalogue of any size, to measure with: rows as real as publishing makes them, without bytes behind them.

use chrono::TimeDelta;
use serde_json::json;

use super::model::{Error, MovieState};
use super::search;
use super::store::{self, NewRow};
use crate::blobs::{self, Blob};
use crate::clock::Time;
use crate::db::Db;
use crate::ids::{BlobId, MovieId};

/// Films in one transaction.
const BATCH: u64 = 1000;

const ADJECTIVES: [&str; 24] = [
    "Silent",
    "Golden",
    "Broken",
    "Hidden",
    "Last",
    "Crimson",
    "Distant",
    "Electric",
    "Forgotten",
    "Gentle",
    "Hollow",
    "Iron",
    "Lonely",
    "Midnight",
    "Northern",
    "Paper",
    "Quiet",
    "Restless",
    "Salt",
    "Tender",
    "Unspoken",
    "Velvet",
    "Wild",
    "Young",
];
const NOUNS: [&str; 32] = [
    "Harbour",
    "Winter",
    "Orchard",
    "Signal",
    "River",
    "Mirror",
    "Station",
    "Garden",
    "Letter",
    "Shadow",
    "Voyage",
    "Carnival",
    "Bridge",
    "Lantern",
    "Meadow",
    "Island",
    "Clock",
    "Stranger",
    "Horizon",
    "Kitchen",
    "Violin",
    "Desert",
    "Staircase",
    "Forest",
    "Telegram",
    "Window",
    "Mountain",
    "Circus",
    "Summer",
    "Archive",
    "Tide",
    "Train",
];
const CHINESE: [&str; 12] = [
    "春天的故事",
    "大海边的城市",
    "夜行列车",
    "老街",
    "山中来信",
    "电影院的灯光",
    "雨后的花园",
    "远方的河流",
    "最后一站",
    "星空之下",
    "父亲的手表",
    "小城之夏",
];
const CATEGORIES: [&str; 8] = [
    "Drama",
    "Comedy",
    "Documentary",
    "Animation",
    "Short",
    "Lecture",
    "Thriller",
    "纪录片",
];
const TAGS: [&str; 20] = [
    "noir",
    "family",
    "history",
    "music",
    "sea",
    "city",
    "night",
    "love",
    "war",
    "science",
    "nature",
    "sport",
    "food",
    "travel",
    "silent",
    "classic",
    "student",
    "award",
    "black and white",
    "独立电影",
];

/// A sequence of numbers that looks random and is the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        // splitmix64: good enough to shuffle titles with.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound.max(1)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let index = usize::try_from(self.below(from.len() as u64)).unwrap_or(0);
        from.get(index).copied().unwrap_or_default()
    }
}

/// Adds `count` films, listed a minute apart up to `now`, and calls `progress` after each batch with how many there are.
///
/// # Errors
/// When the database refuses.
pub async fn fill(db: &Db, now: Time, count: u64, progress: impl Fn(u64)) -> Result<(), Error> {
    let mut made = 0;
    let seed = now.and_utc().timestamp_micros().unsigned_abs();
    while made < count {
        let size = BATCH.min(count - made);
        let (films, bytes): (Vec<_>, Vec<_>) = (made..made + size)
            .map(|n| {
                film(
                    seed,
                    n,
                    now - TimeDelta::minutes(i64::try_from(count - n).unwrap_or(0)),
                )
            })
            .unzip();
        db.write_relaxed::<_, Error, _>(move |conn| {
            blobs::add_rows_in(conn, &bytes)?;
            Ok(store::insert(conn, &films)?)
        })
        .await?;
        made += size;
        progress(made);
    }
    Ok(())
}

fn film(seed: u64, number: u64, at: Time) -> (NewRow, Blob) {
    let mut dice = Dice(seed ^ number.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let (adjective, noun) = (dice.pick(&ADJECTIVES), dice.pick(&NOUNS));
    let title = match dice.below(5) {
        0 => format!("{} {number}", dice.pick(&CHINESE)),
        1 => format!("{noun} of the {adjective} {}", dice.pick(&NOUNS)),
        _ => format!("The {adjective} {noun} {number}"),
    };
    let description = format!(
        "A {} film about a {} and a {}, told over one {}.",
        adjective.to_lowercase(),
        noun.to_lowercase(),
        dice.pick(&NOUNS).to_lowercase(),
        dice.pick(&["night", "summer", "year", "journey", "lifetime"]),
    );
    let mut tags: Vec<&str> = (0..=dice.below(3)).map(|_| dice.pick(&TAGS)).collect();
    tags.sort_unstable();
    tags.dedup();
    let blob = Blob {
        id: BlobId::generate(),
        blake3: blake3::hash(&dice.roll().to_le_bytes())
            .to_hex()
            .to_string(),
        size: 1 << (20 + dice.below(12)),
        sha256: None,
        md5: None,
        created_at: at,
    };
    let is_free = dice.below(10) < 6;
    let row = NewRow {
        id: MovieId::generate(),
        sort_title: search::sort_key(&title),
        description,
        category: dice.pick(&CATEGORIES).to_owned(),
        tags: json!(tags).to_string(),
        price: if is_free {
            0
        } else {
            i64::try_from(100 + dice.below(20) * 50).unwrap_or(100)
        },
        state: MovieState::Published,
        publish_at: None,
        listed_at: at,
        place: at.and_utc().timestamp_micros(),
        duration_ms: i64::try_from(60_000 + dice.below(7_200_000)).unwrap_or(60_000),
        width: 1920,
        height: 1080,
        video_codec: "h264".to_owned(),
        audio_codec: Some("aac".to_owned()),
        content_type: "video/mp4".to_owned(),
        file_name: format!("film-{number}.mp4"),
        blob_id: blob.id.clone(),
        fingerprint: blake3::hash(title.as_bytes())
            .to_hex()
            .chars()
            .take(32)
            .collect(),
        popularity: i64::try_from(dice.below(10_000)).unwrap_or(0),
        created_by: "bench".to_owned(),
        created_at: at,
        updated_at: at,
        preview_seconds: 0,
        title,
    };
    (row, blob)
}
