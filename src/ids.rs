//! Identifiers: one newtype for each table, each a UUIDv7 in its usual text form.
//!
//! They are made here and nowhere else, so that ids sort by the time they were made, on both databases alike.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use uuid::Uuid;

macro_rules! id_types {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, diesel::AsExpression, diesel::FromSqlRow)]
        #[diesel(sql_type = Text)]
        pub struct $name(String);

        impl $name {
            /// A new id, later than every id made before it on this machine.
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7().to_string())
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The id as the API shows it.
            #[must_use]
            pub fn uuid(&self) -> Uuid {
                Uuid::parse_str(&self.0).unwrap_or_default()
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id.to_string())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<DB: Backend> ToSql<Text, DB> for $name
        where
            str: ToSql<Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.0.as_str().to_sql(out)
            }
        }

        impl<DB: Backend> FromSql<Text, DB> for $name
        where
            String: FromSql<Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                String::from_sql(bytes).map(Self)
            }
        }
    )*};
}

id_types! {
    AccountId,
    /// A login session, not a WebSocket connection.
    SessionId,
    AccessTokenId,
    AuditId,
    BlobId,
    MovieId,
    UploadId,
    JobId,
    LedgerEntryId,
    OrderId,
    VoucherId,
    TicketId,
    NoticeId,
    /// A file or folder of a drive. A root has the id of its account.
    EntryId,
    VersionId,
    ShareId,
    RoomId,
    MessageId,
    RenditionId,
    RenditionFileId,
    SeriesId,
    CommentId,
    WebhookId,
    WebhookDeliveryId,
}
