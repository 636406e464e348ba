// Domain room. What a coding job may bring beside the code: each switched on or off by the bot, and by the request.
import type { BotType } from './job.js';

export const EXTRAS = ['explanation', 'tests', 'install_notes', 'file_tree', 'zip'] as const;
export type Extra = (typeof EXTRAS)[number];

export type Extras = Readonly<Record<Extra, boolean>>;

/** What a request says; about what it does not name, the bot's choice holds. */
export type ExtrasAsked = { readonly [E in Extra]?: boolean | undefined };

export const ALL_EXTRAS: Extras = { explanation: true, tests: true, install_notes: true, file_tree: true, zip: true };
export const NO_EXTRAS: Extras = {
  explanation: false,
  tests: false,
  install_notes: false,
  file_tree: false,
  zip: false,
};

export interface ExtrasWish {
  readonly botType: BotType;
  readonly usual: Extras;
  readonly asked: ExtrasAsked;
  /** Whether plan and bot let a job pack its files. */
  readonly mayPack: boolean;
}

/**
 * What the request says, else what is usual for the bot. A ZIP that is only usual gives way to the plan; one that is
 * asked for was refused before. A chat bot answers and nothing besides.
 */
export function chosenExtras({ botType, usual, asked, mayPack }: ExtrasWish): Extras {
  if (botType === 'chat') return NO_EXTRAS;
  const pick = (extra: Extra): boolean => asked[extra] ?? usual[extra];
  return {
    explanation: pick('explanation'),
    tests: pick('tests'),
    install_notes: pick('install_notes'),
    file_tree: pick('file_tree'),
    zip: pick('zip') && mayPack,
  };
}
