//! Where the bytes of films and files are kept: `[storage]`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

/// Where finished bytes are, and the keys to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StorageConfig {
    /// `file:FOLDER`, below the data folder, or `s3://BUCKET/PREFIX?endpoint=...&region=...`.
    pub url: String,
    /// The key of S3; from the environment (`AWS_ACCESS_KEY_ID` and so on) when empty.
    pub access_key_id: String,
    pub secret_access_key: String,
    /// Bytes of a part of a large object; more when 10,000 parts would not be enough.
    pub part_bytes: u64,
}

/// What `storage.url` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageTarget {
    /// A folder, below the data folder unless it is absolute.
    Folder(PathBuf),
    S3(S3Address),
}

/// A part of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Address {
    pub bucket: String,
    /// Without slashes at its ends; may be empty.
    pub prefix: String,
    /// For services other than that of Amazon.
    pub endpoint: Option<String>,
    pub region: Option<String>,
    /// Whether the bucket is a part of the host name.
    pub is_virtual_host: bool,
    /// Whether the service refuses to replace an object when it is asked to (`If-None-Match`).
    pub is_conditional: bool,
}

impl Default for StorageConfig {
    fn default() -> Self {
        Self {
            url: "file:storage".to_owned(),
            access_key_id: String::new(),
            secret_access_key: String::new(),
            part_bytes: 8 << 20,
        }
    }
}

impl StorageConfig {
    /// What `url` names.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn target(&self) -> Result<StorageTarget, String> {
        if !(5 << 20..=1 << 30).contains(&self.part_bytes) {
            return Err("storage.part_bytes is from 5 MiB to 1 GiB".to_owned());
        }
        if self.access_key_id.is_empty() != self.secret_access_key.is_empty() {
            return Err(
                "storage.access_key_id and storage.secret_access_key go together".to_owned(),
            );
        }
        if let Some(path) = self.url.strip_prefix("file:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return Ok(StorageTarget::Folder(path.into()));
        }
        if self.url.starts_with("s3://") {
            return parse_s3(&self.url).map(StorageTarget::S3);
        }
        Err("storage.url must begin with file: or s3://".to_owned())
    }
}

fn parse_s3(text: &str) -> Result<S3Address, String> {
    let url = Url::parse(text).map_err(|error| format!("storage.url is no address: {error}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "storage.url has no keys in it: use storage.access_key_id and storage.secret_access_key"
                .to_owned(),
        );
    }
    let mut address = S3Address {
        bucket: url.host_str().unwrap_or_default().to_owned(),
        prefix: url.path().trim_matches('/').to_owned(),
        endpoint: None,
        region: None,
        is_virtual_host: false,
        is_conditional: true,
    };
    if address.bucket.is_empty() {
        return Err("storage.url names no bucket: s3://BUCKET/PREFIX".to_owned());
    }
    for (key, value) in url.query_pairs() {
        match &*key {
            "endpoint" => address.endpoint = Some(value.into_owned()),
            "region" => address.region = Some(value.into_owned()),
            "virtual_host" => address.is_virtual_host = parse_bool(&key, &value)?,
            "conditional" => address.is_conditional = parse_bool(&key, &value)?,
            _ => return Err(format!("storage.url has an unknown parameter {key:?}")),
        }
    }
    match &address.endpoint {
        Some(endpoint) if !endpoint.starts_with("http://") && !endpoint.starts_with("https://") => {
            Err("the endpoint in storage.url must begin with http:// or https://".to_owned())
        }
        _ => Ok(address),
    }
}

fn parse_bool(key: &str, value: &str) -> Result<bool, String> {
    value
        .parse()
        .map_err(|_| format!("{key} in storage.url is true or false"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Result<StorageTarget, String> {
        let config = StorageConfig {
            url: url.to_owned(),
            ..StorageConfig::default()
        };
        config.target()
    }

    #[test]
    fn an_address_of_s3_is_read() {
        let Ok(StorageTarget::S3(address)) =
            target("s3://house/films/main/?endpoint=http://127.0.0.1:9000&region=eu-north-1")
        else {
            panic!("it is an address");
        };
        assert_eq!(
            (&*address.bucket, &*address.prefix),
            ("house", "films/main")
        );
        assert_eq!(address.endpoint.as_deref(), Some("http://127.0.0.1:9000"));
        assert_eq!(address.region.as_deref(), Some("eu-north-1"));
        assert!(address.is_conditional && !address.is_virtual_host);
        let Ok(StorageTarget::S3(plain)) = target("s3://house?conditional=false") else {
            panic!("it is an address");
        };
        assert_eq!((&*plain.prefix, plain.is_conditional), ("", false));
        assert_eq!(
            target("file:///srv/films"),
            Ok(StorageTarget::Folder("/srv/films".into()))
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (url, said) in [
            ("ftp://x", "file: or s3://"),
            ("s3://", "bucket"),
            ("s3://key:secret@bucket", "access_key_id"),
            ("s3://bucket?colour=red", "colour"),
            ("s3://bucket?endpoint=minio:9000", "http://"),
            ("s3://bucket?conditional=maybe", "true or false"),
        ] {
            let error = target(url).unwrap_err();
            assert!(error.contains(said), "{url}: {error}");
        }
        for (part_bytes, secret, said) in [(1, "", "part_bytes"), (8 << 20, "x", "go together")] {
            let config = StorageConfig {
                part_bytes,
                secret_access_key: secret.to_owned(),
                ..StorageConfig::default()
            };
            assert!(config.target().unwrap_err().contains(said));
        }
    }
}
