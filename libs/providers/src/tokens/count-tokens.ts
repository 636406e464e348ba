// Providers room. How many tokens a text is, counted by ourselves: for quotes, for answers whose provider told no
// usage, and for the share of a request that is ours.
import { setImmediate } from 'node:timers/promises';
import { countableSlices } from './countable-slices.js';

export interface TokenCount {
  readonly tokens: number;
  /** Whether this is the vocabulary of the model itself; else the nearest one we have. */
  readonly exact: boolean;
}

/** Families whose vocabulary is published as o200k_base. A family that is not here has none that is public. */
const EXACT_FAMILIES: ReadonlySet<string> = new Set(['gpt-4o', 'gpt-4.1', 'gpt-5', 'o-series']);

type Count = (text: string) => number;

let vocabulary: Promise<Count> | undefined;

/** Two megabytes of vocabulary are read with the first count, not at every start. */
async function loadVocabulary(): Promise<Count> {
  const { countTokens: count } = await import('gpt-tokenizer/encoding/o200k_base');
  // What looks like a control token in somebody's text is text.
  const asText = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };
  return (text) => count(text, asText);
}

export function isCountedExactly(family: string): boolean {
  return EXACT_FAMILIES.has(family);
}

/**
 * Time grows in proportion to the text, whatever it says: no piece that the vocabulary must merge is longer than a
 * bound. Between slices other work of the process goes on.
 */
export async function countTokens(family: string, text: string): Promise<TokenCount> {
  vocabulary ??= loadVocabulary();
  const count = await vocabulary;
  let tokens = 0;
  let charactersInTurn = 0;
  for (const slice of countableSlices(text)) {
    if (charactersInTurn >= CHARACTERS_A_TURN) {
      charactersInTurn = 0;
      await setImmediate();
    }
    tokens += count(slice);
    charactersInTurn += slice.length;
  }
  return { tokens, exact: isCountedExactly(family) };
}

/** A few milliseconds of counting. */
const CHARACTERS_A_TURN = 32_768;
