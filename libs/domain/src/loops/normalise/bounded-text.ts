// Domain room. Long texts are cut before any pattern looks at them: the first and last 64 Ki code units stay, what is
// between becomes its length and digest. So a middle that differs keeps two texts apart, and never makes them a loop.
import { smallDigest } from './digest.js';

const END = 65_536;
export const LONGEST_TEXT = 2 * END;

export function boundedText(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  const middle = text.slice(END, -END);
  return `${text.slice(0, END)} <cut ${middle.length} ${smallDigest(middle)}> ${text.slice(-END)}`;
}
