-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- Neither offers nor uses SASL EXTERNAL with other servers, so that dialback remains.

local sasl = "urn:ietf:params:xml:ns:xmpp-sasl";

local function is_mechanisms(element)
	return element.name == "mechanisms" and element.attr.xmlns == sasl;
end

local function hide(features)
	features:maptags(function(element) return not is_mechanisms(element) and element or nil; end);
end

module:hook("s2s-stream-features", function(event) hide(event.features); end, -100);

module:hook_tag("http://etherx.jabber.org/streams", "features", function(session, features)
	if session.type == "s2sout_unauthed" then hide(features); end
end, 1000);
