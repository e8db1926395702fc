//! What the types promise in the OpenAPI document.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends with the first thing that is wrong"
)]

use playhouse_api::accounts::{NewSession, OpenedSession};
use playhouse_api::movies::{Movie, MovieChanges, MovieDetail, MovieQuery};
use playhouse_api::{Page, Problem};
use serde_json::{Value, json};
use utoipa::{IntoParams as _, PartialSchema};

fn schema<T: PartialSchema>() -> Value {
    serde_json::to_value(T::schema()).unwrap()
}

fn required(schema: &Value) -> Vec<&str> {
    schema["required"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect()
}

#[test]
fn a_body_takes_no_unknown_field_and_null_where_it_clears() {
    let changes = schema::<MovieChanges>();
    assert_eq!(changes["additionalProperties"], false);
    assert_eq!(changes["required"], Value::Null);
    for nullable in ["publish_at", "category"] {
        assert_eq!(
            changes["properties"][nullable]["type"],
            json!(["string", "null"]),
            "{changes}"
        );
    }
}

#[test]
fn an_answer_always_has_all_its_fields() {
    let movie = schema::<Movie>();
    let fields = movie["properties"].as_object().unwrap().len();
    assert_eq!(required(&movie).len(), fields);
    assert_eq!(
        movie["properties"]["duration"]["type"],
        json!(["number", "null"])
    );
    let page = schema::<Page<Movie>>();
    assert_eq!(required(&page), ["items", "next_cursor"]);
}

#[test]
fn a_flattened_film_is_a_film_and_more() {
    let detail = schema::<MovieDetail>();
    assert_eq!(detail["allOf"].as_array().unwrap().len(), 2, "{detail}");
}

#[test]
fn secrets_are_strings() {
    let login = schema::<NewSession>().to_string();
    assert!(login.contains("password"));
    assert_eq!(
        schema::<OpenedSession>()["properties"]["token"]["type"],
        "string"
    );
}

#[test]
fn a_problem_names_its_codes() {
    let problem = schema::<Problem>();
    assert!(
        problem["properties"]["code"]
            .to_string()
            .contains("ErrorCode"),
        "{problem}"
    );
    assert!(!required(&problem).contains(&"errors"));
}

#[test]
fn a_query_is_made_of_optional_parameters() {
    let parameters = MovieQuery::into_params(|| None);
    let parameters = serde_json::to_value(parameters).unwrap();
    for parameter in parameters.as_array().unwrap() {
        assert_eq!(parameter["in"], "query");
        assert_eq!(parameter["required"], false, "{parameter}");
    }
    let limit = parameters
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["name"] == "limit")
        .unwrap();
    assert_eq!(limit["schema"]["maximum"], 200);
}
