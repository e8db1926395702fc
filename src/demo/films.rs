//! Six films, which ffmpeg dreams up by itself, with sound.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use tokio::process::Command;

/// Seconds of a film.
const LENGTH: &str = "20";

/// A film of the demo library.
pub(super) struct Film {
    pub file: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    pub category: &'static str,
    pub tags: &'static [&'static str],
    /// Minor units.
    pub price: i64,
    picture: &'static str,
    sound: &'static str,
}

pub(super) const FILMS: [Film; 6] = [
    Film {
        file: "gradient.mp4",
        title: "A Slow Gradient",
        description: "Dusk over a country without landmarks. Nothing happens, and it is over too soon.",
        category: "Shorts",
        tags: &["calm", "night", "colour"],
        price: 0,
        picture: "gradients=size=640x360:rate=25:c0=#0b1d3a:c1=#e26d5c:c2=#ffe1a8:c3=#723d46:nb_colors=4:speed=0.012:seed=5",
        sound: "0.08*sin(2*PI*146.8*t)+0.06*sin(2*PI*220*t)+0.05*sin(2*PI*293.7*t)*(0.5+0.5*sin(0.7*t))",
    },
    Film {
        file: "sierpinski.mp4",
        title: "Triangles All the Way Down",
        description: "A carpet that is mostly holes, wandered over by a camera that cannot find its edge.",
        category: "Science",
        tags: &["fractal", "mathematics"],
        price: 0,
        picture: "sierpinski=size=640x360:rate=25:seed=11:jump=40,colorchannelmixer=.9:.2:.1:0:.5:.3:.2:0:.2:.2:.6:0",
        sound: "0.09*sin(2*PI*(261.6*pow(1.0595,floor(mod(t*2,7))))*t)",
    },
    Film {
        file: "rule.mp4",
        title: "Rule One Hundred and Ten",
        description: "One line of cells, one rule, and everything that can be computed.",
        category: "Science",
        tags: &["cellular automata", "mathematics"],
        price: 0,
        picture: "cellauto=size=640x360:rate=25:rule=110:random_fill_ratio=0.5:random_seed=3:scroll=1,negate,colorchannelmixer=.2:.2:.1:0:.5:.4:.3:0:.6:.5:.5:0",
        sound: "0.08*sin(2*PI*(330+55*floor(mod(t*3,5)))*t)*exp(-4*mod(t,0.333))",
    },
    Film {
        file: "life.mp4",
        title: "Life, Mostly",
        description: "Birth, company, crowding, mould. After the game by John Conway.",
        category: "Science",
        tags: &["cellular automata", "amber"],
        price: 490,
        picture: "life=size=320x180:rate=25:mold=12:ratio=0.12:death_color=#1b1530:life_color=#f2a33a:mold_color=#5b2a6e:seed=7,scale=640:360:flags=neighbor",
        sound: "0.1*sin(2*PI*(196+49*floor(mod(t*2,4)))*t)*exp(-3*mod(t,0.5))",
    },
    Film {
        file: "coast.mp4",
        title: "The Coast at Minus Forty",
        description: "A voyage along an edge that never ends. The closer one looks, the more coast there is.",
        category: "Documentary",
        tags: &["fractal", "voyage", "night"],
        price: 900,
        picture: "mandelbrot=size=640x360:rate=25:start_scale=0.8:end_scale=0.00002:end_pts=500:maxiter=1200:start_x=-0.743643887037158:start_y=-0.131825904205311",
        sound: "0.12*sin(2*PI*(110+20*sin(0.2*t))*t)+0.06*sin(2*PI*220*t)*sin(0.5*t)",
    },
    Film {
        file: "plasma.mp4",
        title: "Plasma Evenings",
        description: "Three waves meet in a small room and agree on every colour there is.",
        category: "Music",
        tags: &["colour", "dance"],
        price: 0,
        picture: "color=black:size=320x180:rate=25,geq=r='128+110*sin((X/28)+T*1.3)':g='110+70*sin((Y/24)-T*0.9+sin(X/40))':b='140+100*sin((X+Y)/44+T)',scale=640:360",
        sound: "0.1*sin(2*PI*(98+12*sin(0.35*t))*t)+0.05*sin(2*PI*294*t)",
    },
];

/// A series of some of these films: its title, its description, and the titles of its episodes in their order.
pub(super) const SERIES: (&str, &str, [&str; 3]) = (
    "Simple Rules",
    "Three films in which very little is decided, and a great deal happens.",
    [
        "Rule One Hundred and Ten",
        "Triangles All the Way Down",
        "Life, Mostly",
    ],
);

/// Makes the film in `folder`.
///
/// # Errors
/// With what ffmpeg said.
pub(super) async fn make(ffmpeg: &Path, film: &Film, folder: &Path) -> anyhow::Result<PathBuf> {
    let path = folder.join(film.file);
    let sound = format!("aevalsrc='{}':s=44100", film.sound);
    let output = Command::new(ffmpeg)
        .args([
            "-nostdin",
            "-v",
            "error",
            "-y",
            "-f",
            "lavfi",
            "-i",
            film.picture,
        ])
        .args(["-f", "lavfi", "-i", &sound, "-t", LENGTH])
        .args([
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-crf",
            "24",
            "-pix_fmt",
            "yuv420p",
        ])
        .args([
            "-c:a",
            "aac",
            "-b:a",
            "96k",
            "-movflags",
            "+faststart",
            "-threads",
            "1",
        ])
        .arg(&path)
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| format!("cannot run {}; install ffmpeg", ffmpeg.display()))?;
    if !output.status.success() {
        bail!("ffmpeg: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(path)
}
