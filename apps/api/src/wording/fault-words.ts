// API room. What a visitor is told of each place of the input that does not fit, in the visitor's language. Schemas
// that visitors meet say their own sentences by the names of `FAULTS`; what one says of itself is told by its kind.
import type { z } from 'zod';
import type { Language } from './catalogue.js';

/** In braces what the place itself brings. */
export const FAULTS = {
  missing: 'is missing',
  unknown: 'This is not known here.',
  unfit: 'does not fit here',
  wrong_form: 'is not of the form that is asked for',
  text: 'must be a text',
  number: 'must be a number',
  whole_number: 'must be a whole number',
  yes_or_no: 'must be true or false',
  list: 'must be a list',
  object: 'must be an object',
  one_change: 'must name a plan_id, cancel or undo, and only one of them',
  one_of: 'must be one of {values}',
  too_short: 'must have at least {least} characters',
  too_long: 'must have at most {most} characters',
  too_few: 'must have at least {least} entries',
  too_many: 'must have at most {most} entries',
  at_least: 'must be at least {least}',
  at_most: 'must be at most {most}',
  whole_up_to: 'must be a whole number from 1 to {most}',
  whole_text: 'must be whole Unicode text without NUL',
  one_line: 'must not hold control characters',
  not_empty: 'must not be empty',
  id_with: 'must be an id that begins with {prefix}',
  instant: 'must be an RFC 3339 instant such as 2027-01-31T12:00:00Z',
  cursor: 'must be a `next_cursor` of this listing',
  event_id: 'must be the id of an event, a whole number of 0 or more',
  campaign_id: 'must be the id of a campaign',
  quote_id: 'must be the id of a quote',
  offer_id: 'must be the id of an offer',
  plan_id: 'must be the id of a plan',
  credits: 'must be a decimal string of credits, at most six decimals',
  too_large_amount: 'is more than an amount can be',
  file_twice: 'must not name a file twice',
  selection: 'the selection must lie within the file',
  too_much_text: 'prompt and files hold {bytes} bytes together, and at most {most} are taken',
  tokens_missing: 'must hold a token at {bots}',
  token_each: 'must hold one token for each other bot',
  token_void: 'does not hold: {code}',
  some_detail: 'must say at least one of the details',
  still_missing: 'is still missing',
  no_thread: 'names no thread of yours',
  several_threads: 'names threads of several people: name one of its jobs',
} as const;

export type FaultKey = keyof typeof FAULTS;

const IN_GERMAN: Readonly<Record<FaultKey, string>> = {
  missing: 'fehlt',
  unknown: 'Das ist hier nicht bekannt.',
  unfit: 'passt hier nicht',
  wrong_form: 'hat nicht die verlangte Form',
  text: 'muss ein Text sein',
  number: 'muss eine Zahl sein',
  whole_number: 'muss eine ganze Zahl sein',
  yes_or_no: 'muss true oder false sein',
  list: 'muss eine Liste sein',
  object: 'muss ein Objekt sein',
  one_change: 'muss plan_id, cancel oder undo nennen, und nur eins davon',
  one_of: 'muss eins von diesen sein: {values}',
  too_short: 'muss mindestens {least} Zeichen haben',
  too_long: 'darf höchstens {most} Zeichen haben',
  too_few: 'muss mindestens {least} Einträge haben',
  too_many: 'darf höchstens {most} Einträge haben',
  at_least: 'muss mindestens {least} sein',
  at_most: 'darf höchstens {most} sein',
  whole_up_to: 'muss eine ganze Zahl von 1 bis {most} sein',
  whole_text: 'muss vollständiger Unicode-Text ohne NUL sein',
  one_line: 'darf keine Steuerzeichen enthalten',
  not_empty: 'darf nicht leer sein',
  id_with: 'muss eine Id sein, die mit {prefix} beginnt',
  instant: 'muss ein Zeitpunkt nach RFC 3339 sein, etwa 2027-01-31T12:00:00Z',
  cursor: 'muss ein `next_cursor` dieser Liste sein',
  event_id: 'muss die Id eines Ereignisses sein, eine ganze Zahl ab 0',
  campaign_id: 'muss die Id einer Kampagne sein',
  quote_id: 'muss die Id eines Angebots für eine Anfrage sein',
  offer_id: 'muss die Id aus der Liste der Angebote sein',
  plan_id: 'muss die Id eines Plans sein',
  credits: 'muss eine Zahl von Credits als Text sein, mit höchstens sechs Nachkommastellen nach einem Punkt',
  too_large_amount: 'ist mehr, als eine Menge sein kann',
  file_twice: 'darf keine Datei zweimal nennen',
  selection: 'die Auswahl muss in der Datei liegen',
  too_much_text: 'Anfrage und Dateien haben zusammen {bytes} Bytes, höchstens {most} werden angenommen',
  tokens_missing: 'muss ein Token für {bots} enthalten',
  token_each: 'muss für jeden weiteren Bot genau ein Token enthalten',
  token_void: 'gilt nicht: {code}',
  some_detail: 'muss mindestens eine der Angaben enthalten',
  still_missing: 'fehlt noch',
  no_thread: 'nennt keinen Thread von Ihnen',
  several_threads: 'nennt Threads mehrerer Personen: nennen Sie einen der Jobs darin',
};

export const FAULT_CATALOGUES: Readonly<Record<Language, Readonly<Record<FaultKey, string>>>> = {
  en: FAULTS,
  de: IN_GERMAN,
};

export interface FaultWords {
  readonly key: FaultKey;
  readonly values?: Readonly<Record<string, string>>;
}

export function sayFault(language: Language, { key, values = {} }: FaultWords): string {
  return filled(FAULT_CATALOGUES[language][key], values);
}

/** As a schema or a reader says it: in English, for everybody who is no visitor. */
export function fault(key: FaultKey, values: Readonly<Record<string, string | number>>): string {
  return filled(FAULTS[key], values);
}

/** What was said by one of our own sentences; what was said in other words does not fit, and no more is told of it. */
export function wordsOfFault(message: string): FaultWords {
  return ownWords(message) ?? { key: 'unfit' };
}

export function wordsOfIssue(issue: z.core.$ZodIssue): FaultWords {
  return ownWords(issue.message) ?? wordsOfKind(issue);
}

function wordsOfKind(issue: z.core.$ZodIssue): FaultWords {
  if (issue.input === undefined && issue.code.startsWith('invalid_')) return { key: 'missing' };
  switch (issue.code) {
    case 'invalid_type':
      return { key: KINDS[issue.expected] ?? 'unfit' };
    case 'invalid_value':
      return { key: 'one_of', values: { values: issue.values.map(String).join(', ') } };
    case 'invalid_format':
      return { key: 'wrong_form' };
    case 'too_small':
      if (issue.minimum === 1 && issue.origin in SIZES) return { key: 'not_empty' };
      return { key: SIZES[issue.origin]?.few ?? 'at_least', values: { least: String(issue.minimum) } };
    case 'too_big':
      return { key: SIZES[issue.origin]?.many ?? 'at_most', values: { most: String(issue.maximum) } };
    case 'custom':
    case 'invalid_element':
    case 'invalid_key':
    case 'invalid_union':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return { key: 'unfit' };
  }
}

const KINDS: Readonly<Record<string, FaultKey>> = {
  string: 'text',
  number: 'number',
  int: 'whole_number',
  boolean: 'yes_or_no',
  array: 'list',
  object: 'object',
};

const SIZES: Readonly<Record<string, { readonly few: FaultKey; readonly many: FaultKey }>> = {
  string: { few: 'too_short', many: 'too_long' },
  array: { few: 'too_few', many: 'too_many' },
};

const PLACE = /\{(\w+)\}/g;

const OWN = (Object.keys(FAULTS) as FaultKey[]).map((key) => {
  const literal = FAULTS[key].replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`);
  return { key, said: new RegExp(`^${literal.replaceAll(PLACE, '(?<$1>.+)')}$`, 's') };
});

function ownWords(message: string): FaultWords | undefined {
  for (const { key, said } of OWN) {
    const found = said.exec(message);
    if (found !== null) return { key, values: { ...found.groups } };
  }
  return undefined;
}

function filled(sentence: string, values: Readonly<Record<string, string | number>>): string {
  return sentence.replaceAll(PLACE, (_, name: string) => String(values[name] ?? ''));
}
