//! What anybody may know about this house: `GET /site`.

use serde::{Deserialize, Serialize};

/// Answer of `GET /site`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SiteInfo {
    /// The name of the house.
    pub name: String,
    /// ISO 4217 code of the one currency.
    pub currency: String,
    /// Digits after the decimal point: 2 for cents, 0 for yen.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 9))]
    pub currency_digits: u32,
    /// What a VIP pays, in per cent of the regular price.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 100))]
    pub vip_price_percent: u32,
    /// Whether anybody may register.
    pub registration_open: bool,
    /// Whether the first admin is still to be made.
    pub setup_needed: bool,
}
