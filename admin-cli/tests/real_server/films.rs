//! Short films, made by ffmpeg on the spot.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A film of half a second. Another `seed` is another film.
pub(crate) fn film(folder: &Path, name: &str, seed: u32) -> PathBuf {
    let path = folder.join(name);
    let source = format!(
        "color=c=0x{:06x}:s=64x48:r=10:d=0.5",
        (seed * 7_654_321) & 0x00ff_ffff
    );
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-f", "lavfi", "-i", &source])
        .args(["-pix_fmt", "yuv420p", "-movflags", "+faststart"])
        .arg(&path)
        .output()
        .expect("ffmpeg is missing: apt-get install ffmpeg");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    path
}

/// The same film with a free box at its end, which players skip, so that it takes a while to
/// send. The box is full of numbers: a part in a wrong place would change the hash.
pub(crate) fn long_film(folder: &Path, name: &str, seed: u32, size: u32) -> PathBuf {
    let path = film(folder, name, seed);
    let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.seek(SeekFrom::End(0)).unwrap();
    file.write_all(&size.to_be_bytes()).unwrap();
    file.write_all(b"free").unwrap();
    let numbers: Vec<u8> = (0..(size - 8) / 4)
        .flat_map(|n| (n ^ seed).to_le_bytes())
        .collect();
    file.write_all(&numbers).unwrap();
    path
}
