//! Logins for which params suffice (client credentials, RFC 6749 section 4.4): their own request renews them.

use propusk::error::Code;
use propusk::protocol::request::Purpose;

use simulation::calls::{code, held, login_with, refresh, token, usable};
use simulation::server::Reply;
use simulation::world::{Context, each_seed};

/// Nobody is asked for anything.
const PARAMS: &str = r#"{
    "id": "m", "baseUrl": "https://p.test", "credentials": [],
    "login": { "kind": "request", "request": { "url": "/token", "form": { "grant_type": "client_credentials" } } },
    "renew": { "url": "/token", "form": { "refresh_token": "{refresh_token}" } },
    "present": { "headers": { "Authorization": "Bearer {access_token}" } }
}"#;

fn granted(access: &str, refresh: Option<&str>) -> Reply {
    let refresh = refresh.map(|refresh| format!(r#","refresh_token":"{refresh}""#)).unwrap_or_default();
    let body = format!(r#"{{"access_token":"{access}","expires_in":60{refresh}}}"#);
    Reply::new(200, &[("content-type", "application/json")], &body)
}

fn renewable(context: &Context) -> bool {
    context.look(|session| session.tokens().is_some_and(|tokens| session.is_renewable(tokens)))
}

#[test]
fn a_session_without_a_refresh_token_renews_itself() {
    each_seed(|world| {
        let context = world.context_of(PARAMS, "", false);
        world.server.script([granted("one", None), granted("two", None), granted("three", None)]);
        world.run(login_with(&context, Vec::new())).unwrap();
        assert!(renewable(&context));
        assert_eq!(token(&world.run(refresh(&context))), "two");
        world.executor.advance(59_000);
        assert_eq!(token(&world.run(usable(&context, 0))), "three");
        assert_eq!((world.server.count(Purpose::Login), world.server.count(Purpose::Refresh)), (1, 2));
    });
}

#[test]
fn so_does_one_whose_refresh_token_is_refused() {
    each_seed(|world| {
        let context = world.context_of(PARAMS, "", false);
        world.server.script([granted("one", Some("r")), Reply::error(400, "invalid_grant"), granted("two", None)]);
        world.run(login_with(&context, Vec::new())).unwrap();
        context.host.changes.borrow_mut().clear();
        assert_eq!(token(&world.run(refresh(&context))), "two");
        assert_eq!(*context.host.changes.borrow(), ["refresh"]);
        assert!(context.held().unwrap().refresh_token.is_none(), "it would be sent again");
    });
}

#[test]
fn a_refused_client_keeps_the_session_and_a_refused_grant_ends_it() {
    for (reply, expected, stays) in [
        (Reply::error(401, "invalid_client"), Code::InvalidClient, true),
        (Reply::error(400, "invalid_grant"), Code::LoginRequired, false),
    ] {
        each_seed(|world| {
            let context = world.context_of(PARAMS, r#""retries":0"#, false);
            world.server.script([granted("one", None), reply.clone()]);
            world.run(login_with(&context, Vec::new())).unwrap();
            assert_eq!(code(&world.run(refresh(&context))), Some(expected));
            assert_eq!(held(&context).is_some(), stays);
        });
    }
}
