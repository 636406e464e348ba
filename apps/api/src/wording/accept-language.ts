// API room. Which of our languages a reader likes best, by the header Accept-Language (RFC 9110).
import type { Language } from './catalogue.js';
import { LANGUAGES, USUAL_LANGUAGE } from './catalogue.js';

/** Beyond any real header: what is longer is not looked through. */
const MAX_RANGES = 50;

export function languageOf(header: string | undefined): Language {
  const liked = (header ?? '')
    .split(',')
    .slice(0, MAX_RANGES)
    .map(rangeOf)
    .filter(({ weight }) => weight > 0)
    // Stable: of two that are liked alike the first one counts.
    .sort((one, other) => other.weight - one.weight);
  for (const { tag } of liked) {
    const known = LANGUAGES.find((language) => tag === language || tag.startsWith(`${language}-`));
    if (known !== undefined) return known;
    if (tag === '*') break;
  }
  return USUAL_LANGUAGE;
}

function rangeOf(text: string): { readonly tag: string; readonly weight: number } {
  const [tag = '', ...parameters] = text
    .trim()
    .toLowerCase()
    .split(/\s*;\s*/);
  const weight = parameters.map((one) => /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.exec(one)?.[1]).find(Boolean);
  return { tag, weight: weight === undefined ? 1 : Number(weight) };
}
