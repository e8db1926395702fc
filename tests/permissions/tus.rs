//! Uploads by tus.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;

use crate::Protocol;
use crate::scene::{Scene, TOO_MUCH, meaning};
use crate::table::{Deed, Outcome, Who};

pub(crate) struct Tus;

impl Protocol for Tus {
    const NAME: &'static str = "tus";
    const WHO: &'static [Who] = Who::PEOPLE;

    async fn attempt(scene: &Scene<'_>, deed: Deed) -> Outcome {
        match deed {
            Deed::Create => upload(scene, "/Papers/new", 0, "").await,
            Deed::Replace => upload(scene, "/Papers/a.txt", 8, "replaced").await,
            Deed::Overflow => upload(scene, "/Papers/new", TOO_MUCH, "").await,
            _ => Outcome::Strange,
        }
    }
}

async fn upload(scene: &Scene<'_>, path: &str, size: usize, bytes: &'static str) -> Outcome {
    let said = [
        ("purpose", "drive"),
        ("path", path),
        ("on_conflict", "replace"),
    ];
    let said = said.map(|(key, value)| format!("{key} {}", STANDARD.encode(value)));
    let request = scene.asker.request(Method::POST, "/uploads");
    let request = request
        .header("Tus-Resumable", "1.0.0")
        .header("Upload-Length", size)
        .header("Upload-Metadata", said.join(","));
    let request = match bytes {
        "" => request,
        bytes => request
            .header("Content-Type", "application/offset+octet-stream")
            .body(bytes),
    };
    meaning(request.send().await.unwrap().status())
}
