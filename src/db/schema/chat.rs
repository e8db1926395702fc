//! The tables of friends and rooms.

diesel::table! {
    friend_requests (from_id, to_id) {
        from_id -> Text,
        to_id -> Text,
        state -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    friends (account_id, friend_id) {
        account_id -> Text,
        friend_id -> Text,
        since -> Timestamp,
    }
}

diesel::table! {
    blocks (account_id, blocked_id) {
        account_id -> Text,
        blocked_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    rooms (id) {
        id -> Text,
        kind -> Text,
        name -> Text,
        name_key -> Nullable<Text>,
        pair_key -> Nullable<Text>,
        epoch -> Text,
        first_seq -> BigInt,
        last_seq -> BigInt,
        members_count -> BigInt,
        slow_mode_seconds -> BigInt,
        retention_days -> Nullable<BigInt>,
        created_at -> Timestamp,
        last_event_at -> Timestamp,
    }
}

diesel::table! {
    room_members (room_id, account_id) {
        room_id -> Text,
        account_id -> Text,
        role -> Text,
        read_seq -> BigInt,
        joined_at -> Timestamp,
        muted_until -> Nullable<Timestamp>,
        last_sent_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    room_bans (room_id, account_id) {
        room_id -> Text,
        account_id -> Text,
        by_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    room_events (room_id, seq) {
        room_id -> Text,
        seq -> BigInt,
        kind -> Text,
        message_id -> Nullable<Text>,
        account_id -> Nullable<Text>,
        by_id -> Nullable<Text>,
        body -> Nullable<Text>,
        detail -> Nullable<Text>,
        at -> Timestamp,
    }
}

diesel::table! {
    messages (id) {
        id -> Text,
        room_id -> Text,
        seq -> BigInt,
        account_id -> Text,
        client_msg_id -> Text,
        body -> Nullable<Text>,
        reply_to -> Nullable<Text>,
        named -> Nullable<Text>,
        created_at -> Timestamp,
        edited_at -> Nullable<Timestamp>,
        deleted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    room_authors (account_id, room_id) {
        account_id -> Text,
        room_id -> Text,
    }
}

diesel::table! {
    reactions (message_id, account_id, emoji) {
        message_id -> Text,
        account_id -> Text,
        emoji -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    mentions (message_id, account_id) {
        message_id -> Text,
        account_id -> Text,
        room_id -> Text,
        seq -> BigInt,
    }
}

diesel::table! {
    /// Only PostgreSQL has it; the words of SQLite are kept under the number of the message.
    message_texts (number) {
        number -> BigInt,
        message_id -> Text,
        room_id -> Text,
        seq -> BigInt,
    }
}
