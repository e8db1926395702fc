//! The tables of ratings and comments.

diesel::table! {
    ratings (account_id, movie_id) {
        account_id -> Text,
        movie_id -> Text,
        stars -> Integer,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    rating_sums (movie_id) {
        movie_id -> Text,
        stars -> BigInt,
        votes -> BigInt,
    }
}

diesel::table! {
    comments (id) {
        id -> Text,
        movie_id -> Text,
        account_id -> Text,
        body -> Text,
        created_at -> Timestamp,
        edited_at -> Nullable<Timestamp>,
        is_hidden -> Bool,
        reports -> BigInt,
    }
}

diesel::table! {
    comment_reports (comment_id, account_id) {
        comment_id -> Text,
        account_id -> Text,
        reason -> Nullable<Text>,
        created_at -> Timestamp,
    }
}
