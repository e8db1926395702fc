//! How films are shown to people.

use playhouse_api::Page;
use playhouse_api::movies::{Movie, MovieDetail, MovieState};
use playhouse_api::site::SiteInfo;
use playhouse_cli_support::table::{Table, fields, left, right};
use playhouse_cli_support::{money, output, when};

pub(super) fn movie_table(page: &Page<Movie>, site: &SiteInfo) -> String {
    let mut table = Table::new([
        left("ID"),
        left("TITLE"),
        right("PRICE"),
        left("STATE"),
        right("LENGTH"),
        right("SIZE"),
        left("CREATED (UTC)"),
    ]);
    for movie in &page.items {
        table.row([
            movie.id.to_string(),
            movie.title.clone(),
            money::show_price(movie.price, site),
            state_word(movie),
            movie
                .duration
                .map_or_else(|| "-".to_owned(), output::duration),
            output::bytes(movie.size),
            when::show(movie.created_at),
        ]);
    }
    table.to_string()
}

/// The state, or that its time has not come.
fn state_word(movie: &Movie) -> String {
    let word = match movie.state {
        _ if movie.deleted_at.is_some() => "deleted",
        MovieState::Published if movie.publish_at.is_some_and(|at| at > when::now()) => "scheduled",
        MovieState::Published => "published",
        MovieState::Processing => "processing",
        MovieState::Failed => "failed",
    };
    word.to_owned()
}

pub(super) fn movie_fields(detail: &MovieDetail, site: &SiteInfo) -> String {
    let movie = &detail.movie;
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let picture = match (movie.width, movie.height) {
        (Some(width), Some(height)) => format!("{width}x{height}"),
        _ => "-".to_owned(),
    };
    fields(&[
        ("id", movie.id.to_string()),
        ("title", movie.title.clone()),
        ("description", movie.description.clone()),
        ("tags", movie.tags.join(", ")),
        ("category", or_dash(&movie.category)),
        ("price", money::show_price(movie.price, site)),
        ("state", state_word(movie)),
        ("publish at", when::show_or_dash(movie.publish_at)),
        (
            "length",
            movie
                .duration
                .map_or_else(|| "-".to_owned(), output::duration),
        ),
        ("picture", picture),
        (
            "size",
            format!("{} ({} bytes)", output::bytes(movie.size), movie.size),
        ),
        ("blake3", or_dash(&movie.blake3)),
        ("sha256", or_dash(&movie.sha256)),
        ("md5", or_dash(&movie.md5)),
        ("created", when::show(movie.created_at)),
        ("deleted", when::show_or_dash(movie.deleted_at)),
    ])
}
