%% SPDX-License-Identifier: GPL-2.0-or-later
%%
%% Prints what a running server does with a message in the clear, as two clients of the test suites
%% see it: delivered, warned or refused.
-module(judge).

-export([main/0]).

-define(SERVER, #{node => 'ejabberd@localhost', port => 5222}).

main() ->
    [Romeo, Juliet] = [client:connect(?SERVER, Jid)
                       || Jid <- [<<"romeo@localhost/x">>, <<"juliet@localhost/x">>]],
    Message = "<message to='juliet@localhost/x' type='chat'><body>wherefore</body></message>",
    case exchange:message(Romeo, Juliet, Message) of
        #{delivered := true, answers := []} -> io:put_chars("delivered\n");
        #{delivered := true, answers := [{message, _}]} -> io:put_chars("warned\n");
        #{delivered := false, answers := [_ | _]} -> io:put_chars("refused\n")
    end,
    halt().
