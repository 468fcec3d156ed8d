//! Entrypoint 0 answers in the shape in which it is asked, and denies in it whatever goes wrong.

use anyhow::Result;
use serde_json::{Value, json};

use super::host::{Abort, Host};
use super::samples::{DIGEST, IMAGE, vectors};

/// What stands at that member of the call of that vector.
fn of(name: &str, member: &str) -> Value {
    let vectors = vectors().expect("vectors are made");
    vectors[name]["call"][member].clone()
}

fn data(vector: &str) -> Value {
    json!({"sealstone": {"policy": of(vector, "policy"), "now": of(vector, "now")}})
}

fn review(input: &Value, data: &Value) -> Result<Value> {
    Host::new(5, Abort::Returns)?.evaluate(0, &input.to_string(), &data.to_string())
}

const GOOD: &str = "opa-in-annotation";
const BAD: &str = "opa-in-annotation-by-another";

#[test]
fn violations_for_gatekeeper() -> Result<()> {
    for (vector, count) in [(GOOD, 0), (BAD, 1)] {
        let (request, policy) = (of(vector, "request"), of(vector, "policy"));
        let by_data = review(&json!({"review": request, "parameters": {}}), &data(vector))?;
        let by_parameters = review(
            &json!({"review": request, "parameters": policy, "now": of(vector, "now")}),
            &json!({}),
        )?;
        assert_eq!(by_data, by_parameters);
        assert_eq!(by_data.as_array().map(Vec::len), Some(count), "{by_data}");
        if count > 0 {
            let message = by_data[0]["msg"].as_str().unwrap_or_default();
            assert!(message.ends_with("(signature.invalid)"), "{message}");
        }
    }
    Ok(())
}

#[test]
fn responses_for_requests() -> Result<()> {
    for (vector, allowed) in [(GOOD, true), (BAD, false)] {
        let request = of(vector, "request");
        let mut settings = of(vector, "policy");
        settings["kubernetes"] = json!({"v1": {}});
        for (input, data) in [
            (json!({"request": request}), data(vector)),
            // As Kubewarden has it: the settings are the data.
            (
                json!({"request": request, "now": of(vector, "now")}),
                settings,
            ),
            (
                json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}),
                data(vector),
            ),
        ] {
            let answer = review(&input, &data)?;
            let response = &answer["response"];
            assert_eq!(response["allowed"], allowed, "{answer}");
            assert_eq!(response["uid"], request["uid"]);
            assert_eq!(response.get("status").is_none(), allowed);
        }
    }
    Ok(())
}

#[test]
fn decisions_for_the_rest() -> Result<()> {
    for (vector, allowed) in [("opa-in-policy", true), ("opa-in-policy-by-another", false)] {
        let input = json!({"images": [{"reference": IMAGE, "digest": DIGEST}]});
        let answer = review(&input, &data(vector))?;
        assert_eq!(answer["allowed"], allowed, "{answer}");
        assert_eq!(answer["kind"], "Decision");
        let vectors = vectors()?;
        assert_eq!(answer.to_string(), vectors[vector]["decision"].to_string());
    }
    Ok(())
}

/// What goes wrong is a denial in the shape that the host reads.
#[test]
fn failures_are_denials() -> Result<()> {
    let request = of(GOOD, "request");
    let mut broken = of(GOOD, "policy");
    broken["rules"] = json!([]);
    let broken = json!({"sealstone": {"policy": broken}});
    let twice = format!(
        r#"{{"sealstone":{{}},"sealstone":{}}}"#,
        data(GOOD)["sealstone"]
    );
    let datas = [
        ("null".to_owned(), "call.missing-field"),
        ("{}".to_owned(), "call.missing-field"),
        (
            json!({"sealstone": {"policy": null}}).to_string(),
            "call.missing-field",
        ),
        (broken.to_string(), "policy.empty"),
        (twice, "call.duplicate-member"),
    ];
    for (data, code) in datas {
        let evaluate = |input: Value| -> Result<Value> {
            Host::new(5, Abort::Ends)?.evaluate(0, &input.to_string(), &data)
        };
        let violations = evaluate(json!({"review": request}))?;
        let message = violations[0]["msg"].as_str().unwrap_or_default();
        assert!(message.ends_with(&format!("({code})")), "{data}: {message}");
        let response = evaluate(json!({"request": request}))?;
        assert_eq!(response["response"]["allowed"], false);
        assert_eq!(response["response"]["uid"], request["uid"]);
        let decision = evaluate(json!({"images": []}))?;
        assert_eq!(decision["allowed"], false);
        assert_eq!(decision["problems"][0]["code"], code);
        let pure = Host::new(5, Abort::Ends)?.evaluate(
            1,
            &json!({"request": {"images": []}}).to_string(),
            &data,
        )?;
        assert_eq!(pure["problems"][0]["code"], code);
    }
    // Without any shape, hosts of every kind take an array of one violation for a denial.
    for input in [
        "",
        "1",
        "[",
        "null",
        r#"{"review":1,"review":2}"#,
        r#"{"review":null}"#,
    ] {
        let answer = Host::new(5, Abort::Ends)?.evaluate(0, input, &data(GOOD).to_string())?;
        assert!(answer[0]["msg"].is_string(), "{input}: {answer}");
    }
    let pure = Host::new(5, Abort::Ends)?.evaluate(1, r#"{"requests":{}}"#, "{}")?;
    assert_eq!(pure["problems"][0]["code"], "call.unknown-field");
    Ok(())
}

/// Without a time all that expires has expired.
#[test]
fn without_a_time_it_is_the_last_second() -> Result<()> {
    let input = json!({"policy": of("opa-signed", "policy"), "request": of("opa-signed", "request"),
        "evidence": of("opa-signed", "evidence")});
    let answer = Host::new(2, Abort::Ends)?.evaluate(1, &input.to_string(), "null")?;
    assert_eq!(answer["time"], "9999-12-31T23:59:59Z");
    for (now, code) in [
        (json!("1"), "call.wrong-type"),
        (json!(-1), "call.wrong-type"),
    ] {
        let mut input = input.clone();
        input["now"] = now;
        let answer = Host::new(2, Abort::Ends)?.evaluate(1, &input.to_string(), "null")?;
        assert_eq!(answer["problems"][0]["code"], code);
    }
    Ok(())
}
