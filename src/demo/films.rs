//! The six films: each one drawn and played by ffmpeg's generative sources.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::service::Error;

/// Length of each, in seconds.
const SECONDS: &str = "24";

/// Fades the sound in and out.
const FADES: &str = "afade=t=in:d=2,afade=t=out:st=21:d=3";

/// A film of the demo library.
#[derive(Clone, Copy, Debug)]
pub(super) struct Film {
    pub title: &'static str,
    pub file: &'static str,
    pub description: &'static str,
    pub tags: &'static [&'static str],
    pub category: &'static str,
    /// Minor units.
    pub price: i64,
    picture: &'static str,
    sound: &'static str,
}

/// The oldest first: the catalogue shows the last one first.
pub(super) const FILMS: &[Film] = &[
    Film {
        title: "The Carpet Maker",
        file: "the-carpet-maker.mp4",
        description: "A pattern is woven from one rule: take the middle away, and do the same to what is left. \
            The camera wanders over a carpet that has no thread.",
        tags: &["craft", "geometry", "short"],
        category: "Animation",
        price: 0,
        picture: "sierpinski=size=640x360:rate=24:type=carpet:seed=3:jump=60,format=rgb24,\
            lutrgb=r=val*0.5+60:g=val*0.7+30:b=val*0.35+50",
        sound: "aevalsrc=0.12*sin(2*PI*262*t)*exp(-2*mod(t\\,1))\
            +0.12*sin(2*PI*392*t)*exp(-2*mod(t+0.5\\,1))+0.1*sin(2*PI*98*t):s=44100",
    },
    Film {
        title: "Rule One Hundred and Ten",
        file: "rule-110.mp4",
        description: "Every cell looks at its two neighbours and decides. From a single line of noise come travellers, \
            collisions and, they say, everything that can be computed.\n\nA mystery in 24 seconds.",
        tags: &["automata", "mystery"],
        category: "Mystery",
        price: 299,
        picture: "cellauto=size=320x180:rule=110:rate=24:random_seed=5:ratio=0.3:scroll=1,format=rgb24,\
            lutrgb=r='if(gt(val\\,128)\\,242\\,18)':g='if(gt(val\\,128)\\,169\\,24)':b='if(gt(val\\,128)\\,59\\,38)',\
            scale=640:360:flags=neighbor",
        sound: "aevalsrc=0.15*sin(2*PI*(110+55*floor(mod(t*3\\,4)))*t)*exp(-3*mod(t*3\\,1)):s=44100",
    },
    Film {
        title: "Before the House Lights",
        file: "before-the-house-lights.mp4",
        description: "The minute before a film begins, when the curtain still holds the colours of the foyer.",
        tags: &["ambient", "colour", "short"],
        category: "Short",
        price: 0,
        picture: "gradients=size=640x360:rate=24:c0=0x0b1026:c1=0x7b2d5b:c2=0xf2a93b:c3=0x2a6f97:nb_colors=4:\
            speed=0.012:seed=11:x0=0:y0=360:x1=640:y1=0",
        sound: "aevalsrc=(0.16*sin(2*PI*130.8*t)+0.12*sin(2*PI*196*t)+0.09*sin(2*PI*329.6*t))\
            *(0.7+0.3*sin(2*PI*0.15*t)):s=44100",
    },
    Film {
        title: "A Small Colony",
        file: "a-small-colony.mp4",
        description: "They are born where three meet, and die of loneliness or of company. The chronicle of a \
            settlement that nobody planned.",
        tags: &["automata", "life"],
        category: "Drama",
        price: 499,
        picture: "life=size=160x90:rate=12:mold=24:ratio=0.18:seed=7:stitch=1:death_color=0x9a4a17:\
            life_color=0xffd084:mold_color=0x1c1512,scale=640:360:flags=neighbor,fps=24",
        sound: "aevalsrc=0.2*sin(2*PI*220*t)*pow(abs(sin(PI*t*1.5))\\,8)\
            +0.15*sin(2*PI*330*t)*pow(abs(sin(PI*t+1))\\,8):s=44100",
    },
    Film {
        title: "Slow Weather 慢天气",
        file: "slow-weather.mp4",
        description: "Fronts of colour meet over no country in particular. 没有国度的天空，颜色缓慢相遇。",
        tags: &["ambient", "weather", "天气"],
        category: "Short",
        price: 0,
        picture: "nullsrc=size=160x90:rate=24,format=gbrp,\
            geq=r='128+70*sin(X/17+T/2)+50*sin((X+Y)/23-T/3)'\
            :g='96+50*sin(Y/13-T/2.5)+40*sin(hypot(X-80\\,Y-45)/11-T)'\
            :b='150+60*sin(X/29-T/4)+40*cos(Y/19+T/3)',scale=640:360:flags=bicubic",
        sound: "anoisesrc=color=pink:amplitude=0.35:sample_rate=44100,lowpass=f=700,tremolo=f=0.1:d=0.7",
    },
    Film {
        title: "The Deep Coast",
        file: "the-deep-coast.mp4",
        description: "A voyage along a shore that is longer the closer one looks. However near the boat comes, there is \
            always another bay.",
        tags: &["fractal", "nature", "voyage"],
        category: "Documentary",
        price: 0,
        picture: "mandelbrot=size=640x360:rate=24:maxiter=400:start_scale=2.6:end_scale=0.0005:end_pts=620:inner=black:\
            start_x=-0.743643887037158704752191506114774:start_y=-0.131825904205311970493132056385139",
        sound: "anoisesrc=color=brown:amplitude=0.5:sample_rate=44100,tremolo=f=0.12:d=0.8",
    },
];

impl Film {
    /// Makes the film in a folder. It ends with the future.
    pub(super) async fn shoot(&self, ffmpeg: &Path, folder: &Path) -> Result<PathBuf, Error> {
        let path = folder.join(self.file);
        let mut command = tokio::process::Command::new(ffmpeg);
        command
            .args(["-nostdin", "-y", "-loglevel", "error"])
            .args(["-f", "lavfi", "-i", self.picture])
            .args(["-f", "lavfi", "-i", self.sound])
            .args(["-t", SECONDS, "-map", "0:v", "-map", "1:a", "-af", FADES])
            .args(["-c:v", "libx264", "-preset", "ultrafast", "-crf", "27"])
            .args(["-pix_fmt", "yuv420p", "-g", "48"])
            .args(["-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart"])
            .arg(&path)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let made = command.output().await.map_err(Error::NoFfmpeg)?;
        if made.status.success() {
            return Ok(path);
        }
        let complaint = String::from_utf8_lossy(&made.stderr);
        Err(Error::Ffmpeg(complaint.trim().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_six_are_paid_and_no_two_are_alike() {
        assert_eq!(FILMS.len(), 6);
        assert_eq!(FILMS.iter().filter(|film| film.price > 0).count(), 2);
        for (index, film) in FILMS.iter().enumerate() {
            let others = FILMS.iter().skip(index + 1);
            assert!(
                others
                    .clone()
                    .all(|it| it.title != film.title && it.file != film.file)
            );
        }
    }
}
