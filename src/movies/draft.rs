//! What an admin may say of a film, and how it is brought into one form.

use playhouse_api::movies as api;
use playhouse_api::problem::FieldCode;

use super::model::Error;
use super::service::Result;
use crate::clock::Time;
use crate::error::FieldChecks;

/// The highest price, in minor units.
const MAX_PRICE: i64 = 1_000_000_000;

const MAX_DESCRIPTION: usize = 20_000;
const MAX_TAGS: usize = 20;
/// Of a preview, in seconds.
const LONGEST_PREVIEW: i32 = 3600;

/// What an admin says of a film, checked; `None` where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub title: Option<String>,
    pub description: Option<String>,
    /// Lower case, trimmed, each once.
    pub tags: Option<Vec<String>>,
    /// Empty for none.
    pub category: Option<String>,
    pub price: Option<i64>,
    pub publish_at: Option<Option<Time>>,
    pub preview_seconds: Option<i32>,
}

/// Checks what is said of a film.
pub(super) fn check_changes(asked: api::MovieChanges) -> Result<Draft> {
    let mut checks = FieldChecks::default();
    let title = asked.title.map(|it| it.trim().to_owned());
    if let Some(title) = &title {
        checks.required_line(title, "title", 200);
    }
    if let Some(description) = &asked.description {
        check_description(&mut checks, description);
    }
    let category = asked
        .category
        .map(|it| it.unwrap_or_default().trim().to_owned());
    if let Some(category) = &category {
        checks.line(category, "category", 60);
    }
    let tags = asked.tags.map(|tags| check_tags(&mut checks, &tags));
    if let Some(price) = asked.price {
        let detail = format!("price is from 0 to {MAX_PRICE} minor units.");
        checks.require(
            (0..=MAX_PRICE).contains(&price),
            "price",
            FieldCode::OutOfRange,
            &detail,
        );
    }
    let publish_at = asked.publish_at.map(|at| at.map(|at| at.naive_utc()));
    if let Some(Some(at)) = publish_at {
        use chrono::Datelike as _;
        let is_near = (1970..=9999).contains(&at.year());
        checks.require(
            is_near,
            "publish_at",
            FieldCode::OutOfRange,
            "publish_at is in the years from 1970 to 9999.",
        );
    }
    if let Some(seconds) = asked.preview_seconds {
        let detail = format!("preview_seconds is from 0 to {LONGEST_PREVIEW}.");
        let is_right = (0..=LONGEST_PREVIEW).contains(&seconds);
        checks.require(is_right, "preview_seconds", FieldCode::OutOfRange, &detail);
    }
    checks.finish().map_err(Error::Invalid)?;
    Ok(Draft {
        title,
        description: asked.description,
        tags,
        category,
        price: asked.price,
        publish_at: publish_at.map(|at| at.map(whole_microseconds)),
        preview_seconds: asked.preview_seconds,
    })
}

fn check_description(checks: &mut FieldChecks, description: &str) {
    checks.text(description, "description", MAX_DESCRIPTION);
    let is_plain = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\0');
    checks.require(
        description.chars().all(is_plain),
        "description",
        FieldCode::InvalidFormat,
        "description has no control characters but line ends and tabs.",
    );
}

fn check_tags(checks: &mut FieldChecks, asked: &[String]) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in asked {
        let tag = tag.trim().to_lowercase();
        let length = tag.chars().count();
        checks.require(
            length > 0,
            "tags",
            FieldCode::TooShort,
            "A tag must not be empty.",
        );
        checks.require(
            length <= 40,
            "tags",
            FieldCode::TooLong,
            "A tag has at most 40 characters.",
        );
        let is_plain = !tag.chars().any(char::is_control);
        checks.require(
            is_plain,
            "tags",
            FieldCode::InvalidFormat,
            "A tag has no control characters.",
        );
        if !tags.contains(&tag) {
            tags.push(tag);
        }
        if tags.len() > MAX_TAGS {
            break;
        }
    }
    let detail = format!("A film has at most {MAX_TAGS} tags.");
    checks.require(tags.len() <= MAX_TAGS, "tags", FieldCode::TooLong, &detail);
    tags
}

/// What both databases keep.
fn whole_microseconds(at: Time) -> Time {
    chrono::DateTime::from_timestamp_micros(at.and_utc().timestamp_micros())
        .unwrap_or_default()
        .naive_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(changes: api::MovieChanges) -> Vec<(String, String)> {
        match check_changes(changes) {
            Err(Error::Invalid(fields)) => {
                fields.into_iter().map(|it| (it.field, it.code)).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    fn changes(change: impl FnOnce(&mut api::MovieChanges)) -> api::MovieChanges {
        let mut changes = api::MovieChanges::default();
        change(&mut changes);
        changes
    }

    #[test]
    fn what_is_said_is_brought_into_one_form() {
        let draft = check_changes(changes(|it| {
            it.title = Some("  Night Train ".to_owned());
            it.tags = Some(vec![
                " Noir ".to_owned(),
                "noir".to_owned(),
                "ÉTÉ".to_owned(),
            ]);
            it.category = Some(None);
        }))
        .unwrap();
        assert_eq!(draft.title.as_deref(), Some("Night Train"));
        assert_eq!(draft.tags.unwrap(), ["noir", "été"]);
        assert_eq!(draft.category.as_deref(), Some(""));
        assert_eq!((draft.price, draft.publish_at), (None, None));
    }

    #[test]
    fn everything_wrong_is_told() {
        let many = (0..21).map(|n| n.to_string()).collect();
        let wrong = refused(changes(|it| {
            it.title = Some(" ".to_owned());
            it.description = Some("a\u{1b}[2J".to_owned());
            it.tags = Some(many);
            it.category = Some(Some("x".repeat(61)));
            it.price = Some(-1);
        }));
        let fields: Vec<&str> = wrong.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(
            fields,
            ["title", "description", "category", "tags", "price"]
        );
        for price in [i64::MIN, MAX_PRICE + 1, i64::MAX] {
            assert_eq!(
                refused(changes(|it| it.price = Some(price)))[0].1,
                "out_of_range"
            );
        }
        for (tag, code) in [
            (" ", "too_short"),
            ("a\u{7}b", "invalid_format"),
            (&*"x".repeat(41), "too_long"),
        ] {
            assert_eq!(
                refused(changes(|it| it.tags = Some(vec![tag.to_owned()])))[0].1,
                code
            );
        }
        let far = "+012026-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(
            refused(changes(|it| it.publish_at = Some(Some(far))))[0].0,
            "publish_at"
        );
        assert_eq!(
            refused(changes(|it| it.description = Some("x".repeat(20_001))))[0].1,
            "too_long"
        );
    }
}
