%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Checks of `e2e_policy_audit': what the policy itself lets pass.
-module(mod_e2e_policy_audit_options).

-export([incoming/1, rooms/1, exempt/1, testing/1]).

%% @doc Whether messages in the clear may come from other servers.
-spec incoming(binary()) -> [mod_e2e_policy_audit:finding()].
incoming(Host) ->
    [{note, "incoming is none: users of other servers may write in the clear to users here",
      "set `incoming: required`, first with `testing: true`"}
     || option(Host, incoming) == none].

%% @doc Whether users of other servers may write in the clear in rooms here.
-spec rooms(binary()) -> [mod_e2e_policy_audit:finding()].
rooms(Host) ->
    [{note, ["rooms is ", atom_to_binary(Level), ": users of other servers may write in the clear "
             "in rooms here"],
      "set `rooms: required`, first with `testing: true`"}
     || gen_mod:is_loaded(Host, mod_muc), Level <- [option(Host, rooms)], Level /= required].

%% @doc Whose messages are ignored.
-spec exempt(binary()) -> [mod_e2e_policy_audit:finding()].
exempt(Host) ->
    [{note, ["messages sent to or from whom ", mod_e2e_policy_level:access_in_words(Rule),
             " allows are ignored"], "see that `exempt` allows no more than it must"}
     || Rule <- [option(Host, exempt)], Rule /= none]
        ++ [{note, ["messages sent to or from these are ignored: ", lists:join(", ", JIDs)],
             "see that `whitelist` has no more than it must"}
            || JIDs <- [option(Host, whitelist)], JIDs /= []].

%% @doc Whether nothing is done about violations.
-spec testing(binary()) -> [mod_e2e_policy_audit:finding()].
testing(Host) ->
    [{note, "testing is on: nothing is refused, and nobody is warned",
      "remove `testing` when e2e_policy_report shows what you expect"} || option(Host, testing)].

-spec option(binary(), atom()) -> term().
option(Host, Option) ->
    gen_mod:get_module_opt(Host, mod_e2e_policy, Option).
