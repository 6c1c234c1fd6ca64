%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% The placeholder that a removed Debian package leaves as long as it is configured: it takes all
%%% options, does nothing, and reports that in the log.
-module(mod_e2e_policy).

-behaviour(gen_mod).

-export([start/2, stop/1, reload/3, depends/2, mod_opt_type/1, mod_options/1, mod_doc/0]).

-include("logger.hrl").

start(Host, _Opts) ->
    ?CRITICAL_MSG("No message of ~ts is judged: "
                  "mod_e2e_policy is configured, but its package was removed", [Host]).

stop(_Host) ->
    ok.

reload(_Host, _NewOpts, _OldOpts) ->
    ok.

depends(_Host, _Opts) ->
    [].

mod_opt_type('_') ->
    econf:any().

mod_options(_Host) ->
    [{'_', undefined}].

mod_doc() ->
    #{}.
