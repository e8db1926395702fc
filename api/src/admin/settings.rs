//! The settings in force, as an admin sees them.

use serde::{Deserialize, Serialize};

/// Answer of `GET /admin/settings`: everything that an operator may set, as it is in force.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Settings {
    pub groups: Vec<SettingGroup>,
}

/// A section of the configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingGroup {
    /// Such as `server`; `general` for what stands outside of the sections.
    pub name: String,
    pub settings: Vec<Setting>,
}

/// One value in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Setting {
    /// As it is written in the file, with its section: `server.listen`.
    pub key: String,
    /// Null for what is not set. Secrets are masked.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub value: serde_json::Value,
    pub source: SettingSource,
    /// Whether `value`, or a part of it, is not told.
    pub masked: bool,
}

/// Where a value came from. A later one wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SettingSource {
    #[default]
    Default,
    /// The TOML file.
    File,
    /// A variable `PLAYHOUSE__SECTION__KEY`.
    Environment,
    /// The command line of the server.
    Flag,
}
