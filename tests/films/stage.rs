//! A house that makes renditions, and how the tests look at them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use playhouse_test_support::films::made;
use playhouse_test_support::{Person, TestApp, text};
use serde_json::{Value, json};

/// Colours and a tone that beeps, for so many seconds.
pub(crate) fn source(seconds: &str, size: &str) -> String {
    format!(
        "-f lavfi -i testsrc2=duration={seconds}:size={size}:rate=25 -f lavfi -i sine=frequency=440:beep_factor=4:duration={seconds}"
    )
}

/// H.264 and AAC in MP4 with a key picture each second, which is copied and not encoded.
pub(crate) async fn mp4(seconds: &str, size: &str) -> Vec<u8> {
    let how = "-c:v libx264 -preset ultrafast -b:v 350k -maxrate 500k -bufsize 250k -profile:v main -g 25 -pix_fmt yuv420p -c:a aac -ac 2 -ar 48000";
    let source = source(seconds, size);
    made_aside("mp4", &format!("{source} {how} -movflags +faststart")).await
}

/// What ffmpeg writes, made aside: the connections of the test must not be left alone meanwhile.
pub(crate) async fn made_aside(extension: &'static str, arguments: &str) -> Vec<u8> {
    let arguments = arguments.to_owned();
    let made = tokio::task::spawn_blocking(move || made(extension, &arguments));
    made.await.unwrap()
}

/// A house with an encoder; the fastest, for what is looked at is not the picture.
pub(crate) async fn house() -> TestApp {
    house_with(|_| {}).await
}

pub(crate) async fn house_with(change: impl FnOnce(&mut playhouse::config::Config)) -> TestApp {
    TestApp::start_with(|config| {
        config.films.transcode = true;
        config.films.preset = "ultrafast".to_owned();
        config.films.threads = 1;
        config.films.streams = 50;
        change(config);
    })
    .await
}

/// Publishes a film and waits until everything is made of it.
pub(crate) async fn publish(app: &TestApp, admin: &Person, name: &str, bytes: &[u8]) -> Value {
    let film = begin(admin, name, bytes, json!({})).await;
    finished(app, admin).await;
    admin.get_json(&path_of(&film)).await
}

pub(crate) async fn begin(admin: &Person, name: &str, bytes: &[u8], said: Value) -> Value {
    let answer = admin.publish(name, bytes, said).await;
    assert_eq!(answer.status(), 201, "{:?}", answer.text().await);
    answer.json().await.unwrap()
}

pub(crate) fn path_of(film: &Value) -> String {
    format!("/movies/{}", text(&film["id"]))
}

/// Waits until no job about a film is open; those of bytes may be.
pub(crate) async fn finished(app: &TestApp, admin: &Person) {
    let begun = Instant::now();
    loop {
        app.app().jobs.wake();
        let jobs = admin.get_json("/admin/jobs?limit=200").await;
        let now = app.clock.now().and_utc().to_rfc3339();
        let is_open = |job: &Value| match text(&job["state"]).as_str() {
            "running" => true,
            "waiting" => text(&job["run_at"]) <= now,
            _ => false,
        };
        if !jobs["items"].as_array().unwrap().iter().any(is_open) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(150), "{jobs:#}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A job of a film by its kind, and its payload if it has one.
pub(crate) async fn job(admin: &Person, kind: &str) -> Value {
    let jobs = admin.get_json(&format!("/admin/jobs?kind={kind}")).await;
    let id = text(&jobs["items"][0]["id"]);
    assert!(!id.is_empty(), "no job of the kind {kind}: {jobs}");
    admin.get_json(&format!("/admin/jobs/{id}")).await
}

/// The adaptive stream of a film, fetched whole into a folder as a player sees it.
pub(crate) struct Stream {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) names: Vec<String>,
}

impl Stream {
    pub(crate) async fn fetch(who: &Person, film: &Value) -> Stream {
        let playback = who
            .get_json(&format!("{}/playback?preview=true", path_of(film)))
            .await;
        let first = &playback["sources"][0];
        assert_eq!(first["type"], "application/vnd.apple.mpegurl", "{playback}");
        let base = text(&first["url"]);
        let base = base.strip_suffix("master.m3u8").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let master = fetch_text(who, &format!("{base}master.m3u8")).await;
        std::fs::write(folder.path().join("master.m3u8"), &master).unwrap();
        let mut names = Vec::new();
        for line in master.lines() {
            let address = match line.split_once("URI=\"") {
                Some((_, rest)) => rest.split('"').next().unwrap(),
                None if line.starts_with('#') || line.is_empty() => continue,
                None => line,
            };
            let name = address.strip_suffix("/index.m3u8").unwrap().to_owned();
            std::fs::create_dir(folder.path().join(&name)).unwrap();
            for file in ["index.m3u8", "media.mp4"] {
                let bytes = fetch(who, &format!("{base}{name}/{file}")).await;
                std::fs::write(folder.path().join(&name).join(file), bytes).unwrap();
            }
            names.push(name);
        }
        Stream { folder, names }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(crate) fn videos(&self) -> Vec<String> {
        let is_video = |name: &&String| !name.starts_with("audio");
        self.names.iter().filter(is_video).cloned().collect()
    }

    /// The length of a rendition in seconds, as its playlist says.
    pub(crate) fn duration(&self, name: &str) -> f64 {
        self.segments(name).iter().sum()
    }

    pub(crate) fn segments(&self, name: &str) -> Vec<f64> {
        let index = std::fs::read_to_string(self.path(&format!("{name}/index.m3u8"))).unwrap();
        let of = |line: &str| {
            line.strip_prefix("#EXTINF:")?
                .strip_suffix(',')?
                .parse()
                .ok()
        };
        index.lines().filter_map(of).collect()
    }

    /// Decodes a rendition to its end, through its playlist; ffmpeg must have nothing to complain of.
    pub(crate) fn decodes(&self, name: &str) {
        let path = self.path(&format!("{name}/index.m3u8"));
        let said = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-i"])
            .arg(&path)
            .args(["-f", "null", "-"])
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.status.success() && words.is_empty(), "{name}: {words}");
    }

    /// When the key pictures of a rendition are, in milliseconds.
    pub(crate) fn keys(&self, name: &str) -> Vec<i64> {
        let path = self.path(&format!("{name}/media.mp4"));
        let packets = probe(&path, "packet=pts_time,flags");
        let packets = packets["packets"].as_array().unwrap().clone();
        let keys = packets
            .iter()
            .filter(|it| text(&it["flags"]).starts_with('K'));
        let at = |it: &Value| text(&it["pts_time"]).parse::<f64>().unwrap();
        keys.map(|it| (at(it) * 1000.0).round() as i64).collect()
    }

    pub(crate) fn stream(&self, name: &str) -> Value {
        let entries = "stream=codec_name,width,height,channels,pix_fmt,sample_rate,profile,color_transfer,color_primaries,color_space";
        probe(&self.path(&format!("{name}/media.mp4")), entries)["streams"][0].clone()
    }
}

pub(crate) fn probe(path: &Path, entries: &str) -> Value {
    let said = Command::new("ffprobe")
        .args(["-v", "error", "-of", "json", "-show_entries", entries])
        .arg(path)
        .output()
        .unwrap();
    assert!(
        said.status.success(),
        "{}",
        String::from_utf8_lossy(&said.stderr)
    );
    serde_json::from_slice(&said.stdout).unwrap()
}

pub(crate) async fn fetch(who: &Person, path: &str) -> Vec<u8> {
    let answer = who.get(&format!("/{path}")).await;
    assert_eq!(answer.status(), 200, "{path}");
    let caching = answer.headers()["cache-control"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(caching.starts_with("private"), "{caching}");
    answer.bytes().await.unwrap().to_vec()
}

pub(crate) async fn fetch_text(who: &Person, path: &str) -> String {
    String::from_utf8(fetch(who, path).await).unwrap()
}
