//! Atom feeds (RFC 4287): notices and films.
//!
//! The catalogue is for members, so a feed wants a sign-in, or an access token with the scope `read` as `?token=`,
//! because most feed readers can send nothing else. The token of a login session is not taken from an address:
//! addresses end up in histories and logs. A feed bears its own address without the token.

use actix_web::http::header::{self, EntityTag, HeaderValue, HttpDate, IfModifiedSince};
use actix_web::{HttpRequest, HttpResponse, routes, web};
use atom_syndication::{Content, Entry, Feed, Link, Person, Text};
use chrono::{DateTime, Utc};
use playhouse_api::accounts::Scope;
use playhouse_api::movies::MovieQuery;
use playhouse_api::problem::ErrorCode;
use serde::Deserialize;

use crate::accounts::{Accounts, MaybeSignedIn, Via};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::http::conditional;
use crate::http::extract::Query;
use crate::http::request::Origin;
use crate::movies::Movies;
use crate::notices::Notices;

/// Entries of a feed.
const LENGTH: u32 = 50;

/// The addresses of the feeds: short ones to show, and the same below `/api/v1` for whoever looks there.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes.service(notices_feed).service(movies_feed);
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FeedQuery {
    /// An access token with the scope `read`.
    token: Option<String>,
}

/// The newest notices.
#[routes]
#[get("/feeds/notices.atom")]
#[get("/api/v1/feeds/notices.atom")]
async fn notices_feed(
    notices: web::Data<Notices>,
    accounts: web::Data<Accounts>,
    config: web::Data<Config>,
    request: HttpRequest,
    who: MaybeSignedIn,
    query: Query<FeedQuery>,
) -> Result<HttpResponse> {
    may_read(&request, &accounts, &who, query.0.token.as_deref()).await?;
    let base = base_url(&request, &config);
    let entries = notices.list_newest(LENGTH.into()).await?;
    let entries = entries.into_iter().map(|notice| Item {
        id: notice.id,
        title: notice.title,
        author: Some(notice.author),
        link: format!("{base}/notices"),
        content: notice.body_html,
        is_html: true,
        published: notice.created_at,
        updated: notice.updated_at,
    });
    let feed = feed(&request, &config, "notices", "/notices", entries.collect());
    answer(&request, &feed)
}

/// The films that came last into the catalogue: titles, descriptions and where they are shown, but no bytes.
#[routes]
#[get("/feeds/movies.atom")]
#[get("/api/v1/feeds/movies.atom")]
async fn movies_feed(
    movies: web::Data<Movies>,
    accounts: web::Data<Accounts>,
    config: web::Data<Config>,
    request: HttpRequest,
    who: MaybeSignedIn,
    query: Query<FeedQuery>,
) -> Result<HttpResponse> {
    may_read(&request, &accounts, &who, query.0.token.as_deref()).await?;
    let base = base_url(&request, &config);
    let newest = MovieQuery {
        limit: Some(LENGTH),
        ..MovieQuery::default()
    };
    let films = movies.list(false, newest).await?.items;
    let entries = films.into_iter().map(|film| Item {
        id: film.id,
        title: film.title,
        author: None,
        link: format!("{base}/movies/{}", film.id),
        content: film.description,
        is_html: false,
        published: film.publish_at.unwrap_or(film.created_at),
        updated: film.publish_at.unwrap_or(film.created_at),
    });
    let feed = feed(&request, &config, "films", "/", entries.collect());
    answer(&request, &feed)
}

/// One entry, whatever it is about.
struct Item {
    id: uuid::Uuid,
    title: String,
    author: Option<String>,
    link: String,
    content: String,
    is_html: bool,
    published: DateTime<Utc>,
    updated: DateTime<Utc>,
}

/// A sign-in like everywhere, or else an access token in the address.
async fn may_read(
    request: &HttpRequest,
    accounts: &Accounts,
    who: &MaybeSignedIn,
    token: Option<&str>,
) -> Result<()> {
    if who.0.is_some() {
        return Ok(());
    }
    let Some(token) = token else {
        return Err(crate::accounts::Error::NotSignedIn.into());
    };
    let address = Origin::address_of(request);
    let viewer = accounts.identify(token, address).await?;
    match &viewer.via {
        Via::Session(_) | Via::Password => Err(crate::accounts::Error::NotSignedIn.into()),
        Via::Token { .. } if viewer.has_scope(Scope::Read) || viewer.is_admin() => Ok(()),
        Via::Token { .. } => Err(Error::new(
            ErrorCode::MissingScope,
            "The access token lacks the scope read.",
        )),
    }
}

/// How the house is reached from outside, without a slash at the end.
fn base_url(request: &HttpRequest, config: &Config) -> String {
    let public = config.server.public_url.trim_end_matches('/');
    if !public.is_empty() {
        return public.to_owned();
    }
    let scheme = if Origin::of(request).is_https {
        "https"
    } else {
        "http"
    };
    format!("{scheme}://{}", request.connection_info().host())
}

/// A feed of the house; `page` is where the same is read in a browser.
fn feed(request: &HttpRequest, config: &Config, name: &str, page: &str, items: Vec<Item>) -> Feed {
    let base = base_url(request, config);
    let own = format!("{base}{}", request.path());
    let updated = items.iter().map(|item| item.updated).max();
    Feed {
        title: Text::plain(format!("{}: {name}", config.site.name)),
        id: own.clone(),
        updated: updated.unwrap_or_default().fixed_offset(),
        authors: vec![person(config.site.name.clone())],
        links: vec![
            link("self", own),
            link("alternate", format!("{base}{page}")),
        ],
        entries: items.into_iter().map(entry).collect(),
        ..Feed::default()
    }
}

fn entry(item: Item) -> Entry {
    Entry {
        id: format!("urn:uuid:{}", item.id),
        title: Text::plain(xml_text(&item.title)),
        updated: item.updated.fixed_offset(),
        published: Some(item.published.fixed_offset()),
        authors: item.author.map(person).into_iter().collect(),
        links: vec![link("alternate", item.link)],
        content: Some(Content {
            value: Some(xml_text(&item.content)),
            content_type: Some(if item.is_html { "html" } else { "text" }.to_owned()),
            ..Content::default()
        }),
        ..Entry::default()
    }
}

fn person(name: String) -> Person {
    Person {
        name,
        ..Person::default()
    }
}

fn link(rel: &str, href: String) -> Link {
    Link {
        href,
        rel: rel.to_owned(),
        ..Link::default()
    }
}

/// XML 1.0 has no form for most control characters.
fn xml_text(text: &str) -> String {
    let is_allowed = |it: &char| {
        matches!(it, '\t' | '\n' | '\r')
            || !it.is_control() && !matches!(it, '\u{fffe}' | '\u{ffff}')
    };
    text.chars().filter(is_allowed).collect()
}

/// The feed, or 304 when the reader has it. An entity tag is trusted before a time, since a time cannot tell that an
/// entry is gone.
fn answer(request: &HttpRequest, feed: &Feed) -> Result<HttpResponse> {
    let changed: std::time::SystemTime = feed.updated.to_utc().into();
    let bytes = feed.write_to(Vec::new()).map_err(Error::internal)?;
    let digest = blake3::hash(&bytes).to_hex();
    let tag = EntityTag::new_weak(digest.get(..32).unwrap_or_default().to_owned()).to_string();
    let is_known = match request.headers().get(header::IF_NONE_MATCH) {
        Some(wanted) => {
            HeaderValue::from_str(&tag).is_ok_and(|tag| conditional::names(wanted, &tag))
        }
        None => is_unchanged(request, changed),
    };
    let mut answer = if is_known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    answer
        .insert_header((header::ETAG, tag))
        .insert_header(header::LastModified(HttpDate::from(changed)))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::VARY, "Authorization, Cookie"));
    Ok(if is_known {
        answer.finish()
    } else {
        answer
            .content_type("application/atom+xml; charset=utf-8")
            .body(bytes)
    })
}

fn is_unchanged(request: &HttpRequest, changed: std::time::SystemTime) -> bool {
    use actix_web::http::header::Header as _;
    let Ok(IfModifiedSince(since)) = IfModifiedSince::parse(request) else {
        return false;
    };
    // Whole seconds on both sides, since that is all that the header holds.
    HttpDate::from(changed).to_string() == since.to_string()
        || changed <= std::time::SystemTime::from(since)
}

#[cfg(test)]
mod tests {
    use super::xml_text;

    #[test]
    fn what_xml_has_no_form_for_is_left_out() {
        assert_eq!(
            xml_text("a\u{0}\u{b}\u{1b}\u{85}\u{fffe}b\t\r\n\u{1f3ac}"),
            "ab\t\r\n\u{1f3ac}"
        );
    }
}
