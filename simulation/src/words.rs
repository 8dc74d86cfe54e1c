//! Inputs and outputs in a few words, for people; no secret is among them.

use propusk::session::{Input, Output};

/// What happens to a session.
pub fn input(input: &Input) -> String {
    match input {
        Input::Open { call } => format!("open {call}"),
        Input::Login { call, .. } => format!("login {call}"),
        Input::Confirm { call, .. } => format!("confirm {call}"),
        Input::SetSession { call, .. } => format!("set session {call}"),
        Input::Check { call, .. } => format!("check {call}"),
        Input::Refresh { call, .. } => format!("refresh {call}"),
        Input::Token { call, force, .. } => format!("token {call}{}", if *force { ", forced" } else { "" }),
        Input::Refused { call, .. } => format!("refused {call}"),
        Input::Accepted => "accepted".to_owned(),
        Input::Logout { call, .. } => format!("logout {call}"),
        Input::AuthorizationUrl { call, .. } => format!("authorization url {call}"),
        Input::Callback { call, .. } => format!("callback {call}"),
        Input::Abandon { call } => format!("abandon {call}"),
        Input::Resumed => "resumed".to_owned(),
        Input::Changed => "changed".to_owned(),
        Input::Close => "close".to_owned(),
        Input::Answered { op, answer } => match answer {
            Ok(answer) => format!("answered {op}: {}", answer.status),
            Err(error) => format!("answered {op}: {}", error.code.as_str()),
        },
        Input::Loaded { op, record } => match record {
            Ok(record) => format!("loaded {op}: {}", if record.is_some() { "a record" } else { "nothing" }),
            Err(error) => format!("loaded {op}: {}", error.code.as_str()),
        },
        Input::Swapped { op, done } => match done {
            Ok(done) => format!("swapped {op}: {done}"),
            Err(error) => format!("swapped {op}: {}", error.code.as_str()),
        },
        Input::Locked { op, lock } => match lock {
            Ok(lock) => format!("locked {op}: {lock}"),
            Err(error) => format!("locked {op}: {}", error.code.as_str()),
        },
        Input::Unlocked { op } => format!("unlocked {op}"),
        Input::Given { op, credentials } => {
            format!("given {op}: {}", if matches!(credentials, Ok(Some(_))) { "credentials" } else { "none" })
        }
        Input::Fired { timer } => format!("fired {timer:?}"),
    }
}

/// What a session says.
pub fn output(output: &Output) -> String {
    match output {
        Output::Send { op, request, timeout } => format!("send {op}: {}, {timeout} ms", request.purpose.as_str()),
        Output::Cancel { op } => format!("cancel {op}"),
        Output::Load { op, place } => format!("load {op}: {place:?}"),
        Output::Swap { op, place, value, .. } => {
            format!("swap {op}: {place:?}, {}", if value.is_some() { "a record" } else { "nothing" })
        }
        Output::Put { op, place, value } => {
            format!("put {op}: {place:?}, {}", if value.is_some() { "a record" } else { "nothing" })
        }
        Output::Lock { op, place } => format!("lock {op}: {place:?}"),
        Output::Unlock { op } => format!("unlock {op}"),
        Output::Ask { op, reason } => format!("ask {op}: {}", reason.as_str()),
        Output::Set { timer, after } => format!("set {timer:?}: {after} ms"),
        Output::Stop { timer } => format!("stop {timer:?}"),
        Output::Settle { call, result } => match result {
            Ok(_) => format!("settle {call}: well"),
            Err(error) => format!("settle {call}: {}", error.code.as_str()),
        },
        Output::Show { change } => format!("show {}", change.as_str()),
        Output::CleanAddress { .. } => "clean the address".to_owned(),
        Output::Trace(trace) => format!("trace {}", trace.purpose.as_str()),
        Output::Warn(error) => format!("warn {}", error.code.as_str()),
        Output::Wipe => "wipe".to_owned(),
    }
}
