//! What VIPs pay, and what it costs to be one.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MembershipConfig {
    /// What a VIP pays for a film, in per cent of its price.
    pub vip_price_percent: i64,
    pub plans: Vec<PlanConfig>,
}

impl Default for MembershipConfig {
    fn default() -> Self {
        let plan = |id: &str, title: &str, days, price| PlanConfig {
            id: id.to_owned(),
            title: title.to_owned(),
            days,
            price,
        };
        Self {
            vip_price_percent: 50,
            plans: vec![
                plan("month", "One month", 30, 900),
                plan("year", "One year", 365, 9000),
            ],
        }
    }
}

/// A VIP plan that members buy from their wallet.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanConfig {
    pub id: String,
    pub title: String,
    pub days: i64,
    /// Minor units.
    pub price: i64,
}
