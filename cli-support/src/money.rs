//! Amounts: people write major units ("4.99"), the API counts minor ones (499).

use playhouse_api::site::SiteInfo;

use crate::exit::Failure;

/// Reads an amount in major units. Digits, and at most `digits` decimals after a point; no sign,
/// no separators, no currency, so that nothing is guessed.
pub fn parse(text: &str, digits: u32) -> Result<i64, Failure> {
    let wrong = |why: &str| Failure::usage(format!("{text:?} is not an amount: {why}"));
    if text.starts_with('-') {
        return Err(wrong("it must not be negative"));
    }
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(whole) || !is_digits(decimals) {
        return Err(wrong("write it like 4.99, with a point"));
    }
    if text.contains('.') && decimals.len() > digits as usize {
        return Err(wrong(&format!("this currency has {digits} decimals")));
    }
    minor_units(whole, decimals, digits).ok_or_else(|| wrong("it is too large"))
}

fn minor_units(whole: &str, decimals: &str, digits: u32) -> Option<i64> {
    let scale = 10_i64.checked_pow(digits)?;
    let missing = digits.checked_sub(u32::try_from(decimals.len()).ok()?);
    // Without decimals in the currency the placeholder "0" is one digit too long.
    let fraction = match missing {
        Some(missing) => decimals
            .parse::<i64>()
            .ok()?
            .checked_mul(10_i64.checked_pow(missing)?)?,
        None => 0,
    };
    whole
        .parse::<i64>()
        .ok()?
        .checked_mul(scale)?
        .checked_add(fraction)
}

/// Writes an amount in major units with its currency: `4.99 EUR`.
pub fn show(amount: i64, site: &SiteInfo) -> String {
    format!(
        "{} {}",
        major_units(amount, site.currency_digits),
        site.currency
    )
}

/// The same, with the word for a film that costs nothing.
pub fn show_price(amount: i64, site: &SiteInfo) -> String {
    if amount == 0 {
        "free".to_owned()
    } else {
        show(amount, site)
    }
}

fn major_units(amount: i64, digits: u32) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let amount = amount.unsigned_abs();
    match 10_u64.checked_pow(digits) {
        Some(scale) if digits > 0 => {
            let width = digits as usize;
            format!("{sign}{}.{:0width$}", amount / scale, amount % scale)
        }
        _ => format!("{sign}{amount}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_exactly() {
        for (text, digits, amount) in [
            ("0", 2, 0),
            ("4", 2, 400),
            ("4.9", 2, 490),
            ("4.99", 2, 499),
            ("0.07", 2, 7),
            ("007.50", 2, 750),
            ("500", 0, 500),
            ("1.234", 3, 1234),
            ("92233720368547758.07", 2, i64::MAX),
        ] {
            assert_eq!(parse(text, digits).unwrap(), amount, "{text} with {digits}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for (text, digits) in [
            ("", 2),
            (".", 2),
            ("-1", 2),
            ("-0.01", 2),
            ("+1", 2),
            ("4.", 2),
            (".5", 2),
            ("4,99", 2),
            ("4.999", 2),
            ("5.0", 0),
            ("1 000", 2),
            ("4.99 EUR", 2),
            ("4.9.9", 2),
            ("1e3", 2),
            ("٤", 2),
            ("NaN", 2),
            ("92233720368547758.08", 2),
            ("99999999999999999999", 2),
        ] {
            let failure = parse(text, digits).unwrap_err();
            assert_eq!(failure.code, crate::exit::Code::Usage, "{text}");
        }
    }

    #[test]
    fn amounts_are_written_with_all_their_decimals() {
        assert_eq!(major_units(499, 2), "4.99");
        assert_eq!(major_units(7, 2), "0.07");
        assert_eq!(major_units(-7, 2), "-0.07");
        assert_eq!(major_units(500, 0), "500");
        assert_eq!(major_units(i64::MIN, 2), "-92233720368547758.08");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(amount in 0..=i64::MAX, digits in 0_u32..=9) {
            prop_assert_eq!(parse(&major_units(amount, digits), digits).unwrap(), amount);
        }
    }
}
