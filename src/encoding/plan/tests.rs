use super::*;

fn video(width: i32, height: i32) -> VideoStream {
    VideoStream {
        index: 0,
        start_us: 0,
        codec: "h264".to_owned(),
        profile: "High".to_owned(),
        pix_fmt: "yuv420p".to_owned(),
        level: 40,
        width,
        height,
        is_upright: true,
        is_square: true,
        is_interlaced: false,
        light: Light::Standard,
        frame_rate: 25_000,
        bit_rate: None,
    }
}

fn film(video: VideoStream) -> Source {
    Source {
        content_type: "video/mp4",
        duration_ms: 60_000,
        video,
        audio: vec![sound("aac", "LC", 2)],
        subtitles: Vec::new(),
        chapters: Vec::new(),
    }
}

/// A film of a minute, for tests elsewhere.
pub(crate) fn sample() -> Source {
    film(video(1920, 1080))
}

fn sound(codec: &str, profile: &str, channels: i32) -> AudioStream {
    AudioStream {
        index: 1,
        codec: codec.to_owned(),
        profile: profile.to_owned(),
        channels,
        sample_rate: 48_000,
        bit_rate: Some(128_000),
        language: None,
        title: None,
        is_commentary: false,
    }
}

fn names(source: &Source, cap: i32) -> String {
    let plan = plan(source, cap, true).unwrap();
    let rungs = plan.video.iter().map(|rung| {
        let how = if rung.how == How::Remux { "=" } else { "" };
        format!("{}{how}", rung.name)
    });
    rungs.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_ladder_is_made_from_the_first_one_worth_watching() {
    let hevc = |width, height| VideoStream {
        codec: "hevc".to_owned(),
        ..video(width, height)
    };
    // What is copied is marked with `=`.
    for (stream, cap, wanted) in [
        (video(1920, 1080), 1080, "1080p= 720p 480p 360p 240p"),
        (video(1920, 1080), 2160, "1080p= 720p 480p 360p 240p"),
        (video(1920, 1080), 720, "480p 720p 360p 240p"),
        (hevc(1920, 1080), 1080, "480p 720p 1080p 360p 240p"),
        (
            hevc(3840, 2160),
            2160,
            "480p 720p 1080p 1440p 2160p 360p 240p",
        ),
        (hevc(3840, 2160), 480, "480p 360p 240p"),
        (hevc(1080, 1920), 1080, "480p 720p 1080p 360p 240p"),
        (hevc(640, 360), 1080, "360p 240p"),
        (video(640, 360), 1080, "360p= 240p"),
        (hevc(128, 72), 1080, "72p"),
        (video(854, 480), 1080, "480p= 360p 240p"),
        (hevc(1280, 800), 1080, "480p 800p 360p 240p"),
        (hevc(16, 16), 1080, "16p"),
    ] {
        assert_eq!(
            names(&film(stream.clone()), cap),
            wanted,
            "{stream:?} {cap}"
        );
    }
}

#[test]
fn only_what_every_device_plays_is_copied() {
    type Change = fn(&mut VideoStream);
    let changes: [(Change, bool); 14] = [
        (|_| {}, true),
        (|it| it.profile = "Constrained Baseline".to_owned(), true),
        (|it| it.bit_rate = Some(9_000_000), true),
        (|it| it.codec = "hevc".to_owned(), false),
        (|it| it.pix_fmt = "yuv420p10le".to_owned(), false),
        (|it| it.pix_fmt = "yuv444p".to_owned(), false),
        (|it| it.profile = "High 10".to_owned(), false),
        (|it| it.level = 0, false),
        (|it| it.is_upright = false, false),
        (|it| it.is_square = false, false),
        (|it| it.is_interlaced = true, false),
        (|it| it.light = Light::Hlg, false),
        (|it| it.frame_rate = 120_000, false),
        (|it| it.bit_rate = Some(11_000_000), false),
    ];
    for (number, (change, is_copied)) in changes.into_iter().enumerate() {
        let mut stream = video(1920, 1080);
        change(&mut stream);
        let top = names(&film(stream), 1080).contains("1080p=");
        assert_eq!(top, is_copied, "change {number}");
    }
}

#[test]
fn sound_is_copied_when_it_is_stereo_aac() {
    for (stream, how) in [
        (sound("aac", "LC", 2), How::Remux),
        (sound("aac", "LC", 1), How::Remux),
        (sound("aac", "LC", 6), How::Encode),
        (sound("aac", "HE-AAC", 2), How::Encode),
        (sound("ac3", "", 2), How::Encode),
    ] {
        let mut source = film(video(640, 360));
        source.audio = vec![stream.clone()];
        let plan = plan(&source, 1080, true).unwrap();
        assert_eq!(plan.audio[0].how, how, "{stream:?}");
    }
    let mut silent = film(video(640, 360));
    silent.audio.clear();
    assert_eq!(plan(&silent, 1080, true).unwrap().audio, Vec::new());
}

#[test]
fn every_sound_has_a_name_and_there_are_not_too_many() {
    let mut source = film(video(640, 360));
    source.audio = vec![sound("aac", "LC", 2); 11];
    source.audio[1].codec = "ac3".to_owned();
    let sounds = plan(&source, 1080, true).unwrap().audio;
    let names: Vec<&str> = sounds.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(
        names.join(" "),
        "audio audio2 audio3 audio4 audio5 audio6 audio7 audio8"
    );
    assert_eq!((sounds[0].how, sounds[1].how), (How::Remux, How::Encode));
}

#[test]
fn sizes_are_even_and_keep_the_shape() {
    for (width, height, lines, wanted) in [
        (1920, 1080, 720, (1280, 720)),
        (1080, 1920, 720, (720, 1280)),
        (1920, 800, 480, (1152, 480)),
        (853, 479, 479, (854, 478)),
        (2048, 858, 240, (572, 240)),
    ] {
        let rung = rung(&video(width, height), lines, false);
        assert_eq!((rung.width, rung.height), wanted, "{width}x{height}");
    }
}

#[test]
fn pictures_that_nobody_can_see_or_decode_are_refused() {
    for (width, height) in [
        (1, 1),
        (15, 640),
        (640, 8),
        (16_384, 16_384),
        (16_000, 100),
        (8000, 8000),
    ] {
        assert!(
            plan(&film(video(width, height)), 1080, true).is_err(),
            "{width}x{height}"
        );
    }
}

#[test]
fn what_browsers_play_is_there_at_once() {
    type Change = fn(&mut Source);
    let changes: [(Change, bool); 8] = [
        (|_| {}, true),
        (|it| it.audio.clear(), true),
        (|it| it.audio = vec![sound("ac3", "", 6)], false),
        (|it| it.content_type = "video/x-matroska", false),
        (|it| it.content_type = "video/webm", true),
        (|it| it.video.codec = "hevc".to_owned(), false),
        (|it| it.video.pix_fmt = "yuv420p10le".to_owned(), false),
        (|it| it.content_type = "video/mp2t", false),
    ];
    for (number, (change, plays)) in changes.into_iter().enumerate() {
        let mut source = film(video(640, 360));
        change(&mut source);
        assert_eq!(plays_as_it_is(&source), plays, "change {number}");
    }
}

#[test]
fn what_is_not_fit_for_copying_has_a_ladder_of_encodings() {
    let plan = plan(&film(video(1920, 1080)), 1080, false).unwrap();
    assert!(plan.video.iter().all(|rung| rung.how == How::Encode));
    assert_eq!(plan.video[0].name, "480p");
}
