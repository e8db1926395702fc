//! The OpenAPI document as a list of calls, each with input that fits it.

use serde_json::{Map, Value, json};

use crate::{PASSWORD, text};

/// The document of the server under test.
pub struct Document(pub Value);

/// One call of the API.
#[derive(Clone, Debug)]
pub struct Operation {
    pub method: String,
    /// The pattern, such as `/api/v1/movies/{id}`.
    pub path: String,
    pub details: Value,
}

impl Document {
    pub fn parse(json: &str) -> Self {
        Self(serde_json::from_str(json).unwrap())
    }

    pub fn operations(&self) -> Vec<Operation> {
        let mut found = Vec::new();
        for (path, item) in self.0["paths"].as_object().unwrap() {
            for (method, details) in item.as_object().unwrap() {
                found.push(Operation {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    details: details.clone(),
                });
            }
        }
        found
    }

    /// The schema of the JSON body that a call takes, if it takes one.
    pub fn body_schema<'a>(&'a self, operation: &'a Operation) -> Option<&'a Value> {
        let content = &operation.details["requestBody"]["content"]["application/json"];
        content.get("schema").map(|schema| self.resolved(schema))
    }

    /// Follows `$ref`.
    pub fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(place) => {
                let place = place.strip_prefix('#').unwrap();
                self.resolved(self.0.pointer(place).unwrap())
            }
            None => schema,
        }
    }

    /// The least that fits a schema: what is required, and nothing else.
    pub fn sample(&self, schema: &Value, name: &str) -> Value {
        let schema = self.resolved(schema);
        for choice in ["oneOf", "anyOf"] {
            if let Some(first) = schema[choice]
                .as_array()
                .and_then(|all| all.iter().find(|it| it["type"] != "null"))
            {
                return self.sample(first, name);
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut whole = Map::new();
            for part in parts {
                whole.extend(
                    self.sample(part, name)
                        .as_object()
                        .cloned()
                        .unwrap_or_default(),
                );
            }
            return Value::Object(whole);
        }
        if let Some(first) = schema["enum"].as_array().and_then(|all| all.first()) {
            return first.clone();
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => text(
                kinds
                    .iter()
                    .find(|it| *it != "null")
                    .unwrap_or(&Value::Null),
            ),
            kind => text(kind),
        };
        match kind.as_str() {
            "object" => {
                let required = schema["required"].as_array().cloned().unwrap_or_default();
                let fields = required.iter().map(|field| {
                    let field = text(field);
                    let value = self.sample(&schema["properties"][&field], &field);
                    (field, value)
                });
                Value::Object(fields.collect())
            }
            "array" => json!([self.sample(&schema["items"], name)]),
            "integer" => json!(schema["minimum"].as_i64().unwrap_or(1).max(1)),
            "number" => json!(1.5),
            "boolean" => json!(false),
            _ => json!(sample_text(schema, name)),
        }
    }
}

fn sample_text(schema: &Value, name: &str) -> String {
    match (schema["format"].as_str().unwrap_or_default(), name) {
        ("uuid", _) => "019a9f6e-0000-7000-8000-000000000000".to_owned(),
        ("date-time", _) => "2099-01-01T00:00:00Z".to_owned(),
        (_, "username") => "somebody".to_owned(),
        (_, "password" | "current_password") => PASSWORD.to_owned(),
        (_, "new_password") => "another password".to_owned(),
        (_, "fingerprint") => "0".repeat(32),
        (_, "blake3") => "0".repeat(64),
        _ => "something".to_owned(),
    }
}

impl Operation {
    /// `GET /api/v1/movies/{id}`.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether nobody need sign in: `security: [{}]`.
    pub fn is_public(&self) -> bool {
        self.details["security"] == json!([{}])
    }

    /// The path below `/api/v1`, with an id that names nothing in each place.
    pub fn address(&self) -> String {
        let path = self.path.strip_prefix("/api/v1").unwrap();
        let parts = path.split('/').map(|part| {
            if part.starts_with('{') {
                "019a9f6e-0000-7000-8000-000000000000"
            } else {
                part
            }
        });
        parts.collect::<Vec<_>>().join("/")
    }

    /// The names of the parameters in a place: `query`, `path` or `header`.
    pub fn parameters(&self, place: &str) -> Vec<String> {
        let all = self.details["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let here = all.iter().filter(|it| it["in"] == place);
        here.map(|it| text(&it["name"])).collect()
    }
}
