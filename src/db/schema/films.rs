//! The tables of what is made of films, and of what stands beside them.

diesel::table! {
    renditions (id) {
        id -> Text,
        movie_id -> Text,
        name -> Text,
        kind -> Text,
        is_remux -> Bool,
        width -> Integer,
        height -> Integer,
        frame_rate -> Integer,
        codecs -> Text,
        peak_bandwidth -> BigInt,
        bandwidth -> BigInt,
        duration_ms -> BigInt,
        segments -> Text,
        created_at -> Timestamp,
        language -> Nullable<Text>,
        label -> Text,
    }
}

diesel::table! {
    rendition_files (id) {
        id -> Text,
        movie_id -> Text,
        name -> Text,
        content_type -> Text,
        blob_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    film_notes (movie_id) {
        movie_id -> Text,
        rungs -> Text,
        chapters -> Text,
        sprites -> Nullable<Text>,
        loudness -> Nullable<Integer>,
    }
}

diesel::table! {
    subtitles (movie_id, language) {
        movie_id -> Text,
        language -> Text,
        label -> Text,
        origin -> Text,
        body -> Text,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    series (id) {
        id -> Text,
        title -> Text,
        sort_title -> Text,
        description -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    series_films (movie_id) {
        movie_id -> Text,
        series_id -> Text,
        season -> Integer,
        episode -> Integer,
    }
}
