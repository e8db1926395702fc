//! The names of the upload protocol: tus 1.0.0 at `/uploads`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The protocol version, in `Tus-Resumable` and `Tus-Version`.
pub const TUS_VERSION: &str = "1.0.0";

/// What this server can do beyond the core of the protocol, in `Tus-Extension`.
pub const TUS_EXTENSIONS: &str = "creation,creation-with-upload,creation-defer-length,checksum,expiration,termination,concatenation,concatenation-unfinished";

/// Where uploads begin, and before their ids.
pub const UPLOADS_PATH: &str = "/api/v1/uploads";

/// Media type of a PATCH body.
pub const OFFSET_OCTET_STREAM: &str = "application/offset+octet-stream";

/// `Tus-Resumable`: the version of this request or answer.
pub const TUS_RESUMABLE: &str = "Tus-Resumable";
/// `Tus-Version`: the versions that the server speaks.
pub const TUS_VERSIONS: &str = "Tus-Version";
/// `Tus-Extension`: see [`TUS_EXTENSIONS`].
pub const TUS_EXTENSION: &str = "Tus-Extension";
/// `Tus-Max-Size`: bytes of the largest upload.
pub const TUS_MAX_SIZE: &str = "Tus-Max-Size";
/// `Tus-Checksum-Algorithm`: what the server takes in `Upload-Checksum`, with commas.
pub const TUS_CHECKSUM_ALGORITHM: &str = "Tus-Checksum-Algorithm";
/// `Upload-Offset`: bytes that are durable.
pub const UPLOAD_OFFSET: &str = "Upload-Offset";
/// `Upload-Length`: bytes of the whole file.
pub const UPLOAD_LENGTH: &str = "Upload-Length";
/// `Upload-Metadata`: keys and base64 values, see [`metadata`].
pub const UPLOAD_METADATA: &str = "Upload-Metadata";
/// `Upload-Checksum`: algorithm and base64 digest of this request's body.
pub const UPLOAD_CHECKSUM: &str = "Upload-Checksum";
/// `Upload-Expires`: when an unfinished upload is cleared.
pub const UPLOAD_EXPIRES: &str = "Upload-Expires";

/// `Upload-Defer-Length`: 1 while the length is not known.
pub const UPLOAD_DEFER_LENGTH: &str = "Upload-Defer-Length";
/// `Upload-Concat`: `partial`, or `final;` and the addresses of the parts.
pub const UPLOAD_CONCAT: &str = "Upload-Concat";

/// Keys of `Upload-Metadata`.
pub mod metadata {
    /// The file's own name.
    pub const FILENAME: &str = "filename";
    /// Its media type.
    pub const FILETYPE: &str = "filetype";
    /// What the upload is for: [`Purpose`](super::Purpose).
    pub const PURPOSE: &str = "purpose";
    /// Drive: the target file.
    pub const PATH: &str = "path";
    /// Drive: what to do when the name is taken, [`OnConflict`](super::OnConflict).
    pub const ON_CONFLICT: &str = "on_conflict";
    /// Drive: when the content changed, RFC 3339.
    pub const MODIFIED_AT: &str = "modified_at";
    /// Partial uploads that are written straight into place: a UUID that the client made for the whole file.
    pub const PART_OF: &str = "part_of";
    /// Where in that file the part begins.
    pub const PART_OFFSET: &str = "part_offset";
}

/// What an upload is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Purpose {
    /// A film to be published; admins only.
    Movie,
    /// A file of the member's drive.
    Drive,
}

/// What a drive upload does when the name is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OnConflict {
    #[default]
    Fail,
    Replace,
    Rename,
}

/// Algorithms of `Upload-Checksum`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChecksumAlgorithm {
    Blake3,
    Sha256,
    Sha1,
    Md5,
}

impl Purpose {
    /// The metadata value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Movie => "movie",
            Self::Drive => "drive",
        }
    }

    /// Reads the metadata value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Movie, Self::Drive]
            .into_iter()
            .find(|it| it.as_str() == text)
    }
}

impl OnConflict {
    /// The metadata value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Replace => "replace",
            Self::Rename => "rename",
        }
    }

    /// Reads the metadata value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Fail, Self::Replace, Self::Rename]
            .into_iter()
            .find(|it| it.as_str() == text)
    }
}

impl ChecksumAlgorithm {
    /// Every algorithm, in the order of preference.
    pub const ALL: [Self; 4] = [Self::Blake3, Self::Sha256, Self::Sha1, Self::Md5];

    /// The name in `Upload-Checksum` and `Tus-Checksum-Algorithm`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blake3 => "blake3",
            Self::Sha256 => "sha256",
            Self::Sha1 => "sha1",
            Self::Md5 => "md5",
        }
    }

    /// Reads the name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metadata_values_are_those_of_the_json() {
        for purpose in [Purpose::Movie, Purpose::Drive] {
            assert_eq!(serde_json::to_value(purpose).unwrap(), purpose.as_str());
            assert_eq!(Purpose::parse(purpose.as_str()), Some(purpose));
        }
        for rule in [OnConflict::Fail, OnConflict::Replace, OnConflict::Rename] {
            assert_eq!(serde_json::to_value(rule).unwrap(), rule.as_str());
            assert_eq!(OnConflict::parse(rule.as_str()), Some(rule));
        }
        for algorithm in ChecksumAlgorithm::ALL {
            assert_eq!(serde_json::to_value(algorithm).unwrap(), algorithm.as_str());
            assert_eq!(
                ChecksumAlgorithm::parse(algorithm.as_str()),
                Some(algorithm)
            );
        }
        assert_eq!(Purpose::parse("Movie"), None);
    }
}

/// An upload that is not finished, in the export of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UploadRecord {
    pub id: Uuid,
    pub file_name: String,
    pub content_type: String,
    /// Where in the drive the file shall be.
    pub path: Option<String>,
    /// Bytes; null until the client has said it.
    pub size: Option<i64>,
    /// Bytes that have arrived.
    pub acknowledged: i64,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}
