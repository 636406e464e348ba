// API room. What a visitor is told of usage units, and what that visitor can do when none remain: only what is really
// open to this one, each with its date.
import type { Instant } from '@fairmeter/domain';
import { instantToText } from '@fairmeter/domain';
import { z } from 'zod';
import type { Language, MessageKey } from '../wording/catalogue.js';
import { say, sayDate } from '../wording/catalogue.js';

export const toldBody = z.object({
  code: z.string().describe('Stable; the text is in the language of the answer.'),
  text: z.string(),
});

export const optionBody = z.object({
  code: z.enum(['buy', 'wait', 'ask_owner']),
  text: z.string(),
  until: z.iso.datetime().nullable().describe('Of `wait`: when the allowance is full again.'),
});

export type Told = z.output<typeof toldBody>;
export type ZeroOption = z.output<typeof optionBody>;

/** What credits are for, what they are not, and what to do at zero. */
const THREE_THINGS: readonly MessageKey[] = ['purpose', 'not_payable_out', 'at_zero'];

export interface BotOfVisitor {
  readonly type: 'chat' | 'coding';
  readonly isArchived: boolean;
}

export function toldOf(language: Language, bot: BotOfVisitor): Told[] {
  const keys: MessageKey[] = [
    ...THREE_THINGS,
    ...(bot.type === 'coding' ? (['starting_point'] as const) : []),
    ...(bot.isArchived ? (['archived'] as const) : []),
  ];
  return keys.map((code) => ({ code, text: say(language, code) }));
}

export interface Means {
  /** Whether the bot offers anything to this visitor. */
  readonly canBuy: boolean;
  /** When an allowance of this visitor is full again; null where none will be. */
  readonly refillsAt: Instant | null;
}

export function optionsAtZero(language: Language, { canBuy, refillsAt }: Means): ZeroOption[] {
  const options: ZeroOption[] = [];
  if (canBuy) options.push({ code: 'buy', text: say(language, 'option_buy'), until: null });
  if (refillsAt !== null) {
    const text = sayDate(language, 'option_wait', refillsAt);
    options.push({ code: 'wait', text, until: instantToText(refillsAt) });
  }
  if (options.length > 0) return options;
  return [{ code: 'ask_owner', text: say(language, 'option_ask_owner'), until: null }];
}
