%%% SPDX-License-Identifier: GPL-2.0-or-later
%%% @doc Texts for users, and for admins in WebAdmin, in the language of who reads them.
%%%
%%% They are in the files of native/e2e_policy/locales. Commands and the log are in English.
-module(mod_e2e_policy_text).

-export([text/2, text/3]).

-type arguments() :: #{atom() => binary() | integer()}.

%% @doc A text without placeholders.
-spec text(Lang :: binary(), Name :: atom()) -> binary().
text(Lang, Name) ->
    text(Lang, Name, #{}).

%% @doc A text with values for its placeholders. A number chooses the plural form.
-spec text(Lang :: binary(), Name :: atom(), arguments()) -> binary().
text(Lang, Name, Arguments) ->
    {Text, _Lang} = mod_e2e_policy_nif:text(Name, Arguments, Lang, ejabberd_option:language()),
    Text.
