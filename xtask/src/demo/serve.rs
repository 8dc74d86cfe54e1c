//! A server of static files for one person's browser on the same machine.
//!
//! Loopback only, GET and HEAD only, one request for each connection.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

/// Longest head of a request.
const HEAD: u64 = 16 * 1024;
/// Longest wait for a client that neither sends nor reads.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves the files in `folder`, and `ready` as `/sandbox.json`, until the process ends.
pub(super) fn serve(listener: &TcpListener, folder: &Path, ready: &str) -> Result<ExitCode> {
    let folder = folder.canonicalize()?;
    std::thread::scope(|scope| {
        for stream in listener.incoming().flatten() {
            let folder = &folder;
            // A client that goes away in the middle is no news.
            scope.spawn(move || exchange(stream, folder, ready).ok());
        }
    });
    Ok(ExitCode::SUCCESS)
}

struct Answer {
    status: &'static str,
    kind: &'static str,
    body: Vec<u8>,
}

fn exchange(mut stream: TcpStream, folder: &Path, ready: &str) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut head = BufReader::new(stream.try_clone()?.take(HEAD)).lines();
    let request = head.next().transpose()?.unwrap_or_default();
    // Read to the blank line: an unread rest would make the connection end with a reset.
    while head.next().transpose()?.is_some_and(|line| !line.is_empty()) {}

    let answer = answer(&request, folder, ready);
    let with_body = !request.starts_with("HEAD ");
    write!(
        stream,
        "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n",
        answer.status,
        answer.kind,
        answer.body.len(),
    )?;
    if with_body {
        stream.write_all(&answer.body)?;
    }
    stream.flush()
}

fn answer(request: &str, folder: &Path, ready: &str) -> Answer {
    let refusal = |status| Answer { status, kind: "text/plain; charset=utf-8", body: status.into() };
    let mut words = request.split(' ');
    let (Some("GET" | "HEAD"), Some(target)) = (words.next(), words.next()) else {
        return refusal("405 Method Not Allowed");
    };
    let path = target.split(['?', '#']).next().unwrap_or_default();
    if path == "/sandbox.json" {
        return Answer { status: "200 OK", kind: "application/json", body: ready.into() };
    }
    let Some(file) = file_of(path, folder) else {
        return refusal("404 Not Found");
    };
    match fs::read(&file) {
        Ok(body) => Answer { status: "200 OK", kind: kind_of(&file), body },
        Err(_) => refusal("404 Not Found"),
    }
}

/// The file that a request's path names, if it is in `folder`: no step up, no absolute path, no link that leads out.
fn file_of(path: &str, folder: &Path) -> Option<PathBuf> {
    let relative = decoded(path.strip_prefix('/')?)?;
    let named = Path::new(&relative);
    if relative.contains(['\\', '\0']) || !named.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let mut file = folder.join(named);
    if file.is_dir() {
        file.push("index.html");
    }
    let file = file.canonicalize().ok()?;
    file.starts_with(folder).then_some(file)
}

/// Percent-decoding; None for what isn't UTF-8 or not encoded properly.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(out).ok()
}

fn kind_of(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "md" | "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(path: &str) -> Answer {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().unwrap();
        answer(&format!("GET {path} HTTP/1.1"), &folder, "{}")
    }

    #[test]
    fn serves_a_file_with_its_type() {
        assert_eq!(get("/src/main.rs?x=1").status, "200 OK");
        assert_eq!(kind_of(Path::new("a/b.mjs")), "text/javascript; charset=utf-8");
        assert_eq!(kind_of(Path::new("module.wasm")), "application/wasm");
    }

    #[test]
    fn says_where_the_services_are() {
        assert_eq!(get("/sandbox.json").body, b"{}");
    }

    #[test]
    fn never_leaves_its_folder() {
        for path in [
            "/../Cargo.toml",
            "/src/../../Cargo.toml",
            "/%2e%2e/Cargo.toml",
            "/..%2fCargo.toml",
            "//etc/passwd",
            "/%2fetc/passwd",
            "/..\\Cargo.toml",
            "/..%5cCargo.toml",
            "/src%00/main.rs",
            "/%zz",
            "/%2",
            "etc/passwd",
            "",
        ] {
            assert_eq!(get(path).status, "404 Not Found", "{path}");
        }
    }

    #[test]
    fn a_folder_without_a_page_is_not_listed() {
        assert_eq!(get("/src").status, "404 Not Found");
        assert_eq!(get("/").status, "404 Not Found");
    }

    #[test]
    fn reads_only() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(answer("POST / HTTP/1.1", folder, "{}").status, "405 Method Not Allowed");
        assert_eq!(answer("", folder, "{}").status, "405 Method Not Allowed");
    }
}
