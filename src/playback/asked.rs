//! What a path behind a playback token asks for.

/// A part of a film that can be given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked<'a> {
    /// The file as it was uploaded.
    Original,
    /// The playlist of all renditions.
    Master,
    /// The playlist of a rendition.
    Index(&'a str),
    /// The segments of a rendition, one file.
    Media(&'a str),
    /// What maps times to sheets of small pictures.
    Sprites,
    /// A sheet of small pictures, by its name.
    Sheet(&'a str),
    /// Subtitles in a language.
    Subtitles(&'a str),
}

impl<'a> Asked<'a> {
    /// Reads the part of the path after the token's prefix.
    pub(super) fn read(path: &'a str) -> Option<Self> {
        match path.split_once('/') {
            None => Self::read_name(path),
            Some(("subs", file)) => {
                let language = file.strip_suffix(".vtt").filter(|it| is_word(it, true))?;
                Some(Self::Subtitles(language))
            }
            Some((name, file)) if is_word(name, false) => match file {
                "index.m3u8" => Some(Self::Index(name)),
                "media.mp4" => Some(Self::Media(name)),
                _ => None,
            },
            Some(_) => None,
        }
    }

    fn read_name(name: &'a str) -> Option<Self> {
        match name {
            "original" => Some(Self::Original),
            "master.m3u8" => Some(Self::Master),
            "sprites.vtt" => Some(Self::Sprites),
            _ => {
                let number = name.strip_prefix("sprites-")?.strip_suffix(".jpg")?;
                let is_number =
                    (1..=4).contains(&number.len()) && number.bytes().all(|it| it.is_ascii_digit());
                is_number.then_some(Self::Sheet(name))
            }
        }
    }

    /// Whether whoever has not bought the film may have the beginning of it.
    pub(super) fn is_of_a_preview(self) -> bool {
        matches!(self, Self::Master | Self::Index(_) | Self::Media(_))
    }
}

fn is_word(text: &str, with_dash: bool) -> bool {
    let fits = |it: u8| it.is_ascii_alphanumeric() || (with_dash && it == b'-');
    (1..=40).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_known_and_no_other() {
        for (path, wanted) in [
            ("original", Some(Asked::Original)),
            ("master.m3u8", Some(Asked::Master)),
            ("720p/index.m3u8", Some(Asked::Index("720p"))),
            ("audio/media.mp4", Some(Asked::Media("audio"))),
            ("sprites.vtt", Some(Asked::Sprites)),
            ("sprites-12.jpg", Some(Asked::Sheet("sprites-12.jpg"))),
            ("subs/zh-Hans.vtt", Some(Asked::Subtitles("zh-Hans"))),
            ("", None),
            ("720p", None),
            ("720p/media.mp4/x", None),
            ("../media.mp4", None),
            ("/index.m3u8", None),
            ("sprites-.jpg", None),
            ("sprites-1x.jpg", None),
            ("subs/.vtt", None),
            ("subs/a/b.vtt", None),
            ("subs/../../x.vtt", None),
        ] {
            assert_eq!(Asked::read(path), wanted, "{path}");
        }
    }

    #[test]
    fn a_preview_has_only_what_can_be_cut() {
        for (path, may) in [
            ("original", false),
            ("master.m3u8", true),
            ("720p/index.m3u8", true),
            ("720p/media.mp4", true),
            ("sprites.vtt", false),
            ("sprites-0.jpg", false),
            ("subs/en.vtt", false),
        ] {
            assert_eq!(Asked::read(path).unwrap().is_of_a_preview(), may, "{path}");
        }
    }
}
