//! The tables as diesel sees them: one schema for SQLite and PostgreSQL, in portable types.

mod chat;
mod films;
mod hooks;
mod reviews;

pub use chat::*;
pub use films::*;
pub use hooks::*;
pub use reviews::*;

diesel::table! {
    settings (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    accounts (id) {
        id -> Text,
        username -> Text,
        username_key -> Text,
        password_hash -> Text,
        real_name -> Nullable<Text>,
        phone -> Nullable<Text>,
        address -> Nullable<Text>,
        email -> Nullable<Text>,
        locale -> Nullable<Text>,
        role -> Text,
        is_locked -> Bool,
        vip_until -> Nullable<Timestamp>,
        quota_bytes -> Nullable<BigInt>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        deleted_at -> Nullable<Timestamp>,
        last_seen_at -> Nullable<Timestamp>,
        show_last_seen -> Bool,
    }
}

diesel::table! {
    login_sessions (id) {
        id -> Text,
        account_id -> Text,
        token_hash -> Text,
        device -> Text,
        address -> Text,
        created_at -> Timestamp,
        last_seen_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    access_tokens (id) {
        id -> Text,
        account_id -> Text,
        name -> Text,
        token_hash -> Text,
        scopes -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        last_used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    audit_log (id) {
        id -> Text,
        at -> Timestamp,
        actor_id -> Nullable<Text>,
        actor -> Text,
        action -> Text,
        target_kind -> Text,
        target_id -> Text,
        detail -> Text,
        request_id -> Text,
        address -> Text,
    }
}

diesel::table! {
    blobs (id) {
        id -> Text,
        blake3 -> Text,
        size -> BigInt,
        sha256 -> Nullable<Text>,
        md5 -> Nullable<Text>,
        created_at -> Timestamp,
        refs -> BigInt,
    }
}

diesel::table! {
    movies (id) {
        id -> Text,
        title -> Text,
        sort_title -> Text,
        description -> Text,
        category -> Text,
        tags -> Text,
        price -> BigInt,
        state -> Text,
        publish_at -> Nullable<Timestamp>,
        listed_at -> Timestamp,
        place -> BigInt,
        duration_ms -> BigInt,
        width -> Integer,
        height -> Integer,
        video_codec -> Text,
        audio_codec -> Nullable<Text>,
        content_type -> Text,
        file_name -> Text,
        blob_id -> Text,
        fingerprint -> Text,
        poster_key -> Nullable<Text>,
        popularity -> BigInt,
        created_by -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        deleted_at -> Nullable<Timestamp>,
        is_listed -> Bool,
        is_paid -> Bool,
        failure -> Nullable<Text>,
        preview_seconds -> Integer,
    }
}

diesel::table! {
    posters (key) {
        key -> Text,
        movie_id -> Text,
        at_ms -> Nullable<BigInt>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    movie_tags (movie_id, tag) {
        movie_id -> Text,
        tag -> Text,
    }
}

diesel::table! {
    uploads (id) {
        id -> Text,
        account_id -> Text,
        purpose -> Text,
        kind -> Text,
        file_name -> Text,
        content_type -> Text,
        metadata -> Text,
        size -> Nullable<BigInt>,
        acknowledged -> BigInt,
        state -> Text,
        blake3 -> Nullable<Text>,
        fingerprint -> Nullable<Text>,
        target_path -> Nullable<Text>,
        on_conflict -> Nullable<Text>,
        modified_at -> Nullable<Timestamp>,
        reserved -> BigInt,
        entry_id -> Nullable<Text>,
        concat -> Nullable<Text>,
        file_id -> Nullable<Text>,
        part_of -> Nullable<Text>,
        part_offset -> Nullable<BigInt>,
        final_id -> Nullable<Text>,
        part_number -> Nullable<Integer>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        expires_at -> Timestamp,
        if_match -> Nullable<Text>,
    }
}

diesel::table! {
    jobs (id) {
        id -> Text,
        kind -> Text,
        subject_id -> Nullable<Text>,
        payload -> Text,
        lane -> Text,
        priority -> Integer,
        parent_id -> Nullable<Text>,
        state -> Text,
        attempts -> Integer,
        max_attempts -> Integer,
        progress -> Integer,
        run_at -> Timestamp,
        lease_owner -> Nullable<Text>,
        lease_until -> Nullable<Timestamp>,
        heartbeat_at -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
        log_tail -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    watch_positions (account_id, movie_id) {
        account_id -> Text,
        movie_id -> Text,
        position_ms -> BigInt,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    watchlist (account_id, movie_id) {
        account_id -> Text,
        movie_id -> Text,
        added_at -> Timestamp,
    }
}

diesel::table! {
    wallets (account_id) {
        account_id -> Text,
        balance -> BigInt,
        entries -> BigInt,
    }
}

diesel::table! {
    ledger_entries (id) {
        id -> Text,
        account_id -> Text,
        seq -> BigInt,
        amount -> BigInt,
        balance_after -> BigInt,
        kind -> Text,
        note -> Text,
        order_id -> Nullable<Text>,
        actor_id -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    orders (id) {
        id -> Text,
        account_id -> Text,
        movie_id -> Text,
        movie_title -> Text,
        regular_price -> BigInt,
        price -> BigInt,
        as_vip -> Bool,
        created_at -> Timestamp,
    }
}

diesel::table! {
    entitlements (account_id, movie_id) {
        account_id -> Text,
        movie_id -> Text,
        order_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    vouchers (id) {
        id -> Text,
        code_hash -> Text,
        amount -> BigInt,
        created_by -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        redeemed_by -> Nullable<Text>,
        redeemed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    idempotency_keys (account_id, key) {
        account_id -> Text,
        key -> Text,
        operation -> Text,
        request_hash -> Text,
        status -> Integer,
        body -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    download_tickets (id) {
        id -> Text,
        account_id -> Text,
        movie_id -> Text,
        movie_title -> Text,
        file_name -> Text,
        size -> BigInt,
        price_paid -> BigInt,
        state -> Text,
        bytes_sent -> BigInt,
        delivered -> Text,
        created_at -> Timestamp,
        available_at -> Timestamp,
        expires_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    notices (id) {
        id -> Text,
        title -> Text,
        body -> Text,
        pinned -> Bool,
        author -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    notice_marks (account_id) {
        account_id -> Text,
        read_up_to -> Text,
    }
}

diesel::table! {
    drive_entries (id) {
        id -> Text,
        account_id -> Text,
        parent_id -> Nullable<Text>,
        kind -> Text,
        name -> Text,
        taken_name -> Nullable<Text>,
        sort_name -> Text,
        blob_id -> Nullable<Text>,
        size -> BigInt,
        content_type -> Text,
        revision -> BigInt,
        created_at -> Timestamp,
        modified_at -> Timestamp,
        trashed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    drive_versions (id) {
        id -> Text,
        account_id -> Text,
        entry_id -> Text,
        blob_id -> Text,
        size -> BigInt,
        content_type -> Text,
        modified_at -> Timestamp,
        replaced_at -> Timestamp,
    }
}

diesel::table! {
    drive_usage (account_id) {
        account_id -> Text,
        used -> BigInt,
        reserved -> BigInt,
    }
}

diesel::table! {
    drive_shares (id) {
        id -> Text,
        account_id -> Text,
        entry_id -> Text,
        password_hash -> Nullable<Text>,
        expires_at -> Nullable<Timestamp>,
        max_uses -> Nullable<BigInt>,
        uses -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    dav_locks (token) {
        token -> Text,
        account_id -> Text,
        path -> Text,
        principal -> Nullable<Text>,
        owner -> Nullable<Text>,
        is_deep -> Bool,
        is_shared -> Bool,
        timeout_seconds -> Nullable<BigInt>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    dav_properties (entry_id, namespace, name) {
        entry_id -> Text,
        namespace -> Text,
        name -> Text,
        value -> Text,
    }
}

diesel::joinable!(movies -> blobs (blob_id));
diesel::joinable!(movie_tags -> movies (movie_id));
diesel::joinable!(rendition_files -> blobs (blob_id));
diesel::joinable!(watch_positions -> movies (movie_id));
diesel::joinable!(watchlist -> movies (movie_id));
diesel::joinable!(series_films -> movies (movie_id));
diesel::joinable!(webhook_deliveries -> webhooks (webhook_id));
diesel::joinable!(comments -> accounts (account_id));
diesel::joinable!(comments -> movies (movie_id));
diesel::joinable!(comment_reports -> accounts (account_id));
diesel::joinable!(drive_entries -> blobs (blob_id));
diesel::joinable!(drive_versions -> blobs (blob_id));
diesel::joinable!(drive_shares -> drive_entries (entry_id));
diesel::joinable!(room_members -> rooms (room_id));
diesel::joinable!(room_members -> accounts (account_id));
diesel::joinable!(room_bans -> accounts (account_id));
diesel::joinable!(reactions -> messages (message_id));
diesel::joinable!(mentions -> messages (message_id));

diesel::allow_tables_to_appear_in_same_query!(
    settings,
    accounts,
    login_sessions,
    access_tokens,
    audit_log,
    blobs,
    movies,
    posters,
    movie_tags,
    uploads,
    jobs,
    watch_positions,
    watchlist,
    wallets,
    ledger_entries,
    orders,
    entitlements,
    vouchers,
    idempotency_keys,
    download_tickets,
    notices,
    notice_marks,
    drive_entries,
    drive_versions,
    drive_usage,
    drive_shares,
    dav_locks,
    dav_properties,
    friend_requests,
    friends,
    blocks,
    rooms,
    room_members,
    room_bans,
    room_events,
    messages,
    room_authors,
    reactions,
    mentions,
    message_texts,
    renditions,
    rendition_files,
    film_notes,
    subtitles,
    series,
    series_films,
    ratings,
    rating_sums,
    comments,
    comment_reports,
    webhooks,
    webhook_deliveries,
    movies_told,
);
