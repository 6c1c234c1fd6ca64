// SPDX-License-Identifier: GPL-2.0-or-later
//! Reactions (XEP-0444): emoji, and not words.

use crate::stanza::budget::Budget;
use crate::stanza::element::ElementView;
use crate::stanza::node::Node;
use crate::stanza::text::{characters, trimmed};

/// How many code points one reaction may have. The longest emoji, flags and families, have 7 to 10.
const MAX_REACTION: usize = 16;

/// How many characters the reactions have together; none if one of them is not an emoji.
pub(crate) fn reactions<'a>(reactions: impl ElementView<'a>, budget: &Budget) -> Option<usize> {
    let mut sum = 0_usize;
    for node in reactions.nodes(budget) {
        let characters = match node {
            Node::Element(reaction) => reaction_length(&reaction.text_alone(budget)?, budget)?,
            Node::Text(text) => reaction_length(text, budget)?,
        };
        sum = sum.saturating_add(characters);
    }
    Some(sum)
}

fn reaction_length(text: &[u8], budget: &Budget) -> Option<usize> {
    let text = trimmed(text, budget);
    let length = characters(text, MAX_REACTION);
    if length > MAX_REACTION {
        return None;
    }
    // Each character is looked up in Unicode's tables.
    budget.pay_steps(length);
    let text = str::from_utf8(text).ok()?;
    (!text.chars().any(is_letter)).then_some(length)
}

/// Whether a character is a letter that does not have Unicode's property `Emoji`.
fn is_letter(character: char) -> bool {
    const EMOJI: [char; 6] = ['ℹ', 'Ⓜ', '🅰', '🅱', '🅾', '🅿'];
    character.is_alphabetic() && !EMOJI.contains(&character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(text: &str) -> Option<usize> {
        reaction_length(text.as_bytes(), &Budget::new())
    }

    #[test]
    fn emoji_of_several_code_points_are_reactions() {
        for emoji in [
            "👍",
            "1️⃣",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
            "👨‍👩‍👧‍👦",
            "👩🏽‍❤️‍💋‍👨🏻",
            "🇩🇪",
            "+1",
            ":-)",
            "ℹ️",
            "Ⓜ️",
            "🅰️",
            "™️",
            "㊗️",
            "🈁",
            "",
            " ❤️\n",
        ] {
            assert!(length(emoji).is_some(), "{emoji:?}");
        }
    }

    #[test]
    fn words_in_any_script_are_none() {
        for words in [
            "noon",
            "a",
            "正午",
            "полдень",
            "दोपहर",
            "ظهر",
            "ﬁ",
            "🅜eet",
            "𝗻𝗼𝗼𝗻",
        ] {
            assert_eq!(length(words), None, "{words:?}");
        }
    }

    #[test]
    fn a_reaction_has_sixteen_characters_at_most() {
        assert_eq!(length(&"1".repeat(16)), Some(16));
        assert_eq!(length(&"1".repeat(17)), None);
    }

    #[test]
    fn each_character_is_paid_for() {
        let budget = Budget::new();
        let emoji = "👍".repeat(MAX_REACTION);
        for _ in 0..1_000 {
            reaction_length(emoji.as_bytes(), &budget);
        }
        assert!(budget.is_spent());
    }
}
