#!/usr/bin/env escript
%%! -noinput
%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Takes the pictures of the page in WebAdmin for script/make-images: a real server with the figures
%% of 30 days and some faults in its configuration, and Chromium.
%%
%%   demo/webadmin.escript FOLDER     needs `rebar3 ct --compile_only'; makes webadmin.png, which
%%                                    has the chart, and audit.png
-mode(compile).

-define(HOST, "example.org").

main([Images]) ->
    Build = filename:dirname(filename:dirname(filename:absname(escript:script_name())))
        ++ "/_build/test/lib/mod_e2e_policy",
    [true = code:add_patha(filename:join(Build, Folder)) || Folder <- ["ebin", "test"]],
    Port = server:free_port(),
    Server = server:started(#{<<?HOST>> => #{accepted_schemes => [omemo, pgp, pgp_legacy]}},
                            settings(Port)),
    try
        client:make_account(Server, <<"admin@" ?HOST "/desk">>),
        figures:put(Server, <<?HOST>>, figures:quarter()),
        figures:count(Server, <<?HOST>>, [{{sent, direct, omemo, allowed}, 900},
                                          {{sent, direct, plaintext, warned}, 90}]),
        Page = ["http://admin%40" ?HOST ":secret@127.0.0.1:", integer_to_list(Port),
                "/admin/server/" ?HOST "/e2e-policy/"],
        Browser = browser:start(),
        ok = browser:open(Browser, Page),
        same_days_each_time(Browser),
        browser:picture(Browser, Images ++ "/webadmin.png", of_chart(Browser)),
        ok = browser:open(Browser, [Page, "?audit=all"]),
        browser:picture(Browser, Images ++ "/audit.png", of_audit(Browser)),
        browser:stop(Browser)
    after
        server:stop(Server)
    end.

settings(Port) ->
    #{s2s_access => all, s2s_use_starttls => optional,
      modules => (server:modules())#{mod_s2s_dialback => #{}},
      listen => [#{module => ejabberd_http, ip => <<"127.0.0.1">>, port => Port,
                   request_handlers => #{<<"/admin">> => ejabberd_web_admin}}],
      acl => #{admin => #{user => <<"admin@" ?HOST>>}},
      access_rules => #{configure => #{allow => admin}},
      api_permissions => #{<<"console">> => #{from => [ejabberd_ctl], who => all, what => <<"*">>},
                           <<"admin">> => #{who => [#{user => <<"admin@" ?HOST>>}],
                                            what => <<"*">>}}}.

%% The images change only when what people see has changed: the last day is one that is fixed.
same_days_each_time(Browser) ->
    browser:evaluate(
      Browser,
      "{ const labels = [...document.querySelectorAll('svg text')];"
      "  const whole = labels.filter(label => /^[0-9]{4}-/.test(label.textContent));"
      "  const last = new Date(whole[whole.length - 1].textContent), year = last.getUTCFullYear();"
      "  for (const label of labels.filter(label => /-[0-9]{2}$/.test(label.textContent))) {"
      "    const text = label.textContent, isWhole = whole.includes(label);"
      "    let day = new Date(isWhole ? text : year + '-' + text);"
      "    if (day > last) day = new Date((year - 1) + '-' + text);"
      "    const fixed = new Date(Date.UTC(2026, 10, 30) - (last - day)).toISOString();"
      "    label.textContent = isWhole ? fixed.slice(0, 10) : fixed.slice(5, 10) } }").

%% The title, the chart, and the first lines below it.
of_chart(Browser) ->
    browser:evaluate(
      Browser,
      "{ const box = document.querySelector('#content').getBoundingClientRect();"
      "  const end = document.querySelector('#content ul').getBoundingClientRect().bottom;"
      "  [box.left - 16, box.top, box.width + 16, end + 16 - box.top] }").

%% The title of the audit, and the first lines of its table.
of_audit(Browser) ->
    browser:evaluate(
      Browser,
      "{ const title = [...document.querySelectorAll('h3')]"
      "    .find(title => title.textContent == 'What was found in the configuration');"
      "  let table = title;"
      "  while (table.tagName != 'TABLE') table = table.nextElementSibling;"
      "  const top = title.getBoundingClientRect();"
      "  const end = table.rows[5].getBoundingClientRect();"
      "  [top.left - 16, top.top - 8, end.right + 32 - top.left, end.bottom + 8 - top.top] }").
