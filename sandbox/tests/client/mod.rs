//! A client that sends exactly what it is told, and a sandbox to send it to.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use clap::Parser as _;
use sandbox::{Sandbox, Settings};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

/// A sandbox of its own for each test.
pub struct Place {
    runtime: Option<Runtime>,
    ready: Value,
    _sandbox: Sandbox,
}

/// An answer, read until the connection closed.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

impl Place {
    pub fn start(arguments: &[&str]) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let settings = Settings::parse_from(["sandbox", "--quiet"].iter().chain(arguments));
        let sandbox = runtime.block_on(Sandbox::start(settings)).unwrap();
        let ready = serde_json::from_str(&sandbox.ready().unwrap()).unwrap();
        Self { runtime: Some(runtime), ready, _sandbox: sandbox }
    }

    pub fn base(&self, service: &str) -> String {
        self.ready["services"][service]["baseUrl"].as_str().unwrap().to_owned()
    }

    pub fn api(&self, service: &str) -> String {
        self.ready["services"][service]["api"].as_str().unwrap().to_owned()
    }

    pub fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.ready["control"].as_str().unwrap());
        let answer = send(method, &url, &[], &body.to_string()).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// The last entry of a service's journal.
    pub fn last(&self, service: &str) -> Value {
        let journal = self.control("GET", &format!("/journal?service={service}"), &json!({}));
        journal.as_array().unwrap().last().unwrap().clone()
    }

    /// Why the last request was refused.
    pub fn why(&self, service: &str) -> String {
        let last = self.last(service);
        assert_eq!(last["verdict"], "refused");
        last["why"].as_str().unwrap().to_owned()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Sends a request; None when the connection was closed without an answer.
pub fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut request = format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // A connection that is reset after its last byte has been read is an answer all the same.
    drop(stream.read_to_end(&mut answer));
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Some(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

/// Posts a form whose values need no encoding beyond what the caller did.
pub fn post_form(url: &str, form: &str) -> Answer {
    send("POST", url, &[("Content-Type", "application/x-www-form-urlencoded")], form).unwrap()
}

/// Gets with a bearer token.
pub fn get(url: &str, token: &str) -> Answer {
    send("GET", url, &[("Authorization", &format!("Bearer {token}"))], "").unwrap()
}
