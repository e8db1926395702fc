//! Real films for the tests, made by ffmpeg once in a process, and the way from one to the catalogue.

use std::collections::HashMap;
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::{Person, TestApp, text};

/// A second of moving colours with a tone, as MP4 (H.264, AAC), 128 by 72.
pub fn mp4() -> Vec<u8> {
    made(
        "mp4",
        &format!("{PICTURES} {SOUND} {H264} -c:a aac -movflags +faststart"),
    )
}

/// The same film with other bytes for every number: an MP4 may end with bytes that nobody reads.
pub fn mp4_number(number: u32) -> Vec<u8> {
    let mut film = mp4();
    film.extend_from_slice(&12_u32.to_be_bytes());
    film.extend_from_slice(b"free");
    film.extend_from_slice(&number.to_be_bytes());
    film
}

/// A second of moving colours as Matroska (H.264, Vorbis).
pub fn mkv() -> Vec<u8> {
    made("mkv", &format!("{PICTURES} {SOUND} {H264} -c:a libvorbis"))
}

/// A second of moving colours as WebM (VP8, Vorbis).
pub fn webm() -> Vec<u8> {
    made(
        "webm",
        &format!("{PICTURES} {SOUND} -c:v libvpx -deadline realtime -c:a libvorbis"),
    )
}

const PICTURES: &str = "-f lavfi -i testsrc=duration=1:size=128x72:rate=10";
const SOUND: &str = "-f lavfi -i sine=frequency=440:duration=1";
const H264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";

/// What ffmpeg writes with these arguments, as a file that ends with `.extension`.
pub fn made(extension: &str, arguments: &str) -> Vec<u8> {
    static MADE: OnceLock<Mutex<HashMap<String, Vec<u8>>>> = OnceLock::new();
    let made = MADE.get_or_init(Mutex::default);
    let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
    let key = format!("{extension} {arguments}");
    let bytes = made.entry(key).or_insert_with(|| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(format!("film.{extension}"));
        let status = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-fflags", "+bitexact"])
            .args(arguments.split_whitespace())
            .args(["-flags", "+bitexact"])
            .arg(&file)
            .status()
            .expect("these tests need ffmpeg: apt-get install ffmpeg");
        assert!(status.success(), "ffmpeg {arguments}");
        std::fs::read(file).unwrap()
    });
    bytes.clone()
}

impl Person {
    /// Uploads a whole file for a film and returns the upload's id.
    pub async fn upload(&self, file_name: &str, bytes: &[u8]) -> String {
        let said = format!(
            "filename {},purpose {}",
            STANDARD.encode(file_name),
            STANDARD.encode("movie")
        );
        let mut creation = self
            .request(Method::POST, "/uploads")
            .header("Tus-Resumable", "1.0.0")
            .header("Upload-Length", bytes.len())
            .header("Upload-Metadata", said);
        if !bytes.is_empty() {
            creation = creation
                .header("Content-Type", "application/offset+octet-stream")
                .body(bytes.to_vec());
        }
        let answer = creation.send().await.unwrap();
        assert_eq!(answer.status(), 201, "{:?}", answer.text().await);
        let address = answer.headers()["location"].to_str().unwrap();
        address.rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// Uploads a file and asks for it to be published; `said` is added to the upload's id, a title and a price of 0.
    pub async fn publish(&self, file_name: &str, bytes: &[u8], said: Value) -> Response {
        let upload = self.upload(file_name, bytes).await;
        let mut body = json!({"upload_id": upload, "title": file_name, "price": 0});
        let fields = said.as_object().cloned().unwrap_or_default();
        body.as_object_mut().unwrap().extend(fields);
        self.post("/movies", body).await
    }
}

impl TestApp {
    /// Publishes a film of its own for every title, and returns it as the API shows it.
    pub async fn publish_film(&self, admin: &Person, title: &str, price: i64) -> Value {
        let number = title.bytes().fold(7_u32, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(byte.into())
        });
        let said = json!({"title": title, "price": price});
        let answer = admin.publish("film.mp4", &mp4_number(number), said).await;
        assert_eq!(answer.status(), 201);
        answer.json().await.unwrap()
    }

    /// Waits until no job is waiting for now or running.
    pub async fn jobs_done(&self, admin: &Person) {
        let begun = Instant::now();
        loop {
            self.app().jobs.wake();
            let now = self.clock.now().and_utc().to_rfc3339();
            let jobs = admin.get_json("/admin/jobs?limit=200").await;
            let is_open = |job: &Value| match job["state"].as_str() {
                Some("running") => true,
                Some("waiting") => text(&job["run_at"]) <= now,
                _ => false,
            };
            if !jobs["items"].as_array().unwrap().iter().any(is_open) {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{jobs}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A film that a telephone recorded upright: 128 by 72, to be shown turned by a quarter. The matrix in the first track
/// header is written over, because not every ffmpeg can set it.
pub fn turned() -> Vec<u8> {
    let matrix = |numbers: [i32; 9]| numbers.map(i32::to_be_bytes).concat();
    let one = 1 << 16;
    let upright = matrix([one, 0, 0, 0, one, 0, 0, 0, 1 << 30]);
    let mut film = mp4();
    let track = film.windows(4).position(|it| it == b"tkhd").unwrap();
    let at = track
        + film[track..]
            .windows(36)
            .position(|it| it == upright)
            .unwrap();
    film[at..at + 36].copy_from_slice(&matrix([0, one, 0, -one, 0, 0, 0, 0, 1 << 30]));
    film
}

/// A song whose only picture is its cover.
pub fn song_with_cover() -> Vec<u8> {
    let cover = "-f lavfi -i color=red:size=64x64:duration=0.04:rate=25";
    made(
        "m4a",
        &format!(
            "{SOUND} {cover} -map 0 -map 1 -frames:v 1 -c:v mjpeg -disposition:v attached_pic"
        ),
    )
}

/// SHA-256 in hexadecimal, by the system's own tool.
pub fn sha256(bytes: &[u8]) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
    let said = Command::new("sha256sum").arg(file.path()).output().unwrap();
    String::from_utf8(said.stdout)
        .unwrap()
        .split(' ')
        .next()
        .unwrap_or_default()
        .to_owned()
}
