// API room. What the hints of a bot say. Every code has its text or this does not compile; codes never change.
import type { BotHintCode } from '@fairmeter/domain';
import type { TipText } from '../tips/tip-texts.js';

export const HINT_TEXTS: Readonly<Record<BotHintCode, TipText>> = {
  shorten_prompts: {
    title: 'Send smaller prompts',
    text: 'Each call reads much at the full rate. Send the lines that matter, and let snippets carry what repeats.',
  },
  add_snippets: {
    title: 'Keep what repeats in snippets',
    text: 'What stands in snippets needs not be sent again, and can be read from a cache at a lower rate.',
  },
  write_style_rules: {
    title: 'Write down the rules of style',
    text: 'Rules that are told before every request save the rounds in which answers are put into shape.',
  },
  write_profile: {
    title: 'Write the profile',
    text: 'A stack that is fixed keeps answers from being written for another one, and then repaired.',
  },
  fewer_extras: {
    title: 'Bring fewer extras',
    text: 'Explanation, tests, notes, tree and ZIP are written with every answer. Switch off what nobody reads.',
  },
  buy_credits: {
    title: 'Buy a bundle',
    text: 'In the same time again, the bot would spend what is left. A bundle does not expire.',
  },
  upgrade_plan: {
    title: 'Choose a larger plan',
    text: 'The bot has spent several times what is left. A larger plan brings in more.',
  },
};
