//! The sound of a film: each track is a rendition of its own, once for all pictures. The one that the file prefers is
//! made first and is the one that plays; the others are languages and commentaries to choose from.

use std::path::Path;

use super::bytes::audio_row;
use super::languages;
use super::making::{Made, Scratch, Share, Trouble};
use super::model::{Rendition, RenditionKind};
use super::pipeline::{Work, inside};
use super::service::Renditions;
use crate::encoding::arguments;
use crate::encoding::plan::Audio;
use crate::ids::MovieId;
use crate::jobs::Task;

/// Characters of a label.
const LABEL: usize = 60;

/// A track as it is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound<'a> {
    pub rendition: &'a Rendition,
    /// No other track of the film has the same.
    pub label: String,
    /// The one that plays until another one is chosen.
    pub is_default: bool,
    /// A player may choose it by itself, because of its language: the first one in that.
    pub may_be_chosen: bool,
}

/// The tracks of sound among the renditions of a film, which come in their order.
#[must_use]
pub fn sounds(renditions: &[Rendition]) -> Vec<Sound<'_>> {
    let mut all: Vec<Sound<'_>> = Vec::new();
    let is_sound = |it: &&Rendition| it.kind == RenditionKind::Audio;
    for rendition in renditions.iter().filter(is_sound) {
        let label = match rendition.label.as_str() {
            "" => "Sound".to_owned(),
            // A playlist has it between quotes, and no way to write one there.
            label => label.replace('"', "'"),
        };
        let is_taken = |label: &str| all.iter().any(|it| it.label == label);
        let numbered = (2..).map(|number: usize| format!("{label} {number}"));
        let mut labels = std::iter::once(label.clone()).chain(numbered);
        let label = labels.find(|it| !is_taken(it)).unwrap_or_default();
        let is_known = |it: &Sound<'_>| it.rendition.language == rendition.language;
        all.push(Sound {
            rendition,
            label,
            is_default: all.is_empty(),
            may_be_chosen: !all.iter().any(is_known),
        });
    }
    all
}

impl Renditions {
    /// The track that plays, unless an earlier attempt has made it, or there is none.
    pub(super) async fn first_sound(
        &self,
        task: &Task,
        work: &Work,
        folder: &Path,
    ) -> Result<Option<Rendition>, Trouble> {
        let Some(track) = work.plan.audio.first() else {
            return Ok(None);
        };
        let movie = &work.film.id;
        if let Some(there) = self.find(movie, &track.name).await? {
            return Ok(Some(there));
        }
        let share = Share { from: 0, to: 20 };
        let made = self.sound(task, work, track, share, folder).await?;
        let row = audio_row(movie, track, &label_of(track), &made, self.clock.now());
        self.keep(made, row.clone(), |_| Ok(())).await?;
        Ok(Some(row))
    }

    /// The track that a job asks for.
    pub(super) async fn next_sound(&self, task: &Task, movie: &MovieId) -> Result<(), Trouble> {
        let work = self.begin(movie, true).await?;
        let mut tracks = work.plan.audio.iter();
        let track = tracks.find(|it| it.name == task.payload);
        let track = track
            .ok_or_else(|| Trouble::Broken("the film has no such sound any more".to_owned()))?;
        let scratch = Scratch::make(&self.work, task)?;
        let made = self
            .sound(task, &work, track, Share::WHOLE, scratch.path())
            .await?;
        let row = audio_row(movie, track, &label_of(track), &made, self.clock.now());
        self.keep(made, row, self.then_dropping(movie)).await
    }

    async fn sound(
        &self,
        task: &Task,
        work: &Work,
        track: &Audio,
        share: Share,
        folder: &Path,
    ) -> Result<Made, Trouble> {
        let folder = inside(folder, &track.name)?;
        let arguments = arguments::audio(work.file.path(), track, &self.encoder(), &folder);
        self.make(task, arguments, share, work.source.duration_ms, &folder)
            .await
    }
}

/// The title that the track has in the file, or the name of its language; empty when there is neither.
fn label_of(track: &Audio) -> String {
    let title = track.title.as_deref().map(str::trim).unwrap_or_default();
    if !title.is_empty() {
        return title.chars().take(LABEL).collect();
    }
    let language = languages::tag_of(track.language.as_deref());
    let name = language.map(|tag| languages::name_of(&tag));
    match (name.unwrap_or_default(), track.is_commentary) {
        (name, false) => name,
        (name, true) if name.is_empty() => "Commentary".to_owned(),
        (name, true) => format!("{name} (commentary)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::plan::How;
    use crate::ids::RenditionId;
    use crate::renditions::master;

    fn track(language: Option<&str>, title: Option<&str>, is_commentary: bool) -> Audio {
        Audio {
            name: "audio".to_owned(),
            index: 1,
            how: How::Encode,
            language: language.map(str::to_owned),
            title: title.map(str::to_owned),
            is_commentary,
        }
    }

    #[test]
    fn a_track_is_called_what_the_file_calls_it_or_what_is_spoken() {
        for (language, title, is_commentary, wanted) in [
            (Some("ger"), None, false, "Deutsch"),
            (Some("ger"), Some(" Für Blinde "), false, "Für Blinde"),
            (Some("eng"), Some(" "), true, "English (commentary)"),
            (None, None, true, "Commentary"),
            (Some("und"), None, false, ""),
        ] {
            assert_eq!(label_of(&track(language, title, is_commentary)), wanted);
        }
        let long = "x".repeat(200);
        assert_eq!(label_of(&track(None, Some(&long), false)).len(), LABEL);
    }

    fn rendition(name: &str, language: Option<&str>, label: &str, bits: i64) -> Rendition {
        Rendition {
            id: RenditionId::generate(),
            movie_id: MovieId::generate(),
            name: name.to_owned(),
            kind: match name.starts_with("audio") {
                true => RenditionKind::Audio,
                false => RenditionKind::Video,
            },
            is_remux: false,
            width: 640,
            height: 360,
            frame_rate: 0,
            codecs: "x".to_owned(),
            peak_bandwidth: bits,
            bandwidth: bits,
            duration_ms: 1000,
            segments: "{}".to_owned(),
            created_at: crate::clock::Clock::default().now(),
            language: language.map(str::to_owned),
            label: label.to_owned(),
        }
    }

    #[test]
    fn the_playlist_offers_every_track_by_a_name_of_its_own() {
        let list = master(&[
            rendition("360p", None, "", 5000),
            rendition("audio", Some("en"), "English", 100),
            rendition("audio2", Some("de"), "Deutsch", 300),
            rendition("audio3", Some("en"), "English", 200),
            rendition("audio4", None, "The \"cut\"", 200),
            rendition("audio5", None, "", 200),
        ]);
        let of = |language: &str, name: &str, more: &str, number: &str| {
            format!(
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\"{language},NAME=\"{name}\",{more},CHANNELS=\"2\",\
                 URI=\"audio{number}/index.m3u8\"\n"
            )
        };
        let wanted = [
            of(
                ",LANGUAGE=\"en\"",
                "English",
                "DEFAULT=YES,AUTOSELECT=YES",
                "",
            ),
            of(
                ",LANGUAGE=\"de\"",
                "Deutsch",
                "DEFAULT=NO,AUTOSELECT=YES",
                "2",
            ),
            of(
                ",LANGUAGE=\"en\"",
                "English 2",
                "DEFAULT=NO,AUTOSELECT=NO",
                "3",
            ),
            of("", "The 'cut'", "DEFAULT=NO,AUTOSELECT=YES", "4"),
            of("", "Sound", "DEFAULT=NO,AUTOSELECT=NO", "5"),
        ];
        assert!(list.contains(&wanted.concat()), "{list}");
        assert!(list.contains("BANDWIDTH=5300,"), "{list}");
        assert!(
            list.contains("CODECS=\"x,x\",AUDIO=\"sound\"\n360p/"),
            "{list}"
        );
        let silent = master(&[rendition("360p", None, "", 5000)]);
        assert!(!silent.contains("AUDIO"), "{silent}");
    }
}
