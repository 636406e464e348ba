// Providers room, tools. What the extras mean for a prompt: what is asked for costs output, and so what is not wanted
// is said to be left out, in so many words.
import { EXTRAS, type Extra, type Extras } from './extras.js';

/** What a prompt must ask for, and what it must say to leave out. */
export interface ExtrasWords {
  readonly askFor: readonly string[];
  readonly leaveOut: readonly string[];
  /** Both as the paragraph of a system text. */
  readonly text: string;
}

/** The file tree and the ZIP are made by us from the files: a model is never asked for them. */
const ASKED: Readonly<Record<Extra, string>> = {
  explanation: 'a short explanation of how the code works, as text of the last answer',
  tests: 'tests of what the code does, in files of their own',
  install_notes: 'notes on installing and starting it, in INSTALL.md',
  file_tree: 'a listing of the files',
  zip: 'an archive of the files',
};
const MADE_BY_US: ReadonlySet<Extra> = new Set(['file_tree', 'zip']);

export function describeExtras(extras: Extras): ExtrasWords {
  const askFor = EXTRAS.filter((extra) => extras[extra] && !MADE_BY_US.has(extra)).map((extra) => ASKED[extra]);
  const leaveOut = EXTRAS.filter((extra) => !extras[extra] || MADE_BY_US.has(extra)).map((extra) => ASKED[extra]);
  const sentences = [
    ...(askFor.length === 0 ? [] : [`Beside the code, make ${joined(askFor)}.`]),
    ...(leaveOut.length === 0
      ? []
      : [`Leave out: ${leaveOut.join('; ')}. They are not wanted from you and cost the person.`]),
  ];
  return { askFor, leaveOut, text: sentences.join('\n') };
}

/** What packing adds by itself. */
export function packingOf(extras: Extras): { readonly packs: boolean; readonly fileTree: boolean } {
  return { packs: extras.zip, fileTree: extras.zip && extras.file_tree };
}

function joined(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}
